"""Equal speech is made once; what is made early or by numpy is what was made before."""

from __future__ import annotations

import random
from array import array
from collections.abc import Generator, Iterator
from operator import mul
from typing import Any

import pytest

from eleven_cli.sandbox.sound.acoustics import frame, frames, subframes
from eleven_cli.sandbox.sound.espeak import espeak
from eleven_cli.sandbox.sound.formats import FORMATS
from eleven_cli.sandbox.sound.synthesis import SynthesizedSegment, synthesize
from eleven_cli.sandbox.speech import shared_speech, speech_encoder
from eleven_cli.sandbox.speech.shared_speech import Speech, SpeechCache
from eleven_cli.sandbox.speech.speech_encoder import BEGINNING_TURNS, encode_speech
from eleven_cli.sandbox.speech.synthesis_spec import voice_spec
from eleven_cli.sandbox.speech.timed_audio import TimedAudio
from eleven_cli.sandbox.voices.voice_data import VOICES

PARTS = [TimedAudio(bytes([at]) * 10, []) for at in range(3)]
SENTENCE = "Hello there, my friend of so many years! How are you, and what do you say?"


class Maker:
    """Makes three parts, the last after a None; counts what happens."""

    def __init__(self, *, has_last: bool = True, fails: bool = False) -> None:
        self.has_last, self.fails = has_last, fails
        self.made = self.remembered = self.began = 0
        self.closed = False

    def __call__(self) -> Speech:
        self.began += 1
        return Speech(self._parts(), self._remember)

    def _remember(self) -> None:
        self.remembered += 1

    def _parts(self) -> Generator[TimedAudio | None, None, None]:
        try:
            for part in PARTS[: 2 if self.has_last else 3]:
                self.made += 1
                yield part
            if self.fails:
                raise OSError("no voice")
            yield None
            if self.has_last:
                self.made += 1
                yield PARTS[2]
        finally:
            self.closed = True


def read(cache: SpeechCache, maker: Maker, key: str = "a") -> Generator[TimedAudio, None, None]:
    with cache.shared(key, maker) as speech:
        yield from speech.parts(remember=True)


@pytest.mark.parametrize("has_last", [True, False], ids=["with-a-last", "without-a-last"])
def test_it_is_made_once_for_all(has_last: bool) -> None:
    cache, maker = SpeechCache(), Maker(has_last=has_last)
    slow, fast = read(cache, maker), read(cache, maker)
    assert next(slow) == PARTS[0]
    assert list(fast) == PARTS
    assert maker.remembered == 1
    assert list(slow) == PARTS[1:]
    assert list(read(cache, maker)) == PARTS
    assert (maker.began, maker.made, maker.remembered) == (1, 3, 3)


def test_it_is_remembered_before_the_last_part() -> None:
    maker = Maker()
    reader = read(SpeechCache(), maker)
    seen = [(part, maker.remembered) for part in reader]
    assert seen == [(PARTS[0], 0), (PARTS[1], 0), (PARTS[2], 1)]


def test_the_last_client_that_leaves_stops_it() -> None:
    cache, maker = SpeechCache(), Maker()
    one, other = read(cache, maker), read(cache, maker)
    next(one), next(other)
    one.close()
    assert not maker.closed
    other.close()
    assert maker.closed
    assert maker.remembered == 0
    assert list(read(cache, Maker())) == PARTS


