"""The output formats, and those of live audio."""

from __future__ import annotations

from dataclasses import dataclass

MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "pcm": "audio/pcm",
    "wav": "audio/wav",
    "ulaw": "audio/basic",
    "alaw": "audio/x-alaw-basic",
}


@dataclass(frozen=True)
class Format:
    """An output format: `rate` in Hz, `bitrate` in kbit/s (0: follows from the rate)."""

    codec: str
    rate: int
    bitrate: int = 0
    channels: int = 1

    @property
    def name(self) -> str:
        return f"{self.codec}_{self.rate}" + (f"_{self.bitrate}" if self.bitrate else "")

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.codec]

    @property
    def is_wav(self) -> bool:
        return self.codec == "wav"


_PCM_RATES = (8000, 16000, 22050, 24000, 32000, 44100, 48000)
_BITRATES = (32, 64, 96, 128, 192)
LIVE_FORMATS = ("pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100", "pcm_48000", "ulaw_8000")
FORMATS = {
    format.name: format
    for format in (
        Format("mp3", 22050, 32),
        Format("mp3", 24000, 48),
        *(Format("mp3", 44100, bitrate) for bitrate in _BITRATES),
        *(Format("opus", 48000, bitrate) for bitrate in _BITRATES),
        *(Format(codec, rate) for codec in ("pcm", "wav") for rate in _PCM_RATES),
        Format("ulaw", 8000),
        Format("alaw", 8000),
    )
}
