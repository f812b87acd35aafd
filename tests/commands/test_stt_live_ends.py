"""Where a line of `eleven stt --live` ends: whose silence it is, what a lost connection does to it, and --once."""

import json
import os
import pty
import signal
import threading
import time
from array import array

import pytest

from eleven_cli.commands.stt.live.dictation import Dictation
from tests.support.guard import GUARD_S
from tests.support.pty_run import read_all
from tests.support.soundcard import RATE
from tests.support.transcriptions import SECOND, on_card, piped, says, sound
from tests.support.wav_files import wav


def answers(*texts):
    """A service that answers each commit, and commits nothing by itself."""

    def script(session):
        session.start()
        for text in texts:
            session.until_commit()
            session.committed(text)
        session.until_closed()

    return script


# a pipe: our own end-pointing


def test_each_silence_ends_a_line_of_a_pipe(eleven, scribe):
    server = scribe(answers("One.", "Two.", "Three."))
    result = eleven("stt", "--live", "--silence", "0.3", stdin=sound(0.4, 0.5, 0.4, 0.5, 0.4))
    assert (result.code, result.text) == (0, "One.\nTwo.\nThree.\n")
    first, second, last = (commit / SECOND for commit in server.sessions[0].commits)
    assert (first, second) == (pytest.approx(0.7, abs=0.05), pytest.approx(1.6, abs=0.05))
    assert last == pytest.approx(2.2 + 0.4, abs=0.05)  # its end, and what makes the least commit sure to be one


@pytest.mark.parametrize(
    ("argv", "lasting", "commits"),
    [
        ([], (0.4, 1.2, 0.4), 1),  # 1.5 s, as long as the service's own
        ([], (0.4, 1.7, 0.4), 2),
        (["--silence", "0.5"], (0.4, 0.4, 0.4), 1),
        (["--silence", "0.5"], (0.4, 0.7, 0.05, 0.7, 0.4), 2),  # a click is no speech
        (["--commit", "manual"], (0.4, 1.7, 0.4), 1),
    ],
)
def test_how_long_a_silence_ends_a_line(eleven, scribe, argv, lasting, commits):
    server = scribe(answers(*["x"] * commits))
    assert eleven("stt", "--live", *argv, stdin=sound(*lasting)).text == "x\n" * commits
    assert len(server.sessions[0].commits) == commits
    assert server.query["commit_strategy"] == ["manual"]
    assert "vad_silence_threshold_secs" not in server.query


@pytest.mark.parametrize(
    "argv",
    [
        ["--commit", "vad"],
        ["--vad-threshold", "0.3"],
        ["--min-speech-ms", "200"],
        ["--min-silence-ms", "300"],
        ["--commit", "VAD", "--silence", "0.5"],
    ],
)
def test_the_services_detection_can_be_chosen_for_a_pipe_too(eleven, scribe, argv):
    server = scribe(says("Hello."))
    assert eleven("stt", "--live", *argv, stdin=sound(0.4, 0.7)).text == "Hello.\n"
    assert server.query["commit_strategy"] == ["vad"]
    assert len(server.sessions[0].commits) == 1  # at the end, and not in the silence


@pytest.mark.parametrize("answered", [0, 1])
def test_a_drop_between_commits_sends_again_what_was_not_answered_and_no_more(eleven, scribe, answered):
    def drops(session):
        session.start()
        for text in ["One."][:answered]:
            session.until_commit()
            session.committed(text)
        session.until_commit()  # and no answer to this one
        session.drop()

    rest = answers("One.", "Two.", "Three.") if not answered else answers("Two.", "Three.")
    server = scribe(drops, rest)
    result = eleven("stt", "--live", "--silence", "0.3", stdin=sound(0.4, 0.5, 0.4, 0.5, 0.4))
    assert (result.code, result.text) == (0, "One.\nTwo.\nThree.\n")
    before, after = server.sessions
    committed = before.commits[0] if answered else 0
    pcm = sound(0.4, 0.5, 0.4, 0.5, 0.4)[44:]
    assert after.heard.startswith(pcm[committed:])
    assert after.commits[0] == before.commits[-1] - committed