def test_one_that_has_failed_is_tried_again() -> None:
    cache = SpeechCache()
    with pytest.raises(OSError, match="no voice"):
        list(read(cache, Maker(fails=True)))
    assert list(read(cache, Maker())) == PARTS


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_speech, "MAX_BYTES", 70)
    cache, makers = SpeechCache(), {key: Maker() for key in "abc"}
    for key in "abacac":
        assert list(read(cache, makers[key], key)) == PARTS
    assert {key: maker.began for key, maker in makers.items()} == {"a": 1, "b": 1, "c": 1}
    assert list(read(cache, makers["b"], "b")) == PARTS
    assert makers["b"].began == 2


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_an_early_beginning_is_the_beginning(format: str) -> None:
    spec = voice_spec(SENTENCE, next(iter(VOICES.values())), FORMATS[format])
    whole, early = (list(encode_speech(spec, 0.1, remember=False, early=early)) for early in (False, True))
    assert b"".join(part.audio for part in early) == b"".join(part.audio for part in whole)
    assert [one for part in early for one in part.characters] == [one for part in whole for one in part.characters]


def test_streams_that_begin_together_synthesize_their_sentences_at_different_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = []

    def noted(*given: Any) -> Iterator[SynthesizedSegment]:
        begun.append(given)
        yield from synthesize(*given)

    monkeypatch.setattr(speech_encoder, "synthesize", noted)
    places = set()
    for number in range(BEGINNING_TURNS):
        spec = voice_spec(SENTENCE + str(number), next(iter(VOICES.values())), FORMATS["pcm_16000"])
        begun.clear()
        parts = encode_speech(spec, 0.1, remember=False, early=True)
        places.add(next(at for at, _ in enumerate(parts) if begun))
    assert len(places) == BEGINNING_TURNS
    assert min(places) > 1  # not the second part, for which the first one's client waits


@pytest.mark.parametrize("text", [SENTENCE, "Eins, zwei, drei und 1.024 weitere Wörter. ", "x" * 40, "…" * 40])
def test_the_synthesizer_stops_with_the_samples_of_the_whole(text: str) -> None:
    random.seed(4)
    styles = [voice_spec("a", voice, FORMATS["pcm_24000"]).style for voice in VOICES.values()]
    engine = espeak()
    wholes = {style: bytes(engine.speak(text, style, pause=True).pcm) for style in styles}
    for style in random.choices(styles, k=20):
        beginning = bytes(engine.speak(text, style, pause=True, limit_s=0.3).pcm)
        assert wholes[style].startswith(beginning)
        assert len(beginning) < 2 * engine.rate or beginning == wholes[style]


@pytest.mark.parametrize("count", [0, 1, 40, 41, 42, 43, 81, 82, 1000])
def test_subframes_are_sums_of_products(count: int) -> None:
    random.seed(count)
    samples = array("h", [random.choice((-32768, 32767, random.randint(-32768, 32767))) for _ in range(count)])
    found: list[Any] = subframes(samples)
    assert found == [_sums(samples, start) for start in range(0, count - 41, 40)]
    del samples[:1]  # nothing holds it any more


@pytest.mark.parametrize("first", range(5))
def test_frames_are_those_of_four_subframes_each(first: int) -> None:
    random.seed(first)
    samples = [random.randint(-32768, 32767) // (1 + at // 300 * 999) for at in range(1000)]
    found = subframes(array("h", samples))
    expected = [frame(found[at : at + 4]) for at in range(first, len(found) - 3, 4)]
    assert frames(found, first) == expected
    assert frames(found[:3]) == []


def test_a_sentence_of_several_texts_is_synthesized_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    engine = espeak()
    speak = engine.speak
    monkeypatch.setattr(engine, "speak", lambda text, *given, **more: said.append(text) or speak(text, *given, **more))
    spec = voice_spec("", next(iter(VOICES.values())), FORMATS["pcm_16000"])

    def pcm(text: str) -> bytes:
        return b"".join(one.pcm for one in synthesize(text, spec.style, engine, engine.rate, spec.markup))

    apart = pcm("The same as ever. ")
    assert pcm("One is new. The same as ever. ").endswith(apart)
    assert said == ["The same as ever. ", "One is new. "]


def _sums(samples: array[int], start: int) -> tuple[int, ...]:
    here, *later = (samples[start + lag : start + lag + 40] for lag in range(3))
    return sum(here), *(sum(map(mul, here, other)) for other in (here, *later))
