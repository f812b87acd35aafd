"""Synthesizes texts as encoded audio, part by part, with the times of their characters."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import count, islice, pairwise
from typing import TYPE_CHECKING

from ..audio_effects.request import Effects
from ..hearing.memory import FingerprintRecorder
from ..sound.codecs import encoder, resample
from ..sound.espeak import Espeak, espeak
from ..sound.formats import Format
from ..sound.synthesis import SynthesizedSegment, synthesize, synthesize_beginning
from .shared_speech import Speech, SpeechCache
from .synthesis_spec import SynthesisSpec
from .timed_audio import TimedAudio, TimedCharacter

if TYPE_CHECKING:
    from ..audio_effects.processor import EffectProcessor

SLICE_S = 0.1
SHORT_SLICES, LONGER = 10, 2  # after so many slices of a segment they are longer: each costs a turn
BEGINNINGS_S = 0.15, 1.0  # little for the first part, more for those that follow while the whole is awaited
BEGINNING_TURNS, TURNS = 7, 16
LONG = 1000  # characters: a longer text is hardly asked for twice
_PADDING_S = 0.01
_MAX_PADDINGS = 50
_CACHE = SpeechCache()
_STREAMS = count()


def encode_speech(
    spec: SynthesisSpec, slice_s: float, *, remember: bool = True, early: bool = False
) -> Generator[TimedAudio, None, None]:
    """Encodes one text while it is synthesized; every character is in exactly one part.

    With `remember` a text that was synthesized to its end is recognized when it is heard. `early` gives the beginning
    before its first sentence is synthesized; its characters are in a later part.
    """

    def make() -> Speech:
        recorder = FingerprintRecorder(spec.voice_id, spec.language, round(espeak().rate * spec.tract))
        return Speech(_encoded(spec, slice_s, recorder, early=early), recorder.save)

    if len(spec.text) > LONG:
        yield from make().parts(remember=remember)
    else:
        with _CACHE.shared((spec, slice_s, early), make) as speech:
            yield from speech.parts(remember=remember)


def _encoded(
    spec: SynthesisSpec, slice_s: float, recorder: FingerprintRecorder, *, early: bool
) -> Generator[TimedAudio | None, None, None]:
    """Gives the parts of one text, with a None before the last."""
    engine = espeak()
    rate = round(engine.rate * spec.tract)
    encode, effects = encoder(spec.format, rate), _processor(spec.effects, rate)
    segments = _Ahead(synthesize(spec.text, spec.style, engine, rate, spec.markup, spec.aliases))
    pending: list[TimedCharacter] = []
    with closing(encode):
        early_slices = 0
        for pcm in _beginning(spec, engine, rate, slice_s) if early else ():
            if audio := encode.encode(effects.feed(pcm) if effects else pcm):
                yield TimedAudio(audio, [])
            early_slices += 1
            segments.prepare(early_slices - 2, BEGINNING_TURNS)
        for segment in segments:
            bounds = _bounds(len(segment.pcm), _slice_bytes(rate, slice_s))
            last = len(bounds) - 2
            for index, (pcm, characters) in enumerate(_slices(segment, rate, bounds)):
                pending += characters
                if index >= early_slices and (audio := encode.encode(effects.feed(pcm) if effects else pcm)):
                    yield TimedAudio(audio, pending)
                    pending = []
                segments.prepare(last - index, min(TURNS, last))
            early_slices = 0
            recorder.add(segment)
        audio = (encode.encode(effects.finish()) if effects else b"") + encode.finish()
    yield None
    if audio or pending:
        yield TimedAudio(audio, pending)


def _beginning(spec: SynthesisSpec, engine: Espeak, rate: int, slice_s: float) -> Iterator[bytes]:
    """Gives the first slices of the first segment, a few and then some more."""
    size, given = _slice_bytes(rate, slice_s), 0
    for seconds in BEGINNINGS_S:
        pcm = synthesize_beginning(spec.text, spec.style, engine, seconds, spec.markup, spec.aliases)
        while given + size <= len(pcm):
            given += size
            yield pcm[given - size : given]


class _Ahead:
    """Gives segments, each synthesized while a slice before it is encoded.

    Streams that began together do that at different slices: their slices in between bridge the time in which the
    one synthesizer works for the others.
    """

    def __init__(self, segments: Iterator[SynthesizedSegment]) -> None:
        self._segments = segments
        self._ready: list[SynthesizedSegment] = []
        self._turn = next(_STREAMS)

    def __iter__(self) -> Iterator[SynthesizedSegment]:
        return self

    def __next__(self) -> SynthesizedSegment:
        return self._ready.pop() if self._ready else next(self._segments)

    def prepare(self, turn: int, turns: int) -> None:
        """Synthesizes the next segment where it is this stream's turn."""
        if turn == self._turn % max(turns, 1) and not self._ready:
            self._ready += islice(self._segments, 1)