def test_a_second_sentence_that_begins_before_the_answer_to_the_first(spawn, scribe):
    """Answers are told apart by their order alone, however late they are."""
    spoken = threading.Event()

    def script(session):
        session.start()
        session.until_commit()
        session.until_commit()
        session.committed("One.")
        session.committed("Two.")
        spoken.set()
        session.until_closed()

    scribe(script)
    process, writing = piped(spawn, "--silence", "0.3", sound=b"")
    os.write(writing, sound(0.4, 0.4, 0.4, 0.1)[:65536])
    assert spoken.wait(GUARD_S)  # the silence of a pipe that waits is one, too
    os.close(writing)
    out, err = process.communicate(timeout=GUARD_S)
    assert out == b"One.\nTwo.\n", err


# one utterance


def test_once_is_over_after_the_first_line(spawn, scribe):
    server = scribe(answers("Lights on."))
    process, writing = piped(spawn, "--once", "--silence", "0.3")  # a pipe that stays open
    assert process.communicate(timeout=GUARD_S) == (b"Lights on.\n", b"")
    assert process.returncode == 0
    assert len(server.sessions[0].commits) == 1
    os.close(writing)


def test_once_nothing_after_the_line_is_asked_for(eleven, scribe, monkeypatch):
    usual, left = Dictation._ended_once, threading.Event()

    def late(self, pump, utterance):
        pump.join(GUARD_S)
        return usual(self, pump, utterance)

    def script(session):
        session.start()
        session.until_commit()
        session.receive()  # of the silence that follows
        session.committed("Lights on.")
        session.until_closed()
        left.set()

    monkeypatch.setattr(Dictation, "_ended_once", late)
    server = scribe(script)
    assert eleven("stt", "--live", "--once", "--silence", "0.3", stdin=sound(0.4, 9)).text == "Lights on.\n"
    assert left.wait(GUARD_S)
    assert len(server.sessions[0].commits) == 1


@pytest.mark.parametrize("argv", [["--json"], ["-o", "a.txt"], ["--format", "srt"]])
def test_once_in_other_formats(eleven, scribe, tmp_path, monkeypatch, argv):
    monkeypatch.chdir(tmp_path)
    scribe(answers("Lights on.", "Lights off."))
    result = eleven("stt", "--live", "--once", "--silence", "0.3", *argv, stdin=sound(0.4, 0.5, 0.4, 0.5))
    text = (tmp_path / "a.txt").read_text() if "-o" in argv else result.text
    assert result.code == 0
    assert "Lights on." in text
    assert "Lights off." not in text
    assert argv != ["--json"] or json.loads(text) == {"type": "committed", "text": "Lights on."}


def test_a_noise_before_it_is_no_utterance(eleven, scribe):
    scribe(answers("", "Lights on."))
    argv = ["--once", "--silence", "0.3"]
    assert eleven("stt", "--live", *argv, stdin=sound(0.2, 0.5, 0.4, 0.5)).text == "Lights on.\n"


def test_a_long_utterance_is_one_line_although_it_takes_two_commits(eleven, scribe, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.stt.commit_policy.IN_GAP_S", 0.65)
    scribe(answers("The one and", "only."))
    result = eleven("stt", "--live", "--once", "--silence", "0.3", stdin=sound(0.8, 0.25, 0.2, 0.8, 0.5))
    assert (result.code, result.text) == (0, "The one and only.\n")


@pytest.mark.parametrize("argv", [[], ["--timeout", "30"]])
@pytest.mark.parametrize("where", ["stdout", "file"])
def test_a_pipe_that_ends_with_nothing_said(eleven, scribe, tmp_path, argv, where):
    scribe(answers(""))
    out = ["-o", str(tmp_path / "a.txt")] if where == "file" else []
    result = eleven("stt", "--live", "--once", *argv, *out, stdin=sound(0, 0.5))
    assert (result.code, result.out) == (1, b"")
    assert result.error == "error: nothing was said"
    assert not list(tmp_path.glob("a.txt*"))


def test_nobody_speaks_in_time(spawn, scribe):
    scribe(answers(""))
    process, writing = piped(spawn, "--once", "--timeout", "1", "--json", sound=sound(0, 0.5))
    out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out) == (1, b"")
    error = json.loads(err)["error"]
    assert (error["code"], error["message"]) == ("nothing_said", "nothing was said within 1 s")
    os.close(writing)


