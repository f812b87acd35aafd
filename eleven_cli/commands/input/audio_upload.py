"""AudioUpload: audio on its way to the service, whole or in pieces."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from shlex import quote

from eleven_cli.api.http.bodies import Body, FileBody, FilePart, SpooledBody
from eleven_cli.audio.codecs.flac import flac_decoded, flac_header
from eleven_cli.audio.codecs.sniff import FLAC, HEAD_BYTES, MP3, RAW, WAV, FileType
from eleven_cli.audio.codecs.splitting import (
    MP3_HIGHEST_BYTES_PER_S,
    MP3_LOWEST_BYTES_PER_S,
    mp3_cut,
    samples_cut,
)
from eleven_cli.audio.codecs.wav import WavHeader
from eleven_cli.commands.input.source import STDIN, Source
from eleven_cli.errors import UsageError

MOST_BYTES = 5_000_000_000
FORM_BYTES = 65536  # the rest of the form, at most
SLACK_S = 1.0  # pieces are shorter than the limit by this, as the service may measure otherwise
_PLAIN_RATE = 16_000  # the service takes PCM of this rate without a header


class AudioUpload:
    """Audio that can be sent.

    name     the name for messages
    kind     the type of file
    header   describes the samples of WAV and raw PCM; None for other types
    seconds  the duration; None if it is not known before all is read
    """

    def __init__(self, source: Source, kind: FileType, header: WavHeader | None) -> None:
        self.name, self.kind, self.header, self._source = source.name, kind, header, source
        self.seconds = self._seconds()

    @property
    def is_plain_pcm(self) -> bool:
        """Whether it is sent as bare PCM of 16 kHz, which the request must state (`file_format`)."""
        raw = self.header if self.kind is RAW else None
        return raw is not None and (raw.rate, raw.sample) == (_PLAIN_RATE, "s16")

    @property
    def file_format(self) -> list[tuple[str, str]]:
        """The form field that states it, or nothing."""
        return [("file_format", "pcm_s16le_16")] if self.is_plain_pcm else []

    def whole(self) -> FilePart:
        """Give all of it as one file part: a file as it is, a pipe while it arrives."""
        if self._source.file is None:
            announced = self.header.data_bytes if self.header else None
            arriving = self._sound() if self.header else self._source.chunks()
            return self._content(SpooledBody(arriving, self._head, announced))
        file, start, end = self._source.file
        head = self._head(end - start) if self.kind is RAW else b""
        return self._content(FileBody(file, start, end, self.name, head))

    @property
    def can_be_cut(self) -> bool:
        """Whether `pieces` can give more than one: WAV, raw samples and MP3, and FLAC where it can be decoded."""
        return self.header is not None or self.kind in (MP3, FLAC)

    def pieces(self, most_s: float, most_bytes: int = MOST_BYTES) -> Iterator[FilePart]:
        """Give all of it in pieces of at most `most_s` and `most_bytes`; each is valid until the next one. Audio that
        cannot be cut is one piece.
        """
        if self._is_one_piece(most_s, most_bytes):
            yield self.whole()
            return
        for piece in self._cut(most_s, most_bytes):
            body = SpooledBody(piece, self._head)
            if self._source.file:
                body.complete()  # all of it is there already, and servers prefer a length
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
        """Read the samples. Raises UsageError if there are fewer than the header states."""
        assert self.header is not None
        left = self.header.data_bytes
        for chunk in self._source.chunks() if left != 0 else ():
            chunk = chunk[:left]
            yield chunk
            left = None if left is None else left - len(chunk)
            if left == 0:
                return
        if left:
            raise cut_off(self.name)

    def _head(self, data_bytes: int | None) -> bytes:
        """Give the header of a piece."""
        return b"" if self.header is None or self.is_plain_pcm else self.header.with_length(data_bytes).to_bytes()

    def _content(self, body: Body) -> FilePart:
        kind = WAV if self.header is not None and not self.is_plain_pcm else self.kind
        stem = "audio" if self.name == STDIN else PurePath(self.name).stem
        return FilePart(body, f"{stem or 'audio'}.{kind.suffix}", kind.media_type)


def _bytes_per_s(header: WavHeader) -> int:
    return header.rate * header.frame_bytes


def cut_off(name: str) -> UsageError:
    hint = f"to send what it holds: ffmpeg -i {quoted(name)} whole.wav" if name != STDIN else ""
    return UsageError(f"{name} is truncated: it holds less audio than its header says", hint=hint)


def quoted(name: str) -> str:
    """Quote a file name for a shell and for ffmpeg."""
    return quote(f"./{name}" if name.startswith("-") else name)
