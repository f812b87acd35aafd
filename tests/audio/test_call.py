"""The sound of a call: what is refused before dialling, files in the place of devices, and both directions together."""

import io
import itertools
import threading
import time
import wave
from array import array

import pytest

from eleven_cli.audio.call import call_options
from eleven_cli.audio.call.call_audio import CallAudio, CallAudioOptions, check
from eleven_cli.audio.codecs.wav import wav_header
from eleven_cli.audio.devices.listing import Device
from eleven_cli.audio.formats import Format
from eleven_cli.audio.pcm import from_ulaw, is_silent, level_db, to_ulaw, tone
from eleven_cli.errors import AudioError, UsageError
from tests.support.sound_process import SoundProcess
from tests.support.soundcard import RATE, heard_s
from tests.support.spoken_audio import AGENT, spoken

PCM = Format("pcm", 16000)
ULAW = Format("ulaw", 8000)


def wav(pcm, rate=RATE):
    return wav_header(rate, len(pcm)) + pcm


def content(path):
    with wave.open(str(path)) as file:
        return file.readframes(file.getnframes())


@pytest.fixture
def files(tmp_path):
    """A question to speak, and where the answer may go."""
    (tmp_path / "question.wav").write_bytes(wav(tone(440, 0.4, RATE)))
    return {"input": str(tmp_path / "question.wav"), "output": str(tmp_path / "answer.wav")}


@pytest.fixture
def no_devices(monkeypatch):
    monkeypatch.setattr(call_options, "devices", list)


def refused(**options):
    with pytest.raises((UsageError, AudioError)) as error:
        check(CallAudioOptions(**options))
    return error.value


# before dialling


def test_files_in_the_place_of_devices_need_none(files, tmp_path, no_devices):
    check(CallAudioOptions(**files, record=str(tmp_path / "call.wav")))
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["question.wav"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input": "none.wav"}, "cannot read none.wav: No such file"),
        ({"input": __file__}, "is not a WAV file"),
        ({"input": "-"}, "--input - needs audio on standard input"),
        ({"input": __file__, "mic": "usb"}, "give either --input or --mic, not both"),
        ({"output": "-"}, "standard output is for the transcript"),
        ({"output": "x.wav", "speaker": "usb"}, "give either --output or --speaker, not both"),
        ({"output": "x.wav", "record": "./x.wav"}, "--output and --record name the same file"),
        ({"output": "/none/x.wav"}, "cannot write /none/x.wav"),
        ({"output": "/"}, "is a folder"),
        ({"record": "-"}, "standard output is for the transcript"),
        ({"record": "/"}, "is a folder"),
        ({"input": __file__, "output": __file__}, "is the recording itself"),
        ({"input": __file__, "record": __file__}, "is the recording itself"),
        ({"record": "/none/x.wav"}, "cannot write /none/x.wav"),
        ({"echo": "loud"}, "unknown echo control: loud"),
    ],
)
def test_what_is_refused(options, message, no_devices):
    error = refused(**options)
    assert message in error.message
    assert error.exit_code == 2


@pytest.mark.parametrize(("missing", "options"), [("microphone", {}), ("speaker", {"input": "question.wav"})])
def test_without_devices_there_is_still_text(files, no_devices, missing, options):
    error = refused(**{name: files[name] for name in options})
    assert (error.exit_code, error.message) == (7, f"there is no {missing}")
    assert "--text" in error.hint


def test_without_pyaudio_there_is_still_text(monkeypatch):
    monkeypatch.setattr(call_options, "installed", lambda: False)
    error = refused()
    assert (error.exit_code, error.message) == (7, "PyAudio is not installed")
    assert "install pyaudio" in error.hint
    assert "--text" in error.hint


def test_a_wrong_name_lists_the_right_ones(monkeypatch):
    monkeypatch.setattr(call_options, "devices", lambda: [Device(0, "Built-in", 1, 2, 48000)])
    check(CallAudioOptions(mic="built"))
    assert refused(mic="usb").hint == refused(speaker="usb").hint == "one of: 0 Built-in"


@pytest.mark.parametrize("codec", ["mp3", "opus", "alaw"])
def test_formats_that_no_agent_uses(codec):
    with pytest.raises(UsageError, match=codec):
        CallAudio(CallAudioOptions(echo="off"), PCM, Format(codec, 8000))


# files


@pytest.mark.parametrize("hears", [PCM, ULAW, Format("pcm", 22050)])
def test_the_file_is_heard_in_the_agents_format(files, hears):
    with CallAudio(CallAudioOptions(**files), hears, PCM) as sound:
        frames = list(itertools.takewhile(lambda _: not sound.input_done, sound.frames()))
        assert sound.zeros_s == 0
    assert {len(frame) for frame in frames} == {int(hears.rate * 0.02) * (1 if hears is ULAW else 2)}
    heard = b"".join(from_ulaw(frame) if hears is ULAW else frame for frame in frames)
    loud = [at for at, sample in enumerate(array("h", heard)) if abs(sample) > 300]
    assert (loud[-1] - loud[0]) / hears.rate == pytest.approx(0.4, abs=0.04)


def test_the_voice_is_written_from_the_agents_format(files):
    voice = to_ulaw(tone(300, 0.3, 8000))
    with CallAudio(CallAudioOptions(**files), PCM, ULAW) as sound:
        sound.play(voice)
        assert sound.agent_audible
        assert sound.pending_s == pytest.approx(0.3, abs=0.05)
        sound.finish()
        assert not sound.agent_audible
    assert content(files["output"]) == from_ulaw(voice)


