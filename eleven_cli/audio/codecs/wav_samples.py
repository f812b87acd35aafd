"""WavSamples: the samples of a WAV that arrives in chunks."""

import io
import struct

from eleven_cli.audio.codecs.wav import HEADS, WavHeader, read_header
from eleven_cli.audio.formats import Format
from eleven_cli.audio.pcm import interleaved, to_mono, to_s16
from eleven_cli.errors import ElevenError, UsageError

LONGEST_HEADER_BYTES = 1 << 20


class WavSamples:
    """Takes a WAV in chunks, and gives its samples as s16 with the rate and the channels of `fmt`.

    One channel becomes two if that is what `fmt` has. What is not WAV passes unchanged. Raises ElevenError for a WAV of
    another rate, and for one that cannot be read.
    """

    def __init__(self, fmt: Format) -> None:
        self._fmt = fmt
        self._held = b""
        self._next_chunk_at = 12  # as far as the header is here
        self._header: WavHeader | None = None
        self._passes = False
        self._left: int | None = None

    def feed(self, data: bytes) -> bytes:
        """Take more; give the samples that are complete now."""
        self._held += data
        if self._passes:
            held, self._held = self._held, b""
            return held
        if self._header is None and not self._begin():
            return b""
        return self._samples() if self._header else self.feed(b"")

    def _begin(self) -> bool:
        """Read the header, if all of it is here; gives whether the beginning is known."""
        if len(self._held) < 4:
            return False
        if self._held[:4] not in HEADS:
            self._passes = True
            return True
        if not self._has_header():
            return False
        stream = io.BytesIO(self._held)
        try:
            self._header = read_header(stream, "the audio")
        except UsageError as unreadable:
            raise ElevenError(
                f"the service sent a WAV that cannot be read: {unreadable.message}", code="bad_audio"
            ) from unreadable
        if self._header.rate != self._fmt.rate:
            raise ElevenError(f"the service sent {self._header.rate} Hz instead of {self._fmt.rate}", code="bad_audio")
        self._held, self._left = self._held[stream.tell() :], self._header.data_bytes
        return True

    def _has_header(self) -> bool:
        """Whether the header is complete, or too long to be one, which the reader reports."""
        while self._next_chunk_at + 8 <= len(self._held):
            name, size = struct.unpack_from("<4sI", self._held, self._next_chunk_at)
            if name == b"data":
                return True
            self._next_chunk_at += 8 + size + size % 2
        return len(self._held) > LONGEST_HEADER_BYTES

    def _samples(self) -> bytes:
        assert self._header is not None
        here = len(self._held) if self._left is None else min(len(self._held), self._left)
        whole = here - here % self._header.frame_bytes
        data, self._held = self._held[:whole], self._held[whole:]
        self._left = None if self._left is None else self._left - whole
        if self._left == 0:
            self._held = b""  # texts and pictures may follow the samples
        pcm, channels = to_s16(data, self._header.sample), self._header.channels
        if channels == self._fmt.channels:
            return pcm
        mono = to_mono(pcm, channels)
        return interleaved(mono, mono) if self._fmt.channels == 2 else mono
