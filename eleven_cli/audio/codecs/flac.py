"""FLAC: its duration and its samples (RFC 9639)."""

from collections.abc import Callable, Iterator
from typing import Any

from eleven_cli.audio.codecs.wav import WavHeader
from eleven_cli.errors import ElevenError

FACTS_END = 26  # bytes: the marker, the head of the first block, and the fields that are read here
FRAMES = 4096


def flac_header(head: bytes) -> tuple[WavHeader, float | None]:
    """Read the beginning of a FLAC: the header its samples would have as WAV, and its seconds, None if not stated."""
    facts = int.from_bytes(head[18:FACTS_END], "big")  # 20 bits of rate, 3 of channels, 5 of depth, 36 of length
    rate, channels, samples = facts >> 44, (facts >> 41 & 7) + 1, facts & (1 << 36) - 1
    is_told = len(head) >= FACTS_END and rate and samples
    return WavHeader(rate, channels, "s16", None), samples / rate if is_told else None


def flac_decoded(take: Callable[[int], bytes], header: WavHeader) -> Iterator[bytes]:
    """Decode the FLAC that `take(size)` reads. Raises PackageMissing without miniaudio."""
    from eleven_cli.packages import imported

    otherwise = ", or convert it: ffmpeg -i FILE whole.wav"
    imported("miniaudio", "cutting a FLAC, as one of this length has to be,", otherwise=otherwise)
    import miniaudio

    class FlacSource(miniaudio.StreamableSource):  # type: ignore[misc]
        def read(self, num_bytes: int) -> bytes:
            return take(num_bytes)

        def seek(self, offset: int, origin: Any) -> bool:
            """Skip the pictures and texts before the audio."""
            if origin is not miniaudio.SeekOrigin.CURRENT or offset < 0:
                return False
            return len(take(offset)) == offset

    flac, s16 = miniaudio.FileFormat.FLAC, miniaudio.SampleFormat.SIGNED16
    try:
        for samples in miniaudio.stream_any(FlacSource(), flac, s16, header.channels, header.rate, FRAMES):
            yield samples.tobytes()
    except miniaudio.MiniaudioError as failed:
        raise ElevenError(f"the audio cannot be decoded: {failed}", code="bad_audio") from failed
