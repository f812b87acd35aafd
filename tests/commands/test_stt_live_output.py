"""Where `eleven stt --live` writes: files and formats, complete at the end, also after Ctrl+C."""

import json
import os
import pty
import signal
import threading

import pytest

from tests.support.guard import GUARD_S
from tests.support.pty_run import read_all
from tests.support.transcriptions import SECOND, piped, says
from tests.support.wav_files import wav

WORDS = [
    {"text": "Hello", "start": 0.25, "end": 0.5, "type": "word"},
    {"text": " ", "start": 0.5, "end": 0.6, "type": "spacing"},
    {"text": "there.", "start": 0.6, "end": 1.5, "type": "word"},
]
MORE = [{"text": "<b>Bye</b>\x1b[2J\u202e", "start": 2.0, "end": 3.5, "type": "word"}]


def timed(session, text, words):
    session.send("committed_transcript", text=text)
    session.send("committed_transcript_with_timestamps", text=text, language_code="eng", words=words)


VAD = ("--commit", "vad")  # where the service ends lines: what it has ended may come before what it is asked for


def two_lines(session):
    session.start()
    session.partial("Hel")
    session.until_commit()
    timed(session, "Hello there.", WORDS)
    timed(session, "<b>Bye</b>\x1b[2J\u202e", MORE)
    timed(session, "", [])
    session.until_closed()


SRT = """1
00:00:00,250 --> 00:00:01,500
Hello there.

2
00:00:02,000 --> 00:00:03,500
‹b›Bye‹/b›(2J\u202e

"""
VTT = """WEBVTT

00:00:00.250 --> 00:00:01.500
Hello there.

00:00:02.000 --> 00:00:03.500
‹b›Bye‹/b›(2J\u202e

"""


@pytest.mark.parametrize(("word", "content"), [("srt", SRT), ("vtt", VTT)])
@pytest.mark.parametrize("where", ["file", "stdout", "other name"])
def test_subtitles(eleven, scribe, tmp_path, word, content, where):
    server = scribe(two_lines)
    path = tmp_path / ("a" if where == "other name" else f"a.{word}")
    argv = {"file": ["-o", str(path)], "stdout": ["--format", word.upper()]}
    result = eleven("stt", "--live", *VAD, *argv.get(where, ["-o", str(path), "--format", word]), stdin=wav(0.5))
    assert (result.code, result.err) == (0, "")
    assert result.text == (content if where == "stdout" else "")
    assert where == "stdout" or path.read_text() == content
    assert server.query["include_timestamps"] == ["true"]


def test_text(eleven, scribe, tmp_path):
    server = scribe(two_lines)
    (tmp_path / "a.txt").write_text("older")
    assert eleven("stt", "--live", *VAD, "-o", str(tmp_path / "a.txt"), stdin=wav(0.5)).code == 0
    assert (tmp_path / "a.txt").read_text() == "Hello there.\n<b>Bye</b>\\x1b[2J\u202e\n"
    assert "include_timestamps" not in server.query


@pytest.mark.parametrize("argv", [["-o", "a.json"], ["--format", "json"], ["-o", "a.json", "--json"]])
def test_one_value(eleven, scribe, tmp_path, monkeypatch, argv):
    scribe(two_lines)
    monkeypatch.chdir(tmp_path)
    result = eleven("stt", "--live", *VAD, *argv, stdin=wav(0.5))
    text = (tmp_path / "a.json").read_text() if "-o" in argv else result.text
    value = json.loads(text)
    assert value["text"] == "Hello there. <b>Bye</b>\x1b[2J\u202e"
    assert value["language_code"] == "eng"
    assert "".join(word["text"] for word in value["words"]) == value["text"]
    assert value["words"][0] == WORDS[0]
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("argv", [["-o", "a.jsonl"], ["--format", "jsonl"], ["--json"], ["-o", "a.jsonl", "--json"]])
def test_every_event(eleven, scribe, tmp_path, monkeypatch, argv):
    def untimed(session):
        session.start()
        session.partial("Hel")
        session.until_commit()
        session.committed("Hello there.", echo=False)
        session.committed("")
        session.until_closed()

    scribe(untimed)
    monkeypatch.chdir(tmp_path)
    result = eleven("stt", "--live", *VAD, *argv, stdin=wav(0.5))
    text = (tmp_path / "a.jsonl").read_text() if "-o" in argv else result.text
    assert [json.loads(line) for line in text.splitlines()] == [
        {"type": "partial", "text": "Hel"},
        {"type": "committed", "text": "Hello there."},
    ]


def test_subtitles_of_a_service_without_times_are_spread_over_what_was_heard(eleven, scribe, tmp_path):
    scribe(says("Hello there, you."))
    assert eleven("stt", "--live", "-o", str(tmp_path / "a.srt"), stdin=wav(0.5)).code == 0
    head, text = (tmp_path / "a.srt").read_text().splitlines()[1:3]
    assert (head[:17], text) == ("00:00:00,000 --> ", "Hello there, you.")


