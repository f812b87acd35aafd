"""`eleven stt --live`: a pipe, a file and a microphone against a scripted service."""

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from array import array
from contextlib import suppress
from pathlib import Path

import pytest

from eleven_cli.audio.pcm import tone
from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.pty_run import read_all
from tests.support.soundcard import RATE, SoundCard
from tests.support.transcriptions import SECOND, on_card, piped, says
from tests.support.wav_files import wav

LOUD = 1000


# what comes in, what goes out


def test_a_pipe_is_heard_to_its_end(eleven, scribe):
    server = scribe(says("Hello there."))
    result = eleven("stt", "--live", stdin=wav(0.5))
    assert (result.code, result.text, result.err) == (0, "Hello there.\n", "")
    assert server.sessions[0].heard.startswith(wav(0.5)[44:])
    assert server.requests[0].headers["xi-api-key"] == KEY
    assert server.query == {
        "model_id": ["scribe_v2_realtime"],
        "audio_format": ["pcm_16000"],
        "commit_strategy": ["manual"],
    }


def test_a_file(eleven, scribe, tmp_path):
    server = scribe(says("Hello."))
    (tmp_path / "in.wav").write_bytes(wav(0.3, rate=48000))
    assert eleven("stt", "--live", str(tmp_path / "in.wav")).text == "Hello.\n"
    assert max(array("h", server.sessions[0].heard)) > 0


def test_raw_samples(eleven, scribe):
    server = scribe(says("Hello."))
    sound = array("h", range(8000)).tobytes()
    assert eleven("stt", "--live", "--input-format", "pcm_16000", stdin=sound).text == "Hello.\n"
    assert server.sessions[0].heard.startswith(sound)


def test_what_was_chosen_is_asked_for(eleven, scribe):
    server = scribe(says("Hallo."))
    options = "-m other --language de --silence 0.5 --vad-threshold 0.3 --min-speech-ms 200 --min-silence-ms 300"
    argv = ["stt", "--live", *options.split(), "--keyterm", "Ana", "--keyterm", "ACME & Co"]
    assert eleven(*argv, stdin=wav(0.3)).code == 0
    assert server.query == {
        "model_id": ["other"],
        "audio_format": ["pcm_16000"],
        "commit_strategy": ["vad"],
        "vad_silence_threshold_secs": ["0.5"],
        "language_code": ["de"],
        "vad_threshold": ["0.3"],
        "min_speech_duration_ms": ["200"],
        "min_silence_duration_ms": ["300"],
        "keyterms": ["Ana", "ACME & Co"],
    }


def test_silence_is_no_line(eleven, scribe):
    scribe(says(""))
    assert eleven("stt", "--live", stdin=wav(0.3)).out == b""


def test_what_a_terminal_would_obey_is_shown(eleven, scribe):
    scribe(says("a\x1b[2Jb\nc"))
    assert eleven("stt", "--live", stdin=wav(0.3)).text == "a\\x1b[2Jb c\n"


def test_events_as_json(eleven, scribe):
    words = [{"text": "Hello.", "start": 0.25, "end": 0.5, "type": "word", "speaker_id": None}]

    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        session.partial("Hel")
        session.until_commit()
        session.send("committed_transcript", text="Hello.")
        session.send("committed_transcript_with_timestamps", text="Hello.", language_code="eng", words=words)
        session.until_closed()

    server = scribe(script)
    result = eleven("stt", "--live", "--json", "--timestamps", "word", stdin=wav(0.5))
    assert [json.loads(line) for line in result.text.splitlines()] == [
        {"type": "partial", "text": "Hel"},
        {
            "type": "committed",
            "text": "Hello.",
            "language": "eng",
            "words": [{"text": "Hello.", "type": "word", "start": 0.25, "end": 0.5}],
        },
    ]
    assert server.query["include_timestamps"] == ["true"]