def test_an_interruption_cuts_the_rest(files):
    with CallAudio(CallAudioOptions(**files), PCM, PCM) as sound:
        sound.play(tone(300, 20, RATE))
        time.sleep(0.2)
        sound.interrupt()
        assert sound.pending_s < 0.02
    assert 0.15 < len(content(files["output"])) / 2 / RATE < 2


def test_muted_is_silence_and_the_levels_stay(files):
    with CallAudio(CallAudioOptions(**files), PCM, PCM) as sound:
        sound.muted = True
        frames = sound.frames()
        assert all(is_silent(next(frames)) for _ in range(15))
        assert sound.input_level_db > -30


def test_closing_ends_the_frames_at_once(files):
    with CallAudio(CallAudioOptions(**files), PCM, PCM) as sound:
        threading.Timer(0.1, sound.close).start()
        started = time.monotonic()
        list(sound.frames())
        left_at = time.monotonic()
        assert left_at - started < 5
    assert time.monotonic() - left_at < 5


def test_a_stream_may_be_spoken(files):
    stream = io.BytesIO(wav(tone(440, 0.1, RATE)))
    setup = CallAudioOptions(input="-", output=files["output"], stdin=stream)
    check(setup)
    with CallAudio(setup, PCM, PCM) as sound:
        heard = list(itertools.takewhile(lambda _: not sound.input_done, sound.frames()))
    assert max(map(level_db, heard)) > -30


def test_both_sides_are_recorded_where_they_were_heard(files, tmp_path):
    """The agent begins 200 ms after the user, at another rate."""
    path = tmp_path / "call.wav"
    with CallAudio(CallAudioOptions(**files, record=str(path)), PCM, Format("pcm", 24000)) as sound:
        for number, _ in enumerate(sound.frames()):
            if number == 10:
                sound.play(tone(300, 0.2, 24000))
            if number == 40:
                break
    both = array("h", content(path))
    user, agent = (next(at for at, sample in enumerate(both[side::2]) if abs(sample) > 300) for side in (0, 1))
    assert (agent - user) / 24000 == pytest.approx(0.2, abs=0.06)


def test_leaving_by_an_error_closes_everything(files, tmp_path):
    path = tmp_path / "call.wav"

    def call():
        with CallAudio(CallAudioOptions(**files, record=str(path)), PCM, PCM) as sound:
            sound.play(tone(300, 20, RATE))
            for number, _ in enumerate(sound.frames()):
                if number == 10:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call()
    assert 0.1 < len(content(path)) / 4 / RATE < 1
    assert 0.1 < len(content(files["output"])) / 2 / RATE < 1


def test_what_cannot_be_opened_leaves_nothing_open(files, tmp_path):
    (tmp_path / "call.wav").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        CallAudio(CallAudioOptions(**files, record=str(tmp_path / "call.wav")), PCM, PCM).__enter__()
    assert not (tmp_path / "answer.wav").exists()


# devices


def test_a_microphone_that_gives_only_zeros_is_noticed(card):
    code = """
        with CallAudio(CallAudioOptions(echo="off"), Format("pcm", 16000), Format("pcm", 16000)) as sound:
            for number, frame in enumerate(sound.frames()):
                if number == 50:
                    say(0.9 < sound.zeros_s < 1.1)
                if sound.input_level_db > -40:
                    break
            say(sound.zeros_s)
            for number, frame in enumerate(sound.frames()):
                if number == 10:
                    say(sound.zeros_s)
                    break
    """
    with card.recording(), SoundProcess(card, code) as process:
        assert process.line() == "True"
        card.microphone.say(tone(440, 0.1, RATE))
        assert process.end() == ["0.0", "0.0"]


def test_leaving_is_quick_and_silent(card):
    code = """
        with CallAudio(CallAudioOptions(echo="gate"), Format("pcm", 16000), Format("pcm", 24000)) as sound:
            frames = sound.frames()
            sound.play(tone(440, 20, 24000))
            for _ in range(25):
                next(frames)
            left_at = time.monotonic()
        say(time.monotonic() - left_at < 0.25)
    """
    with card.recording() as recording, SoundProcess(card, code) as process:
        assert process.end() == ["True"]
        assert heard_s(recording.settled()) < 1.5


def test_the_agent_does_not_hear_itself(card, tmp_path):
    """What the speaker plays is what the microphone hears, through the sound server; 30 dB less of it is sent."""
    voice = spoken(
        "Please tell me what you would like to do today, and I will be happy to help you with it.", AGENT, RATE
    )
    (tmp_path / "voice.pcm").write_bytes(voice)
    code = f"""
        import os
        os.environ["PULSE_SOURCE"] = "spk.monitor"
        setup = CallAudioOptions(echo="aec")
        check(setup)
        power = lambda level: 10 ** (level / 10)
        with CallAudio(setup, Format("pcm", 16000), Format("pcm", 16000)) as sound:
            heard = sent = 0
            sound.play(open({str(tmp_path / "voice.pcm")!r}, "rb").read())
            for number, frame in enumerate(sound.frames()):
                if number > 100:
                    heard += power(sound.input_level_db)
                    sent += power(level_db(frame))
                if not sound.agent_audible:
                    break
        import math
        say(10 * math.log10(heard / number), 10 * math.log10(heard / sent))
    """
    with card.recording(), SoundProcess(card, code) as process:
        level, less = map(float, process.end()[0].split())
    assert level > -40
    assert less > 30
