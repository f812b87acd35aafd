"""Audio formats: their names, suffixes and sizes. Pure.

An API format is `codec_rate[_bitrate]`: mp3_44100_128, pcm_24000. PCM is signed 16-bit little-endian mono.
"""

from pathlib import PurePath
from typing import NamedTuple

from eleven_cli.errors import UsageError

_RATES = ("24000", "8000", "16000", "22050", "32000", "44100", "48000")
_VARIANTS = {  # the usual one of each codec first
    "mp3": ("44100_128", "22050_32", "24000_48", "44100_32", "44100_64", "44100_96", "44100_192"),
    "wav": _RATES,
    "pcm": _RATES,
    "opus": ("48000_64", "48000_32", "48000_96", "48000_128", "48000_192"),
    "ulaw": ("8000",),
    "alaw": ("8000",),
}
_NAMES = [f"{codec}_{variant}" for codec, variants in _VARIANTS.items() for variant in variants]
_SUFFIXES = {
    ".mp3": "mp3", ".wav": "wav", ".pcm": "pcm", ".opus": "opus", ".ogg": "opus", ".ulaw": "ulaw", ".alaw": "alaw",
}  # fmt: skip
SAMPLE_BYTES = 2


class Format(NamedTuple):
    """One format. `rate` in Hz, `bitrate` in kbit/s (None where the rate decides)."""

    codec: str
    rate: int
    bitrate: int | None = None
    channels: int = 1

    def __str__(self) -> str:
        return "_".join(str(part) for part in (self.codec, self.rate, self.bitrate) if part is not None)

    @property
    def wire(self) -> "Format":
        """The format of what arrives: the service streams no WAV, so a WAV is PCM with a header of ours."""
        return self._replace(codec="pcm") if self.codec == "wav" else self

    @property
    def requested(self) -> str:
        """The API's name of what to request: only as a whole WAV the service gives samples of two channels."""
        return str(self.wire if self.channels == 1 else self)

    @property
    def frame_bytes(self) -> int:
        """The size of one sample of each channel, where samples are not compressed."""
        return self.channels * (SAMPLE_BYTES if self.codec in ("pcm", "wav") else 1)

    @property
    def bytes_per_second(self) -> float:
        """The data rate on the wire; exact except for Opus, whose bit rate is a target."""
        return self.rate * self.frame_bytes if self.bitrate is None else self.bitrate * 125

    def with_channels(self, channels: int) -> "Format":
        return self._replace(channels=channels)


def named(word: str) -> Format:
    """Give the format called `word`: an API name, or a codec for its usual format. Raises UsageError."""
    wanted = word.strip().lower()
    wanted = _SUFFIXES.get(f".{wanted}", wanted)
    name = next((name for name in _NAMES if wanted in (name, name.partition("_")[0])), None)
    if name is None:
        from eleven_cli.suggestions import did_you_mean

        said = f"unknown format: {word}{did_you_mean(word, all_names())}"
        raise UsageError(said, hint=f"one of: {_candidates(word)}")
    codec, rate, *bitrate = name.split("_")
    return Format(codec, int(rate), int(bitrate[0]) if bitrate else None)


def chosen(word: str | None, path: str | None) -> Format:
    """Choose the format for `--format word -o path`; the suffix decides what the word leaves open.

    Raises UsageError for an unknown word or suffix, and when the two contradict each other.
    """
    suffix = PurePath(path).suffix.lower() if path else ""
    codec = _SUFFIXES.get(suffix)
    if word is None:
        if suffix and codec is None:
            raise UsageError(
                f"the suffix {suffix} names no audio format", hint=f"use {' '.join(_SUFFIXES)}, or add --format"
            )
        return named(codec or "mp3")
    wanted = named(word)
    if codec == "wav" and wanted.codec == "pcm":
        return Format("wav", wanted.rate)
    if codec is not None and wanted.codec != codec:
        raise UsageError(
            f"--format {word} contradicts -o {path}",
            hint=f"omit --format, or name the file {_name_for(path, wanted)}",
        )
    return wanted


def all_names() -> list[str]:
    """Give every value of `--format`: the codecs first."""
    return [*_VARIANTS, *_NAMES]


def _candidates(word: str) -> str:
    codec = word.partition("_")[0]
    near = [name for name in _NAMES if name.startswith(codec + "_")]
    return " ".join(near) or f"{' '.join(_VARIANTS)} (or an API format such as mp3_44100_128)"


def _name_for(path: str | None, wanted: Format) -> str:
    suffix = next(suffix for suffix, codec in _SUFFIXES.items() if codec == wanted.codec)
    return str(PurePath(path or "speech").with_suffix(suffix))
