"""A caller who knows nothing but JSON over a WebSocket, and the sounds to call with."""

import base64
import json
import random
from array import array
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import websocket

from tests.support.guard import GUARD_S

CHUNK_S = 0.1
Event = dict[str, Any]


class Call:
    """A conversation. Events are read when they are waited for; pings are answered on the way, unless told not to."""

    def __init__(self, base: str, agent: str = "chat", **options: Any) -> None:
        query = options.pop("query", f"agent_id=agent_sandbox_{agent}")
        url = options.pop("url", None) or f"{base.replace('http', 'ws', 1)}/v1/convai/conversation?{query}"
        self.opened = monotonic()
        self._socket = websocket.create_connection(
            url, timeout=GUARD_S, skip_utf8_validation=True, http_no_proxy=["*"], **options
        )
        self.events: list[Event] = []
        self.times: list[float] = []
        self.close: tuple[int, str] | None = None
        self.answers_pings = True

    def start(self, override: dict[str, Any] | None = None, **more: Any) -> "Call":
        data = {"conversation_config_override": override} if override else {}
        self.send(type="conversation_initiation_client_data", **data, **more)
        return self

    def start_text(self, **more: Any) -> "Call":
        return self.start({"conversation": {"text_only": True}}, **more)

    def send(self, **message: Any) -> None:
        self._socket.send(json.dumps(message))

    def send_raw(self, data: str | bytes) -> None:
        self._socket.send(data)

    def send_text(self, text: str) -> None:
        self.send(type="user_message", text=text)

    def send_audio(self, audio: bytes, chunk_bytes: int = 3200) -> None:
        """Send audio in the agent's input format, all of it at once."""
        for start in range(0, len(audio), chunk_bytes):
            self.send(user_audio_chunk=base64.b64encode(audio[start : start + chunk_bytes]).decode())

    def __iter__(self) -> Iterator[Event]:
        """Every further event until the close, which ends the iteration."""
        while (event := self.next()) is not None:
            yield event

    def next(self) -> Event | None:
        opcode, data = self._socket.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self.close = int.from_bytes(data[:2], "big"), data[2:].decode()
            return None
        event: Event = json.loads(data)
        self.events.append(event)
        self.times.append(monotonic())
        if event["type"] == "ping" and self.answers_pings:
            self.send(type="pong", event_id=event["ping_event"]["event_id"])
        return event

    def until(self, wanted: str, fits: Callable[[Event], bool] = lambda payload: True) -> Event:
        """The payload of the next event of a type."""
        for event in self:
            if event["type"] == wanted and fits(payload(event)):
                return payload(event)
        raise AssertionError(f"closed with {self.close} before {wanted}")

    def response(self) -> str:
        return str(self.until("agent_response")["agent_response"])

    def ask(self, text: str) -> str:
        self.send_text(text)
        return self.response()

    def transcript(self) -> str:
        return str(self.until("user_transcript")["user_transcript"])

    def end(self) -> tuple[int, str]:
        """Read to the end."""
        for _ in self:
            pass
        assert self.close is not None
        return self.close

    def payloads(self, kind: str) -> list[Event]:
        return [payload(event) for event in self.events if event["type"] == kind]

    def audio(self) -> bytes:
        return b"".join(base64.b64decode(one["audio_base_64"]) for one in self.payloads("audio"))

    def hang_up(self) -> None:
        self._socket.close(timeout=0)

    def __enter__(self) -> "Call":
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.shutdown()


def payload(event: Event) -> Event:
    """What is wrapped in an event."""
    (wrapper,) = set(event) - {"type"}
    content: Event = event[wrapper]
    return content


def silence(seconds: float, rate: int = 16000) -> bytes:
    return bytes(2 * round(seconds * rate))


def hiss(seconds: float, amplitude: int, rate: int = 16000) -> bytes:
    noise = random.Random(7)
    return array("h", [noise.randint(-amplitude, amplitude) for _ in range(round(seconds * rate))]).tobytes()


def babble(seconds: float, rate: int = 16000, amplitude: int = 6000) -> bytes:
    """Noise in syllables of 150 ms: speech to an ear that only knows loudness."""
    sound = array("h", hiss(seconds, amplitude, rate))
    for index in range(len(sound)):
        if index % round(0.2 * rate) > 0.15 * rate:
            sound[index] //= 30
    return sound.tobytes()


def louder(pcm: bytes, factor: float) -> bytes:
    return array("h", [max(-32768, min(32767, round(sample * factor))) for sample in array("h", pcm)]).tobytes()
