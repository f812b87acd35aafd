"""`eleven tts -` on a terminal: lines are edited, and each is spoken."""

import os
import pty
import subprocess
import termios

import pytest

from tests.support.guard import GUARD_S, wait_until
from tests.support.service import MP3_FRAME, audio_reply, spoken_by

CTRL_D = b"\x04"


@pytest.fixture
def typing(spawn, service, tmp_path, monkeypatch):
    """Start it on a terminal, with a player that notes what it plays; gives (process, leader, follower)."""
    service.on_speech(*[audio_reply([MP3_FRAME])] * 3)
    leaders = []
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ffplay").write_text(f"#!/bin/sh\ncat > {tmp_path}/played\n")
    (tmp_path / "bin" / "ffplay").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # there is no sound device

    def start(*argv, **options):
        leader, follower = pty.openpty()
        leaders.append((leader, follower))
        streams = {"stdin": follower, "stdout": follower, "stderr": follower, **options}
        return spawn("tts", "-m", "eleven_v3", *argv, **streams), leader, follower

    yield start
    for leader, follower in leaders:
        os.close(leader)
        if follower is not None:
            os.close(follower)


def until(leader, wanted):
    seen = b""
    while wanted not in seen:
        seen += os.read(leader, 1024)
    return seen


@pytest.mark.parametrize("argv", [["-"], ["-f", "-"]])
def test_each_line_is_spoken_when_it_is_typed(typing, service, argv):
    process, leader, _ = typing(*argv)
    until(leader, b"text> ")
    os.write(leader, "Grüße.\n".encode())
    until(leader, b"text> ")
    wait_until(lambda: len(spoken_by(service)) == 1)
    os.write(leader, b"Helo\x1b[Dl\n")  # an arrow: the l is put in before the o
    wait_until(lambda: len(spoken_by(service)) == 2)
    os.write(leader, CTRL_D)
    assert process.wait(GUARD_S) == 0
    assert [text.strip() for text in spoken_by(service)] == ["Grüße.", "Hello"]


def test_into_a_file_and_a_pipe_too(typing, service, tmp_path):
    process, leader, _ = typing("-", "-o", str(tmp_path / "x.mp3"))
    until(leader, b"text> ")
    os.write(leader, b"One.\n" + CTRL_D)
    assert process.wait(GUARD_S) == 0
    assert (tmp_path / "x.mp3").read_bytes() == MP3_FRAME
    process, leader, _ = typing("-", stdout=subprocess.PIPE)
    until(leader, b"text> ")
    os.write(leader, b"Two.\n" + CTRL_D)
    assert process.communicate(timeout=GUARD_S)[0] == MP3_FRAME, "the prompt is on stderr"


def test_ctrl_c_leaves_the_terminal_as_it_was(typing):
    import signal

    process, leader, follower = typing("-")
    before = termios.tcgetattr(follower)
    until(leader, b"text> ")
    wait_until(lambda: termios.tcgetattr(follower) != before)
    process.send_signal(signal.SIGINT)
    assert process.wait(GUARD_S) == 130
    assert termios.tcgetattr(follower) == before


def test_a_whole_text_is_typed_up_to_ctrl_d(typing, service, tmp_path):
    process, leader, _ = typing("-", "--no-live", "-o", str(tmp_path / "x.mp3"))
    os.write(leader, b"One.\nTwo.\n" + CTRL_D)
    assert process.wait(GUARD_S) == 0
    assert [request.json["text"] for request in service.requests] == ["One.\nTwo.\n"]


def test_without_it_nobody_waits_for_a_person(typing, service):
    process, leader, _ = typing()
    assert process.wait(GUARD_S) == 2
    os.set_blocking(leader, False)
    assert b"or type it: eleven tts -" in os.read(leader, 10_000)
