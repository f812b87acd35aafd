"""The audio that a command sends: recognised, checked before anything is paid for, and in pieces where it is long."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from shlex import quote
from typing import BinaryIO, cast

from eleven_cli.api.http.uploads import Body, Content, FileBody, KeptBody
from eleven_cli.audio.codecs.flac import flac_decoded, flac_header
from eleven_cli.audio.codecs.sniff import FLAC, HEAD_BYTES, MP3, RAW, WAV, FileType, describe_unknown, sniff_format
from eleven_cli.audio.codecs.splitting import (
    MP3_HIGHEST_BYTES_PER_S,
    MP3_LOWEST_BYTES_PER_S,
    mp3_cut,
    samples_cut,
)
from eleven_cli.audio.codecs.wav import NotDecoded, WavHeader, read_header
from eleven_cli.commands.input.source import STDIN, Source, source_of
from eleven_cli.errors import UsageError
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.suggestions import did_you_mean
from eleven_cli.terminal import Terminal

MOST_BYTES = 5_000_000_000
FORM_BYTES = 65536  # what stands around a piece, at the most
SLACK_S = 1.0  # by which pieces are shorter than the limit: nobody knows how exactly it is measured
RAW_HINT = "for raw audio add its format: --input-format pcm_16000"
_RAW_NAME = re.compile(r"(pcm|ulaw|alaw)_(\d{4,6})")
_RAW_EXAMPLES = ("pcm_16000", "pcm_24000", "pcm_44100", "pcm_48000", "ulaw_8000", "alaw_8000")
_RAW_RATES = range(4_000, 384_001)
_PLAIN_RATE = 16_000  # the service takes PCM of this rate without a header


class AudioUpload:
    """Audio that can be sent.

    name     what the user calls it
    kind     what its bytes are
    header    of its samples where it consists of such (WAV, raw PCM), else None
    seconds  how long it is, None where that cannot be known before it is read
    """

    def __init__(self, source: Source, kind: FileType, header: WavHeader | None) -> None:
        self.name, self.kind, self.header, self._source = source.name, kind, header, source
        self.seconds = self._seconds()

    @property
    def is_plain_pcm(self) -> bool:
        """Whether it is sent as bare PCM of 16 kHz, which the service wants to be told (`file_format`)."""
        raw = self.header if self.kind is RAW else None
        return raw is not None and (raw.rate, raw.sample) == (_PLAIN_RATE, "s16")

    @property
    def file_format(self) -> list[tuple[str, str]]:
        """The form's field that says so, or nothing."""
        return [("file_format", "pcm_s16le_16")] if self.is_plain_pcm else []

    def whole(self) -> Content:
        """All of it, to be sent at once: a file as it is, a pipe while it arrives."""
        if self._source.file is None:
            announced = self.header.data_bytes if self.header else None
            arriving = self._sound() if self.header else self._source.chunks()
            return self._content(KeptBody(arriving, self._head, announced))
        file, start, end = self._source.file
        head = self._head(end - start) if self.kind is RAW else b""
        return self._content(FileBody(file, start, end, self.name, head))

    @property
    def can_be_cut(self) -> bool:
        """Whether `pieces` can give more than one: WAV, raw samples and MP3, and FLAC where it can be decoded."""
        return self.header is not None or self.kind in (MP3, FLAC)

    def pieces(self, most_s: float, most_bytes: int = MOST_BYTES) -> Iterator[Content]:
        """All of it, in pieces of no more than so many seconds and bytes where it is longer; each is void once the next
        is asked for. What cannot be cut is one piece in any case.
        """
        if self._is_one_piece(most_s, most_bytes):
            yield self.whole()
            return
        for piece in self._cut(most_s, most_bytes):
            body = KeptBody(piece, self._head)
            if self._source.file:
                body.complete()  # all of it is there anyway, and a length is what servers like best
            yield self._content(body)
            body.complete()
            body.close()

    def _seconds(self) -> float | None:
        if self.kind is FLAC:
            _, seconds = flac_header(self._source.peek(HEAD_BYTES))
            return seconds
        if self.header is None:
            return None
        size = self.header.data_bytes
        if size is None and self._source.size is not None:
            size = self._source.size - self._source.position
        return None if size is None else size / _bytes_per_s(self.header)

    def _is_one_piece(self, most_s: float, most_bytes: int) -> bool:
        size = self._source.size or (self.header and self.header.data_bytes) or 0
        if not self.can_be_cut or size > most_bytes - FORM_BYTES:
            return not self.can_be_cut
        if self.seconds is not None:
            return self.seconds <= most_s
        return self.kind is MP3 and 0 < size / MP3_LOWEST_BYTES_PER_S <= most_s

    def _cut(self, most_s: float, most_bytes: int) -> Iterable[Iterable[bytes]]:
        most_s -= min(SLACK_S, most_s / 10)
        if self.kind is MP3:
            return mp3_cut(self._source.chunks(), min(most_s, most_bytes / MP3_HIGHEST_BYTES_PER_S))
        if self.kind is FLAC:
            self.header, _ = flac_header(self._source.peek(HEAD_BYTES))  # its pieces are WAV
            sound = flac_decoded(self._source.read, self.header)
        else:
            sound = self._sound()
        assert self.header is not None
        return samples_cut(sound, self.header, min(most_s, (most_bytes - FORM_BYTES) / _bytes_per_s(self.header)))

    def _sound(self) -> Iterator[bytes]:
        """The samples. Raises UsageError when there are fewer than the header has announced."""
        assert self.header is not None
        left = self.header.data_bytes
        for chunk in self._source.chunks() if left != 0 else ():
            chunk = chunk[:left]
            yield chunk
            left = None if left is None else left - len(chunk)
            if left == 0:
                return
        if left:
            raise _cut_off(self.name)

    def _head(self, data_bytes: int | None) -> bytes:
        """What stands before a piece."""
        return b"" if self.header is None or self.is_plain_pcm else self.header.with_length(data_bytes).to_bytes()

    def _content(self, body: Body) -> Content:
        kind = WAV if self.header is not None and not self.is_plain_pcm else self.kind
        stem = "audio" if self.name == STDIN else PurePath(self.name).stem
        return Content(body, f"{stem or 'audio'}.{kind.suffix}", kind.media_type)


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
    """What FILE, `-` or a pipe gives, if it can be sent: all in one request, or `in_pieces` where it can be cut.

    Raises UsageError for what is empty, too large, no audio that is known here, or cut off; `example` shows how to call
    the command. `input_format` names raw samples: pcm_16000, ulaw_8000. `output` is where the result shall go: not onto
    the recording itself.
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
    """The audio that a source gives. Raises UsageError."""
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
    """Refuse to take for raw samples what is something else: as noise it would cost just as much."""
    if kind is not None:
        raise UsageError(f"{name} is not raw PCM; it looks like {kind.name}", hint="omit --input-format")


def raw_header(word: str) -> WavHeader:
    """The samples that `--input-format` names. Raises UsageError."""
    found = _RAW_NAME.fullmatch(word)
    if found is None or int(found[2]) not in _RAW_RATES:
        hint = "pcm_16000 (signed, 16 bits, little-endian, mono) or another rate, ulaw_8000, alaw_8000; "
        said = f"unknown raw format: {word}{did_you_mean(word, _RAW_EXAMPLES)}"
        raise UsageError(said, hint=hint + "files do not need it")
    return WavHeader(int(found[2]), 1, "s16" if found[1] == "pcm" else found[1], None)


class _Noting:
    """A source, and what was read of it: where it cannot be decoded here, it is sent as it is."""

    def __init__(self, source: Source) -> None:
        self._source, self.noted = source, bytearray()

    def read(self, size: int) -> bytes:
        data = self._source.read(size)
        self.noted += data
        return data


def _wav_header(source: Source) -> WavHeader | None:
    """What its header says; None for samples that only the service can decode."""
    stream = _Noting(source)
    try:
        header = read_header(cast(BinaryIO, stream), source.name)
    except NotDecoded:
        source.put_back(bytes(stream.noted))
        return None
    except UsageError as refused:
        refused.hint = f"convert it: ffmpeg -i {quoted(source.name)} better.wav" if source.name != STDIN else ""
        raise
    if not source.peek(header.frame_bytes):
        raise UsageError(f"{source.name} is a WAV file without audio")
    if source.file and header.data_bytes is not None:
        _, start, end = source.file
        if end - start - source.position < header.data_bytes:
            raise _cut_off(source.name)
    return header


def _bytes_per_s(header: WavHeader) -> int:
    return header.rate * header.frame_bytes


def _cut_off(name: str) -> UsageError:
    hint = f"to send what it holds: ffmpeg -i {quoted(name)} whole.wav" if name != STDIN else ""
    return UsageError(f"{name} is truncated: it holds less audio than its header says", hint=hint)


def quoted(name: str) -> str:
    """A file's name as a shell and ffmpeg take it for one."""
    return quote(f"./{name}" if name.startswith("-") else name)


def _unknown(name: str, head: bytes, *, takes_raw: bool) -> UsageError:
    likeness = describe_unknown(head)
    said = f": it looks like {likeness}" if likeness else ""
    if likeness:
        hint = "known formats: WAV, MP3, Ogg, FLAC, M4A, MP4, WebM and some more"
    else:
        hint = "convert it: ffmpeg -i " + ("- -f wav - | eleven …" if name == STDIN else f"{quoted(name)} better.wav")
    hint = f"{hint}; {RAW_HINT}" if takes_raw else hint
    return UsageError(f"{name} is not recognised as audio{said}", hint=hint)
