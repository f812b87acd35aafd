"""Voice activity: when somebody begins to speak, and when they have finished.

Only levels are looked at. Speech stands out from a floor that is learnt from what is heard, and it goes up and down;
a hum or a hiss, however loud, does not.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from ..sound.acoustics import FRAME_S, SILENCE_DB

QUIETEST_DB = -46.0  # fainter than this is never speech
ABOVE_FLOOR_DB = 10.0
RELEASE_DB = 4.0  # speech that has begun may become this much fainter
FLOOR_DB = (-70.0, -56.0)  # what the floor may be when nothing has been heard yet
FALL, RISE_DB, RISE_IN_SPEECH_DB = 0.3, 0.2, 0.02  # how the floor follows, per frame
CONTRAST_DB = 8.0  # between the faintest and the loudest frame of half a second in which speech begins
STEADY_DB, STEADY_S = 6.0, 3.0
WINDOW, NEEDED = 12, 8  # speech has begun when 8 of 12 frames are loud: 160 ms at best, 240 ms at most
HALF_SECOND = round(0.5 / FRAME_S)
BLIP = 3  # fewer loud frames in a row do not prolong a turn
END_SILENCE_S = 0.6


class Heard(Enum):
    """What has just become certain."""

    BEGAN = auto()
    ENDED = auto()
    NOISE = auto()  # what seemed to be speech was only a steady sound


@dataclass
class Detector:
    """Takes the level of every 20 ms frame in dBFS; frames count from 0.

    While `speaking`, and when it ends, the speech lies in the frames from `first` up to `end`. It ends with
    `end_silence_s` of silence, and stands out from the floor by `above_floor_db`.
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

    def feed(self, level: float) -> Heard | None:
        """The next frame; tells when something changes."""
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
        """As many frames of silence at once, at least half a second of them, while nobody speaks."""
        self._floor = FLOOR_DB[0]
        self._recent.extend([SILENCE_DB] * HALF_SECOND)
        self._loud.extend([False] * WINDOW)
        self._in_a_row = 0
        self.frame += frames

    @property
    def probability(self) -> float:
        """How likely somebody is speaking right now: the share of loud frames of the last quarter of a second."""
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

    def _before(self) -> Heard | None:
        if sum(self._loud) < NEEDED or max(self._recent) - min(self._recent) < CONTRAST_DB:
            return None
        self.speaking = True
        self.first = self.frame - len(self._loud) + list(self._loud).index(True)
        self.end = self.frame
        self._steady.clear()
        return Heard.BEGAN

    def _during(self, level: float) -> Heard | None:
        assert self._floor is not None
        self._steady.append(level)
        if self._in_a_row >= BLIP:
            self.end = self.frame
        if len(self._steady) == self._steady.maxlen:
            if max(self._steady) - min(self._steady) < STEADY_DB:
                return self._stop(Heard.NOISE)
            self._floor = max(self._floor, min(self._steady))  # nobody speaks that long without a gap
        if (self.frame - self.end) * FRAME_S >= self.end_silence_s - FRAME_S / 2:
            return self._stop(Heard.ENDED)
        return None

    def _stop(self, heard: Heard) -> Heard:
        if heard is Heard.NOISE:
            self._floor = max(self._steady)
        self.speaking = False
        self._loud.clear()
        self._recent.clear()
        return heard
