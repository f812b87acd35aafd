"""Playing on a real (null) sound card, heard through its monitor."""

import array
import itertools
import math
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from eleven_cli.audio.pcm import interleaved
from eleven_cli.sandbox.sound.codecs import complete_file, encoder
from eleven_cli.sandbox.sound.formats import FORMATS
from tests.conftest import KEY, VOICE
from tests.support.guard import GUARD_S
from tests.support.pty_run import read_all
from tests.support.service import audio_reply
from tests.support.soundcard import AUDIBLE, RATE, SoundCard, heard_s
from tests.support.speech_socket import Narrator, encoded


def tone(seconds, rate=24000, hertz=440):
    return array.array(
        "h", (int(9000 * math.sin(2 * math.pi * hertz * at / rate)) or 1 for at in range(int(seconds * rate)))
    )


@pytest.fixture(scope="module")
def card():
    with SoundCard() as card:
        yield card


@pytest.fixture
def play(spawn, card):
    def play(*argv, **options):
        return spawn("tts", "hi", *argv, env={**os.environ, **card.environ}, **options)

    return play


def finished(process):
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, b"")
    return out


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1.5])
def test_all_of_it_is_heard(play, card, service, seconds):
    service.on_speech(audio_reply([tone(seconds).tobytes()]))
    with card.recording() as recording:
        finished(play("--play", "--format", "pcm_24000", "-o", "/dev/null"))
        samples = recording.settled()
    assert abs(heard_s(samples) - seconds) < 0.02


def test_the_last_300_ms_are_heard(play, card, service):
    """A tone of another pitch at the end, so that it is the end and not any 300 ms."""
    service.on_speech(audio_reply([tone(1).tobytes() + tone(0.3, hertz=1000).tobytes()]))
    with card.recording() as recording:
        finished(play("--play", "--format", "pcm_24000", "-o", "/dev/null"))
        samples = recording.settled()
    end = max(at for at, sample in enumerate(samples) if abs(sample) > AUDIBLE) + 1
    last = samples[end - 4640 : end - 160]  # 280 ms of it
    crossings = sum(a < 0 <= b for a, b in itertools.pairwise(last))
    assert abs(crossings / 0.28 - 1000) < 15


def test_on_a_terminal_it_plays_samples_and_shows_a_line(play, card, service):
    service.on_speech(audio_reply([tone(0.5).tobytes()]))
    leader, follower = pty.openpty()
    with card.recording() as recording:
        process = play(stdout=follower, stderr=follower)
        os.close(follower)
        seen = b"".join(read_all(leader))
        assert process.wait(timeout=20) == 0
        samples = recording.settled()
    assert service.requests[0].query == {"output_format": "pcm_24000"}
    assert abs(heard_s(samples) - 0.5) < 0.02
    assert "0.5 s of audio · 24,000 bytes · first byte".encode() in seen


def test_play_and_write_mp3_at_once(play, card, service, tmp_path):
    from tests.support.encoded_audio import mp3

    data = mp3(tone(1.0))
    service.on_speech(audio_reply([data[:777], data[777:]]))
    with card.recording() as recording:
        finished(play("--play", "-o", str(tmp_path / "x.mp3"), "--format", "mp3_24000_48"))
        samples = recording.settled()
    assert (tmp_path / "x.mp3").read_bytes() == data
    assert 0.95 < heard_s(samples) < 1.15  # an encoder pads


def test_play_and_pipe_at_once(play, card, service):
    service.on_speech(audio_reply([b"\xd5\x20" * 4000]))
    with card.recording() as recording:
        assert finished(play("--play", "--format", "alaw")) == b"\xd5\x20" * 4000
        samples = recording.settled()
    assert 0.95 < heard_s(samples) < 1.05


def test_the_file_is_complete_before_the_last_sound(play, card, service, tmp_path):
    path = tmp_path / "x.pcm"
    service.on_speech(audio_reply([tone(5).tobytes()]))
    with card.recording() as recording:
        process = play("--play", "-o", str(path))
        recording.wait(lambda samples: heard_s(samples) > 0.3)
        assert path.stat().st_size == 5 * 48000
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=GUARD_S) == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_silences_at_once(play, card, service, number):
    def long(exchange):
        exchange.head(content_type="audio/pcm", transfer_encoding="chunked")
        exchange.chunk(tone(5).tobytes())
        exchange.until_hung_up()

    service.on_speech(long)
    with card.recording() as recording:
        process = play("--play", "--format", "pcm", "-o", "/dev/null")
        before = heard_s(recording.wait(lambda samples: heard_s(samples) > 0.5))
        started = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=GUARD_S) == 128 + number
        gone_s = time.monotonic() - started
        heard = heard_s(recording.settled())
    assert gone_s < 0.5
    assert heard - before < 0.5


