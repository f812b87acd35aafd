"""A speech socket for tests that does exactly what its script says, and can keep to the rules by itself."""

import base64
import fcntl
import json
import socket
import termios
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.support.guard import GUARD_S

RATE = 16000
CHARACTER_S = 0.05


@dataclass
class Speech:
    """One session, from the service's side. `said` holds its texts, without the opening and keepalives."""

    connection: ServerConnection
    said: list[str] = field(default_factory=list)
    keepalives: int = 0

    def receive(self) -> dict[str, Any]:
        """The client's next message, whatever it is."""
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=GUARD_S))
        return message

    def text(self) -> str:
        """The client's next text; keepalives are counted and passed over. "" is the end of all text."""
        while True:
            text: str = self.receive()["text"]
            if text != " ":
                self.said.append(text) if text else None
                return text
            self.keepalives += 1

    def send(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def speak(self, text: str, *, aligned: bool = True, share: float = 1.0) -> None:
        """The sound of a text, in two messages, of which the first has the times; `share` of it only."""
        pcm = sound_of(text)
        half = len(pcm) // 4 * 2
        self.send(audio=encoded(pcm[:half]), isFinal=None, alignment=alignment_of(f"{text} ") if aligned else None)
        rest = pcm[half : int(len(pcm) * share) // 2 * 2]
        if rest:
            self.send(audio=encoded(rest), isFinal=None, alignment=None)

    def finish(self) -> None:
        self.send(audio=None, isFinal=True)
        self.connection.close(1000)

    def drop(self) -> None:
        """End the TCP connection without a word, when what was said has arrived: a reset takes back the rest."""
        self._wait_until_sent()
        self.connection.socket.shutdown(socket.SHUT_RDWR)

    def _wait_until_sent(self) -> None:
        end = time.monotonic() + GUARD_S
        while any(fcntl.ioctl(self.connection.socket, termios.TIOCOUTQ, bytes(4))):
            assert time.monotonic() < end, "what was said does not arrive"
            time.sleep(0.001)


@dataclass
class Dialogue(Speech):
    """The same on the dialogue socket, which speaks a text when it is flushed."""

    def text(self) -> str:
        """The client's next text and its flush; keepalives are counted and passed over. "" is the end of all text."""
        found = ""
        while True:
            message = self.receive()
            found += "".join(line["text"] for line in message.get("inputs", []))
            self.keepalives += "keep_alive" in message
            if message.get("flush") and found:
                self.said.append(found)
                return found.strip()
            if message.get("close_socket"):
                assert not found, f"{found!r} was not flushed"
                return ""

    def speak(self, text: str, *, aligned: bool = True, share: float = 1.0, turn_end: str = "apart") -> None:
        """The sound of a text in two messages; turn_end: "apart", "within" the last of these, or "never"."""
        pcm = sound_of(text)
        half = len(pcm) // 4 * 2
        self.send(audio=encoded(pcm[:half]), alignment=snake_case(alignment_of(text)) if aligned else None)
        rest = pcm[half : int(len(pcm) * share) // 2 * 2]
        if rest:
            self.send(audio=encoded(rest), **({"is_final_audio_for_turn": True} if turn_end == "within" else {}))
        if turn_end == "apart" and share == 1:
            self.send(is_final_audio_for_turn=True)

    def finish(self) -> None:
        self.send(is_final=True)
        self.connection.close(1000)


def snake_case(alignment: dict[str, Any]) -> dict[str, Any]:
    names = ("chars", "char_start_times_ms", "char_durations_ms")
    return dict(zip(names, alignment.values(), strict=True))


def sound_of(text: str) -> bytes:
    """So much sound for each character, 16-bit at 16 kHz; the sample values are the character's code."""
    return b"".join((ord(character) % 32768).to_bytes(2, "little") * int(RATE * CHARACTER_S) for character in text)


def heard(pcm: bytes) -> str:
    """The text that some sound is of."""
    step = int(RATE * CHARACTER_S) * 2
    return "".join(chr(int.from_bytes(pcm[at : at + 2], "little")) for at in range(0, len(pcm), step))


def encoded(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode()


def alignment_of(text: str) -> dict[str, Any]:
    step_ms = round(CHARACTER_S * 1000)
    starts = [at * step_ms for at in range(len(text))]
    return {"chars": list(text), "charStartTimesMs": starts, "charDurationsMs": [step_ms] * len(text)}


def obediently(speech: Speech) -> None:
    """Speak what comes, until the end."""
    speech.receive()
    while text := speech.text():
        speech.speak(text.strip())
    speech.finish()


@dataclass
class Narrator:
    """Runs the next of `scripts` for each session, the last one again and again."""

    scripts: list[Callable[[Speech], object]] = field(default_factory=lambda: [obediently])
    requests: list[Request] = field(default_factory=list)
    sessions: list[Speech] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    refusal: tuple[int, dict[str, Any] | None] | None = None

    def __enter__(self) -> "Narrator":
        self._server = serve(self._speak, "127.0.0.1", 0, process_request=self._look_at, max_size=1 << 24)
        self.port = self._server.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.requests[-1].path).query))

    @property
    def said(self) -> list[str]:
        """What was said over all sessions."""
        return [text for session in self.sessions for text in session.said]

    def _speak(self, connection: ServerConnection) -> None:
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        assert connection.request is not None
        kind = Dialogue if "text-to-dialogue" in connection.request.path else Speech
        self.sessions.append(kind(connection))
        try:
            script(self.sessions[-1])
        except ConnectionClosed:
            pass  # a client that leaves is part of the tests
        except BaseException as failed:
            self.failures.append(failed)

    def _look_at(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        if self.refusal is None:
            return None
        status, value = self.refusal
        body = json.dumps(value).encode() if value is not None else b""
        return Response(status, "", Headers({"content-length": str(len(body)), "connection": "close"}), body)


class Dialling:
    """A client that opens sockets in its own way."""

    def __init__(self, connect):
        self._connect = connect

    def socket_to(self, path, query):
        return self._connect()


ACTING = ["eleven_v3", "eleven_v4", "eleven_v4_turbo", "eleven_v3_conversational"]
