"""The program as a real process: what streams, what is flushed, what is closed, what the console script does."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, audio_reply

VERSION_LINE = b"eleven "


def test_the_console_script_is_there():
    script = os.path.join(os.path.dirname(sys.executable), "eleven")
    done = subprocess.run([script, "--version"], capture_output=True, check=True)
    assert done.stdout.startswith(VERSION_LINE)


def step_by_step(steps, **headers):
    """A body that goes on only when the test says so."""

    def reply(exchange):
        exchange.head(content_type="audio/mpeg", **headers)
        send = exchange.chunk if "transfer_encoding" in headers else exchange.body
        for step in steps:
            step.wait(GUARD_S)
            send(MP3_FRAME)
        if "transfer_encoding" in headers:
            exchange.last_chunk()

    return reply


def each_chunk_comes_before_the_next(spawn, service, **headers):
    steps = [threading.Event() for _ in range(4)]
    service.on_speech(step_by_step(steps, **headers))
    process = spawn("tts", "hi")
    for step in steps:
        step.set()
        assert process.stdout.read(len(MP3_FRAME)) == MP3_FRAME
    assert process.wait(timeout=GUARD_S) == 0


def test_chunks_pass_through_as_they_arrive(spawn, service):
    each_chunk_comes_before_the_next(spawn, service, transfer_encoding="chunked")


def test_with_a_length_they_pass_just_so(spawn, service):
    each_chunk_comes_before_the_next(spawn, service, content_length=str(4 * len(MP3_FRAME)))


def test_a_file_grows_as_it_arrives(spawn, service, tmp_path):
    steps = [threading.Event() for _ in range(2)]
    service.on_speech(step_by_step(steps, transfer_encoding="chunked"))
    process = spawn("tts", "hi", "-o", str(tmp_path / "x.mp3"))
    steps[0].set()
    from tests.support.guard import wait_until

    part = tmp_path / "x.mp3.part"
    wait_until(lambda: part.exists() and part.stat().st_size == len(MP3_FRAME))
    steps[1].set()
    assert process.wait(timeout=GUARD_S) == 0
    assert not part.exists()


def test_a_wav_redirected_into_a_file_has_true_lengths(spawn, service, tmp_path):
    import wave

    service.on_speech(audio_reply([b"\1\2" * 1000]))
    with open(tmp_path / "x.wav", "wb") as file:
        assert spawn("tts", "hi", "--format", "wav", stdout=file).wait(timeout=GUARD_S) == 0
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert file.getnframes() == 1000


def test_a_wav_appended_to_a_file_spoils_nothing_before_it(spawn, service, tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"before")
    service.on_speech(audio_reply([b"\1\2" * 10]))
    with open(path, "ab") as file:
        assert spawn("tts", "hi", "--format", "wav", stdout=file).wait(timeout=GUARD_S) == 0
    assert path.read_bytes()[:10] == b"beforeRIFF"


def test_a_closed_stdout_is_no_success(spawn, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    process = spawn("tts", "hi", prefix=["sh", "-c", 'exec "$@" >&-', "sh"])
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, err) == (1, b"error: cannot write to standard output: it is closed\n")
    assert not service.requests


@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_descriptors_by_name(spawn, service, target):
    service.on_speech(audio_reply([MP3_FRAME]))
    assert spawn("-q", "tts", "hi", "-o", target).communicate(timeout=GUARD_S) == (MP3_FRAME, b"")


def test_a_process_substitution(service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME]))
    script = f'"$0" -m eleven_cli tts hi -o >(cat > {tmp_path}/got); wait $!'
    subprocess.run(["bash", "-c", script, sys.executable], check=True)
    assert (tmp_path / "got").read_bytes() == MP3_FRAME


def test_what_stands_in_a_redirected_file_stays(service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME]))
    script = f'(echo head; "$0" -m eleven_cli tts hi -o /dev/stdout; echo tail) > {tmp_path}/f'
    subprocess.run(["bash", "-c", script, sys.executable], check=True)
    assert (tmp_path / "f").read_bytes() == b"head\n" + MP3_FRAME + b"tail\n"


MP3_SYNC = b"\xff\xfb"


def test_two_runs_into_one_file(spawn, service, tmp_path):
    """Each collects in a part of its own; the file is always one of them, whole."""
    steps = [threading.Event(), threading.Event()]

    def reply(step, letter):
        def answer(exchange):
            exchange.head(content_type="audio/mpeg", transfer_encoding="chunked")
            exchange.chunk(MP3_SYNC + letter * 998)
            step.wait(GUARD_S)
            exchange.chunk(letter * 1000)
            exchange.last_chunk()

        return answer

    from tests.support.guard import wait_until

    path = tmp_path / "x.mp3"
    service.on_speech(reply(steps[0], b"A"), reply(steps[1], b"B"))
    first = spawn("tts", "hi", "-o", str(path))
    wait_until(lambda: [part.stat().st_size for part in tmp_path.glob("*.part")] == [1000])
    second = spawn("tts", "hi", "-o", str(path))
    wait_until(lambda: [part.stat().st_size for part in tmp_path.glob("*.part")] == [1000, 1000])
    steps[0].set()
    assert first.wait(timeout=GUARD_S) == 0
    assert path.read_bytes() == MP3_SYNC + b"A" * 1998
    steps[1].set()
    assert second.wait(timeout=GUARD_S) == 0
    assert path.read_bytes() == MP3_SYNC + b"B" * 1998
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["x.mp3"]


def test_settings_written_at_once_are_all_kept(home):
    argv = [
        "xargs",
        "-P8",
        "-I{}",
        sys.executable,
        "-m",
        "eleven_cli",
        "--profile",
        "p{}",
        "config",
        "set",
        "model",
        "m",
    ]
    subprocess.run(argv, input="\n".join(map(str, range(16))).encode(), check=True, capture_output=True)
    text = (home / ".config" / "eleven" / "config.toml").read_text()
    assert text.count("[profiles.p") == 16
    assert [path.name for path in (home / ".config" / "eleven").iterdir()] == ["config.toml"]


def test_a_full_disk_under_a_help_page(spawn):
    with open("/dev/full", "wb") as full:
        _, err = (process := spawn("--help", stdout=full)).communicate(timeout=GUARD_S)
    assert (process.returncode, err) == (1, b"error: No space left on device\n")


def test_an_empty_completion_variable_is_none(spawn, monkeypatch):
    monkeypatch.setenv("_ELEVEN_COMPLETE", "")
    assert spawn("--version").communicate(timeout=GUARD_S)[0].startswith(VERSION_LINE)


def test_closed_streams_are_no_crash(spawn, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    for closed in ("<&-", "2>&-", ">&-"):
        command = f'exec "$@" {closed}'
        process = spawn("-q", "tts", "hi", "-o", "/dev/null", prefix=["sh", "-c", command, "sh"])
        _, err = process.communicate(timeout=GUARD_S)
        assert (process.returncode, err) == (0, b"")


def test_xargs_in_parallel(service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME]))
    argv = ["xargs", "-P4", "-I{}", sys.executable, "-m", "eleven_cli", "tts", "{}", "-o", f"{tmp_path}/{{}}.mp3"]
    subprocess.run(argv, input=b"1\n2\n3\n4\n5\n6\n", check=True)
    assert sorted(path.name for path in tmp_path.glob("*.mp3")) == [f"{n}.mp3" for n in range(1, 7)]


def test_ctrl_c_while_it_starts(spawn):
    process = spawn("tts", stdin=subprocess.PIPE)  # waits for its text
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=GUARD_S)
    assert process.returncode in (130, -signal.SIGINT)  # the latter before Python has installed its handler
    assert out == b""
    assert process.returncode != 130 or err == b""


def test_the_key_is_in_no_command_line(spawn, service):
    from tests.conftest import KEY

    release = threading.Event()
    service.on_speech(step_by_step([release], transfer_encoding="chunked"))
    process = spawn("tts", "hi")
    with open(f"/proc/{process.pid}/cmdline", "rb") as file:
        assert KEY.encode() not in file.read()
    release.set()
    assert process.wait(timeout=GUARD_S) == 0


@pytest.mark.parametrize(
    "argv",
    [
        ("tts", "hi"),
        ("tts", "-f", "words.txt"),
        ("stt", "words.wav"),
        ("sts", "words.wav"),
        ("isolate", "words.wav"),
        ("align", "words.wav", "A few words."),
        ("voices", "preview", "Imogen"),
    ],
    ids=" ".join,
)
def test_a_pipe_beside_another_input_is_neither_waited_for_nor_read(eleven, spawn, tmp_path, monkeypatch, argv):
    """As in cron, over ssh, and in `while read` loops, whose next lines are there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.txt").write_text("A few words.")
    assert eleven("--sandbox", "tts", "A few words.", "-o", "words.wav").code == 0
    reader, writer = os.pipe()
    try:
        os.write(writer, b"the next line\n")
        process = spawn("--sandbox", *argv, stdin=reader, stdout=subprocess.DEVNULL)
        assert process.wait(timeout=60) == 0, process.stderr.read()
        assert os.read(reader, 100) == b"the next line\n"
    finally:
        os.close(reader)
        os.close(writer)
