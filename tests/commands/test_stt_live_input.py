"""What `eleven stt --live` hears: compressed files and pipes, other rates, and nothing at all."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import termios
from array import array
from contextlib import suppress

import pytest

from tests.support.guard import GUARD_S
from tests.support.transcriptions import SECOND, piped, says
from tests.support.wav_files import wav

av = pytest.importorskip("av")

CODECS = {  # suffix: container, codec
    "mp3": ("mp3", "libmp3lame"),
    "flac": ("flac", "flac"),
    "opus": ("ogg", "libopus"),
    "m4a": ("ipod", "aac"),
    "webm": ("webm", "libopus"),
    "aiff": ("aiff", "pcm_s16be"),
    "wav": ("wav", "adpcm_ms"),
}
PIPES = ["mp3", "flac", "opus", "webm", "aiff", "wav"]


def encode(path, container, codec, seconds=1):
    """A tone."""
    samples = array("h", ([8000] * 50 + [-8000] * 50) * 480 * seconds)
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=48000, layout="mono")
        for at in range(0, len(samples), 4800):
            frame = av.AudioFrame(format="s16", layout="mono", samples=4800)
            frame.planes[0].update(samples[at : at + 4800].tobytes())
            frame.rate, frame.pts = 48000, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def compressed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compressed")
    for suffix, how in CODECS.items():
        encode(folder / f"in.{suffix}", *how)
    return folder


@pytest.fixture(params=["av", "ffmpeg"])
def decoder(request, monkeypatch):
    if request.param == "ffmpeg":
        if not shutil.which("ffmpeg"):
            pytest.skip("no ffmpeg here")
        monkeypatch.setattr("eleven_cli.audio.codecs.decoding.media._av_installed", lambda: False)
    return request.param


def of_a_second(heard):
    tone = [abs(sample) > 2000 for sample in array("h", heard)]
    return 0.9 < sum(tone) / 16000 < 1.15


@pytest.mark.parametrize("suffix", CODECS)
def test_a_file_is_decoded(eleven, scribe, compressed, decoder, suffix):
    server = scribe(says("Hello."))
    result = eleven("stt", "--live", str(compressed / f"in.{suffix}"))
    assert (result.code, result.text, result.err) == (0, "Hello.\n", "")
    assert of_a_second(server.sessions[0].heard)


@pytest.mark.parametrize("suffix", PIPES)
def test_a_pipe_is_decoded(eleven, scribe, compressed, decoder, suffix):
    server = scribe(says("Hello."))
    result = eleven("stt", "--live", stdin=(compressed / f"in.{suffix}").read_bytes())
    assert (result.code, result.text, result.err) == (0, "Hello.\n", "")
    assert of_a_second(server.sessions[0].heard)


@pytest.mark.parametrize("suffix", ["mp3", "m4a"])
def test_standard_input_that_is_a_file(spawn, scribe, compressed, suffix):
    server = scribe(says("Hello."))
    with open(compressed / f"in.{suffix}", "rb") as file:
        process = spawn("stt", "--live", stdin=file)
        assert process.communicate(timeout=GUARD_S) == (b"Hello.\n", b"")
    assert of_a_second(server.sessions[0].heard)


def test_a_pipe_is_decoded_as_it_comes(spawn, scribe, compressed):
    """The first line is there while the pipe is still open, and only half of the sound has come."""

    def script(session):
        session.start()
        session.until_heard(SECOND // 4)
        session.committed("One.")
        session.until_commit()
        session.committed("")
        session.until_closed()

    scribe(script)
    sound = (compressed / "in.mp3").read_bytes()
    process, writing = piped(spawn, sound=b"")
    os.write(writing, sound[: len(sound) * 2 // 3])
    assert process.stdout.readline() == b"One.\n"
    os.write(writing, sound[len(sound) * 2 // 3 :])
    os.close(writing)
    assert process.wait(GUARD_S) == 0


@pytest.mark.parametrize("size", [20, 3000])
def test_ctrl_c_before_there_is_any_sound(spawn, scribe, compressed, size):
    server = scribe(says("Hello."))
    reading, writing = os.pipe()
    process = spawn("--debug", "stt", "--live", stdin=reading)
    os.write(writing, (compressed / "in.mp3").read_bytes()[:size])
    while fcntl.ioctl(reading, termios.FIONREAD, bytes(4)) != bytes(4):  # until it is being read
        assert process.poll() is None
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)  # and waited for more
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=GUARD_S) == (b"", b"")
    assert (process.returncode, server.requests) == (130, [])
    os.close(reading)
    os.close(writing)


def test_an_mp3_that_is_damaged_in_its_middle_is_heard_around_that(eleven, scribe, compressed, decoder):
    server = scribe(says("Hello."))
    sound = bytearray((compressed / "in.mp3").read_bytes())
    sound[4000:4400] = bytes(400)
    assert eleven("stt", "--live", stdin=bytes(sound)).code == 0
    assert sum(abs(sample) > 2000 for sample in array("h", server.sessions[0].heard)) > 10_000


def test_a_long_m4a_from_a_pipe_whose_index_comes_last(eleven, scribe, tmp_path):
    server = scribe(says("Hello."))
    result = eleven("stt", "--live", stdin=encode(tmp_path / "in.m4a", "ipod", "aac", 30).read_bytes())
    assert (result.code, server.requests) == (2, [])
    assert result.error == "error: standard input is MPEG-4 audio, which cannot be decoded from a pipe"


def test_a_film_without_sound(eleven, scribe, tmp_path):
    server = scribe(says("Hello."))
    with av.open(str(tmp_path / "in.mp4"), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(3):
            out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    result = eleven("stt", "--live", str(tmp_path / "in.mp4"))
    assert (result.code, server.requests) == (2, [])
    assert "holds no audio that can be decoded" in result.error


# what is missing is said before anything is opened


def without(*modules):
    """The program where these are not installed, and no ffmpeg either."""
    hide = "".join(f"sys.modules[{name!r}] = None\n" for name in modules)
    script = (
        "import importlib.util, sys\n"
        f"{hide}find = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *more: None if name in {modules!r} else find(name, *more)\n"
        "from eleven_cli.__main__ import run\nrun()"
    )
    return [sys.executable, "-c", script]


@pytest.mark.parametrize(
    ("missing", "name", "argv", "said", "hint"),
    [
        (["av"], "in.mp3", [], "no decoder found for MP3", "-m pip install av"),
        (["av"], "in.m4a", [], "no decoder found for MPEG-4 audio", "-m pip install av"),
        (["av"], "in.wav", [], "holds a kind of sound that is not read here", "ffmpeg -i FILE"),
        (["av", "soxr"], "24.wav", [], "resampling from 24000 to 16000 Hz needs soxr", "-m pip install soxr"),
        (
            ["av", "soxr"],
            "raw",
            ["--input-format", "pcm_24000"],
            "resampling from 24000 to 16000 Hz needs soxr",
            "-m pip install soxr",
        ),
    ],
)
def test_what_is_missing_is_said_before_a_connection_is_opened(
    scribe,
    compressed,
    tmp_path,
    missing,
    name,
    argv,
    said,
    hint,
):
    server = scribe(says("Hello."))
    (tmp_path / "24.wav").write_bytes(wav(rate=24000))
    (tmp_path / "raw").write_bytes(wav(rate=24000)[44:])
    path = compressed / name if (compressed / name).exists() else tmp_path / name
    done = subprocess.run(
        [*without(*missing), "stt", "--live", str(path), *argv],
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=GUARD_S,
    )
    assert (done.returncode, server.requests) == (2, []), done.stderr
    assert said in done.stderr
    assert hint in done.stderr


@pytest.mark.parametrize("argv", [[], ["--input-format", "pcm_24000"]])
def test_another_rate_without_soxr(scribe, argv):
    """Whoever can decode can resample."""
    server = scribe(says("Hello."))
    sound = wav(rate=24000)
    done = subprocess.run(
        [*without("soxr"), "stt", "--live", *argv],
        input=sound[44:] if argv else sound,
        capture_output=True,
        timeout=GUARD_S,
    )
    assert (done.returncode, done.stdout) == (0, b"Hello.\n"), done.stderr
    assert 0.4 < len(server.sessions[0].heard.rstrip(b"\0")) / SECOND < 0.6


def test_nothing_in_standard_input_names_the_microphone(eleven, scribe):
    scribe(says(""))
    assert "eleven stt --live --mic default" in eleven("stt", "--live").hint
    assert "eleven stt --live --mic default" in eleven("stt", "--live", "-", tty="in").hint
