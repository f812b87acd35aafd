"""An agent for tests that does exactly what its script says, over a real WebSocket."""

import base64
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.support.guard import GUARD_S

CONVERSATION = "conv_test_1"


@dataclass
class Line:
    """One conversation, from the agent's side."""

    connection: ServerConnection
    pings: int = 0
    heard: bytes = b""

    def receive(self, *, audio: bool = False) -> dict[str, Any]:
        """The client's next message; its audio is collected in `heard` and passed over, unless asked for."""
        while True:
            message: dict[str, Any] = json.loads(self.connection.recv(timeout=GUARD_S))
            if "user_audio_chunk" not in message or audio:
                return message
            self.heard += base64.b64decode(message["user_audio_chunk"])

    def send(self, kind: str, wrapper: str | None = None, **members: Any) -> None:
        self.raw(json.dumps({"type": kind, **({wrapper: members} if wrapper else members)}))

    def raw(self, message: str | bytes) -> None:
        self.connection.send(message)

    def start(self, speaks: str = "pcm_16000", hears: str = "pcm_16000") -> dict[str, Any]:
        """Take the initiation, and begin. Gives the initiation."""
        first = self.receive()
        formats = {"agent_output_audio_format": speaks, "user_input_audio_format": hears}
        wrapper = "conversation_initiation_metadata_event"
        self.send("conversation_initiation_metadata", wrapper, conversation_id=CONVERSATION, **formats)
        return first

    def ping(self, ping_ms: int | None = None) -> dict[str, Any]:
        self.pings += 1
        self.send("ping", "ping_event", event_id=self.pings, ping_ms=ping_ms)
        return self.receive()

    def say(self, text: str, event_id: int = 1) -> None:
        """A turn by text, in parts and then whole."""
        self.part("start", "", event_id)
        for word in text.split(" "):
            self.part("delta", word + " ", event_id)
        self.part("stop", "", event_id)
        self.response(text, event_id)

    def part(self, kind: str, text: str, event_id: int = 1) -> None:
        self.send("agent_chat_response_part", "text_response_part", type=kind, text=text, event_id=event_id)

    def response(self, text: str, event_id: int = 1) -> None:
        self.send("agent_response", "agent_response_event", agent_response=text, event_id=event_id)

    def audio(self, data: bytes, event_id: int = 1, **more: Any) -> None:
        self.send("audio", "audio_event", audio_base_64=base64.b64encode(data).decode(), event_id=event_id, **more)

    def user_said(self, text: str, event_id: int = 1) -> None:
        self.send("user_transcript", "user_transcription_event", user_transcript=text, event_id=event_id)

    def error(self, code: int, error_type: str, message: str) -> None:
        self.send("error", "error_event", code=code, error_type=error_type, message=message)

    def close(self, code: int = 1000, reason: str = "") -> None:
        self.connection.close(code, reason)

    def drop(self) -> None:
        """End the TCP connection without a word."""
        self.connection.socket.shutdown(socket.SHUT_RDWR)

    def until_closed(self) -> tuple[int, str]:
        """Wait for the client to hang up; gives its code and reason."""
        try:
            while True:
                self.receive()
        except ConnectionClosed as closed:
            close = closed.rcvd
        assert close is not None, "the client left without a word"
        return close.code, close.reason


Script = Callable[[Line], object]


@dataclass
class AgentServer:
    """Runs `script` for every conversation. `private`: only a signed address opens one."""

    script: Script = lambda line: line.start()
    private: bool = False
    requests: list[Request] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)
    refusal: tuple[int, dict[str, Any]] | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "AgentServer":
        self._server = serve(self._converse, "127.0.0.1", 0, process_request=self._look_at, max_size=1 << 24)
        self.port = self._server.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()

    def outcome(self) -> object:
        """What the script of the last conversation gave, when it has ended."""
        assert self.done.wait(GUARD_S), "the conversation did not end"
        if isinstance(self.answers[-1], BaseException):
            raise self.answers[-1]
        return self.answers[-1]

    def _converse(self, connection: ServerConnection) -> None:
        try:
            self.answers.append(self.script(Line(connection)))
        except BaseException as failed:
            self.answers.append(failed)
        self.done.set()

    def _look_at(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        parts = urlsplit(request.path)
        if self.refusal is not None:
            return _answer(*self.refusal)
        if parts.path.endswith("/get-signed-url"):
            url = f"ws://127.0.0.1:{self.port}/v1/convai/conversation?{parts.query}&conversation_signature=cvtkn_1"
            return _answer(200, {"signed_url": url})
        if self.private and "conversation_signature" not in parts.query:
            return _answer(403, {"detail": "Forbidden"})
        return None


def _answer(status: int, value: dict[str, Any]) -> Response:
    body = json.dumps(value).encode()
    headers = Headers({"content-type": "application/json", "content-length": str(len(body)), "connection": "close"})
    return Response(status, "", headers, body)


def chat(line):
    """Greets, answers each line, and waits to be hung up on."""
    line.start()
    line.say("Hi! Who is there?", 1)
    said = []
    try:
        while True:
            message = line.receive()
            if message["type"] == "user_message":
                said.append(message["text"])
                line.say(f"You said {message['text']}.", len(said) + 1)
    except Exception as closed:
        return said, closed.rcvd.code, closed.rcvd.reason


def mcp(state, call_id="call_1"):
    return {
        "service_id": "s",
        "tool_call_id": call_id,
        "tool_name": "delete_all",
        "parameters": {"x": 1},
        "state": state,
    }


AGENT = "agent_test_1"
