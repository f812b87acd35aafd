"""Where live audio comes from: a microphone, a pipe or a file."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, Protocol, Self, cast

from eleven_cli.audio.call.wav_input import WavInput
from eleven_cli.audio.codecs.media_backends import ByteSource
from eleven_cli.audio.codecs.media_decoder import MediaDecoder, can_decode
from eleven_cli.audio.codecs.sniff import HEAD_BYTES, WAV, FileType, describe_unknown, sniff_format
from eleven_cli.audio.codecs.wav import WavHeader, read_header
from eleven_cli.audio.resample import Resampler, resampler_installed
from eleven_cli.commands.input.audio import raw_header, refuse_as_raw
from eleven_cli.commands.input.source import Source, source_of
from eleven_cli.errors import PackageMissing, UsageError
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.terminal import Terminal

RATE = 16_000
FRAMES = 2  # of 20 ms in one message: soon on the wire, and not too many of them
HINT = "pipe it in: eleven tts hello --format wav | eleven stt --live"
MIC_HINT = f"the microphone: eleven stt --live --mic default; a pipe: {HINT.partition(': ')[2]}"
OTHER_HINT = "ffmpeg -i FILE -f wav - | eleven stt --live (eleven's own: tts --format wav)"
DEFAULT = "default"
LEAST_HEAD_BYTES = 12  # enough to know most kinds; of a pipe, more would have to be waited for
OWN = WavHeader(RATE, 1, "s16", None)


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
def open_source(
    terminal: Terminal,
    file: str | None,
    mic: str | None,
    input_format: str | None,
    *,
    output: str | None = None,
    since: float,
) -> Iterator[LiveSource]:
    """What is to be heard: FILE, `-` or a pipe, else a microphone. Neither is open yet, but what comes is looked at.

    `output` is the file that the text goes to: not onto the recording itself. `since` is when the program began, on the
    monotonic clock: what a pipe held by then is heard at once.
    Raises UsageError for what is no sound, and for two of them.
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
            yield PipeSource(_wav(source, raw, stack), source.name, since=since)
    finally:
        if file not in (None, "-"):  # a reader may still wait for the pipe
            source.close()


def _device(mic: str | None) -> str | None:
    if mic is None or mic.lower() == DEFAULT:
        return None
    if mic.startswith("-") or not mic.strip():
        raise UsageError("--mic needs a name", hint="--mic default, or one of: eleven devices")
    return mic


def _wav(source: Source, raw: WavHeader | None, opened: ExitStack) -> BinaryIO:
    """What a source gives as a WAV that can be read here, decoded where it has to be.

    Raises UsageError at once for what cannot be heard; waits for no more than its first sound.
    """
    head = source.glance(LEAST_HEAD_BYTES if source.file is None else HEAD_BYTES)
    if not head:
        raise UsageError(f"{source.name} is empty", hint=MIC_HINT)
    kind = sniff_format(head)
    if raw is not None:
        refuse_as_raw(source.name, kind)
        headed = _Headed(source, raw)
        return cast(BinaryIO, headed if _can_be_heard(raw) else _resampled(headed, raw, source.name, opened))
    if kind is None:
        likeness = describe_unknown(head)
        said = f": it looks like {likeness}" if likeness else ""
        raise UsageError(f"{source.name} is not recognised as audio{said}", hint=OTHER_HINT)
    if kind is not WAV:
        return _decoded(source, kind, source.name, opened)
    try:
        shape = read_header(cast(BinaryIO, _Peeking(source)), source.name)
    except UsageError as refused:
        return _decoded_or(refused, source, opened)
    return cast(BinaryIO, source) if _can_be_heard(shape) else _resampled(source, shape, source.name, opened)


def _can_be_heard(shape: WavHeader) -> bool:
    return shape.rate == RATE or resampler_installed()


def _resampled(coming: ByteSource, shape: WavHeader, name: str, opened: ExitStack) -> BinaryIO:
    if not can_decode():
        Resampler(shape.rate, RATE)  # raises, with what is missing
    return _decoded(coming, WAV, name, opened)


def _decoded_or(refused: UsageError, source: Source, opened: ExitStack) -> BinaryIO:
    """A WAV with another codec inside. Raises what was wrong with it, where it is none."""
    refused.hint = OTHER_HINT
    try:
        return _decoded(source, WAV, source.name, opened)
    except UsageError:
        raise refused from None


def _decoded(coming: ByteSource, kind: FileType, name: str, opened: ExitStack) -> BinaryIO:
    try:
        samples = opened.enter_context(MediaDecoder(coming, kind, RATE, name))
    except UsageError as refused:
        refused.hint = refused.hint or OTHER_HINT
        raise
    return cast(BinaryIO, _Headed(samples, OWN))


class _Readable(Protocol):
    def read(self, size: int) -> bytes: ...

    def read1(self, size: int) -> bytes: ...


class _Peeking:
    """Reads a source without consuming it."""

    def __init__(self, source: Source) -> None:
        self._source, self._at = source, 0

    def read(self, size: int) -> bytes:
        data = self._source.peek(self._at + size)[self._at :]
        self._at += len(data)
        return data


class _Headed:
    """Presents raw samples as a WAV of unknown length."""

    whole_file = None

    def __init__(self, stream: _Readable, raw: WavHeader) -> None:
        self._stream, self._header = stream, raw.with_length(None).to_bytes()

    def read(self, size: int) -> bytes:
        return self._next(size) or self._stream.read(size)

    def read1(self, size: int) -> bytes:
        return self._next(size) or self._stream.read1(size)

    def _next(self, size: int) -> bytes:
        piece, self._header = self._header[:size], self._header[size:]
        return piece


def _by_twos(frames: Iterator[bytes]) -> Iterator[bytes]:
    for frame in frames:
        yield b"".join([frame, *(next(frames, b"") for _ in range(FRAMES - 1))])
