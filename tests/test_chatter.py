"""What a run says when all is well: one line on a terminal, nothing in a pipe; and its figures, one JSON value."""

import json
import os
import pty
import re
import sys
import threading

import pytest

from eleven_cli.audio.formats import named
from eleven_cli.commands.output.audio import Meter
from eleven_cli.commands.output.progress import Position, minutes
from eleven_cli.terminal.messages import counted
from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, audio_reply, json_reply
from tests.support.wav_files import wav

ISOLATION = "/v1/audio-isolation/stream"
CHANGER = "/v1/speech-to-speech/abcdefghij0123456789/stream"
STT = "/v1/speech-to-text"
PCM = ("--format", "pcm_16000")


@pytest.fixture
def all_well(service):
    answer = audio_reply([MP3_FRAME] * 10, character_cost="12", request_id="req_1")
    service.on_speech(answer)
    service.on(ISOLATION, answer)
    service.on(CHANGER, answer)
    service.on(STT, json_reply({"language_code": "en", "text": "Hello", "words": []}))
    return service


RUNS = [
    ("tts", "hi", "-o", "x.mp3"),
    ("tts", "hi", "--cache", "-o", "x.mp3"),
    ("tts", "-f", "long.txt", "-o", "x.mp3"),
    ("tts", "-f", "book.md", "-o", "{chapter}.mp3"),
    ("sts", "in.wav", "-o", "x.mp3"),
    ("isolate", "in.wav", "-o", "x.mp3"),
    ("stt", "in.wav", "-o", "x.txt"),
]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.wav").write_bytes(wav(0.5))
    (tmp_path / "long.txt").write_text("It was a dark and stormy night. " * 400)
    (tmp_path / "book.md").write_text("# One\n\nFirst.\n\n# Two\n\nSecond.\n")
    return tmp_path


def last_lines(err):
    """What stays on a terminal."""
    return [line.rpartition("\x1b[K")[2] for line in err.removesuffix("\n").split("\n") if line]


@pytest.mark.parametrize("argv", RUNS, ids=" ".join)
def test_nothing_in_a_pipe_and_one_line_on_a_terminal(eleven, all_well, place, argv):
    piped = eleven(*argv)
    assert (piped.code, piped.err) == (0, "")
    shown = eleven(*argv, tty="err out")
    assert shown.code == 0
    assert len(last_lines(shown.err)) <= 1
    assert eleven("-q", *argv, tty="err out").err == ""


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (("tts", "hi", "-o", "hello.mp3"), r"hello\.mp3 · 0\.3 s · 12 credits"),
        (("sts", "in.wav", "-o", "out.mp3"), r"out\.mp3 · 0\.3 s · 12 credits"),
        (("isolate", "in.wav", "-o", "out.mp3"), r"out\.mp3 · 0\.3 s · 12 credits"),
        (("tts", "-f", "book.md", "-o", "{chapter}.mp3"), r"2 chapters · 0\.5 s · 24 credits"),
        (("tts", "hi"), r"0\.3 s · 12 credits"),
    ],
)
def test_the_line(eleven, all_well, place, argv, line):
    assert re.fullmatch(line, last_lines(eleven(*argv, tty="err").err)[-1])


def test_warnings_are_said_in_a_pipe_too(eleven, all_well):
    assert "speed 1.5 is outside" in eleven("tts", "hi", "--speed", "1.5").err


def test_the_remembered_voice_is_told_to_a_person_once(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply({"voices": [{"voice_id": "a" * 20, "name": "Ada"}], "has_more": False}))
    service.on_speech(audio_reply([MP3_FRAME]))
    told = ["Ada" in eleven("tts", "hi", tty=tty).err for tty in ("", "err", "err", "", "err")]
    assert told == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("argv", "on_stdout"),
    [
        (("tts", "hi", "-o", "x.mp3"), True),
        (("tts", "hi"), False),
        (("tts", "hi", "-o", "-"), False),
        (("tts", "-f", "long.txt", "-o", "x.mp3"), True),
        (("tts", "-f", "book.md", "-o", "{chapter}.mp3"), True),
        (("sts", "in.wav", "-o", "x.mp3"), True),
        (("sts", "in.wav"), False),
        (("isolate", "in.wav", "-o", "x.mp3"), True),
        (("isolate", "in.wav"), False),
    ],
)
@pytest.mark.parametrize("more", [(), ("--speed", "1.5")])
def test_json_is_one_value_where_no_audio_goes(eleven, all_well, place, argv, on_stdout, more):
    if more and argv[0] != "tts":
        more = ()
    outcome = eleven(*argv, "--json", *more)
    assert outcome.code == 0
    figures = json.loads(outcome.out if on_stdout else outcome.err)
    assert figures["credits"] % 12 == 0
    assert (outcome.err == "") is on_stdout
    if "x.mp3" in argv:
        assert figures["file"] == "x.mp3"
        again = eleven(*argv, "--json", "--no-clobber")
        assert json.loads(again.out) == {"file": "x.mp3", "skipped": True}
        assert again.err == ""