def test_times_that_are_none(eleven, scribe):
    words = [{"text": "Hi", "start": 10**400, "end": float("inf")}]

    def script(session):
        session.start()
        session.until_commit()
        session.send("committed_transcript", text="Hi")
        session.send("committed_transcript_with_timestamps", text="Hi", words=words)
        session.until_closed()

    scribe(script)
    result = eleven("stt", "--live", "--json", "--timestamps", "word", stdin=wav(0.3))
    assert json.loads(result.text)["words"] == [{"text": "Hi", "type": "word"}]


def test_a_connection_that_is_lost_costs_no_word_and_doubles_none(eleven, scribe):
    def dropped(session):
        session.start()
        session.until_heard(SECOND // 2)
        session.committed("One.")
        session.until_heard(SECOND)
        session.drop()

    server = scribe(dropped, says("Two."))
    result = eleven("stt", "--live", "--silence", "0.3", stdin=wav(1.5))
    assert (result.code, result.text) == (0, "One.\nTwo.\n")
    assert "warning: the connection was lost; connecting again" in result.err
    assert len(server.sessions[1].heard) >= SECOND


# what is refused


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--diarize"], "--diarize cannot be used with --live"),
        (["--speakers", "2"], "--speakers cannot be used with --live"),
        (["--channels"], "--channels cannot be used with --live"),
        (["--url", "https://example.com"], "--url cannot be used with --live"),
        (["--no-audio-events"], "--no-audio-events cannot be used with --live"),
        (["--commit", "manual", "--silence", "1"], "with --commit manual, silence does not end a line"),
        (["--timestamps", "word"], "--live shows timings only with --json"),
        (["--timestamps", "none", "--format", "srt"], "give either --timestamps none or --format srt, not both"),
        (["--format", "jsonl", "-o", "a.srt"], "--format jsonl contradicts -o a.srt"),
        (["-o", "a.doc"], "cannot tell the format of a.doc"),
        (["-o", "/nowhere/a.srt"], "cannot write /nowhere/a.srt: No such file or directory"),
        (["a.wav", "b.wav"], "--live takes one file, not 2"),
        (["--timestamps", "character"], "--live has no character timings"),
        (["--keyterm", "x" * 21], "--keyterm takes at most 20 characters here, not 21"),
        ([*["--keyterm", "x"] * 51], "--keyterm can be given 50 times here, not 51"),
        (["--language", "klingon"], 'unknown language code "klingon"'),
        (["--silence", "5"], "--silence must be a number of seconds from 0.3 to 3"),
        (["--vad-threshold", "1"], "--vad-threshold must be a number from 0.1 to 0.9"),
        (["--mic", "default", "in.wav"], "give either --mic or a file, not both"),
        (["--mic", "default", "--input-format", "pcm_16000"], "give either --mic or --input-format, not both"),
        (["--mic", " "], "--mic needs a name"),
        (["nowhere.wav"], "cannot read nowhere.wav: No such file or directory"),
    ],
)
def test_impossible_wishes(eleven, scribe, argv, said):
    server = scribe(says("Hello."))
    result = eleven("stt", "--live", *argv, stdin=wav(0.3))
    assert (result.code, server.requests) == (2, [])
    assert said in result.error


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "standard input is empty"),
        (b"Hello there, Ana", "standard input is not recognised as audio: it looks like text"),
        (b"ID3\x03" + bytes(400), "standard input looks like MP3, but holds no audio that can be decoded"),
        (b"OggS\x00\x02" + bytes(100), "standard input looks like Ogg, but holds no audio that can be decoded"),
        (b"fLaC" + b"x" * 5000, "standard input looks like FLAC, but holds no audio that can be decoded"),
        (wav()[:20], "is a WAV file without audio"),
    ],
)
def test_what_cannot_be_heard(eleven, scribe, data, said):
    scribe(lambda session: (session.start(), session.until_closed()))
    result = eleven("stt", "--live", stdin=data)
    assert result.code == 2
    assert said in result.error
    assert "eleven stt --live" in result.hint
    assert "--format wav" in result.hint


