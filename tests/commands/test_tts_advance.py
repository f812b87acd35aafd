"""How far a long text is: what has arrived of each piece counts, and a promise is never taken back for a longer one."""

import re

import pytest

from eleven_cli.commands.tts.long_text.progress import LongTextProgress, progress_line

BYTES_PER_S = 16_000
BYTES = BYTES_PER_S // 15  # for each character, as is expected before it is known


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def of(clock, pieces=4, there=()):
    return LongTextProgress(dict.fromkeys(range(pieces), 1000), dict.fromkeys(there, 1000), BYTES_PER_S, clock)


def test_what_has_arrived_of_each_piece_counts(clock):
    advance = of(clock)
    for index in (0, 1, 2):
        advance.begin(index)
        advance.add(index, BYTES * 500)
    assert 1490 <= advance.characters <= 1510
    advance.end(0, is_complete=True)
    assert 2900 <= advance.characters < 3000, "half of the bytes were all of it, so it is more of the others, too"


def test_a_piece_that_sounds_long_is_not_whole_before_it_is(clock):
    advance = of(clock, pieces=1)
    advance.begin(0)
    advance.add(0, BYTES * 5000)
    assert advance.characters < 1000
    advance.end(0, is_complete=True)
    assert advance.characters == 1000


def test_it_never_falls_not_even_when_a_piece_is_lost(clock):
    advance = of(clock)
    advance.begin(0)
    advance.add(0, BYTES * 900)
    before = advance.characters
    advance.end(0, is_complete=False)
    assert advance.characters == before


def test_what_was_there_before_counts_but_tells_nothing_of_the_pace(clock):
    advance = of(clock, there=(0, 1))
    clock.now += 60
    assert (advance.characters, advance.left_s) == (2000, None)


def test_nothing_is_promised_before_it_is_known(clock):
    advance = of(clock)
    advance.begin(0)
    clock.now += 10
    advance.add(0, BYTES * 500)
    assert advance.left_s is None
    clock.now += 10
    advance.end(0, is_complete=True)
    assert advance.left_s == pytest.approx(60)


def test_a_promise_never_grows(clock):
    """One piece after the other, each slower than the last."""
    advance = of(clock, pieces=12)
    shown = []
    for index in range(12):
        advance.begin(index)
        for _ in range(10):
            clock.now += 1 + index / 4
            advance.add(index, BYTES * 100)
            shown += [advance.left_s]
        advance.end(index, is_complete=True)
    told = [left_s for left_s in shown if left_s is not None]
    assert len(told) > 5
    assert told == sorted(told, reverse=True)


@pytest.mark.parametrize("width", [10, 20, 39, 60, 79, 120])
def test_the_line_fits(clock, width):
    advance = LongTextProgress(dict.fromkeys(range(100), 12_345), {}, BYTES_PER_S, clock)
    for index in range(30):
        advance.begin(index)
        clock.now += 30
        advance.add(index, BYTES * 12_000)
        advance.end(index, is_complete=True)
    line = progress_line(advance, 370_350, width)
    assert len(line) <= width
    assert "30%" in line or "370,350 of 1,234,500 characters" in line
    if width >= 39:
        assert "370,350 credits" in line
        assert re.search(r"\d+ min left", line)


def test_one_is_one(clock):
    assert progress_line(of(clock), 1, 79).endswith("1 credit")