def test_whoever_speaks_when_the_time_is_over_is_heard_to_the_end(spawn, scribe):
    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        session.partial("Li")
        session.until_commit()
        session.committed("Lights on.")
        session.until_closed()

    server = scribe(script)
    process, writing = piped(spawn, "--once", "--timeout", "0.5", "--silence", "0.5", sound=b"")
    os.write(writing, sound(1.8))
    assert process.communicate(timeout=GUARD_S) == (b"Lights on.\n", b"")
    assert process.returncode == 0
    assert server.sessions[0].commits[0] >= 1.8 * SECOND
    os.close(writing)


@pytest.mark.parametrize(("said", "expected"), [("Half a", (0, b"Half a\n")), ("", (130, b""))])
def test_ctrl_c_before_the_end_of_it(spawn, scribe, said, expected):
    heard = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        heard.set()
        session.until_commit()
        session.committed(said)
        session.until_closed()

    scribe(script)
    process, writing = piped(spawn, "--once", "--silence", "3")
    assert heard.wait(GUARD_S)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out, err) == (*expected, b"")
    os.close(writing)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--once"], "--once needs --live"),
        (["--timeout", "5"], "--timeout needs --live"),
        (["--live", "--timeout", "5"], "--timeout needs --once"),
        (["--live", "--once", "--timeout", "0"], "--timeout must be a number of seconds from 0.1"),
    ],
)
def test_what_once_and_timeout_need(eleven, scribe, argv, said):
    server = scribe(says("Hello."))
    result = eleven("stt", *argv, stdin=wav(0.3))
    assert (result.code, server.requests) == (2, [])
    assert said in result.error


def test_once_with_the_sandbox(eleven):
    speech = eleven("--sandbox", "tts", "Lights on, please.", "--format", "wav").out
    result = eleven("-q", "--sandbox", "stt", "--live", "--once", "--timeout", "20", "--silence", "0.5", stdin=speech)
    assert (result.code, result.text) == (0, "Lights on, please.\n")


# a microphone: the service's detection


def test_once_at_a_microphone(spawn, card, scribe):
    listening = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        listening.set()
        session.until_heard(SECOND)
        session.committed("Lights on.")
        session.until_closed()

    server = scribe(script)
    process = on_card(spawn, card, "--once", "--timeout", "20")
    assert listening.wait(GUARD_S)
    card.microphone.say(array("h", [6000, -6000] * (RATE // 4)).tobytes())
    out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out, err) == (0, b"Lights on.\n", b"listening: speak now (Ctrl+C stops)\n")
    assert server.query["commit_strategy"] == ["vad"]


def test_nobody_speaks_at_a_microphone(spawn, card, scribe):
    scribe(says(""))
    started = time.monotonic()
    process = on_card(spawn, card, "--once", "--timeout", "1")
    out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out) == (1, b"")
    assert b"error: nothing was said within 1 s" in err
    assert time.monotonic() - started < 15


def test_once_on_a_terminal_leaves_nothing_but_the_line(spawn, scribe):
    scribe(answers("Lights on."))
    leader, follower = pty.openpty()
    process, writing = piped(spawn, "--once", "--silence", "0.3", stdout=follower, stderr=follower)
    os.close(follower)
    assert b"".join(read_all(leader)).endswith(b"Lights on.\r\n")
    assert process.wait(GUARD_S) == 0
    os.close(writing)