def test_cues_are_measured_in_cells(eleven, scribe, tmp_path):
    letters = "これは日本語の長い文章で、端末の幅よりもずっと長くなります、本当に長いのです"
    words = [{"text": letter, "start": at / 5, "end": (at + 1) / 5} for at, letter in enumerate(letters)]

    def script(session):
        session.start()
        session.until_commit()
        timed(session, letters, words)
        timed(session, "", [])
        session.until_closed()

    scribe(script)
    assert eleven("stt", "--live", "-o", str(tmp_path / "a.srt"), stdin=wav(0.5)).code == 0
    shown = [line for line in (tmp_path / "a.srt").read_text().splitlines() if not line[:1].isascii()]
    assert "".join(shown) == letters
    assert max(map(len, shown)) <= 21


def test_silence_is_a_file_too(eleven, scribe, tmp_path):
    scribe(says(""))
    for name, content in (("a.txt", ""), ("a.srt", ""), ("a.vtt", "WEBVTT\n\n"), ("a.jsonl", "")):
        assert eleven("stt", "--live", "-o", str(tmp_path / name), stdin=wav(0.3)).code == 0
        assert (tmp_path / name).read_text() == content


def test_what_is_there_is_kept_with_no_clobber(eleven, scribe, tmp_path):
    server = scribe(says("Hello."))
    (tmp_path / "a.srt").write_text("mine")
    assert eleven("stt", "--live", "--no-clobber", "-o", str(tmp_path / "a.srt"), stdin=wav(0.3)).code == 0
    assert ((tmp_path / "a.srt").read_text(), server.requests) == ("mine", [])


def test_the_recording_is_not_written_over(eleven, scribe, tmp_path):
    server = scribe(says("Hello."))
    (tmp_path / "in.wav").write_bytes(wav())
    (tmp_path / "a.txt").symlink_to(tmp_path / "in.wav")
    result = eleven("stt", "--live", str(tmp_path / "in.wav"), "-o", str(tmp_path / "a.txt"))
    assert (result.code, server.requests) == (2, [])
    assert "is the recording itself" in result.error


# ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_file_is_complete_after_a_signal(spawn, scribe, tmp_path, number):
    heard = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        timed(session, "Hello there.", WORDS)
        heard.set()
        session.until_commit()
        timed(session, "Bye", MORE)
        timed(session, "", [])
        session.until_closed()

    scribe(script)
    process, writing = piped(spawn, *VAD, "-o", str(tmp_path / "a.srt"))
    assert heard.wait(GUARD_S)
    process.send_signal(number)
    assert process.communicate(timeout=GUARD_S) == (b"", b"")
    assert process.returncode == (0 if number == signal.SIGINT else 143)
    assert (tmp_path / "a.srt").read_text() == SRT
    assert [path.name for path in tmp_path.glob("a.srt*")] == ["a.srt"]
    os.close(writing)


def test_a_failure_keeps_what_was_heard_beside_the_name(eleven, scribe, tmp_path):
    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        session.committed("One.")
        session.send("quota_exceeded", error="Nothing left")
        session.until_closed()

    scribe(script)
    result = eleven("stt", "--live", "-o", str(tmp_path / "a.txt"), stdin=wav(1))
    assert result.code == 5
    assert "is kept in " in result.error
    assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "a.txt.part").read_text() == "One.\n"


@pytest.mark.parametrize("status", [401, 404])
def test_nothing_is_left_where_it_did_not_begin_and_the_same_command_works(
    eleven,
    scribe,
    tmp_path,
    status,
):
    server = scribe(says("Hello."))
    server.refusals.append(status)
    argv = ["stt", "--live", "-o", str(tmp_path / "a.txt"), "--no-clobber"]
    assert eleven(*argv, stdin=wav(0.3)).code != 0
    assert list(tmp_path.glob("a.txt*")) == []
    assert eleven(*argv, stdin=wav(0.3)).code == 0
    assert (tmp_path / "a.txt").read_text() == "Hello.\n"


def test_whoever_speaks_sees_the_lines_that_a_file_gets(spawn, scribe, tmp_path):
    scribe(says("Hello."))
    leader, follower = pty.openpty()
    process, writing = piped(spawn, "-o", str(tmp_path / "a.txt"), stdout=follower, stderr=follower)
    os.close(follower)
    os.close(writing)
    assert b"".join(read_all(leader)).endswith(b"Hello.\r\n")
    assert process.wait(GUARD_S) == 0


@pytest.mark.parametrize("argv", [[], ["--json"], ["-o", "/dev/full"]])
def test_a_full_disk_is_the_end_at_the_first_line(spawn, scribe, argv):
    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        session.committed("One.")
        session.until_closed()

    scribe(script)
    with open("/dev/full", "w") as full:
        process, writing = piped(spawn, *argv, stdout=full)
        _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 1
    assert b"No space left on device" in err
    os.close(writing)