@pytest.mark.parametrize("where", ["file", "pipe"])
def test_a_wav_that_is_cut_off_is_heard_as_far_as_it_goes_and_is_no_success(eleven, scribe, tmp_path, where):
    scribe(says("Hello."))
    (tmp_path / "in.wav").write_bytes(wav(0.5)[:-9000])
    argv, stdin = ([str(tmp_path / "in.wav")], b"") if where == "file" else ([], wav(0.5)[:-9000])
    result = eleven("stt", "--live", *argv, stdin=stdin)
    assert (result.code, result.text) == (2, "Hello.\n")
    name = argv[0] if argv else "standard input"
    assert result.error == f"error: {name} is truncated: it holds less audio than its header says"


def test_a_wav_that_holds_no_sound(eleven, scribe):
    scribe(lambda session: (session.start(), session.until_closed()))
    result = eleven("stt", "--live", stdin=wav()[:44])
    assert (result.code, result.out) == (2, b"")
    assert "is a WAV file without audio" in result.error


def test_a_wav_that_is_announced_as_raw_samples(eleven, scribe):
    server = scribe(says(""))
    result = eleven("stt", "--live", "--input-format", "pcm_16000", stdin=wav())
    assert (result.code, server.requests) == (2, [])
    assert "is not raw PCM; it looks like WAV" in result.error


def test_a_minus_on_a_terminal(eleven, scribe):
    server = scribe(says(""))
    assert eleven("stt", "--live", "-", tty="in").code == 2
    assert not server.requests


@pytest.mark.parametrize(
    ("kind", "code"), [("auth_error", 3), ("quota_exceeded", 5), ("rate_limited", 5), ("unaccepted_terms", 1)]
)
def test_what_the_service_gives_up_with(eleven, scribe, kind, code):
    def script(session):
        session.send(kind, error="No more of this")
        session.connection.close(1000)

    scribe(script)
    result = eleven("stt", "--live", stdin=wav(0.3))
    assert (result.code, result.error) == (code, f"error: No more of this ({kind})")