class SpeechEncoder:
    """Encodes several texts, by one voice or more, as one stream: its parts, joined, are one file."""

    def __init__(self, format: Format, effects: Effects | None = None) -> None:
        self._rate, self._effects = format.rate, _processor(effects, format.rate)
        self._encoder = encoder(format, format.rate)
        self._fed = 0
        self._characters: list[TimedCharacter] = []

    def synthesize(self, spec: SynthesisSpec, line: int = 0) -> Generator[TimedAudio, None, None]:
        """Encodes a text while it is synthesized; one that was synthesized to its end is recognized when it is heard.

        The characters of a segment come with the part in which its sound begins.
        """
        engine = espeak()
        rate = round(engine.rate * spec.tract)
        recorder = FingerprintRecorder(spec.voice_id, spec.language, rate)
        start_s = self._fed / self._rate
        segments = _Ahead(synthesize(spec.text, spec.style, engine, rate, spec.markup, spec.aliases))
        for segment in segments:
            self._characters += _characters(segment, rate, start_s, line)
            last = len(segment.pcm) // _slice_bytes(rate, SLICE_S)
            for index, pcm in enumerate(resample(segment.pcm, rate, self._rate, SLICE_S)):
                yield from self._encode(pcm)
                segments.prepare(last - index, min(TURNS, last))
            recorder.add(segment)
        recorder.save()

    def flush(self) -> Iterator[TimedAudio]:
        """Gives what the encoder still holds of the last text, by adding as much silence as that takes."""
        fed_s = self._fed / self._rate
        for _ in range(_MAX_PADDINGS):
            if self._encoder.end_s >= fed_s:
                return
            yield from self._encode(bytes(2 * round(self._rate * _PADDING_S)))

    def finish(self) -> Iterator[TimedAudio]:
        """Gives the end of the stream."""
        start_s = self._encoder.end_s
        rest = self._encoder.encode(self._effects.finish()) if self._effects else b""
        if self._fed and (audio := rest + self._encoder.finish()):
            yield self._part(audio, start_s)

    def close(self) -> None:
        self._encoder.close()

    def _encode(self, pcm: bytes) -> Iterator[TimedAudio]:
        start_s = self._encoder.end_s
        audio = self._encoder.encode(self._effects.feed(pcm) if self._effects else pcm)
        self._fed += len(pcm) // 2
        if audio:
            yield self._part(audio, start_s)

    def _part(self, audio: bytes, start_s: float) -> TimedAudio:
        characters, self._characters = self._characters, []
        return TimedAudio(audio, characters, start_s)


def _processor(effects: Effects | None, rate: int) -> EffectProcessor | None:
    if effects is None:
        return None
    from ..audio_effects.processor import EffectProcessor

    return EffectProcessor(effects, rate)


def _bounds(total: int, size: int) -> list[int]:
    """Gives where the slices of so many bytes begin, and where the last one ends."""
    short = range(0, min(total, SHORT_SLICES * size), size)
    return [*short, *range(SHORT_SLICES * size, total, LONGER * size), total] if total else [0, 0]


def _slices(
    segment: SynthesizedSegment, rate: int, bounds: Sequence[int]
) -> Iterator[tuple[bytes, list[TimedCharacter]]]:
    offset, index = segment.times[0], 0
    for start, end in pairwise(bounds):
        last = end == bounds[-1]
        first = index
        while index < len(segment.text) and (last or segment.times[index] < offset + end / 2):
            index += 1
        yield segment.pcm[start:end], [_rounded(segment, at, rate) for at in range(first, index)]


def _slice_bytes(rate: int, slice_s: float) -> int:
    return 2 * max(int(rate * slice_s), 1)


def _rounded(segment: SynthesizedSegment, index: int, rate: int) -> TimedCharacter:
    start, end = segment.times[index] / rate, segment.times[index + 1] / rate
    return TimedCharacter(segment.text[index], round(start, 4), round(end, 4), not segment.is_tag)


def _characters(segment: SynthesizedSegment, rate: int, start_s: float, line: int) -> Iterator[TimedCharacter]:
    for index, character in enumerate(segment.text):
        start, end = start_s + segment.times[index] / rate, start_s + segment.times[index + 1] / rate
        yield TimedCharacter(character, start, end, not segment.is_tag, line)
