"""Every decoder, with a few inputs of each: a result or an error of ours, in a time that is linear in their size.

`tests/fuzz/run` tries others for as long as it may.
"""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from eleven_cli.audio.codecs.wav import WavHeader
from eleven_cli.errors import UsageError
from tests.fuzz import limits
from tests.fuzz.changes import Shape, changed
from tests.fuzz.decoders import DECODERS
from tests.fuzz.limits import TooSlow, grows_evenly, timed

FEW = settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", DECODERS)
def test_an_example_is_read_and_its_changes_are_no_accident(name):
    decoder = DECODERS[name]
    for example in decoder.examples:
        decoder.read(example)

    @FEW
    @given(changed(decoder.examples, decoder.words))
    def check(data: bytes) -> None:
        timed(decoder, data)

    check()


@pytest.mark.parametrize("name", DECODERS)
def test_four_times_as_much_takes_about_four_times_as_long(name):
    decoder = DECODERS[name]
    for shape in decoder.shapes:
        grows_evenly(decoder, shape)


@pytest.mark.parametrize("rate", [1, 268_443_456])
def test_sound_at_an_impossible_rate_is_refused(rate):
    head = WavHeader(rate).to_bytes()
    with pytest.raises(UsageError, match=f"{rate} Hz, which cannot be"):
        DECODERS["media"].read(head[:28] + (8000).to_bytes(4, "little") + head[32:] + bytes(64))


@pytest.mark.parametrize(("power", "outcome"), [(1, nullcontext()), (2, pytest.raises(TooSlow, match="Shape"))])
def test_what_is_quadratic_is_found(monkeypatch, power, outcome):
    """By a clock of its own: what is really measured depends on what else the machine does."""
    clock = SimpleNamespace(now_s=0.0, thread_time=lambda: clock.now_s)
    monkeypatch.setattr(limits, "time", clock)

    def read(data):
        clock.now_s += 0.01 * (len(data) / 1000) ** power

    with outcome:
        grows_evenly(read, Shape(b"", b"a"))
