"""Where live audio comes from: a microphone, a pipe or a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, Self

from eleven_cli.audio.call.wav_input import WavInput
from eleven_cli.commands.input.audio import raw_header
from eleven_cli.commands.input.source import source_of
from eleven_cli.commands.stt.live.wav import MIC_HINT, OTHER_HINT, PIPE_HINT, RATE, as_wav
from eleven_cli.errors import ExitStack, PackageMissing, UsageError
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.terminal import Terminal

FRAMES = 2  # of 20 ms in one message: soon on the wire, and not too many of them
DEFAULT = "default"


class LiveSource(Protocol):
    """Iterates over audio, 16-bit mono at RATE, until it ends or `close()`, which any thread may call."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class MicrophoneSource:
    """A microphone, the default one or another by name or index. Raises AudioError."""

    def __init__(self, device: str | None) -> None:
        from eleven_cli.audio.devices.microphone import Microphone
        from eleven_cli.audio.devices.portaudio import installed, not_installed, prefer_low_latency

        if not installed():
            raise not_installed(f"or {PIPE_HINT}")
        prefer_low_latency()
        self._microphone = Microphone(RATE, device, hint=PIPE_HINT)

    def __enter__(self) -> Self:
        self._microphone.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._microphone.__exit__(*exc)

    def __iter__(self) -> Iterator[bytes]:
        return _by_twos(iter(self._microphone))

    @property
    def zeros_s(self) -> float:
        """How long it has delivered nothing but digital zeros since its start."""
        return self._microphone.zeros_s

    def close(self) -> None:
        self._microphone.close()


class PipeSource:
    """A WAV from a file or a stream, in real time where it comes faster.

    What came `since` that moment of the monotonic clock, while the program started, is made up for.
    Raises UsageError while iterating for what is cut off; of its sound, after what there is of it.
    """

    def __init__(self, wav: BinaryIO, name: str, *, since: float | None = None) -> None:
        self._input = WavInput(wav, RATE, name=name, since=since, whole=True)

    def __enter__(self) -> Self:
        self._input.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._input.__exit__(*exc)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from _by_twos(self._frames())
        except PackageMissing:
            raise
        except UsageError as refused:
            refused.hint = "" if "truncated" in refused.message else OTHER_HINT
            raise

    def close(self) -> None:
        self._input.close()

    def _frames(self) -> Iterator[bytes]:
        for frame in self._input:
            if self._input.exhausted.is_set():
                return
            yield frame


@contextmanager
def open_source(
    terminal: Terminal,
    file: str | None,
    mic: str | None,
    input_format: str | None,
    *,
    output: str | None = None,
    since: float,
) -> Iterator[LiveSource]:
    """The source: FILE, `-` or a pipe, else a microphone. Neither is open yet, but what comes is looked at.

    `output` is the file that the text goes to: not onto the recording itself. `since` is when the program began, on the
    monotonic clock: what a pipe held by then is sent immediately.
    Raises UsageError for what is not audio, and for two sources.
    """
    if mic is not None and (file is not None or input_format is not None):
        other = "a file" if file is not None else "--input-format"
        raise UsageError(f"give either --mic or {other}, not both")
    if mic is not None or (file is None and terminal.stdin_is_terminal and input_format is None):
        yield MicrophoneSource(_device(mic))
        return
    raw = raw_header(input_format) if input_format is not None else None
    source = source_of(terminal, file, example=MIC_HINT)
    try:
        refuse_overlap(
            [("the recording", source.number)], {"-o": output} if output else {STANDARD_OUTPUT: terminal.stdout_number}
        )
        with ExitStack() as stack:
            yield PipeSource(as_wav(source, raw, stack), source.name, since=since)
    finally:
        if file not in (None, "-"):  # a reader may still wait for the pipe
            source.close()


def _device(mic: str | None) -> str | None:
    if mic is None or mic.lower() == DEFAULT:
        return None
    if mic.startswith("-") or not mic.strip():
        raise UsageError("--mic needs a name", hint="--mic default, or one of: eleven devices")
    return mic


def _by_twos(frames: Iterator[bytes]) -> Iterator[bytes]:
    for frame in frames:
        yield b"".join([frame, *(next(frames, b"") for _ in range(FRAMES - 1))])
