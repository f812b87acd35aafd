"""What live transcription hears: a microphone, or audio from a pipe, as it comes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, Self, cast

from eleven_cli.audio.cutting import wav_head
from eleven_cli.audio.recognising import WAV, recognised, what_else
from eleven_cli.audio.wav_input import WavInput
from eleven_cli.audio.wavfile import WavShape
from eleven_cli.commands.audio_input import raw_shape, refuse_as_raw
from eleven_cli.commands.audio_source import Source, source_of
from eleven_cli.errors import PackageMissing, UsageError
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.terminal import Terminal

RATE = 16_000
FRAMES = 2  # of 20 ms in one message: soon on the wire, and not too many of them
HINT = "pipe it in: eleven tts hello --format wav | eleven stt --live"
OTHER_HINT = "ffmpeg -i FILE -f wav - | eleven stt --live (eleven's own: tts --format wav)"
DEFAULT = "default"
HEAD_BYTES = 12  # enough to know a WAV; of a pipe, more would have to be waited for


class Ears(Protocol):
    """Iterate over sound, 16-bit mono at RATE, until it ends or `close()`, which any thread may call."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class FromMicrophone:
    """A microphone, the default one or another by name or index. Raises AudioError."""

    def __init__(self, device: str | None) -> None:
        from eleven_cli.audio.microphone import Microphone
        from eleven_cli.audio.portaudio import installed, not_installed, prefer_low_latency

        if not installed():
            raise not_installed(f"or {HINT}")
        prefer_low_latency()
        self._microphone = Microphone(RATE, device, hint=HINT)

    def __enter__(self) -> Self:
        self._microphone.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._microphone.__exit__(*exc)

    def __iter__(self) -> Iterator[bytes]:
        return _by_twos(iter(self._microphone))

    @property
    def zeros_s(self) -> float:
        """How long it has given nothing but digital zeros from its start."""
        return self._microphone.zeros_s

    def close(self) -> None:
        self._microphone.close()


class FromPipe:
    """A WAV from a file or a stream, or raw samples where `raw` says their shape; in real time where it comes faster.

    What came `since` that moment of the monotonic clock, while the program started, is made up for.
    Raises UsageError while iterating for what is cut off; of its sound, after what there is of it.
    """

    def __init__(self, stream: BinaryIO, name: str, raw: WavShape | None = None, *, since: float | None = None) -> None:
        wav = stream if raw is None else cast(BinaryIO, _Headed(stream, raw))
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
            refused.hint = "" if "cut off" in refused.message else OTHER_HINT
            raise

    def close(self) -> None:
        self._input.close()

    def _frames(self) -> Iterator[bytes]:
        for frame in self._input:
            if self._input.exhausted.is_set():
                return
            yield frame


@contextmanager
def ears_for(
    terminal: Terminal, file: str | None, mic: str | None, input_format: str | None, *, since: float
) -> Iterator[Ears]:
    """What is to be heard: FILE, `-` or a pipe, else a microphone. Neither is open yet, but what comes is looked at.

    `since` is when the program began, on the monotonic clock: what a pipe held by then is heard at once.
    Raises UsageError for what is no sound, and for two of them.
    """
    if mic is not None and (file is not None or input_format is not None):
        other = "a file" if file is not None else "--input-format"
        raise UsageError(f"--mic and {other} at once", hint="leave one of them out")
    if mic is not None or (file is None and terminal.stdin_is_terminal and input_format is None):
        yield FromMicrophone(_device(mic))
        return
    raw = raw_shape(input_format) if input_format is not None else None
    source = source_of(terminal, file, example=HINT)
    try:
        refuse_overlap([("the recording", source.number)], {STANDARD_OUTPUT: terminal.stdout_number})
        _check(source, raw)
        yield FromPipe(cast(BinaryIO, source), source.name, raw, since=since)
    finally:
        if file not in (None, "-"):  # a reader may still wait for the pipe
            source.close()


def _device(mic: str | None) -> str | None:
    if mic is None or mic.lower() == DEFAULT:
        return None
    if mic.startswith("-") or not mic.strip():
        raise UsageError("--mic needs a name", hint="--mic default, or one of: eleven devices")
    return mic


def _check(source: Source, raw: WavShape | None) -> None:
    """Refuse at once what cannot be heard; waits for no more than its first bytes."""
    head = source.peek(HEAD_BYTES)
    if not head:
        raise UsageError(f"{source.name} is empty", hint=HINT)
    kind = recognised(head)
    if raw is not None:
        refuse_as_raw(source.name, kind)
    elif kind is not WAV:
        is_what = kind.name if kind is not None else what_else(head)
        said = f": it begins like {is_what}" if is_what else ""
        raise UsageError(f"{source.name} is not a WAV, which --live wants{said}", hint=OTHER_HINT)


class _Headed:
    """Raw samples as a WAV of unknown length."""

    def __init__(self, stream: BinaryIO, raw: WavShape) -> None:
        self._stream, self._header = stream, wav_head(raw, None)

    def read(self, size: int = -1) -> bytes:
        return self._next(size) or self._stream.read(size)

    def read1(self, size: int) -> bytes:
        return self._next(size) or getattr(self._stream, "read1", self._stream.read)(size)

    def _next(self, size: int) -> bytes:
        piece, self._header = self._header[:size], self._header[size:]
        return piece


def _by_twos(frames: Iterator[bytes]) -> Iterator[bytes]:
    for frame in frames:
        yield b"".join([frame, *(next(frames, b"") for _ in range(FRAMES - 1))])
