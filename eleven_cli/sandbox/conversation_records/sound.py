"""The sound of a conversation: both sides on one clock, as the caller hears them."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from ..sound.formats import FORMATS, Format

RATE = 16_000
MP3 = Format("mp3", 22050, 32)
SLICE_S = 5.0
LONGEST_S = 600.0


@dataclass
class _Side:
    """What one side has said: pieces of live audio, and when each begins."""

    format: Format
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    until_s: float = 0.0

    @property
    def bytes_per_s(self) -> int:
        return self.format.rate * (1 if self.format.codec == "ulaw" else 2)

    def add(self, at_s: float, audio: bytes) -> None:
        start_s = max(at_s, self.until_s)
        if start_s < LONGEST_S:
            self.pieces.append((start_s, audio))
            self.until_s = start_s + len(audio) / self.bytes_per_s

    def cut(self, at_s: float) -> None:
        """Drops what was not heard yet."""
        kept = [(start_s, self._heard(at_s - start_s, audio)) for start_s, audio in self.pieces if start_s < at_s]
        self.pieces, self.until_s = kept, min(self.until_s, at_s)

    def _heard(self, seconds: float, audio: bytes) -> bytes:
        return audio[: max(int(seconds * self.format.rate), 0) * self.bytes_per_s // self.format.rate]


class CallSound:
    """The sound of one conversation, in memory until it is asked for. It is empty in conversations by text."""

    def __init__(self, input_format: str, output_format: str) -> None:
        self._user, self._agent = _Side(FORMATS[input_format]), _Side(FORMATS[output_format])
        self._began = monotonic()

    @property
    def has_user(self) -> bool:
        return bool(self._user.pieces)

    @property
    def has_agent(self) -> bool:
        return bool(self._agent.pieces)

    @property
    def size_bytes(self) -> int:
        return sum(len(audio) for side in (self._user, self._agent) for _, audio in side.pieces)

    def user_spoke(self, audio: bytes) -> None:
        """Adds audio that has just been spoken."""
        now_s = monotonic() - self._began
        self._user.add(max(now_s - len(audio) / self._user.bytes_per_s, 0.0), audio)

    def agent_speaks(self, audio: bytes) -> None:
        """Adds audio that the caller hears once they have heard what came before."""
        self._agent.add(monotonic() - self._began, audio)

    def interrupted(self) -> None:
        """Drops what the caller will not hear."""
        self._agent.cut(monotonic() - self._began)

    def mp3(self) -> bytes:
        """Gives both sides mixed, as MP3; computes for some milliseconds a minute."""
        from ..sound.codecs import encoder

        mixed, mp3 = self._mixed(), encoder(MP3, RATE)
        size = 2 * round(RATE * SLICE_S)
        encoded = [mp3.encode(mixed[start : start + size]) for start in range(0, len(mixed), size)]
        return b"".join([*encoded, mp3.finish()])

    def _mixed(self) -> bytes:
        import numpy as np

        length = round(max(self._user.until_s, self._agent.until_s) * RATE) + RATE // 10
        mixed = np.zeros(length, np.int32)
        for side in (self._user, self._agent):
            samples = np.frombuffer(_at_rate(side), np.int16)[:length]
            mixed[: len(samples)] += samples
        return bytes(np.clip(mixed, -32768, 32767).astype(np.int16).tobytes())


class KeptSound(CallSound):
    """The sound of a conversation of an earlier run."""

    def __init__(self, mp3: bytes, *, has_user: bool, has_agent: bool) -> None:
        super().__init__("pcm_16000", "pcm_16000")
        self._encoded, self._has = mp3, (has_user, has_agent)

    @property
    def has_user(self) -> bool:
        return self._has[0]

    @property
    def has_agent(self) -> bool:
        return self._has[1]

    @property
    def size_bytes(self) -> int:
        return len(self._encoded)

    def mp3(self) -> bytes:
        return self._encoded


def _at_rate(side: _Side) -> bytes:
    """Gives one side from the start of the conversation, silence between its pieces, at `RATE`."""
    from ..sound.codecs import resample
    from ..sound.companding import ulaw_to_pcm

    pcm = bytearray()
    for start_s, audio in side.pieces:
        pcm += bytes(max(2 * round(start_s * side.format.rate) - len(pcm), 0))
        pcm += ulaw_to_pcm(audio) if side.format.codec == "ulaw" else audio[: len(audio) // 2 * 2]
    if side.format.rate == RATE:
        return bytes(pcm)
    return b"".join(resample(bytes(pcm), side.format.rate, RATE, SLICE_S))
