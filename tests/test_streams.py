"""The standard streams as other programs hand them over: non-blocking, unbuffered, slow, full or closed."""

import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import threading

import pytest

from tests.conftest import KEY, VOICE
from tests.support.agent import chat
from tests.support.guard import GUARD_S
from tests.support.pty_run import read_all
from tests.support.realtime_socket import ScribeServer
from tests.support.receiver import file_of
from tests.support.service import MP3_FRAME, audio_reply, json_reply
from tests.support.transcriptions import HEARD, says
from tests.support.wav_files import wav

FRAMES = 9000  # 3.7 MB, far more than a pipe holds
# the service lists these; two models that transcribe are added
NAMES = [{"model_id": f"model_{number}", "name": "日本語 " * 40} for number in range(2000)]
MODES = [pytest.param(None, id="as it is"), pytest.param("1", id="PYTHONUNBUFFERED")]


def nonblocking_pipe():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    return reading, writing


def all_of(process, reading, writing):
    """What comes out of a pipe whose reader begins late; and the exit code."""
    os.close(writing)
    threading.Event().wait(0.3)  # the pipe is full by then
    with open(reading, "rb") as pipe:
        out = pipe.read()
    return process.wait(GUARD_S), out


@pytest.mark.parametrize("unbuffered", MODES)
@pytest.mark.parametrize(
    ("argv", "is_whole"),
    [
        pytest.param(["tts", "hi"], lambda out: out == MP3_FRAME * FRAMES, id="audio"),
        pytest.param(["models", "--json"], lambda out: len(json.loads(out)) == len(NAMES) + 4, id="JSON"),
        pytest.param(["models"], lambda out: out.count(b"\n") == len(NAMES) + 4, id="table"),
    ],
)
def test_a_nonblocking_stdout_gets_everything(spawn, service, monkeypatch, unbuffered, argv, is_whole):
    if unbuffered:
        monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    service.on_speech(audio_reply([MP3_FRAME * 1000] * (FRAMES // 1000)))
    service.on("/v1/models", json_reply(NAMES))
    reading, writing = nonblocking_pipe()
    code, out = all_of(spawn(*argv, stdout=writing), reading, writing)
    assert code == 0
    assert is_whole(out)


@pytest.mark.parametrize("script", [["tts", "--help"], ["completion", "bash"], ["--help"]])
def test_help_pages_and_scripts_are_whole(spawn, script):
    whole = spawn(*script).communicate(timeout=GUARD_S)[0]
    reading, writing = nonblocking_pipe()
    os.write(writing, (rest := b"x" * 65536))  # it is full already
    assert all_of(spawn(*script, stdout=writing), reading, writing) == (0, rest + whole)


def test_text_is_whole(spawn, transcriber, tmp_path):
    transcriber.on("/v1/speech-to-text", json_reply({**HEARD, "text": "日本語のテキスト\n" * 20_000}))
    reading, writing = nonblocking_pipe()
    (tmp_path / "in.wav").write_bytes(wav())
    code, out = all_of(spawn("stt", str(tmp_path / "in.wav"), stdout=writing), reading, writing)
    assert (code, out.decode()) == (0, "日本語のテキスト\n" * 20_000)


def test_a_nonblocking_stderr_gets_everything(spawn, service):
    reading, writing = nonblocking_pipe()
    os.write(writing, (rest := b"x" * 65536))
    code, err = all_of(spawn("tts", "hi", "-o", "/tmp", stderr=writing), reading, writing)
    assert code == 2
    assert err.startswith(rest + b"error: /tmp is a folder")


def test_a_socket_as_stdout_as_node_has_it(spawn, service):
    service.on_speech(audio_reply([MP3_FRAME * 1000] * 9))
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    process = spawn("tts", "hi", stdout=theirs.fileno())
    theirs.close()
    out = b"".join(iter(lambda: ours.recv(1 << 20), b""))
    assert (process.wait(GUARD_S), len(out)) == (0, 9000 * len(MP3_FRAME))


def test_a_nonblocking_terminal_shows_everything(spawn, service):
    """Its flag is shared by stdin, stdout and stderr."""
    service.on("/v1/models", json_reply(NAMES[:300]))
    leader, follower = pty.openpty()
    os.set_blocking(follower, False)
    process = spawn("models", stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    out = b"".join(read_all(leader)).decode()
    assert process.wait(GUARD_S) == 0
    assert all(f"model_{number} " in out for number in range(300))


def test_an_interrupted_write_is_not_tried_again(spawn, service):
    """A reader that takes nothing any more does not keep Ctrl+C from ending it."""
    service.on_speech(audio_reply([MP3_FRAME * 1000] * 9))
    for is_blocking in (True, False):
        reading, writing = os.pipe()
        os.set_blocking(writing, is_blocking)
        process = spawn("tts", "hi", stdout=writing)
        os.close(writing)
        assert select.select([reading], [], [], GUARD_S)[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(GUARD_S) == 130
        os.close(reading)


# stdin


class SlowStdin:
    """A non-blocking pipe that is empty at first, then gives its bytes one by one at first, then all the others."""

    def __init__(self, data):
        self.reading, self._writing = os.pipe()
        os.set_blocking(self.reading, False)
        self._data = data

    def give(self, process):
        os.close(self.reading)
        with open(self._writing, "wb", buffering=0) as pipe:
            for number in range(3):
                threading.Event().wait(0.2)
                pipe.write(self._data[number : number + 1])
            pipe.write(self._data[3:])
        return process.communicate(timeout=GUARD_S)


@pytest.mark.parametrize("argv", [["tts", "--no-live"], ["tts", "--no-live", "-"], ["tts", "-f", "-", "--no-live"]])
def test_text_from_a_nonblocking_stdin(spawn, service, argv):
    service.on_speech(audio_reply([MP3_FRAME]))
    stdin = SlowStdin("Grüße, 世界.".encode())
    out, err = stdin.give(process := spawn(*argv, stdin=stdin.reading))
    assert (process.returncode, out, b"error" in err) == (0, MP3_FRAME, False)
    assert service.requests[-1].json["text"] == "Grüße, 世界."


def test_live_text_from_a_nonblocking_stdin(spawn, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    stdin = SlowStdin(b"Hello, world.\n")
    out, _ = stdin.give(process := spawn("tts", "-m", "eleven_v3", stdin=stdin.reading))
    assert (process.returncode, out) == (0, MP3_FRAME)


def test_a_recording_from_a_nonblocking_stdin(spawn, transcriber):
    stdin = SlowStdin(wav(2.0))
    out, _ = stdin.give(process := spawn("stt", stdin=stdin.reading))
    assert (process.returncode, out.decode()) == (0, "Hi there. Hello & bye!\n")
    assert wav(2.0)[44:] in file_of(transcriber.requests[-1]).value


def test_live_sound_from_a_nonblocking_stdin(spawn, monkeypatch):
    with ScribeServer([says("Hello.")]) as scribe:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", scribe.url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        stdin = SlowStdin(wav(0.5))
        out, _ = stdin.give(process := spawn("stt", "--live", stdin=stdin.reading))
    assert (process.returncode, out) == (0, b"Hello.\n")


def test_a_chat_from_a_nonblocking_stdin(spawn, agent_server):
    agent_server.script = chat
    stdin = SlowStdin("Grüße\n".encode())
    out, _ = stdin.give(process := spawn("talk", "--text", stdin=stdin.reading))
    assert process.returncode == 0
    assert "User: Grüße\n" in out.decode()


def test_a_key_from_a_nonblocking_stdin(spawn, home):
    stdin = SlowStdin(b"sk_0123456789abcdef0123\n")
    _, err = stdin.give(process := spawn("auth", "login", "--no-check", stdin=stdin.reading))
    assert (process.returncode, err.startswith(b"stored ")) == (0, True)
    assert "sk_0123456789abcdef0123" in (home / ".config" / "eleven" / "config.toml").read_text()


def test_a_stdin_that_cannot_be_read(spawn, service):
    with open(os.devnull, "wb") as not_readable:
        _, err = (process := spawn("tts", stdin=not_readable)).communicate(timeout=GUARD_S)
    assert (process.returncode, err) == (1, b"error: cannot read standard input: Bad file descriptor\n")


# full and closed


RESULTS = {
    "audio": ["tts", "hi"],
    "wav": ["tts", "hi", "--format", "wav"],
    "JSON": ["models", "--json"],
    "table": ["models"],
    "help": ["--help"],
    "help of a command": ["tts", "--help"],
    "version": ["--version"],
    "completion": ["completion", "bash"],
    "settings": ["config", "list"],
    "path": ["config", "path"],
}


@pytest.mark.parametrize("unbuffered", MODES)
@pytest.mark.parametrize("argv", RESULTS.values(), ids=RESULTS)
@pytest.mark.parametrize("place", ["full", "closed"])
def test_a_result_that_cannot_be_written_is_no_success(spawn, service, monkeypatch, argv, place, unbuffered):
    if unbuffered:
        monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    service.on_speech(audio_reply([MP3_FRAME]))
    service.on("/v1/models", json_reply(NAMES[:2]))
    with open("/dev/full", "wb") as full:
        prefix = ["sh", "-c", 'exec "$@" >&-', "sh"] if place == "closed" else []
        _, err = (process := spawn(*argv, stdout=full, prefix=prefix)).communicate(timeout=GUARD_S)
    assert process.returncode == 1
    assert err.startswith((b"error: ", b'{"error":'))
    assert err.count(b"\n") == 1


def test_a_disk_that_fills_up_after_a_part(spawn, service, tmp_path):
    """The write that no longer fits is a short one, and no error at all."""
    service.on("/v1/models", json_reply(NAMES))
    limit = 'ulimit -f 64; exec "$@"'
    with open(tmp_path / "models.json", "wb") as file:
        process = spawn("models", "--json", stdout=file, prefix=["bash", "-c", limit, "bash"])
        _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 1
    assert json.loads(err)["error"]["message"] == "cannot write to standard output: File too large"
    assert (tmp_path / "models.json").stat().st_size == 64 * 1024


def test_figures_that_were_asked_for_and_cannot_be_written(spawn, service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME]))
    with open("/dev/full", "wb") as full:
        process = spawn("tts", "hi", "--json", "-o", str(tmp_path / "x.mp3"), stdout=full)
        assert process.wait(GUARD_S) == 1
        assert (tmp_path / "x.mp3").read_bytes() == MP3_FRAME
        process = spawn("tts", "hi", "--json", stderr=full)
        assert process.stdout.read() == MP3_FRAME
        assert process.wait(GUARD_S) == 1


@pytest.mark.parametrize("command", ["tts hi", "sts in.wav", "isolate in.wav"])
def test_figures_for_a_closed_stdout_are_refused_before_anything_is_paid(spawn, service, tmp_path, command):
    (tmp_path / "in.wav").write_bytes(wav(0.5))
    process = spawn(*command.split(), "--json", "-o", "x.mp3", prefix=["sh", "-c", 'exec "$@" >&-', "sh"], cwd=tmp_path)
    assert process.wait(GUARD_S) == 1
    assert b"it is closed" in process.stderr.read()
    assert not service.requests


def test_nothing_takes_the_number_of_a_closed_descriptor():
    """What a library prints there would end up in a file or in a connection."""
    code = "import os; os.closerange(0, 3); import eleven_cli.__main__ as program\n"
    code += "program.main = lambda *_: os.open(os.devnull, os.O_RDWR)\nprogram.run()"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=GUARD_S).returncode > 2


def test_other_descriptors_by_name(spawn, service):
    """`-o /dev/fd/3` with a pipe that is not blocking."""
    service.on_speech(audio_reply([MP3_FRAME * 1000] * 9))
    reading, writing = nonblocking_pipe()
    process = spawn("tts", "hi", "-o", f"/dev/fd/{writing}", pass_fds=[writing])
    code, out = all_of(process, reading, writing)
    assert (code, len(out)) == (0, 9000 * len(MP3_FRAME))
    assert VOICE in service.requests[0].path
