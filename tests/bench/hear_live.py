"""How soon what is spoken is on the wire, and how soon after its end it stands there as a line."""

import contextlib
import random
import signal
import subprocess
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO

from hear_stage import GUARD_S, Stage
from table import Row, middle_and_worst
from waves import is_quiet, square

from tests.support.realtime_socket import ScribeServer, Session
from tests.support.soundcard import AUDIBLE, RATE, SoundCard

SILENCE_S = 0.5
LINE_MS, WIRE_MS = 400, 80
BLOCK_S = 0.02
BLOCK_BYTES = int(RATE * BLOCK_S) * 2
SENTENCES = (
    "The lighthouse keeper climbed the narrow stairs every single evening.",
    "He carried a small lamp and a basket full of bread.",
    "At the top he watched the ships until the morning came.",
)


def lines(stage: Stage) -> list[Row]:
    """From the end of a sentence, and the silence that ends a line, to the line on stdout; beside the sandbox."""
    with stage.sandbox() as port:
        spoken = [(text, stage.speech(port, text)) for text in SENTENCES]
        by_pipe = _by_pipe(stage, port, spoken)
        by_microphone = _by_microphone(stage, port, spoken)
    measure = "end of speech, and the silence → line"
    return [
        *middle_and_worst(f"{measure}, pipe", "ms", {"eleven": by_pipe}, LINE_MS),
        *middle_and_worst(f"{measure}, microphone", "ms", {"eleven": by_microphone}, LINE_MS),
    ]


def wire(stage: Stage) -> list[Row]:
    """From a sound at the microphone to the service's having it."""
    ear = _Ear()
    with ScribeServer([ear.listen]) as server, SoundCard(microphone=True) as card:
        port = int(server.url.rpartition(":")[2])
        with _microphone(stage, port, card) as _:
            ear.first_sound_after(0.0, quiet=True)
            delays = []
            for _ in range(stage.turns):
                time.sleep(random.uniform(0.5, 0.75))
                spoken_at = card.microphone.say(square(0.1))
                delays.append((ear.first_sound_after(spoken_at) - spoken_at) * 1000)
    return middle_and_worst("microphone → first sound at the service", "ms", {"eleven": delays}, WIRE_MS)


def _by_pipe(stage: Stage, port: int, spoken: Sequence[tuple[str, bytes]]) -> list[float]:
    """Raw samples in real time, from the program's start on, as a recorder would write them."""
    command = [stage.eleven, "-q", "stt", "--live", "--silence", f"{SILENCE_S:g}", "--input-format", "pcm_16000"]
    delays = []
    for _ in range(max(stage.turns // len(spoken), 1)):
        process = subprocess.Popen(
            command, env=stage.environ(port), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        with _Lines(process) as lines:
            assert process.stdin is not None
            mouth = _Mouth(process.stdin)
            for text, pcm in spoken:
                mouth.say(bytes(RATE * 2))
                delays.append(_delay_ms(lines, text, mouth.say(pcm), partial(mouth.say, bytes(BLOCK_BYTES))))
            process.stdin.close()
            _ended(process)
    return delays


def _by_microphone(stage: Stage, port: int, spoken: Sequence[tuple[str, bytes]]) -> list[float]:
    delays = []
    with SoundCard(microphone=True) as card, _microphone(stage, port, card) as lines:
        time.sleep(1)
        for turn in range(stage.turns):
            text, pcm = spoken[turn % len(spoken)]
            ended_at = card.microphone.say(pcm) + _last_sound_s(pcm)
            delays.append(_delay_ms(lines, text, ended_at, partial(time.sleep, BLOCK_S)))
            time.sleep(random.uniform(0.3, 0.5))
    return delays


@contextlib.contextmanager
def _microphone(stage: Stage, port: int, card: SoundCard) -> "Iterator[_Lines]":
    """The program at the card's microphone, once it listens."""
    sound = {name: value for name, value in card.environ.items() if name != "PULSE_LATENCY_MSEC"}
    command = [stage.eleven, "stt", "--live", "--mic", "default", "--silence", f"{SILENCE_S:g}"]
    process = subprocess.Popen(
        command,
        env=stage.environ(port, **sound),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    with _Lines(process) as lines:
        assert process.stderr is not None
        said = process.stderr.readline()
        if b"listening" not in said:
            raise SystemExit(f"{' '.join(command)} said: {said.decode(errors='replace')}")
        yield lines
        process.send_signal(signal.SIGINT)
        _ended(process)


class _Lines:
    """What a program writes to its stdout, line by line, and when. Leaving ends it, whatever it does."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._changed = threading.Condition()
        self._came: list[tuple[float, str]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "_Lines":
        self._reader.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def after(self, moment: float) -> tuple[float, str] | None:
        """The first that came after a moment."""
        with self._changed:
            return next(((at, line) for at, line in self._came if at > moment), None)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with open(self._process.stdout.fileno(), "rb", closefd=False) as stdout:
            for line in stdout:
                now = time.monotonic()
                with self._changed:
                    self._came.append((now, line.decode().strip()))
                    self._changed.notify_all()


class _Mouth:
    """Writes sound to a pipe in real time."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe, self._started_at, self._blocks = pipe, time.monotonic(), 0

    def say(self, pcm: bytes) -> float:
        """Gives the moment at which the last of what can be heard had been written."""
        ended_at, last_s = 0.0, _last_sound_s(pcm)
        for at in range(0, len(pcm), BLOCK_BYTES):
            self._blocks += 1
            time.sleep(max(self._started_at + self._blocks * BLOCK_S - time.monotonic(), 0))
            self._pipe.write(pcm[at : at + BLOCK_BYTES].ljust(BLOCK_BYTES, b"\0"))
            if at / 2 / RATE <= last_s:
                ended_at = time.monotonic()
        return ended_at


class _Ear:
    """A service that only notes when sound comes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._heard: list[tuple[float, bool]] = []

    def listen(self, session: Session) -> None:
        session.start()
        while True:
            session.heard = b""
            if session.receive():
                session.committed("")
            samples = array("h", session.heard)
            with self._changed:
                self._heard.append((time.monotonic(), is_quiet(samples)))
                self._changed.notify_all()

    def first_sound_after(self, moment: float, *, quiet: bool = False) -> float:
        def found() -> float | None:
            return next((at for at, is_silent in self._heard if at > moment and is_silent is quiet), None)

        with self._changed:
            at = self._changed.wait_for(found, GUARD_S)
        if at is None:
            raise SystemExit("the microphone is not heard")
        return at


def _delay_ms(lines: _Lines, text: str, ended_at: float, go_on: Callable[[], object]) -> float:
    """Until the line, of which the silence before it is not."""
    guard = ended_at + GUARD_S
    while (came := lines.after(ended_at)) is None:
        go_on()
        if time.monotonic() > guard:
            raise SystemExit(f"no line came of: {text}")
    at, line = came
    if line != text:
        raise SystemExit(f"of {text!r} came {line!r}")
    return (at - ended_at - SILENCE_S) * 1000


def _last_sound_s(pcm: bytes) -> float:
    samples = array("h", pcm)
    return max((at for at, sample in enumerate(samples) if abs(sample) > AUDIBLE), default=0) / RATE


def _ended(process: "subprocess.Popen[bytes]") -> None:
    if (code := process.wait(GUARD_S)) != 0:
        raise SystemExit(f"stt --live ended with {code}")
