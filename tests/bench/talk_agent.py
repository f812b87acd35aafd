"""The agent of the calls: a WebSocket server that does what the lines of its stdin say, a process of its own.

Its first line is its port. Every command is answered by one line, a moment of the monotonic clock in seconds: when it
was about to be done, or when what is waited for had come.

    initiation              waits for the next client, and its first message
    start                   begins the conversation
    hears                   waits for anything that the client's microphone gave
    voice S COUNT ID        S seconds of sound in so many audio events
    speech FILE             the PCM of a file in one audio event
    interruption ID
    farewell S COUNT        `voice`, and the end of the conversation right behind it
    tool NAME               calls a client tool
    sound SINCE             waits for the first sound that came after this moment
    heard FILE SINCE UNTIL  writes the PCM that came between these moments
"""

import array
import base64
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from waves import is_quiet, square
from websockets.exceptions import ConnectionClosed

from tests.support.agent import AgentServer, Line

GUARD_S = 15

T = TypeVar("T")


class Booth:
    """The agent's side of one conversation after the other: its methods are the commands."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._expected = True
        self._line: Line | None = None
        self._chunks: list[tuple[float, bytes]] = []

    def converse(self, line: Line) -> None:
        """A client's whole conversation, in a thread of the server's."""
        line.receive()
        self._begin(line)
        with suppress(ConnectionClosed, TimeoutError):
            while True:
                message = line.receive(audio=True)
                self._take(time.monotonic(), base64.b64decode(message.get("user_audio_chunk", "")))

    def initiation(self) -> float:
        self._until(lambda: self._expected is False)
        self._expected = True
        return time.monotonic()

    def start(self) -> float:
        formats = {"agent_output_audio_format": "pcm_16000", "user_input_audio_format": "pcm_16000"}
        wrapper = "conversation_initiation_metadata_event"
        return self._send("conversation_initiation_metadata", wrapper, conversation_id="conv_bench", **formats)

    def hears(self) -> float:
        return self._until(lambda: self._chunks)[0][0]

    def voice(self, seconds: str, count: str, event_id: str) -> float:
        pcm = square(float(seconds))
        size = len(pcm) // int(count)
        return self._say([pcm[at : at + size] for at in range(0, len(pcm), size)], int(event_id))

    def speech(self, file: str) -> float:
        return self._say([Path(file).read_bytes()], 1)

    def interruption(self, event_id: str) -> float:
        return self._send("interruption", "interruption_event", event_id=int(event_id))

    def farewell(self, seconds: str, count: str) -> float:
        now = self.voice(seconds, count, "1")
        self._client.close(1000, "End call tool was called.")
        return now

    def tool(self, name: str) -> float:
        call = {"tool_name": name, "tool_call_id": "call_1", "parameters": {}, "event_id": 1}
        return self._send("client_tool_call", "client_tool_call", **call)

    def sound(self, since: str) -> float:
        return self._until(lambda: self._sounds(float(since)))[0]

    def heard(self, file: str, since: str, until: str) -> float:
        pieces = [pcm for _, pcm in self._between(float(since), float(until))]
        Path(file).write_bytes(b"".join(pieces))
        return time.monotonic()

    @property
    def _client(self) -> Line:
        assert self._line is not None, "nobody has called yet"
        return self._line

    def _begin(self, line: Line) -> None:
        with self._changed:
            self._line, self._chunks, self._expected = line, [], False
            self._changed.notify_all()

    def _take(self, now: float, pcm: bytes) -> None:
        with self._changed:
            if pcm:
                self._chunks.append((now, pcm))
            self._changed.notify_all()

    def _send(self, kind: str, wrapper: str, **members: object) -> float:
        now = time.monotonic()
        self._client.send(kind, wrapper, **members)
        return now

    def _say(self, pieces: list[bytes], event_id: int) -> float:
        now = time.monotonic()
        for piece in pieces:
            self._client.audio(piece, event_id)
        return now

    def _between(self, since: float, until: float = float("inf")) -> list[tuple[float, bytes]]:
        return [(at, pcm) for at, pcm in self._chunks if since < at <= until]

    def _sounds(self, since: float) -> list[float]:
        return [at for at, pcm in self._between(since) if not is_quiet(array.array("h", pcm))]

    def _until(self, condition: Callable[[], T]) -> T:
        with self._changed:
            came = self._changed.wait_for(condition, GUARD_S)
        if not came:
            raise SystemExit("the agent waits in vain")
        return came


def main() -> None:
    """Serve on a free port of 127.0.0.1, and do what stdin says until it ends."""
    booth = Booth()
    with AgentServer(booth.converse) as server:
        print(server.port, flush=True)
        for line in sys.stdin:
            command, *words = line.split()
            print(getattr(booth, command)(*words), flush=True)


if __name__ == "__main__":
    main()
