"""The times of the characters: complete, in order, and true."""

import base64
import json
from itertools import pairwise
from typing import Any

import pytest

from .conftest import HARPER, Api
from .decoding import decoded, pcm
from .schemas import check_alignment

RATE = 16000
TEXTS = {
    "plain": "Hello brave world. How are you, dear friend?",
    "spaces": "  Two  spaces,\n\nand lines.\r\n  ",
    "unicode": "Naïve 😀👍🏽 é cafe\u0301 ﬁn “quoted” — done… Größe!",
    "numbers": "It cost 1,234,567.89 dollars on 12/11/2026 at 10:45, Dr. Who.",
    "break": 'Wait <break time="0.5s" /> here.\n<break time="300ms"/>Now.',
    "odd": "\0a\x01b <c & d> 中文 ไทย !!! ...",
    "long": "A rather long sentence without any mark that goes on and on " * 6,
}


def timed(api: Api, text: str, **more: Any) -> dict[str, Any]:
    answer = api.speak(text, kind="/with-timestamps", format=f"pcm_{RATE}", **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json()
    assert set(body) == {"audio_base64", "alignment", "normalized_alignment"}
    return body


def lines(api: Api, text: str, **more: Any) -> list[dict[str, Any]]:
    answer = api.speak(text, kind="/stream/with-timestamps", format=f"pcm_{RATE}", **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.content.endswith(b"\n")
    return [json.loads(line) for line in answer.content.splitlines()]


def audio(body: dict[str, Any]) -> bytes:
    return base64.b64decode(body["audio_base64"], validate=True)


@pytest.mark.parametrize("name", TEXTS)
def test_the_alignment_follows_the_text(api: Api, name: str) -> None:
    text = TEXTS[name]
    body = timed(api, text)
    alignment = body["alignment"]
    check_alignment(alignment)
    assert alignment["characters"] == list(text)
    assert alignment["character_end_times_seconds"][-1] <= pcm(audio(body), RATE).seconds + 0.001
    check_alignment(body["normalized_alignment"])


def test_the_audio_is_that_of_the_plain_endpoint(api: Api) -> None:
    assert audio(timed(api, TEXTS["plain"])) == api.said(TEXTS["plain"], format=f"pcm_{RATE}")


def test_the_normalized_alignment_leaves_tags_out(api: Api) -> None:
    body = timed(api, TEXTS["break"])
    assert "".join(body["normalized_alignment"]["characters"]) == "Wait  here.\nNow."
    assert "".join(body["alignment"]["characters"]) == TEXTS["break"]


@pytest.mark.parametrize("name", TEXTS)
def test_the_streamed_lines_together_are_the_whole(api: Api, name: str) -> None:
    text = TEXTS[name]
    whole, parts = timed(api, text), lines(api, text)
    assert len(parts) > 1
    assert b"".join(map(audio, parts)) == audio(whole)
    for kind in ("alignment", "normalized_alignment"):
        for list_name in whole[kind]:
            joined = [value for part in parts if part[kind] for value in part[kind][list_name]]
            assert joined == whole[kind][list_name]


def test_a_line_has_the_characters_that_begin_in_it(api: Api) -> None:
    position, text = 0.0, TEXTS["plain"]
    for part in lines(api, text):
        end = position + len(audio(part)) / 2 / RATE
        for start in part["alignment"]["character_start_times_seconds"] if part["alignment"] else []:
            assert position - 0.05 <= start <= end + 0.05
        position = end


@pytest.mark.parametrize("voice", [HARPER, "CaK1KilJWJy9D6GjB7nZ", "CTWycwnTdn5JauRfHT17", "s5ZuhgVtyVCzg1k5AaZE"])
@pytest.mark.parametrize("speed", [0.7, 1.2])
def test_times_agree_with_what_is_heard(api: Api, voice: str, speed: float) -> None:
    text = 'Hello <break time="1.0s" /> table'
    body = timed(api, text, voice=voice, voice_settings={"speed": speed})
    starts = body["alignment"]["character_start_times_seconds"]
    sound = pcm(audio(body), RATE)
    said = starts[text.index("table")]
    loud = sound.loud()
    pause_end = next(later for earlier, later in pairwise(loud) if later - earlier > 0.9)
    assert abs(pause_end - said) < 0.08
    assert abs(loud[0] - starts[0]) < 0.08
    pause = starts[text.index("<")], starts[text.index("/>")]
    assert sound.rms(*pause) < 10


def test_every_word_begins_where_its_sound_begins(api: Api) -> None:
    """Each word stands alone between pauses, so that its beginning can be heard."""
    words = ["Table", "Pilot", "Carbon", "Tiger"]
    text = ". ".join(words) + "."
    body = timed(api, text)
    loud = pcm(audio(body), RATE).loud()
    begins = [loud[0], *(b for a, b in pairwise(loud) if b - a > 0.25)]
    starts = [body["alignment"]["character_start_times_seconds"][text.index(word)] for word in words]
    assert len(begins) == len(words)
    assert all(abs(heard - told) < 0.08 for heard, told in zip(begins, starts, strict=True))


def test_the_pause_after_a_sentence_belongs_to_its_end(api: Api) -> None:
    text = "Table. Pilot."
    alignment = timed(api, text)["alignment"]
    starts, ends = alignment["character_start_times_seconds"], alignment["character_end_times_seconds"]
    assert ends[text.index(" ")] - starts[text.index(".")] > 0.2
    assert ends[text.index("e")] - starts[text.index("e")] < 0.2


@pytest.mark.parametrize("format", ["mp3_44100_128", "opus_48000_64", "wav_22050"])
def test_other_formats_have_the_same_times(api: Api, format: str) -> None:
    answer = api.speak("Hello there.", kind="/with-timestamps", format=format).json()
    assert answer["alignment"] == timed(api, "Hello there.")["alignment"]
    assert decoded(audio(answer)).rms() > 500


def test_a_text_without_sound_has_times_too(api: Api) -> None:
    body = timed(api, "\u200b.")
    assert body["alignment"]["characters"] == ["\u200b", "."]
    assert len(audio(body)) >= 0.2 * RATE * 2
