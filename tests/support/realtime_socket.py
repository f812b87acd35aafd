"""A live transcription service for tests that does exactly what its script says."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.support.guard import GUARD_S


@dataclass
class Session:
    """One session, from the service's side. heard: its audio; commits: after how many bytes each was asked for."""

    connection: ServerConnection
    heard: bytes = b""
    commits: list[int] = field(default_factory=list)

    def start(self) -> None:
        self.send("session_started", session_id="s1", config={"vad_commit_strategy": False})

    def send(self, kind: str, **members: Any) -> None:
        self.connection.send(json.dumps({"message_type": kind, **members}))

    def receive(self) -> bool:
        """The client's next message; whether it was the wish to commit."""
        message = json.loads(self.connection.recv(timeout=GUARD_S))
        assert message["message_type"] == "input_audio_chunk"
        assert {"audio_base_64", "commit", "sample_rate"} <= set(message)
        self.heard += base64.b64decode(message["audio_base_64"])
        if message["commit"]:
            self.commits.append(len(self.heard))
        return bool(message["commit"])

    def until_heard(self, size: int) -> None:
        while len(self.heard) < size:
            self.receive()

    def until_commit(self) -> None:
        while not self.receive():
            pass

    def partial(self, text: str) -> None:
        self.send("partial_transcript", text=text)

    def committed(self, text: str, *, echo: bool = True) -> None:
        self.send("committed_transcript", text=text)
        if text and echo:
            self.partial(text)

    def drop(self) -> None:
        """End the TCP connection without a word."""
        self.connection.socket.shutdown(socket.SHUT_RDWR)

    def until_closed(self) -> int:
        """Wait for the client to leave; gives its code."""
        try:
            while True:
                self.receive()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else 1006


@dataclass
class ScribeServer:
    """Runs the next of `scripts` for each session, the last one again and again.

    handshake_s  how long a client has to wait for its connection
    refusals     statuses with which the next connections are refused, None for one that is not
    """

    scripts: list[Callable[[Session], object]]
    requests: list[Request] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    handshake_s: float = 0.0
    refusals: list[int | None] = field(default_factory=list)

    def __enter__(self) -> "ScribeServer":
        self._server = serve(self._serve, "127.0.0.1", 0, process_request=self._look_at, max_size=1 << 24)
        self.url = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.requests[-1].path).query)

    def _serve(self, connection: ServerConnection) -> None:
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        self.sessions.append(Session(connection))
        try:
            script(self.sessions[-1])
        except ConnectionClosed:
            pass  # a client that leaves is part of the tests
        except BaseException as failed:
            self.failures.append(failed)

    def _look_at(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        time.sleep(self.handshake_s)
        status = self.refusals.pop(0) if self.refusals else None
        return None if status is None else connection.respond(status, "")
