"""Any sound as a WAV that `stt --live` can read while it arrives: decoded and resampled where it has to be."""

from typing import BinaryIO, Protocol, cast

from eleven_cli.audio.codecs.decoding.backends import ByteSource
from eleven_cli.audio.codecs.decoding.media import MediaDecoder, can_decode
from eleven_cli.audio.codecs.sniff import HEAD_BYTES, WAV, FileType, describe_unknown, sniff_format
from eleven_cli.audio.codecs.wav import WavHeader, read_header
from eleven_cli.audio.resample import Resampler, resampler_installed
from eleven_cli.commands.input.audio import refuse_as_raw
from eleven_cli.commands.input.source import Source
from eleven_cli.errors import ExitStack, UsageError

RATE = 16_000
PIPE_HINT = "pipe it in: eleven tts hello --format wav | eleven stt --live"
MIC_HINT = f"the microphone: eleven stt --live --mic default; a pipe: {PIPE_HINT.partition(': ')[2]}"
OTHER_HINT = "ffmpeg -i FILE -f wav - | eleven stt --live (eleven's own: tts --format wav)"
LEAST_HEAD_BYTES = 12  # enough to know most kinds; of a pipe, more would have to be waited for
OWN = WavHeader(RATE, 1, "s16", None)


def as_wav(source: Source, raw: WavHeader | None, opened: ExitStack) -> BinaryIO:
    """What a source gives as a WAV that can be read here, decoded where it has to be.

    Raises UsageError early for what cannot be decoded; waits for its first sound at most.
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
