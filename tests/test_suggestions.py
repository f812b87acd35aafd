"""Which known words are suggested for one that is unknown."""

import time

import pytest

from eleven_cli.commands import COMMAND_NAMES
from eleven_cli.suggestions import did_you_mean, near

OPTIONS = ["--voice", "--speed", "--seed", "--base-url", "--input-format", "--speaker-boost", "--no-speaker-boost"]
MODELS = ["eleven_v3_live", "eleven_v3", "eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_flash_v2"]
VOICES = ["Imogen - warm narrator", "Robin (my clone)", "Ana", "The old sailor", "Old", "Zoë"]


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("--vioce", OPTIONS, ["--voice"]),
        ("--voise", OPTIONS, ["--voice"]),
        ("--voices", OPTIONS, ["--voice"]),
        ("--voice-id", OPTIONS, ["--voice"]),
        ("--see", OPTIONS, ["--seed"]),
        ("--spead", OPTIONS, ["--speed"]),
        ("--url", OPTIONS, ["--base-url"]),
        ("--base_url", OPTIONS, ["--base-url"]),
        ("--fromat", OPTIONS, ["--input-format"]),
        ("--speaker", OPTIONS, ["--speaker-boost"]),
        ("--speakerboost", OPTIONS, ["--speaker-boost"]),
        ("--test", OPTIONS, []),
        ("--silence", OPTIONS, []),
        ("--file", ["--profile"], []),
        ("--live", ["--quiet", "--file"], []),
        ("--port", ["--format"], []),
        ("start", COMMAND_NAMES, []),
        ("list", COMMAND_NAMES, []),
        ("test", COMMAND_NAMES, []),
        ("people", COMMAND_NAMES, []),
        ("vioces", COMMAND_NAMES, ["voices"]),
        ("ttts", COMMAND_NAMES, ["tts"]),
        ("tss", COMMAND_NAMES, ["tts", "sts"]),
        ("hlep", COMMAND_NAMES, ["help"]),
        ("flash", MODELS, ["eleven_flash_v2_5", "eleven_flash_v2"]),
        ("flash_2.5", MODELS, ["eleven_flash_v2_5"]),
        ("ELEVEN-V3", MODELS, ["eleven_v3"]),
        ("eleven_mulitlingual_v2", MODELS, ["eleven_multilingual_v2"]),
        ("gpt", MODELS, []),
        ("imogne", VOICES, ["Imogen - warm narrator"]),
        ("clone", VOICES, ["Robin (my clone)"]),
        ("sailr", VOICES, ["The old sailor"]),
        ("old sailor", VOICES, ["The old sailor"]),
        ("anna", VOICES, ["Ana"]),
        ("zoè", VOICES, ["Zoë"]),
        ("x", VOICES, []),
        ("", VOICES, []),
        ("--", OPTIONS, []),
        ("a", [], []),
    ],
)
def test_what_is_likely_meant(word, known, found):
    assert near(word, known) == found


def test_the_question():
    assert did_you_mean("tss", COMMAND_NAMES) == ". Did you mean tts or sts?"
    assert did_you_mean("xyzzy", COMMAND_NAMES) == ""


def test_a_long_word_takes_no_long_time():
    start = time.monotonic()
    assert near("x" * 100_000, [f"voice {number} of many" for number in range(3000)]) == []
    assert time.monotonic() - start < 5
