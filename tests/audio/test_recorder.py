"""Both sides in one file: alignment, drift, and a header that is always true."""

import random
import struct
import tracemalloc
import wave
from array import array

import pytest

from eleven_cli.audio.call.recorder import Recorder
from eleven_cli.errors import UsageError

RATE = 8000
FRAME = RATE // 50 * 2
LOUD = struct.pack("<h", 9000)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "call.wav"


def sides(path):
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        both = array("h", file.readframes(file.getnframes()))
        return both[0::2], both[1::2], file.getframerate()


def test_user_left_agent_right(path):
    with Recorder(str(path), user_rate=RATE, agent_rate=RATE) as recorder:
        for _ in range(10):
            recorder.add(b"\1\0" * 160, b"\2\0" * 160)
    left, right, _ = sides(path)
    assert set(left) == {1}
    assert len(right) == 1600
    assert set(right) == {2}


def test_the_rates_may_differ(path):
    with Recorder(str(path), user_rate=8000, agent_rate=24000) as recorder:
        for _ in range(50):
            recorder.add(bytes(FRAME), b"\2\0" * 480)
    left, right, rate = sides(path)
    assert rate == 24000
    assert len(left) == len(right)
    assert len(left) / rate == pytest.approx(1.0, abs=0.06)


def test_both_sides_are_there_to_their_last_sample(path):
    """Half a second at a lower rate is half a second in the file: nothing stays in a resampler."""
    with Recorder(str(path), user_rate=8000, agent_rate=24000) as recorder:
        for _ in range(25):
            recorder.add(b"\0\x20" * 160, b"\0\x20" * 480)
    left, _, rate = sides(path)
    assert len(left) == pytest.approx(rate / 2, abs=3)
    assert left[-10] > 0x1000


def test_an_existing_file_is_replaced_when_the_call_is_over(path):
    path.write_bytes(b"mine")
    with Recorder(str(path), user_rate=RATE, agent_rate=RATE) as recorder:
        recorder.add(bytes(FRAME), b"")
        assert path.read_bytes() == b"mine"
    assert len(sides(path)[0]) == 160


def test_a_call_that_fails_replaces_nothing(path):
    path.write_bytes(b"mine")

    def call():
        with Recorder(str(path), user_rate=RATE, agent_rate=RATE) as recorder:
            recorder.add(bytes(FRAME), b"")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call()
    assert path.read_bytes() == b"mine"
    assert len(sides(path.with_name("call.wav.part"))[0]) == 160


def test_a_place_where_nothing_can_be_written(tmp_path):
    with pytest.raises(UsageError, match=r"cannot write .*: No such file"):
        Recorder(str(tmp_path / "none" / "x.wav"), user_rate=RATE, agent_rate=RATE).__enter__()


def test_the_file_is_true_at_any_moment(path):
    with Recorder(str(path), user_rate=RATE, agent_rate=RATE) as recorder:
        for count in range(200):
            recorder.add(b"\1\0" * 160, bytes(FRAME))
            left, _, _ = sides(path.with_name("call.wav.part"))
            assert count * 160 - RATE * 1.2 - 160 <= len(left) <= (count + 1) * 160
    assert len(sides(path)[0]) == 200 * 160


def test_after_the_end_nothing_is_added(path):
    with Recorder(str(path), user_rate=RATE, agent_rate=RATE) as recorder:
        recorder.add(bytes(FRAME), b"")
    recorder.add(bytes(FRAME), b"")
    recorder.close()
    assert len(sides(path)[0]) == 160


def hour(recorder, *, drift, seconds=3600, seed=1):
    """Calls `add` as a call would: the speaker's clock runs `1 + drift` times as fast as the microphone's, its
    callbacks bring 10 ms each, now and then the machine is late. Every ten seconds the agent says a sharp 100 ms."""
    chance = random.Random(seed)
    played, late = 0, 0
    pending = b""
    for frame in range(seconds * 50):
        now = (frame + 1) / 50 + chance.uniform(0, 0.008)
        count = int(now * (1 + drift) * 100) - played
        pending += b"".join(_block(at / 100 / (1 + drift)) for at in range(played, played + count))
        played += count
        late = late - 1 if late else (chance.randrange(4) if chance.random() < 0.01 else 0)
        given, pending = (b"", pending) if late else (pending, b"")
        recorder.add(bytes(FRAME), given)


def _block(at_s):
    return LOUD * 80 if at_s % 10 < 0.1 else bytes(160)


def onsets(samples):
    """Where sound begins after a second without, in seconds."""
    found, last = [], -2 * RATE
    for at in range(0, len(samples), 8):
        if samples[at]:
            if at - last > RATE:
                found.append(at / RATE)
            last = at
    return found


@pytest.mark.parametrize("drift", [2e-4, -2e-4])
def test_an_hour_without_drift(path, drift):
    """200 ppm are 720 ms in an hour; cheap sound devices reach 100."""
    with Recorder(str(path), user_rate=RATE, agent_rate=RATE) as recorder:
        hour(recorder, drift=drift)
    _, right, _ = sides(path)
    errors = [onset - 10 * round(onset / 10) for onset in onsets(right)]
    assert len(errors) == 360
    assert len(right) == 3600 * RATE
    assert max(errors) - min(errors) < 0.05
    assert max(map(abs, errors)) < 0.05


def test_memory_stays_flat(path):
    with Recorder(str(path), user_rate=RATE, agent_rate=RATE) as recorder:
        tracemalloc.start()
        hour(recorder, drift=1e-4, seconds=60)
        before = tracemalloc.get_traced_memory()[0]
        hour(recorder, drift=1e-4, seconds=300)
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    assert after - before < 20_000
