"""Several texts, by one voice or more, as one stream of encoded sound."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import NamedTuple

from ..hearing.memory import Recorder
from ..sound.codecs import Format, encoder, resampled
from ..sound.espeak import espeak
from ..sound.synthesis import Spoken, spoken
from .speech import Job

SLICE_S = 0.1
_PUSH_S = 0.01
_PUSHES = 50


class Letter(NamedTuple):
    """A character and when it is heard, in seconds from the start of the stream. `line` is whose text it is of."""

    character: str
    start_s: float
    end_s: float
    is_heard: bool
    line: int


class Part(NamedTuple):
    """A stretch of the stream. It starts to play `start_s` seconds from the start of the stream.

    `letters` are those of the pieces of text whose sound begins in it, to the last letter of the piece.
    """

    audio: bytes
    start_s: float
    letters: list[Letter]


class Recording:
    """One encoder from the first text to the last, so that its parts, joined, are one file."""

    def __init__(self, format: Format) -> None:
        self._rate = format.rate
        self._encode = encoder(format, format.rate)
        self._fed = 0
        self._letters: list[Letter] = []

    def say(self, job: Job, line: int = 0) -> Generator[Part, None, None]:
        """The text of a job, part by part as it is synthesised. What was said to the end is remembered."""
        engine = espeak()
        rate = round(engine.rate * job.tract)
        recorder = Recorder(job.voice_id, rate)
        start = self._fed
        for piece in spoken(job.text, job.style, engine, rate, ssml=job.ssml):
            self._letters += _letters(piece, rate, start / self._rate, line)
            for pcm in resampled(piece.pcm, rate, self._rate, SLICE_S):
                yield from self._fed_with(pcm)
            recorder.add(piece)
        recorder.save()

    def push_out(self) -> Iterator[Part]:
        """What the encoder still holds back of the last text, with as much silence as that takes."""
        said = self._fed / self._rate
        for _ in range(_PUSHES):
            if self._encode.end_s >= said:
                return
            yield from self._fed_with(bytes(2 * round(self._rate * _PUSH_S)))

    def finish(self) -> Iterator[Part]:
        """The end of the stream."""
        start_s = self._encode.end_s
        if self._fed and (audio := self._encode.finish()):
            yield self._part(audio, start_s)

    def close(self) -> None:
        self._encode.close()

    def _fed_with(self, pcm: bytes) -> Iterator[Part]:
        start_s = self._encode.end_s
        audio = self._encode.encode(pcm)
        self._fed += len(pcm) // 2
        if audio:
            yield self._part(audio, start_s)

    def _part(self, audio: bytes, start_s: float) -> Part:
        letters, self._letters = self._letters, []
        return Part(audio, start_s, letters)


def _letters(piece: Spoken, rate: int, start_s: float, line: int) -> Iterator[Letter]:
    for index, character in enumerate(piece.text):
        start, end = start_s + piece.times[index] / rate, start_s + piece.times[index + 1] / rate
        yield Letter(character, start, end, not piece.is_tag, line)
