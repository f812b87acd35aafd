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


@pytest.mark.parametrize(
    ("line", "said", "hint"),
    [
        ("tts hi --output-format wav", "unknown option --output-format. Did you mean --format?", "tts hi --format wav"),
        ("tts hi --output-format=wav", "unknown option --output-format. Did you mean --format?", "tts hi --format=wav"),
        ("tts hi --srt a.srt", "unknown option --srt. Did you mean --subtitles?", "tts hi --subtitles a.srt"),
        ("tts hi --rate 1.2", "unknown option --rate. Did you mean --speed?", "tts hi --speed 1.2"),
        ("tts hi --silent", "unknown option --silent. Did you mean --quiet?", "tts hi --quiet"),
        ("tts hi --verbose", "unknown option --verbose. Did you mean --debug?", "tts hi --debug"),
        ("tts --text-file a.txt", "unknown option --text-file. Did you mean --file?", "tts --file a.txt"),
        ("stt a.mp3 --srt", "unknown option --srt. Did you mean --format srt?", "stt a.mp3 --format srt"),
        ("stt a.mp3 --srt a.srt", "unknown option --srt. Did you mean --output?", "stt a.mp3 --output a.srt"),
        (
            "stt a.mp3 --speaker-labels",
            "unknown option --speaker-labels. Did you mean --diarize?",
            "stt a.mp3 --diarize",
        ),
        ("stt --file a.mp3", "the file needs no option", "stt a.mp3"),
        ("stt -f a.mp3", "the file needs no option", "stt a.mp3"),
        ("sts --file a.mp3 -v Ana", "the file needs no option", "sts a.mp3 -v Ana"),
        ("isolate --audio a.mp3", "the file needs no option", "isolate a.mp3"),
        (
            "sfx rain --duration-seconds 2",
            "unknown option --duration-seconds. Did you mean --duration?",
            "sfx rain --duration 2",
        ),
        ("voices --srt", "unknown option --srt", "voices --help"),
    ],
)
def test_what_options_are_called_elsewhere(eleven, line, said, hint):
    result = eleven(*line.split())
    assert (result.code, result.error, result.hint) == (2, f"error: {said}", f"hint: eleven {hint}")


def test_a_pattern_of_files_behind_one_option(eleven, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a 1.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("Hello.")
    result = eleven("tts", "-f", "a 1.txt", "b.txt", "c.txt")
    assert result.err == (
        "error: give either a text or --file, not both\nhint: eleven tts -f 'a 1.txt' -f b.txt -f c.txt\n"
    )
    assert "hint" not in eleven("tts", "-f", "b.txt", "hello").err
