"""What `stt --live --once` takes for one utterance, and when the time for it is over."""

import pytest

from eleven_cli.api.stt.events import Committed, RealtimeWord
from eleven_cli.commands.stt.live.utterance import GRACE_S, Utterance

HI, THERE = (RealtimeWord(text, at, at + 0.5) for at, text in enumerate(["Hi", "there."]))


@pytest.mark.parametrize(
    ("parts", "is_over", "whole"),
    [
        ([], False, None),
        ([Committed("")], False, None),
        ([Committed(" \n")], False, None),
        ([Committed("Hi")], True, Committed("Hi")),
        ([Committed(""), Committed("Hi")], True, Committed("Hi")),
        ([Committed("Hi", is_partway=True)], False, Committed("Hi", is_partway=True)),
        ([Committed("Hi", is_partway=True), Committed("there.")], True, Committed("Hi there.")),
        ([Committed("Hi", is_partway=True), Committed("")], True, Committed("Hi", is_partway=True)),
        (
            [Committed("Hi", (HI,), "eng", is_partway=True), Committed("there.", (THERE,), "eng")],
            True,
            Committed("Hi there.", (HI, RealtimeWord(" ", None, None, "spacing"), THERE), "eng"),
        ),
    ],
)
def test_what_one_utterance_is(parts, is_over, whole):
    utterance = Utterance(None)
    for part in parts:
        utterance.add(part)
    assert (utterance.is_over, utterance.whole) == (is_over, whole)


@pytest.mark.parametrize(
    ("timeout_s", "after_s", "audible", "understood", "late"),
    [
        (None, 1e6, False, False, False),
        (5, 4.9, False, False, False),
        (5, 5, False, False, True),
        (5, 5, True, False, False),  # somebody may just have begun to speak
        (5, 5 + GRACE_S, True, False, True),  # or it is a noise
        (5, 1e6, True, True, False),
        (5, 5, False, True, False),
    ],
)
def test_when_the_time_is_over(timeout_s, after_s, audible, understood, late):
    now = [100.0]
    utterance = Utterance(timeout_s, clock=lambda: now[0])
    now[0] += after_s
    assert utterance.is_late(is_audible=audible, is_understood=understood) is late
    assert utterance.nothing_said.message == ("nothing was said within 5 s" if late else "nothing was said")


def test_a_part_that_was_said_is_waited_for():
    now = [0.0]
    utterance = Utterance(1, clock=lambda: now[0])
    utterance.add(Committed("Hi", is_partway=True))
    now[0] = 1e6
    assert not utterance.is_late(is_audible=False, is_understood=False)
