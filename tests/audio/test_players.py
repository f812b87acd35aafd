"""How to play: a table of what is there and what is wanted."""

import errno
import os
import subprocess
import sys
import tempfile
import threading
import wave
from io import BytesIO

import pytest

from eleven_cli.audio.devices.attempt import within
from eleven_cli.audio.devices.backup import BackupPlayer
from eleven_cli.audio.devices.external import FilePlayer, PipePlayer, arguments
from eleven_cli.audio.devices.players import Playback, choose, programs_here
from eleven_cli.audio.devices.temporary import TemporaryAudio
from eleven_cli.audio.formats import named
from eleven_cli.commands.output.audio import copy
from eleven_cli.errors import AudioError
from eleven_cli.files.sinks import FileSink

ALL = ["ffplay", "mpv", "afplay", "paplay", "aplay"]


@pytest.mark.parametrize(
    ("name", "speaker", "programs", "decoder", "playback"),
    [
        ("pcm_24000", True, ALL, True, Playback("pyaudio", decode=False)),
        ("pcm_24000", False, ALL, True, Playback("ffplay", decode=False)),
        ("pcm_24000", False, ["aplay"], False, Playback("aplay", decode=False)),
        ("pcm_24000", False, [], True, None),
        ("mp3_44100_128", True, ALL, True, Playback("pyaudio", decode=True)),
        ("mp3_44100_128", True, ALL, False, Playback("ffplay", decode=False)),
        ("mp3_44100_128", True, [], False, None),
        ("mp3_44100_128", False, ["paplay", "aplay"], True, Playback("paplay", decode=True)),
        ("mp3_44100_128", False, ["paplay", "aplay"], False, None),
        ("mp3_44100_128", False, ["afplay"], False, Playback("afplay", decode=False)),
        ("opus_48000_64", True, ALL, True, Playback("ffplay", decode=False)),
        ("opus_48000_64", True, ["afplay", "paplay"], True, None),
        ("ulaw_8000", True, [], False, Playback("pyaudio", decode=True)),
        ("alaw_8000", False, ["aplay"], False, Playback("aplay", decode=True)),
    ],
)
def test_the_way(name, speaker, programs, decoder, playback):
    assert choose(named(name), speaker=speaker, programs=programs, mp3_decoder=decoder) == playback


def test_the_order_of_the_programs():
    assert programs_here(lambda program: program if program in ("aplay", "mpv") else None) == ["mpv", "aplay"]


@pytest.mark.parametrize("program", ["ffplay", "mpv", "paplay", "aplay"])
def test_every_program_takes_samples(program):
    assert arguments(program, named("pcm_16000"))[0] == program


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Install a shell script as a player, first on the PATH."""

    def install(name, script):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")

    return install


PCM = named("pcm_24000")


def test_a_pipe_player_hears_everything_and_a_tail_of_silence(program, tmp_path):
    program("aplay", f"cat > {tmp_path}/heard")
    with PipePlayer("aplay", PCM) as player:
        copy([b"\1\2"] * 5000, player)
    assert (tmp_path / "heard").read_bytes() == b"\1\2" * 5000 + bytes(2 * 7200)


def test_ffplay_gets_a_wav_stream(program, tmp_path):
    program("ffplay", f"cat > {tmp_path}/heard")
    with PipePlayer("ffplay", PCM) as player:
        copy([b"\1\2"], player)
    heard = (tmp_path / "heard").read_bytes()
    assert heard[:4] == b"RIFF"
    assert heard[44:46] == b"\1\2"


def test_a_file_player_gets_a_true_wav(program, tmp_path):
    program("afplay", f'cat "$1" > {tmp_path}/heard')
    with FilePlayer("afplay", PCM) as player:
        copy([b"\1\2"] * 100, player)
    with wave.open(BytesIO((tmp_path / "heard").read_bytes())) as file:
        assert (file.getnframes(), file.getframerate()) == (100, 24000)


@pytest.mark.parametrize("script", ["echo no device >&2; exit 1", "cat > /dev/null; echo no device >&2; exit 1"])
def test_a_player_that_fails_says_why(program, script):
    program("aplay", script)
    with pytest.raises(AudioError, match="aplay could not play it: no device"), PipePlayer("aplay", PCM) as player:
        copy([bytes(100_000)] * 200, player)


def test_a_failing_player_does_not_cost_the_file(program, tmp_path):
    program("aplay", "exit 1")
    path = tmp_path / "x.pcm"
    with pytest.raises(AudioError), FileSink(str(path)) as file, PipePlayer("aplay", PCM) as player:
        copy([bytes(100_000)] * 200, file, player)
    assert path.stat().st_size == 20_000_000


def test_leaving_without_finishing_kills_the_player(program, tmp_path):
    program("aplay", f"echo $$ > {tmp_path}/pid; exec sleep 60")
    with PipePlayer("aplay", PCM) as player:
        player.write(bytes(10))
        process = player._process
    assert process.returncode == -9


@pytest.fixture
def failing_playback(program, tmp_path, monkeypatch):
    """Gives the note on the error of a player that fails, and the files beside it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    program("afplay", "exit 1")

    def failing_playback():
        with pytest.raises(AudioError) as failed, BackupPlayer(FilePlayer("afplay", PCM), PCM) as player:
            copy([b"\1\2"] * 100, player)
        return failed.value.__notes__, list(tmp_path.glob("eleven-*"))

    return failing_playback


def test_a_backup_stays_where_nothing_was_heard(failing_playback):
    notes, (kept,) = failing_playback()
    assert notes == [f"what arrived (200 bytes) is kept in {kept}"]
    with wave.open(str(kept)) as file:
        assert file.getnframes() == 100


def test_a_backup_that_is_not_whole_is_not_said_to_be(failing_playback, monkeypatch):
    def no_space(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    def no_card(_player):
        raise AudioError("no card")

    monkeypatch.setattr(FilePlayer, "finish", no_card)
    monkeypatch.setattr(TemporaryAudio, "complete", no_space)
    notes, (kept,) = failing_playback()
    assert notes == [f"of what arrived (200 bytes) only a part is kept in {kept}: No space left on device"]


INTERRUPTED = """
import os, signal, sys, threading, time
wait_s = float(sys.argv[1])
from eleven_cli.audio.devices.attempt import interruptible
pressed = threading.Event()
def opening():
    time.sleep(wait_s)
    os.kill(os.getpid(), signal.SIGINT)
    pressed.wait(0.2)
    print("opened", flush=True)
try:
    interruptible(opening)
except KeyboardInterrupt:
    print("left", flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is opened on another thread")
@pytest.mark.parametrize("wait_s", ["0", "0.1"])  # as the thread starts, and as it is waited for
def test_a_device_that_opens_at_ctrl_c_is_waited_for(wait_s):
    said = subprocess.run([sys.executable, "-c", INTERRUPTED, wait_s], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["opened", "left"]


def test_work_that_fails_is_told_from_work_that_is_late():
    released = threading.Event()
    with pytest.raises(ValueError, match="invalid literal"):
        within(lambda: int("x"), 30)
    with pytest.raises(TimeoutError):
        within(released.wait, 0.01)
    released.set()
    assert within(lambda: 7, 30) == 7
