"""When somebody is taken to speak: plain levels, 20 ms each."""

import random
from collections.abc import Iterable

import pytest

from eleven_cli.sandbox.hearing.vad import VoiceActivity, VoiceActivityDetector
from eleven_cli.sandbox.sound.acoustics import FRAME_S, SubframeAnalyser, frames

from .call import babble, hiss, louder, silence
from .conftest import Api

Story = list[tuple[VoiceActivity, float]]


def story(levels: Iterable[float]) -> Story:
    """What is noticed, and when."""
    detector = VoiceActivityDetector()
    noticed = ((detector.feed(level), detector.frame) for level in levels)
    return [(heard, round(frame * FRAME_S, 2)) for heard, frame in noticed if heard]


def listened(pcm: bytes, rate: int = 16000) -> Story:
    return story(frame.level for frame in frames(SubframeAnalyser(rate).feed(pcm)))


def changes(told: Story) -> list[VoiceActivity]:
    return [heard for heard, _ in told]


def test_speech_begins_soon_and_ends_after_a_silence() -> None:
    (began, begins_at), (ended, ends_at) = listened(silence(1) + babble(2) + silence(2))
    assert (began, ended) == (VoiceActivity.BEGAN, VoiceActivity.ENDED)
    assert 1.1 < begins_at <= 1.3
    assert 3.5 < ends_at < 3.7


@pytest.mark.parametrize("voice", ["q30UQ9qvtBNcrAki3LpZ", "CaK1KilJWJy9D6GjB7nZ", "vYzI0uRHkrSm170aiMWv"])
@pytest.mark.parametrize("factor", [1.0, 0.1, 3.0])
def test_a_voice_is_one_turn_at_any_loudness(api: Api, voice: str, factor: float) -> None:
    pcm = louder(api.said("What is the weather like in Lisbon today?", voice=voice, format="pcm_16000"), factor)
    for before in (b"", silence(1)):
        assert changes(listened(before + pcm + silence(1))) == [VoiceActivity.BEGAN, VoiceActivity.ENDED]


@pytest.mark.parametrize("word", ["Hi.", "Yes.", "No.", "Stop."])
def test_one_word_is_enough(api: Api, word: str) -> None:
    pcm = api.said(word, format="pcm_16000")
    assert changes(listened(silence(0.5) + pcm + silence(1))) == [VoiceActivity.BEGAN, VoiceActivity.ENDED]


@pytest.mark.parametrize("amplitude", [0, 1, 30, 200])
def test_silence_and_low_noise_are_no_speech(amplitude: int) -> None:
    assert listened(hiss(5, amplitude)) == []


@pytest.mark.parametrize("amplitude", [2000, 30000])
def test_a_steady_noise_is_no_speech_however_loud(amplitude: int) -> None:
    assert listened(hiss(5, amplitude)) == []
    assert changes(listened(silence(1) + hiss(5, amplitude))) == [VoiceActivity.BEGAN, VoiceActivity.NOISE]


def test_clicks_and_knocks_are_no_speech() -> None:
    assert listened(silence(1) + (hiss(0.04, 20000) + silence(0.3)) * 10) == []
    assert listened(silence(1) + hiss(0.12, 20000) + silence(1)) == []


def test_a_click_does_not_prolong_a_turn() -> None:
    told = listened(silence(1) + babble(1) + silence(0.3) + hiss(0.02, 20000) + silence(1))
    assert changes(told) == [VoiceActivity.BEGAN, VoiceActivity.ENDED]
    assert told[-1][1] < 2.8


def test_a_short_pause_is_part_of_the_turn() -> None:
    told = listened(silence(1) + babble(1) + silence(0.4) + babble(1) + silence(1))
    assert changes(told) == [VoiceActivity.BEGAN, VoiceActivity.ENDED]


def test_two_turns() -> None:
    told = listened(silence(1) + babble(1) + silence(1) + babble(1) + silence(1))
    assert changes(told) == [VoiceActivity.BEGAN, VoiceActivity.ENDED] * 2


def test_speech_over_noise() -> None:
    noisy = random.Random(3)
    levels = [-38.0 + noisy.uniform(-1, 1) for _ in range(150)]
    speech = [-18.0 if index % 10 < 7 else -35.0 for index in range(60)]
    assert changes(story(levels + speech + levels)) == [VoiceActivity.BEGAN, VoiceActivity.ENDED]


def test_a_constant_offset_is_silence() -> None:
    assert listened((8000).to_bytes(2, "little") * 80000) == []


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_every_rate_is_heard_alike(rate: int) -> None:
    assert changes(listened(silence(1, rate) + babble(1, rate) + silence(1, rate), rate)) == [
        VoiceActivity.BEGAN,
        VoiceActivity.ENDED,
    ]
