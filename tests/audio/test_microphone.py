"""Microphone on a real sound card that the test speaks into; and cards that are taken away.

Times are the better ones of several tries: the machine may be busy with other things.
"""

import array

import pytest

from tests.support.sound_process import SoundProcess
from tests.support.soundcard import SoundCard

TRIES = 5


def better(times_s):
    return sorted(times_s)[1]


BURST = array.array("h", ([12000] * 8 + [-12000] * 8) * 50).tobytes()  # 1 kHz for 50 ms


@pytest.mark.parametrize(("rate", "own_rate"), [(16000, None), (16000, 44100)])
def test_a_sound_is_soon_in_a_frame(card, rate, own_rate):
    code = f"""
        if {own_rate}:
            refuse_all_rates_but({own_rate})
        with Microphone({rate}) as microphone:
            say(microphone.device_rate)
            before = -96
            for frame in microphone:
                if level_db(frame) > -30 > before:
                    say(time.monotonic())
                before = level_db(frame)
    """
    latencies = []
    with card.recording(), SoundProcess(card, code) as process:
        assert int(process.line()) == (own_rate or rate)
        for _ in range(TRIES):
            spoken_at = card.microphone.say(BURST) - 0.01  # the block began before it could be given
            latencies.append(float(process.line()) - spoken_at)
            card.microphone.say(bytes(6400))
    assert min(latencies) > 0.01
    assert better(latencies) < 0.08


def test_frames_keep_real_time_and_a_late_reader_loses_the_oldest(card):
    code = """
        with Microphone(16000) as microphone:
            frames = iter(microphone)
            next(frames)
            started = time.monotonic()
            sizes = {len(next(frames)) for _ in range(50)}
            took_s = time.monotonic() - started
            time.sleep(1.5)  # a reader that is late: the queue holds a second
            next(frames)
            say(sizes, 0.8 < took_s < 1.3, 0.2 < microphone.lost_s < 1)
    """
    with card.recording(), SoundProcess(card, code) as process:
        assert process.end() == ["{640} True True"]


def test_closing_from_another_thread_ends_the_frames(card):
    code = """
        import threading
        with Microphone(16000) as microphone:
            for number, frame in enumerate(microphone):
                if number == 10:
                    closed_at = time.monotonic()
                    threading.Thread(target=microphone.close).start()
            say(time.monotonic() - closed_at < 0.2)
        say(time.monotonic() - closed_at < 0.5)
    """
    with card.recording(), SoundProcess(card, code) as process:
        assert process.end() == ["True", "True"]


WATCHED = """
    try:
        with Speaker(16000) as speaker, Microphone(16000) as microphone:
            {work}
            say("working")
            told()
            told_at = time.monotonic()
            {then}
    except ElevenError as error:
        say(error.exit_code, error.message)
        say(time.monotonic() - told_at < 4)
"""


LISTENING = ("frames = iter(microphone); next(frames)", "list(frames)", "microphone")
FINISHING = ("speaker.write(tone(440, 60, 16000))", "speaker.finish()", "speaker")
WRITING = ("speaker.start()", "while True: speaker.write(bytes(320)); time.sleep(0.01)", "speaker")
ASKING = ("speaker.start()", "while True: speaker.played(); time.sleep(0.01)", "speaker")


@pytest.mark.parametrize(
    ("how", "work", "then", "what"),
    [
        ("unplug", *LISTENING),
        ("unplug", *FINISHING),
        ("unplug", *WRITING),
        ("unplug", *ASKING),
        ("freeze", *LISTENING),
    ],
)
def test_a_device_that_is_taken_away(how, work, then, what):
    """An error, and no hanging, nor a word of PortAudio's."""
    code = WATCHED.format(work=work, then=then)
    with SoundCard(microphone=True) as card, card.recording(), SoundProcess(card, code) as process:
        assert process.line() == "working"
        getattr(card, how)()
        process.go_on()
        assert process.end() == [f"7 the {what} stopped working", "True"]