def test_nobody_listens(eleven, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    assert eleven("stt", "--live", stdin=wav(0.3)).code == 6


def test_without_a_key(eleven):
    assert eleven("stt", "--live", stdin=wav(0.3)).code == 3


# real processes


def test_each_line_comes_out_at_once(spawn, scribe):
    go_on = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        session.committed("One.")
        assert go_on.wait(GUARD_S)
        session.committed("Two.")
        session.until_commit()
        session.committed("")
        session.until_closed()

    scribe(script)
    process, writing = piped(spawn)
    assert process.stdout.readline() == b"One.\n"
    go_on.set()
    assert process.stdout.readline() == b"Two.\n"
    os.close(writing)
    assert process.communicate(timeout=GUARD_S) == (b"", b"")
    assert process.returncode == 0


def test_what_a_pipe_held_while_the_program_started_is_heard_at_once(spawn, scribe):
    heard = []

    def script(session):
        heard.append(time.monotonic())
        session.start()
        session.until_heard(SECOND * 19 // 10)
        heard.append(time.monotonic())
        session.until_commit()
        session.committed("")
        session.until_closed()

    scribe(script).handshake_s = 2.5
    process, writing = piped(spawn)
    os.close(writing)
    assert process.wait(GUARD_S) == 0
    connected_at, heard_at = heard
    assert heard_at - connected_at < 1.9  # which the sound lasts


def test_ctrl_c_commits_what_was_said_and_that_is_all_right(spawn, scribe):
    heard = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        session.committed("One.")
        heard.set()
        session.until_commit()
        session.committed("And a half.")
        assert session.until_closed() == 1000

    scribe(script)
    process, writing = piped(spawn)
    assert heard.wait(GUARD_S)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=GUARD_S) == (b"One.\nAnd a half.\n", b"")
    assert process.returncode == 0
    os.close(writing)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_cost_no_word_either(spawn, scribe, number):
    heard = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        heard.set()
        session.until_commit()
        session.committed("And a half.")
        session.committed("")
        assert session.until_closed() == 1000

    scribe(script)
    process, writing = piped(spawn)
    assert heard.wait(GUARD_S)
    process.send_signal(number)
    time.sleep(0.02)
    process.send_signal(number)  # as happens when a window is closed: the shell passes it on, and so does the system
    assert process.communicate(timeout=GUARD_S) == (b"And a half.\n", b"")
    assert process.returncode == 128 + number
    os.close(writing)


def test_sigterm_does_not_wait_for_ever_for_the_last_words(spawn, scribe):
    heard = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        heard.set()
        session.until_closed()  # and never an answer

    scribe(script)
    process, writing = piped(spawn)
    assert heard.wait(GUARD_S)
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(GUARD_S) == 143
    assert time.monotonic() - started < 10  # the answer would be waited for for 15 s
    os.close(writing)


def test_a_second_ctrl_c_is_the_end(spawn, scribe):
    heard, asked = threading.Event(), threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        heard.set()
        session.until_commit()
        asked.set()
        session.until_closed()  # and never an answer

    scribe(script)
    process, writing = piped(spawn)
    assert heard.wait(GUARD_S)
    process.send_signal(signal.SIGINT)
    assert asked.wait(GUARD_S)
    started = time.monotonic()
    while process.poll() is None:  # what comes within 10 ms of the first is taken for the same
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    assert process.returncode == 130
    assert time.monotonic() - started < 10  # the answer would be waited for for 15 s
    os.close(writing)


def test_the_reader_of_the_lines_leaves(spawn, scribe):
    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        session.committed("One.")
        session.until_closed()

    scribe(script)
    reading, writing = os.pipe()
    os.close(reading)
    process, sound = piped(spawn, stdout=writing)
    os.close(writing)
    assert process.wait(GUARD_S) == 141
    os.close(sound)


def until(leader, wanted, seen=b""):
    while wanted not in seen:
        seen += os.read(leader, 1024)
    return seen


def test_partials_are_replaced_on_a_terminal(spawn, scribe):
    shown = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        session.partial("Hel")
        session.partial("so it ends " * 20 + "here")
        assert shown.wait(GUARD_S)
        session.until_commit()
        session.committed("It ends here.")
        session.until_closed()

    scribe(script)
    leader, follower = pty.openpty()
    process, writing = piped(spawn, stdout=follower, stderr=follower)
    os.close(follower)
    seen = until(leader, b"it ends here")
    shown.set()
    os.close(writing)
    seen = seen.decode() + b"".join(read_all(leader)).decode()
    assert process.wait(GUARD_S) == 0
    assert "Hel\r\x1b[K…" in seen
    assert all(len(line) < 80 for line in seen.replace("\x1b[K", "").split("\r"))
    assert seen.endswith("\r\x1b[KIt ends here.\r\n")


def test_enter_ends_a_line(spawn, scribe, tmp_path):
    heard = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        heard.set()
        session.until_commit()
        session.committed("One.")
        session.until_commit()
        session.committed("Two.")
        session.until_commit()
        session.committed("")
        assert session.until_closed() == 1000

    server = scribe(script)
    (tmp_path / "in.wav").write_bytes(wav(60))
    leader, follower = pty.openpty()
    process = spawn("stt", "--live", str(tmp_path / "in.wav"), "--commit", "manual", stdin=follower)
    assert heard.wait(GUARD_S)
    os.write(leader, b"x\n")
    assert process.stdout.readline() == b"One.\n"
    os.write(leader, b"\x7f\n")
    assert process.stdout.readline() == b"Two.\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(GUARD_S) == 0
    assert server.query["commit_strategy"] == ["manual"]
    os.close(follower)
    os.close(leader)


def test_in_the_background_of_a_terminal(spawn, scribe, tmp_path):
    """Whoever touches the terminal there is stopped, and hears no more signals: not even timeout(1) could end it."""

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        session.committed("One.")
        session.until_commit()
        session.committed("")
        session.until_closed()

    scribe(script)
    (tmp_path / "in.wav").write_bytes(wav(60))
    leader, follower = pty.openpty()
    script = 'timeout --preserve-status 20 "$@"; exit $?'  # which makes a process group of its own
    in_background = ["setsid", "--ctty", "bash", "-c", script, "bash"]
    process = spawn("stt", "--live", str(tmp_path / "in.wav"), prefix=in_background, stdin=follower)
    os.close(follower)
    assert process.stdout.readline() == b"One.\n"
    timeout = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
    os.kill(timeout, signal.SIGTERM)  # which it passes on
    assert process.wait(GUARD_S) == 143
    os.close(leader)


SHELL = """
import os, signal, sys, time
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if not job:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execvp(sys.argv[2], sys.argv[2:])
while not os.path.exists(sys.argv[1]):
    time.sleep(0.05)
os.tcsetpgrp(0, job)  # fg
os.waitpid(job, 0)
"""


def test_in_the_background_first_and_then_in_the_foreground(spawn, scribe, tmp_path):
    heard = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 2)
        heard.set()
        session.until_commit()
        session.committed("One.")
        session.until_closed()

    scribe(script)
    (tmp_path / "in.wav").write_bytes(wav(60))
    leader, follower = pty.openpty()
    prefix = ["setsid", "--ctty", sys.executable, "-c", SHELL, str(tmp_path / "now")]
    process = spawn("stt", "--live", str(tmp_path / "in.wav"), "--commit", "manual", prefix=prefix, stdin=follower)
    assert heard.wait(GUARD_S)
    assert termios.tcgetattr(leader)[3] & termios.ICANON
    (tmp_path / "now").touch()
    end = time.monotonic() + GUARD_S
    while termios.tcgetattr(leader)[3] & termios.ICANON:
        assert time.monotonic() < end, "it does not take the keyboard"
        time.sleep(0.02)
    os.write(leader, b"\n")
    assert process.stdout.readline() == b"One.\n"
    os.close(follower)
    os.close(leader)