def test_without_a_device_the_next_player_is_taken(spawn, service, tmp_path, monkeypatch):
    """No sound server, no card: PyAudio finds no device, and a program on the PATH plays."""
    player = tmp_path / "bin" / "ffplay"
    player.parent.mkdir()
    player.write_text(f"#!/bin/sh\ncat > {tmp_path}/heard\n")
    player.chmod(0o755)
    service.on_speech(audio_reply([tone(0.1).tobytes()]))
    monkeypatch.setenv("PATH", f"{player.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    finished(spawn("tts", "hi", "--play", "--format", "pcm", "-o", "/dev/null"))
    assert tone(0.1).tobytes() in (tmp_path / "heard").read_bytes()


@pytest.mark.parametrize(("codec", "suffix"), [("mp3", ".mp3"), ("pcm", ".wav")])
def test_what_a_player_could_not_play_is_kept_where_it_is_nowhere_else(spawn, service, tmp_path, codec, suffix):
    """On a terminal, without a sound device, with a player that has none either."""
    from tests.support.encoded_audio import mp3

    player = tmp_path / "bin" / "ffplay"
    player.parent.mkdir()
    player.write_text("#!/bin/sh\necho no card >&2\nexit 1\n")
    player.chmod(0o755)
    data = mp3(tone(0.3)) if codec == "mp3" else tone(0.1).tobytes()
    service.on_speech(audio_reply([data]))
    environ = {**os.environ, "PATH": f"{player.parent}:{os.environ['PATH']}", "PULSE_SERVER": "unix:/nonexistent"}
    leader, follower = pty.openpty()
    argv = ["tts", "hi", *(["--format", "mp3_24000_48"] if codec == "mp3" else [])]
    process = spawn(*argv, stdout=follower, env={**environ, "TMPDIR": str(tmp_path)})
    os.close(follower)
    _, err = process.communicate(timeout=GUARD_S)
    os.close(leader)
    (kept,) = tmp_path.glob(f"eleven-*{suffix}")
    assert process.returncode == 7
    assert f"ffplay could not play it: no card; what arrived ({len(data):,} bytes) is kept in {kept}" in err.decode()
    assert kept.read_bytes()[-len(data) :] == data


def test_what_was_played_is_not_kept(spawn, service, tmp_path):
    player = tmp_path / "bin" / "ffplay"
    player.parent.mkdir()
    player.write_text("#!/bin/sh\ncat > /dev/null\n")
    player.chmod(0o755)
    service.on_speech(audio_reply([tone(0.1).tobytes()]))
    environ = {**os.environ, "PATH": f"{player.parent}:{os.environ['PATH']}", "PULSE_SERVER": "unix:/nonexistent"}
    leader, follower = pty.openpty()
    process = spawn("tts", "hi", stdout=follower, env={**environ, "TMPDIR": str(tmp_path)})
    os.close(follower)
    assert process.wait(timeout=GUARD_S) == 0
    os.close(leader)
    assert not list(tmp_path.glob("eleven-*"))


def test_nothing_that_plays_is_known_before_anything_is_paid(spawn, service, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    process = spawn("tts", "hi", "--play", "-o", str(tmp_path / "x.mp3"))
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 7
    assert err == b"error: no sound device found\nhint: check the sound device: eleven devices; or omit --play\n"
    assert not service.requests
    assert not (tmp_path / "x.mp3").exists()


@pytest.mark.parametrize("program", ["echo no card >&2; exit 1", "cat > /dev/null; echo no card >&2; exit 1"])
@pytest.mark.parametrize("name", ["x.mp3", "x.wav", "x.pcm"])
def test_the_file_is_complete_although_it_cannot_be_played(spawn, service, tmp_path, program, name):
    """The player fails at once, or when it has taken all of it."""
    from tests.support.encoded_audio import mp3

    player = tmp_path / "bin" / "ffplay"
    player.parent.mkdir()
    player.write_text(f"#!/bin/sh\n{program}\n")
    player.chmod(0o755)
    data = mp3(tone(0.3)) if name == "x.mp3" else tone(0.1).tobytes()
    service.on_speech(audio_reply([data]))
    environ = {**os.environ, "PATH": f"{player.parent}:{os.environ['PATH']}", "PULSE_SERVER": "unix:/nonexistent"}
    process = spawn("tts", "hi", "--play", "-o", str(tmp_path / name), env=environ)
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 7
    assert err.decode() == (
        f"error: ffplay could not play it: no card; {tmp_path / name} is complete\n"
        "hint: check the sound device: eleven devices; or omit --play\n"
    )
    assert (tmp_path / name).read_bytes()[-len(data) :] == data


def test_paplay_on_the_real_server(card, service, spawn, tmp_path):
    """The real program, where PyAudio is not installed and nothing else is on the PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "paplay").symlink_to(shutil.which("paplay"))
    service.on_speech(audio_reply([tone(0.5).tobytes()]))
    environ = {**os.environ, **card.environ, "PATH": str(tmp_path / "bin")}
    script = "import sys; sys.modules['pyaudio'] = None; from eleven_cli.__main__ import run; run()"
    argv = ["tts", "hi", "--play", "--format", "pcm", "-o", "/dev/null"]
    with card.recording() as recording:
        finished(subprocess.Popen([sys.executable, "-c", script, *argv], env=environ, stdout=-1, stderr=-1))
        samples = recording.settled()
    assert sum(abs(sample) > AUDIBLE for sample in samples) / RATE > 0.48  # its own gaps are not ours to judge


@pytest.fixture(scope="module")
def stereo_card():
    with SoundCard(channels=2) as card:
        yield card


def stereo(name, left, right):
    form = replace(FORMATS[name], channels=2)
    stream, pcm = encoder(form, form.rate), interleaved(left.tobytes(), right.tobytes())
    return complete_file(form, stream.encode(pcm) + stream.finish())


@pytest.mark.sound
@pytest.mark.parametrize("player", ["pyaudio", "paplay"])
@pytest.mark.parametrize("format", ["wav_24000", "mp3_44100_128", ""])
def test_two_channels_are_heard_apart(stereo_card, service, tmp_path, player, format):
    """Without a format, on a terminal, it is MP3 where something decodes it."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "paplay").symlink_to(shutil.which("paplay"))
    name = format or "mp3_44100_128"
    rate = FORMATS[name].rate
    service.on_speech(audio_reply([stereo(name, tone(0.6, rate), array.array("h", bytes(2 * int(0.6 * rate))))]))
    environ = {**os.environ, **stereo_card.environ, "PATH": str(tmp_path / "bin")}
    without = "sys.modules['pyaudio'] = None; " if player == "paplay" else ""
    script = f"import sys; {without}from eleven_cli.__main__ import run; run()"
    argv = [
        "tts",
        "hi",
        "--play",
        "--pan",
        "-1",
        *(["--format", format, "-o", "/dev/null"] if format else ["--no-live"]),
    ]
    with stereo_card.recording() as recording:
        if format:
            finished(subprocess.Popen([sys.executable, "-c", script, *argv], env=environ, stdout=-1, stderr=-1))
        else:
            code, shown = on_a_terminal([sys.executable, "-c", script, *argv], environ)
            assert code == 0, shown
        samples = recording.settled()
    assert service.requests[-1].query == {"output_format": name}
    left, right = samples[0::2], samples[1::2]
    assert sum(abs(sample) > AUDIBLE for sample in left) / RATE > 0.55
    assert max(map(abs, right)) < 400


def on_a_terminal(argv, environ):
    control, terminal = pty.openpty()
    process = subprocess.Popen(argv, env=environ, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(control, 4096):
            shown += piece
    except OSError:  # the other side is closed
        pass
    os.close(control)
    return process.wait(20), shown


def test_text_from_a_pipe_is_heard_sentence_by_sentence(spawn, card, monkeypatch):
    """Each before the next one is written, and all of it in the end."""

    def sentences_of_half_a_second(speech):
        speech.receive()
        while speech.text():
            speech.send(audio=encoded(tone(0.5).tobytes()), alignment=None)
        speech.finish()

    with Narrator([sentences_of_half_a_second]) as narrator:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", narrator.url)
        monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
        monkeypatch.setenv("ELEVENLABS_VOICE_ID", VOICE)
        argv = ("-q", "tts", "--play", "--format", "pcm_24000", "-o", "/dev/null")
        with card.recording() as recording:
            process = spawn(*argv, stdin=subprocess.PIPE, env={**os.environ, **card.environ})
            for count in (1, 2, 3):
                os.write(process.stdin.fileno(), b"A sentence.\n")
                recording.wait(lambda samples, count=count: loud_s(samples) > 0.5 * count - 0.03)
            process.stdin.close()
            process.stdin = None
            finished(process)
            assert abs(loud_s(recording.settled()) - 1.5) < 0.04


def loud_s(samples):
    """Seconds of sound, pauses left out: in blocks of 5 ms."""
    block = RATE // 200
    blocks = (samples[at : at + block] for at in range(0, len(samples), block))
    return sum(max(map(abs, each)) > AUDIBLE for each in blocks) / 200
