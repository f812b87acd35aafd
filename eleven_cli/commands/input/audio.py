"""Opens and checks the audio that a command sends, before anything is paid for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from eleven_cli.audio.codecs.sniff import HEAD_BYTES, RAW, WAV, FileType, describe_unknown, sniff_format
from eleven_cli.audio.codecs.wav import NotDecoded, WavHeader, read_header
from eleven_cli.commands.input.audio_upload import MOST_BYTES, AudioUpload, cut_off, quoted
from eleven_cli.commands.input.source import STDIN, Source, source_of
from eleven_cli.errors import UsageError
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.suggestions import did_you_mean
from eleven_cli.terminal import Terminal

RAW_HINT = "for raw audio add its format: --input-format pcm_16000"
_RAW_NAME = re.compile(r"(pcm|ulaw|alaw)_(\d{4,6})")
_RAW_EXAMPLES = ("pcm_16000", "pcm_24000", "pcm_44100", "pcm_48000", "ulaw_8000", "alaw_8000")
_RAW_RATES = range(4_000, 384_001)


@contextmanager
def audio_input(
    terminal: Terminal,
    file: str | None,
    *,
    input_format: str | None = None,
    most_bytes: int = MOST_BYTES,
    in_pieces: bool = False,
    takes_raw: bool = True,
    output: str | None = None,
    example: str,
) -> Iterator[AudioUpload]:
    """Open the audio of FILE, `-` or a pipe: for one request, or `in_pieces` if it can be cut.

    Raises UsageError if it is empty, too large, truncated or no known audio, and if `output` is the recording itself.
    `example` shows how to call the command. `input_format` names raw samples: pcm_16000, ulaw_8000.
    """
    raw = raw_header(input_format) if input_format is not None else None
    source = source_of(terminal, file, example=example)
    try:
        written = {"-o": output} if output else {STANDARD_OUTPUT: terminal.stdout_number}
        refuse_overlap([("the recording", source.number)], written)
        source.refuse_more_than(MOST_BYTES if in_pieces else most_bytes)
        audio = checked(source, raw, example, takes_raw=takes_raw)
        if not audio.can_be_cut:
            source.refuse_more_than(most_bytes)
        yield audio
    finally:
        source.close()


def checked(source: Source, raw: WavHeader | None, example: str, *, takes_raw: bool = True) -> AudioUpload:
    """Check the audio of a source. Raises UsageError."""
    head = source.peek(HEAD_BYTES)
    if not head:
        raise UsageError(f"{source.name} is empty", hint=example)
    kind = sniff_format(head)
    if raw is not None:
        refuse_as_raw(source.name, kind)
        return AudioUpload(source, RAW, raw)
    if kind is None:
        raise _unknown(source.name, head, takes_raw=takes_raw)
    return AudioUpload(source, kind, _wav_header(source) if kind is WAV else None)


def refuse_as_raw(name: str, kind: FileType | None) -> None:
    """Refuse other formats as raw samples: they would be noise that costs just as much."""
    if kind is not None:
        raise UsageError(f"{name} is not raw PCM; it looks like {kind.name}", hint="omit --input-format")


def raw_header(word: str) -> WavHeader:
    """Give the samples that `--input-format` names. Raises UsageError."""
    found = _RAW_NAME.fullmatch(word)
    if found is None or int(found[2]) not in _RAW_RATES:
        hint = "pcm_16000 (signed, 16 bits, little-endian, mono) or another rate, ulaw_8000, alaw_8000; "
        said = f"unknown raw format: {word}{did_you_mean(word, _RAW_EXAMPLES)}"
        raise UsageError(said, hint=hint + "files do not need it")
    return WavHeader(int(found[2]), 1, "s16" if found[1] == "pcm" else found[1], None)


class _RecordingReader:
    """Records what is read of a source: a WAV that is not decoded here is sent unchanged."""

    def __init__(self, source: Source) -> None:
        self._source, self.recorded = source, bytearray()

    def read(self, size: int) -> bytes:
        data = self._source.read(size)
        self.recorded += data
        return data


def _wav_header(source: Source) -> WavHeader | None:
    """Read the header; None for a codec that only the service decodes."""
    stream = _RecordingReader(source)
    try:
        header = read_header(cast(BinaryIO, stream), source.name)
    except NotDecoded:
        source.put_back(bytes(stream.recorded))
        return None
    except UsageError as refused:
        refused.hint = f"convert it: ffmpeg -i {quoted(source.name)} better.wav" if source.name != STDIN else ""
        raise
    if not source.peek(header.frame_bytes):
        raise UsageError(f"{source.name} is a WAV file without audio")
    if source.file and header.data_bytes is not None:
        _, start, end = source.file
        if end - start - source.position < header.data_bytes:
            raise cut_off(source.name)
    return header


def _unknown(name: str, head: bytes, *, takes_raw: bool) -> UsageError:
    likeness = describe_unknown(head)
    said = f": it looks like {likeness}" if likeness else ""
    if likeness:
        hint = "known formats: WAV, MP3, Ogg, FLAC, M4A, MP4, WebM and some more"
    else:
        hint = "convert it: ffmpeg -i " + ("- -f wav -" if name == STDIN else f"{quoted(name)} better.wav")
    hint = f"{hint}; {RAW_HINT}" if takes_raw else hint
    return UsageError(f"{name} is not recognised as audio{said}", hint=hint)