# the microphone


def loud(sound):
    return any(abs(sample) > LOUD for sample in array("h", sound))


def test_what_is_spoken_is_on_the_wire_at_once(spawn, card, scribe):
    listening, arrived = threading.Event(), []

    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        listening.set()
        while not loud(session.heard[-SECOND // 10 :]):
            session.receive()
        arrived.append(time.monotonic())
        session.committed("Beep.")
        session.until_commit()
        session.committed("")
        session.until_closed()

    scribe(script)
    process = on_card(spawn, card)
    assert listening.wait(GUARD_S)
    spoken = card.microphone.say(tone(440, 0.5, RATE))
    assert process.stdout.readline() == b"Beep.\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 0
    assert err == b"listening: speak now (Ctrl+C stops)\n"
    assert 0 < arrived[0] - spoken < 2


def test_a_microphone_that_gives_only_zeros(spawn, card, scribe):
    scribe(says(""))
    process = on_card(spawn, card)
    assert process.stderr.readline().startswith(b"listening")
    assert process.stderr.readline().startswith(b"warning: the microphone delivers only silence")
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=GUARD_S) == (b"", b"")
    assert process.returncode == 0


@pytest.mark.sound
def test_a_microphone_that_is_unplugged(spawn, scribe):
    heard = threading.Event()

    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        session.committed("One.")
        heard.set()
        session.until_commit()
        session.committed("The rest.")
        session.until_closed()

    scribe(script)
    with SoundCard(microphone=True) as card:
        process = on_card(spawn, card)
        assert heard.wait(GUARD_S)
        card.unplug()
        out, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 7, err
    assert out == b"One.\nThe rest.\n"
    assert b"error: " in err


@pytest.mark.parametrize("argv", [[], ["--mic", "default"], ["--mic", "No such thing"]])
def test_no_microphone(spawn, scribe, argv):
    server = scribe(says(""))
    leader, follower = pty.openpty()
    process = spawn("stt", "--live", *argv, stdin=follower)
    os.close(follower)
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, server.requests) == (7, [])
    assert b"hint: " in err
    os.close(leader)


# the sandbox


def test_with_the_sandbox(eleven):
    speech = eleven("--sandbox", "tts", "the quick brown fox", "--format", "wav").out
    result = eleven("-q", "--sandbox", "stt", "--live", stdin=speech)
    assert (result.code, result.text) == (0, "the quick brown fox\n")
