"""What is spoken: voices, speed, language, pauses, odd texts; and that it is the same each time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .conftest import HARPER, Api
from .decoding import Sound, decoded, pcm

JONAS = "bDbe37XlbZiBnMWhsEsL"
TEXT = "The lazy dog measures seven zebras."
RATE = 16000
HEADERS = ["request-id", "history-item-id", "character-cost", "x-trace-id", "x-region"]


def sound(api: Api, text: str = TEXT, **more: Any) -> Sound:
    return pcm(api.said(text, format=f"pcm_{RATE}", **more), RATE)


def test_the_headers_of_a_generation(api: Api) -> None:
    first, second = api.speak("Hi."), api.speak("Hi.", kind="/stream")
    for answer in (first, second):
        assert all(answer.headers[name] for name in HEADERS)
        assert len(answer.headers["request-id"]) == 20
        assert answer.headers["request-id"].isalnum()
        assert answer.headers["current-concurrent-requests"] == "1"
        assert answer.headers["maximum-concurrent-requests"] == "10"
        assert answer.content
    assert first.headers["request-id"] != second.headers["request-id"]


def test_every_voice_sounds_different(api: Api) -> None:
    voices = [voice["voice_id"] for voice in api.get("/v1/voices").json()["voices"]]
    spoken = {voice: sound(api, voice=voice) for voice in voices}
    assert len({one.samples.tobytes() for one in spoken.values()}) == len(voices)
    assert all(800 < one.rms() < 8000 for one in spoken.values())


def test_the_same_request_gives_the_same_bytes_whatever_goes_on(api: Api) -> None:
    voices = [voice["voice_id"] for voice in api.get("/v1/voices").json()["voices"]]
    long = f"{TEXT} Over there, the river sings! And nothing else."
    requests = [(voice, format) for voice in voices[::3] for format in ("opus_48000_32", "mp3_22050_32")] * 3
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda asked: api.said(long, voice=asked[0], format=asked[1]), requests))
    assert len(set(answers)) == len(set(requests))


def test_a_seed_changes_nothing_about_that(api: Api) -> None:
    assert api.said(seed=7) == api.said(seed=7)


def test_speed(api: Api) -> None:
    slow, usual, fast = (sound(api, voice_settings={"speed": speed}).seconds for speed in (0.7, 1.0, 1.2))
    assert slow > 1.25 * usual
    assert fast < 0.92 * usual
    assert sound(api, voice_settings={"speed": 0.1}).seconds == slow
    assert sound(api, voice_settings={"speed": 9}).seconds == fast
    v3 = [sound(api, model_id="eleven_v3", voice_settings={"speed": speed}).seconds for speed in (0.7, 1.0)]
    assert v3[0] == v3[1]


def test_stability_is_heard(api: Api) -> None:
    lively, steady = (sound(api, voice_settings={"stability": value}) for value in (0.0, 1.0))
    assert lively.samples != steady.samples


def test_the_language_code_wins_over_the_voice(api: Api) -> None:
    words = "Die Orange war nie sauer."
    english = sound(api, words, model_id="eleven_flash_v2_5")
    german = sound(api, words, model_id="eleven_flash_v2_5", language_code="de")
    assert english.samples != german.samples
    own = sound(api, words, voice=JONAS, model_id="eleven_flash_v2_5")
    assert own.samples == sound(api, words, voice=JONAS, model_id="eleven_flash_v2_5", language_code="de").samples


def test_an_english_model_makes_every_voice_speak_english(api: Api) -> None:
    english = sound(api, voice=JONAS, model_id="eleven_flash_v2")
    assert english.samples == sound(api, voice=JONAS, model_id="eleven_flash_v2_5", language_code="en").samples
    assert english.samples != sound(api, voice=JONAS, model_id="eleven_flash_v2_5").samples


@pytest.mark.parametrize(("tag", "pause"), [('<break time="1.0s" />', 1.0), ("<break time='700ms'/>", 0.7)])
def test_a_break_is_a_pause(api: Api, tag: str, pause: float) -> None:
    plain, broken = sound(api, "One two"), sound(api, f"One {tag} two")
    assert pause < broken.longest_silence() < pause + 0.6
    assert broken.seconds > plain.seconds + pause


def test_a_break_has_a_limit(api: Api) -> None:
    assert sound(api, 'One <break time="60s" /> two').seconds < 6


def test_models_without_ssml_read_the_tag_aloud(api: Api) -> None:
    assert sound(api, 'One <break time="2.0s" /> two', model_id="eleven_v3").longest_silence() < 1.0


@pytest.mark.parametrize("text", ["a < b & c > d", "<b>bold</b>", "&amp; <unclosed", "[[h@l]] {x} \\n %s"])
def test_markup_is_plain_text(api: Api, text: str) -> None:
    assert sound(api, text).loud()


def test_control_characters_do_not_cut_the_text(api: Api) -> None:
    whole = sound(api, "One two three four five six.")
    for character in "\0\x01\x1b\x7f\u2028\ufeff":
        assert sound(api, f"One two three{character} four five six.").seconds > 0.8 * whole.seconds


@pytest.mark.parametrize(
    "text", ["😀", "…", "***", "\u200b", ".", "\u0301", "ไทย", "中文", "🏳️‍🌈" * 10, "x" * 500, '<break time="1s"/>']
)
def test_odd_texts_still_give_sound_files(api: Api, text: str) -> None:
    assert sound(api, text).seconds >= 0.2
    assert decoded(api.said(text)).seconds >= 0.2


def test_a_short_silence_where_there_is_nothing_to_hear(api: Api) -> None:
    silence = sound(api, '<break time="50ms"/>')
    assert not silence.loud()
    assert 0.19 < silence.seconds < 0.25


def test_an_abbreviation_does_not_end_a_sentence(api: Api) -> None:
    assert sound(api, "Dr. Smith waits here.", voice=HARPER).longest_silence() < 0.2
