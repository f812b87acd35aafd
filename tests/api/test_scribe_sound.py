"""What is kept of live sound, and where it is quiet."""

import pytest

from eleven_cli.api.stt.replay import KEPT_S, ReplayBuffer

RATE = 1000
LOUD, QUIET = b"\x10\x27" * RATE, bytes(2 * RATE)


def at_level(level):
    return level.to_bytes(2, "little") * RATE


def heard(*sounds):
    sound = ReplayBuffer(RATE)
    for each in sounds:
        sound.append(each)
    return sound


def test_what_is_kept_and_what_is_forgotten():
    sound = heard(LOUD, QUIET)
    sound.forget(len(LOUD))
    assert (sound.start, sound.position) == (len(LOUD), len(LOUD) + len(QUIET))
    assert b"".join(sound.between(0, sound.position, 0.3)) == QUIET
    assert [len(piece) for piece in sound.between(sound.start, sound.position, 0.3)] == [600, 600, 600, 200]
    sound.forget(10 * len(LOUD))
    assert sound.start == sound.position


def test_no_more_is_kept_than_can_be_wanted():
    sound = heard(*[LOUD] * round(KEPT_S + 10))
    assert sound.position - sound.start == KEPT_S * 2 * RATE


@pytest.mark.parametrize(
    ("sounds", "first"),
    [
        ([LOUD, QUIET], 1.0),
        ([LOUD, QUIET, LOUD, QUIET, QUIET], 1.0),
        ([LOUD, QUIET[:1600], LOUD, QUIET], 2.8),
        ([QUIET, LOUD, QUIET], 2.0),  # before the first nothing was heard
        ([LOUD], None),
        ([QUIET], None),
        ([at_level(500)], None),  # nothing before it
        ([LOUD, at_level(790), LOUD], 1.0),  # noise
        ([at_level(600), at_level(700), at_level(600)], None),  # only noise
        ([QUIET, at_level(400), QUIET, at_level(400)], 2.0),  # a soft speaker in a quiet room
        ([at_level(90), at_level(400), at_level(90), at_level(400)], 2.0),
        ([at_level(4000), at_level(800), at_level(4000), at_level(820), LOUD], 1.0),
    ],
)
def test_the_first_pause_of_some_length(sounds, first):
    pauses = list(heard(*sounds).pauses(0.9))
    assert [at for at, _ in pauses][:1] == ([] if first is None else [first * 2 * RATE])


def test_a_pause_that_is_cut_off_in_front_is_none():
    sound = heard(LOUD, QUIET, LOUD, QUIET)
    sound.forget(3 * RATE)
    assert list(sound.pauses(0.4)) == [(3 * len(LOUD), 1.0)]


def test_how_long_it_has_been_quiet():
    assert heard(LOUD, QUIET, QUIET).quiet_s == 2.0
    assert heard(QUIET, LOUD).quiet_s == 0.0


def test_whether_what_is_kept_is_quiet():
    sound = heard(LOUD, QUIET)
    assert not sound.is_quiet
    sound.forget(len(LOUD) + 2)
    assert sound.is_quiet


def test_half_a_sample():
    assert heard(b"\x10", b"\x27").position == 2
