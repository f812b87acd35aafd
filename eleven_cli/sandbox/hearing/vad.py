"""Detects voice activity: when somebody begins to speak, and when they have finished.

Only levels count. Speech exceeds a noise floor that follows the signal, and its level varies; that of a hum or a hiss
does not, however loud it is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from ..sound.acoustics import FRAME_S, SILENCE_DB

QUIETEST_DB = -46.0  # below this nothing is speech
ABOVE_FLOOR_DB = 10.0
RELEASE_DB = 4.0  # speech that has begun may become this much fainter
FLOOR_DB = (-70.0, -56.0)  # range of the floor at the start
FALL, RISE_DB, RISE_IN_SPEECH_DB = 0.3, 0.2, 0.02  # how the floor follows, per frame
CONTRAST_DB = 8.0  # between the faintest and the loudest frame of half a second in which speech begins
STEADY_DB, STEADY_S = 6.0, 3.0
WINDOW, NEEDED = 12, 8  # speech has begun when 8 of 12 frames are loud: 160 ms at best, 240 ms at most
HALF_SECOND = round(0.5 / FRAME_S)
BLIP = 3  # fewer loud frames in a row do not prolong speech
END_SILENCE_S = 0.6


class VoiceActivity(Enum):
    """A change of voice activity."""

    BEGAN = auto()
    ENDED = auto()
    NOISE = auto()  # what seemed to be speech was only a steady sound


@dataclass
class VoiceActivityDetector:
    """Takes the level of every 20 ms frame in dBFS; frames count from 0.

    While `speaking`, and when it ends, the speech lies in the frames from `first` up to `end`. Speech exceeds the noise
    floor by `above_floor_db`, and ends after `end_silence_s` of silence.
    """

    speaking: bool = False
    first: int = 0
    end: int = 0
    frame: int = 0
    end_silence_s: float = END_SILENCE_S
    above_floor_db: float = ABOVE_FLOOR_DB
    _floor: float | None = None
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=HALF_SECOND))
    _loud: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _steady: deque[float] = field(default_factory=lambda: deque(maxlen=round(STEADY_S / FRAME_S)))
    _in_a_row: int = 0

    def feed(self, level: float) -> VoiceActivity | None:
        """Feeds the next frame; gives a change of voice activity, if there is one."""
        if self._floor is None:
            self._floor = min(max(level, FLOOR_DB[0]), FLOOR_DB[1])
        loud = level > self._threshold()
        self._follow(level)
        self._recent.append(level)
        self._loud.append(loud)
        self._in_a_row = self._in_a_row + 1 if loud else 0
        self.frame += 1
        return self._during(level) if self.speaking else self._before()

    def pass_over(self, frames: int) -> None:
        """Feeds so many frames of silence at once: at least half a second, while nobody speaks."""
        self._floor = FLOOR_DB[0]
        self._recent.extend([SILENCE_DB] * HALF_SECOND)
        self._loud.extend([False] * WINDOW)
        self._in_a_row = 0
        self.frame += frames

    @property
    def probability(self) -> float:
        """The probability that somebody is speaking: the share of loud frames of the last quarter of a second."""
        return sum(self._loud) / max(len(self._loud), 1)

    def _threshold(self) -> float:
        floor = FLOOR_DB[1] if self._floor is None else self._floor
        return max(QUIETEST_DB, floor + self.above_floor_db) - (RELEASE_DB if self.speaking else 0.0)

    def _follow(self, level: float) -> None:
        assert self._floor is not None
        if level < self._floor:
            self._floor = max(self._floor + FALL * (level - self._floor), FLOOR_DB[0])
        else:
            self._floor = min(self._floor + (RISE_IN_SPEECH_DB if self.speaking else RISE_DB), level)

    def _before(self) -> VoiceActivity | None:
        if sum(self._loud) < NEEDED or max(self._recent) - min(self._recent) < CONTRAST_DB:
            return None
        self.speaking = True
        self.first = self.frame - len(self._loud) + list(self._loud).index(True)
        self.end = self.frame
        self._steady.clear()
        return VoiceActivity.BEGAN

    def _during(self, level: float) -> VoiceActivity | None:
        assert self._floor is not None
        self._steady.append(level)
        if self._in_a_row >= BLIP:
            self.end = self.frame
        if len(self._steady) == self._steady.maxlen:
            if max(self._steady) - min(self._steady) < STEADY_DB:
                return self._stop(VoiceActivity.NOISE)
            self._floor = max(self._floor, min(self._steady))  # speech of that length has gaps
        if (self.frame - self.end) * FRAME_S >= self.end_silence_s - FRAME_S / 2:
            return self._stop(VoiceActivity.ENDED)
        return None

    def _stop(self, change: VoiceActivity) -> VoiceActivity:
        if change is VoiceActivity.NOISE:
            self._floor = max(self._steady)
        self.speaking = False
        self._loud.clear()
        self._recent.clear()
        return change
