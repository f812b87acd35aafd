"""External players as sinks."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from eleven_cli.audio.buffer import ByteBuffer
from eleven_cli.audio.codecs.wav import wav_header
from eleven_cli.audio.devices.temporary import TemporaryAudio
from eleven_cli.audio.formats import Format
from eleven_cli.errors import AudioError
from eleven_cli.processes import environment_for_children
from eleven_cli.pump import Pump

TAIL_S = 0.3  # players may drop what their device still holds when their input ends
BUFFER_BYTES = 8 << 20
PIECE_BYTES = 16384


class PipePlayer:
    """Plays through a program that reads a pipe.

    A buffer and a thread lie between, so that a slow player does not delay a file. `finish()` waits until everything is
    played; leaving without it kills the program. Raises AudioError when the program fails.
    """

    def __init__(self, program: str, fmt: Format) -> None:
        self._program, self._format = program, fmt
        self._buffer = ByteBuffer(BUFFER_BYTES)

    def __enter__(self) -> "PipePlayer":
        self._process, self._said = _started(arguments(self._program, self._format), subprocess.PIPE)
        self._pump = Pump(self._pieces(), self._feed, done=self._buffer.abandon)
        try:
            self._pump.start()
        except BaseException:  # no thread is left, or Ctrl+C
            _kill(self._process)
            raise
        return self

    def write(self, data: bytes) -> None:
        if not self._buffer.write(data):
            raise _failure(self._program, self._process, self._said)

    def finish(self) -> None:
        self._buffer.end()
        try:
            self._pump.join_or_raise()
            self._stdin.close()
        except OSError as broken:
            raise _failure(self._program, self._process, self._said) from broken
        if self._process.wait() or self._was_silent():
            raise _failure(self._program, self._process, self._said)

    def _was_silent(self) -> bool:
        """Whether ffplay found no device: it reports that, and exits with 0 all the same."""
        self._said.seek(0)
        return b"audio open failed" in self._said.read().lower()

    def __exit__(self, *exc: object) -> None:
        self._buffer.abandon()
        _kill(self._process)
        self._pump.join(timeout=1)
        with suppress(OSError):
            self._stdin.close()
        self._process.wait()
        self._said.close()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _feed(self, piece: bytes) -> None:
        self._stdin.write(piece)
        self._stdin.flush()

    def _pieces(self) -> Iterator[bytes]:
        samples = self._format.codec == "pcm"
        if samples and self._program in ("ffplay", "mpv"):
            yield wav_header(self._format.rate, channels=self._format.channels)
        while piece := self._buffer.take_some(PIECE_BYTES):
            yield piece
        if samples:
            yield bytes(int(self._format.rate * TAIL_S) * self._format.frame_bytes)


class FilePlayer:
    """Plays through a program that reads files only (afplay): collects the audio, and plays it in `finish()`."""

    def __init__(self, program: str, fmt: Format) -> None:
        self._program, self._format = program, fmt
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "FilePlayer":
        self._file = TemporaryAudio(self._format)
        return self

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def finish(self) -> None:
        self._file.complete()
        self._process, said = _started([self._program, self._file.name], subprocess.DEVNULL)
        if self._process.wait():
            raise _failure(self._program, self._process, said)

    def __exit__(self, *exc: object) -> None:
        if self._process is not None:
            _kill(self._process)
            self._process.wait()
        self._file.remove()


def arguments(program: str, fmt: Format) -> list[str]:
    """Give the command line of a player that reads `fmt` from its standard input."""
    samples = fmt.codec == "pcm"
    match program:
        case "ffplay":
            demuxer = {"pcm": "wav", "opus": "ogg"}.get(fmt.codec, fmt.codec)
            return ["ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-f", demuxer, "-i", "-"]
        case "mpv":
            return ["mpv", "--no-config", "--no-terminal", "--no-video", "-"]
        case "paplay" if samples:
            return ["paplay", "--raw", "--format=s16le", f"--rate={fmt.rate}", f"--channels={fmt.channels}"]
        case "aplay" if samples:
            return ["aplay", "-q", "-t", "raw", "-f", "S16_LE", "-c", str(fmt.channels), "-r", str(fmt.rate), "-"]
    raise ValueError(f"{program} cannot read {fmt} from a pipe")


def _started(argv: list[str], stdin: int) -> tuple["subprocess.Popen[bytes]", IO[bytes]]:
    """Start the program; give it and its stderr. A session of its own keeps Ctrl+C from it: `_kill` ends it."""
    try:
        said = tempfile.TemporaryFile()  # noqa: SIM115
        process = subprocess.Popen(
            argv,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            env=environment_for_children(),
        )
    except OSError as failed:
        raise AudioError(f"cannot start {argv[0]}: {failed.strerror}") from failed
    return process, said


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill the player and its children: some players are scripts around another."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)


def _failure(program: str, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> AudioError:
    with suppress(subprocess.TimeoutExpired):  # it closed its input: give it a moment to say why
        process.wait(timeout=1)
    said.seek(0)
    lines = said.read(2000).decode("utf-8", "replace").strip().splitlines()
    hint = "check the sound device: eleven devices; or write a file: -o FILE"
    return AudioError(f"{program} could not play it" + (f": {lines[0]}" if lines else ""), hint=hint)
