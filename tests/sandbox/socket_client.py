"""A client of the speech and dialogue sockets that knows nothing but JSON over a WebSocket."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import websocket

from tests.support.guard import GUARD_S

from .conftest import HARPER, Api

FLASH = "eleven_flash_v2_5"
Message = dict[str, Any]


class SocketClient:
    """One session. `messages` are all that came, `close` is how it ended."""

    def __init__(self, api: Api, path: str, *, in_header: bool = True, **query: Any) -> None:
        header = [f"xi-api-key: {api.key}"] if api.key and in_header else []
        url = f"{api.base.replace('http', 'ws', 1)}{path}?{urlencode(query)}"
        self._socket = websocket.create_connection(
            url, timeout=GUARD_S, skip_utf8_validation=True, http_no_proxy=["*"], header=header
        )
        self.messages: list[Message] = []
        self.close: tuple[int, str] | None = None

    def __enter__(self) -> "SocketClient":
        return self

    def __exit__(self, *exc: object) -> None:
        self.disconnect()

    def send(self, **message: Any) -> "SocketClient":
        return self.send_raw(json.dumps(message))

    def send_raw(self, data: str | bytes) -> "SocketClient":
        self._socket.send(data) if isinstance(data, str) else self._socket.send_binary(data)
        return self

    def text(self, text: str, **more: Any) -> "SocketClient":
        return self.send(text=text, **more)

    def next(self) -> Message | None:
        opcode, data = self._socket.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self.close = int.from_bytes(data[:2], "big"), data[2:].decode()
            return None
        self.messages.append(json.loads(data))
        return self.messages[-1]

    def __iter__(self) -> Iterator[Message]:
        while (message := self.next()) is not None:
            yield message

    def turn(self) -> bytes:
        """The audio up to the end of the turn that was flushed."""
        audio = b""
        for message in self:
            audio += sound(message)
            if message.get("is_final_audio_for_turn"):
                return audio
        raise AssertionError(f"closed with {self.close} within a turn: {self.messages[-1:]}")

    def rest(self) -> bytes:
        """The audio that comes until the close."""
        return b"".join(map(sound, self))

    def refusal(self) -> Message:
        """The error that ends the session; the close says the same, as far as a close can."""
        message = [*self][-1]
        assert self.close
        code, reason = self.close
        assert code == message["code"]
        assert reason == message["message"].encode()[:123].decode()
        return message

    def disconnect(self) -> None:
        self._socket.shutdown()


def speech(api: Api, voice: str = HARPER, *, in_header: bool = True, **query: Any) -> SocketClient:
    """A session of the speech socket."""
    query = {"model_id": FLASH, "output_format": "pcm_16000", **query}
    return SocketClient(api, f"/v1/text-to-speech/{voice}/stream-input", in_header=in_header, **query)


def started(api: Api, init: Message | None = None, **query: Any) -> SocketClient:
    """The same, with its first message sent."""
    return speech(api, **query).send(text=" ", **(init or {}))


def dialogue(api: Api, *voices: str, in_header: bool = True, **query: Any) -> SocketClient:
    """A session of the dialogue socket, with its first message sent if there are voices."""
    query = {"model_id": "eleven_v3", "output_format": "pcm_16000", **query}
    live = SocketClient(api, "/v1/text-to-dialogue/stream-input", in_header=in_header, **query)
    return live.send(voices=list(voices)) if voices else live


def sound(message: Message) -> bytes:
    return base64.b64decode(message.get("audio") or "", validate=True)


def words(message: Message, name: str = "alignment") -> str:
    return "".join((message.get(name) or {"chars": ""})["chars"])


def spoken(messages: list[Message]) -> str:
    """All that the alignments say."""
    return "".join(map(words, messages))
