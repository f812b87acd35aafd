"""What was recognised in sound that is converted is recognised in the converted sound, too."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from ..hearing.memory import MEMORY, part, remember
from ..hearing.recognition import Heard, Match, Part
from ..hearing.segmenter import AFTER, BEFORE, Stretch, Stretches
from ..hearing.transcription import find
from ..sound.acoustics import FRAME, Frame, Telephone, frames, grains

KEPT = 6000  # frames of converted sound
ROOM = 8


class Echo:
    """Hears the sound as it was and as it has become, frame beside frame, and makes the memory know the latter.

    `voice` is whose it is now; None when it has not changed.
    """

    def __init__(self, rate: int, voice: str | None) -> None:
        self._voice = voice
        self._stretches = Stretches(rate)
        self._telephone = Telephone(rate)
        self._samples = array("h")
        self._dropped = 0
        self._waiting: list[Stretch] = []

    def was(self, pcm: bytes) -> None:
        self._waiting += self._stretches.feed(pcm)

    def became(self, pcm: bytes) -> None:
        self._samples += self._telephone.feed(pcm)
        heard = self._dropped + len(self._samples) // FRAME
        while self._waiting and self._waiting[0].end + BEFORE <= heard:
            self._learn(self._waiting.pop(0))
        if (surplus := heard - self._dropped - KEPT) > BEFORE:
            del self._samples[: surplus * FRAME]
            self._dropped += surplus

    def finish(self) -> None:
        for stretch in (*self._waiting, *self._stretches.rest()):
            self._learn(stretch)

    def _learn(self, stretch: Stretch) -> None:
        first = max(stretch.offset, self._dropped)
        start, end = (first - self._dropped) * FRAME, (stretch.end + BEFORE - self._dropped) * FRAME
        heard = frames(grains(self._samples[start:end]))
        for found in find(Heard(stretch.grains()), MEMORY.all()):
            if found.match is not None:
                self._remember(found.match, heard, stretch.offset - first)

    def _remember(self, match: Match, heard: list[Frame], shift: int) -> None:
        if match.end < match.parts[-1].end:
            return  # only begun: what it goes on with has not been heard
        start = max(match.parts[0].start + match.offset + shift - BEFORE, 0)
        offset = match.offset + shift - start
        parts = [found for one in _with_room(match.parts) if (found := _moved(one, offset, heard[start:]))]
        if parts:
            remember(self._voice or match.utterance.voice, parts, heard[start : start + parts[-1].end + AFTER])


def _with_room(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts, reaching a little into the silence around them: filters blur where speech begins and ends."""
    for index, one in enumerate(parts):
        before = one.start - parts[index - 1].end if index else 2 * ROOM
        after = parts[index + 1].start - one.end if index + 1 < len(parts) else 2 * ROOM
        start, end = one.start - min(max(before, 0) // 2, ROOM), one.end + min(max(after, 0) // 2, ROOM)
        yield Part(one.text, start, end, one.words)


def _moved(one: Part, offset: int, heard: list[Frame]) -> Part | None:
    return part(heard, one.text, one.start + offset, one.end + offset, [word + offset for word in one.words])