def test_json_makes_way_for_subtitles_on_stdout(eleven, service, place):
    import base64

    alignment = {
        "characters": ["h", "i"],
        "character_start_times_seconds": [0.0, 0.1],
        "character_end_times_seconds": [0.1, 0.2],
    }
    value = {"audio_base64": base64.b64encode(MP3_FRAME * 10).decode(), "alignment": alignment}
    service.on_speech(json_reply(value))
    outcome = eleven("tts", "hi", "-o", "x.mp3", "--subtitles", "-", "--subtitles-format", "SRT", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.text.startswith("1\n00:00:00,0")
    assert json.loads(outcome.err)["file"] == "x.mp3"


def test_chapters_report_their_real_files(eleven, all_well, place):
    argv = ("tts", "-f", "book.md", "-o", "out/{chapter:02d} {title}.mp3", "--json", "--no-clobber")
    expected = [("out/01 One.mp3", "One"), ("out/02 Two.mp3", "Two")]
    for skipped in ([False, False], [True, True]):
        figures = json.loads(eleven(*argv).out)
        assert [(each["file"], each["title"]) for each in figures["chapters"]] == expected
        assert [each["skipped"] for each in figures["chapters"]] == skipped
        assert figures["file"] is None
    (place / "out" / "02 Two.mp3").unlink()
    assert [each["skipped"] for each in json.loads(eleven(*argv).out)["chapters"]] == [True, False]


@pytest.mark.parametrize(
    ("argv", "query"),
    [
        (("tts", "hi", "--format", "MP3"), "mp3_44100_128"),
        (("tts", "hi", "--format", "Pcm_16000"), "pcm_16000"),
        (("tts", "hi", "--format", "WAV"), "pcm_24000"),
        (("tts", "hi", "--format", "Wav", "-o", "x.WAV"), "pcm_24000"),
        (("sts", "in.wav", "--format", "ULaw"), "ulaw_8000"),
    ],
)
def test_formats_in_any_case(eleven, all_well, place, argv, query):
    assert eleven(*argv).code == 0
    assert all_well.requests[-1].query["output_format"] == query


@pytest.mark.parametrize("argv", [("stt", "in.wav", "--format", "TEXT"), ("stt", "in.wav", "--format", "Json")])
def test_formats_of_text_in_any_case(eleven, all_well, place, argv):
    assert eleven(*argv).code == 0


def test_one_is_one():
    words = [counted(number, "credit") for number in (0, 1, 2, 1000)]
    assert words == ["0 credits", "1 credit", "2 credits", "1,000 credits"]
    assert counted(1, "entry", "entries") == "1 entry"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (3.9, "0:03"), (12, "0:12"), (61, "1:01"), (3599.9, "59:59"), (3723, "1:02:03")]
)
def test_time_is_shown_as_players_show_it(seconds, shown):
    assert minutes(seconds) == shown


def test_the_position_waits_for_sound_and_ends_with_it():
    now = [0.0]
    meter = Meter(named("pcm_16000"))
    position = Position(meter, lambda: now[0])
    now[0] = 5.0
    assert position.line() == "0:00"
    meter.byte_count = 32_000 * 4
    assert position.line() == "0:00"
    now[0] = 8.0
    assert position.line() == "0:03"
    now[0] = 15.0
    assert position.line() == "0:04", "nothing more is there to be heard"
    meter.byte_count = 32_000 * 12
    now[0] = 16.0
    meter.is_over = True
    assert position.line() == "0:05 / 0:12"


PLAYER = """#!{python}
import sys, time
sys.stdin.buffer.read()
while not __import__("os").path.exists("{end}"): time.sleep(0.01)
"""


def test_playback_shows_its_position_on_a_terminal(spawn, service, tmp_path):
    player, end = tmp_path / "bin" / "aplay", tmp_path / "end"
    player.parent.mkdir()
    player.write_text(PLAYER.format(python=sys.executable, end=end))
    player.chmod(0o755)
    service.on_speech(audio_reply([bytes(32_000 * 2)]))
    leader, follower = pty.openpty()
    environ = {**os.environ, "PATH": str(player.parent)}
    process = spawn("tts", "hi", "--play", *PCM, "-o", "/dev/null", stderr=follower, env=environ)
    os.close(follower)
    seen, deadline = b"", threading.Timer(GUARD_S, process.kill)
    deadline.start()
    while b"0:01 / 0:02" not in seen and (piece := os.read(leader, 4096)):
        seen += piece
    end.touch()
    assert process.wait(GUARD_S) == 0
    deadline.cancel()
    os.close(leader)
