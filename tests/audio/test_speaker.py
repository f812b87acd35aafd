"""Speaker on a real (null) sound card: what is heard, and how soon.

Times are the better ones of several tries: the machine may be busy with other things.
"""

import pytest

from tests.support.sound_process import SoundProcess
from tests.support.soundcard import AUDIBLE, RATE, SoundCard, heard_s

TRIES = 3


def better(times_s):
    return sorted(times_s)[1]


def bounds(samples, since=0):
    """The first and the last audible sample from `since` on."""
    loud = [at for at in range(since, len(samples)) if abs(samples[at]) > AUDIBLE]
    return (loud[0], loud[-1]) if loud else None


def test_soon_heard_and_sooner_silent(card):
    code = f"""
        with Speaker(24000) as speaker:
            speaker.start()
            voice = tone(440, 20, 24000)
            for _ in range({TRIES}):
                told()
                say(time.monotonic())
                speaker.write(voice)
                told()
                say(time.monotonic())
                speaker.clear()
                assert speaker.pending_s <= 0.01
    """
    begun, silenced = [], []
    with card.recording() as recording, SoundProcess(card, code) as process:
        for _ in range(TRIES):
            since = len(recording.samples)
            process.go_on()
            written_at = float(process.line())
            recording.wait(lambda samples, since=since: heard_s(samples[since:]) > 0.3)
            process.go_on()
            cleared_at = float(process.line())
            recording.wait(lambda samples, since=since: len(samples) > since + RATE and not heard_s(samples[-4800:]))
            first, last = bounds(recording.samples, since)
            begun.append(recording.heard_at(first) - written_at)
            silenced.append(recording.heard_at(last) - cleared_at)
        process.end()
    assert better(begun) < 0.06
    assert better(silenced) < 0.05


@pytest.mark.parametrize(("rate", "pieces"), [(16000, 1), (44100, 12)])
def test_a_farewell_is_heard_to_the_end(card, rate, pieces):
    code = f"""
        voice = tone(440, 3, {rate})
        size = len(voice) // {pieces} + 1
        with Speaker({rate}) as speaker:
            for at in range(0, len(voice), size):
                speaker.write(voice[at : at + size])
            speaker.finish()
    """
    with card.recording() as recording, SoundProcess(card, code) as process:
        process.end()
        samples = recording.settled()
    assert sum(abs(sample) > AUDIBLE for sample in samples) / RATE > 2.7  # a sine passes through nothing
    assert heard_s(samples) == pytest.approx(3, abs=0.05)


def test_leaving_is_silent_at_once(card):
    code = """
        with Speaker(16000) as speaker:
            speaker.write(tone(440, 20, 16000))
            told()
            left_at = time.monotonic()
        say(left_at, time.monotonic() - left_at)
    """
    with card.recording() as recording, SoundProcess(card, code) as process:
        recording.wait(lambda samples: heard_s(samples) > 0.3)
        process.go_on()
        left_at, took_s = map(float, process.line().split())
        samples = recording.settled()
    assert recording.heard_at(bounds(samples)[1]) - left_at < 0.2
    assert took_s < 0.3


def test_what_was_played_can_be_asked_for(card):
    code = """
        voice = tone(440, 0.5, 16000)
        with Speaker(16000) as speaker:
            speaker.start()
            speaker.write(voice)
            played = b""
            while len(played) < 32000:
                played += speaker.played()
                time.sleep(0.01)
            say(played.count(voice))
    """
    with card.recording(), SoundProcess(card, code) as process:
        assert process.end() == ["1"]


def test_a_speaker_with_a_rate_of_its_own(card):
    code = """
        refuse_all_rates_but(44100)
        with Speaker(16000) as speaker:
            say(speaker.device_rate)
            for _ in range(10):
                speaker.write(tone(440, 0.1, 16000))
            speaker.finish()
    """
    with card.recording() as recording, SoundProcess(card, code) as process:
        assert process.end() == ["44100"]
        samples = recording.settled()
    assert heard_s(samples) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("rate", "own_rate"), [(16000, 48000), (24000, 48000), (24000, 44100), (16000, 16000)])
def test_a_turn_is_heard_to_its_end_though_nothing_follows(card, rate, own_rate):
    """And nothing of it at the beginning of the next."""
    code = f"""
        refuse_all_rates_but({own_rate})
        with Speaker({rate}) as speaker:
            speaker.start()
            for _ in range(2):
                speaker.write(tone(440, 0.3, {rate}) + b"\\0\\x30" * ({rate} // 50))
                say("spoken")
                told()
            say(round(speaker.pending_s, 3))
    """
    with card.recording() as recording, SoundProcess(card, code) as process:
        since = 0
        for turn in range(2):
            assert process.line() == "spoken"
            recording.wait(lambda samples, since=since: heard_s(samples[since:]) > 0.25)
            samples = recording.settled()[since:]
            since += len(samples)  # before it goes on
            first, last = bounds(samples)
            assert (last - first) / RATE == pytest.approx(0.32, abs=0.02), turn
            assert max(samples[last - RATE // 50 : last]) > 0x2000
            process.go_on()
        assert process.end() == ["0.0"]


def test_a_name_that_no_device_has(card):
    code = """
        for use in (lambda: Microphone(16000, "headset"), lambda: Speaker(16000, "headset")):
            try:
                use().__enter__()
            except ElevenError as error:
                say(error.exit_code, error.message, "|", error.hint)
    """
    with SoundProcess(card, code) as process:
        microphone, speaker = process.end()
    assert microphone.startswith("7 no microphone is called headset | one of: ")
    assert speaker.startswith("7 no speaker is called headset | one of: ")
    assert "default" in speaker


def test_by_name_and_index(card):
    code = """
        from eleven_cli.audio.devices.listing import devices
        default = next(device for device in devices() if device.name == "default")
        for name in ("DEFAULT", str(default.index)):
            with Speaker(16000, name) as speaker:
                speaker.write(tone(440, 0.1, 16000))
                speaker.finish()
    """
    with card.recording() as recording, SoundProcess(card, code) as process:
        process.end()
        recording.settled()


def test_without_any_device():
    with SoundCard() as card:
        code = """
            try:
                Speaker(16000, hint="eleven talk --text").__enter__()
            except ElevenError as error:
                say(error.exit_code, "|", error.hint)
        """
        with SoundProcess(card, code, PULSE_SERVER="unix:/nonexistent", HOME="/nonexistent") as process:
            assert process.end() == ["7 | eleven talk --text"]
