"""Whose turn it is, by the second."""

import pytest

from eleven_cli.api.agents.events import AgentComplete, AgentPart, AgentSaid, Audio, Ping, UserSaid
from eleven_cli.api.agents.tool_events import ToolCalled
from eleven_cli.commands.talk.turns import EchoDetector, Turns


def after(*happenings):
    """A conversation's turns after (time, event) pairs; "spoke" stands for the user."""
    turns = Turns(0.0)
    for at, event in happenings:
        turns.spoke(at) if event == "spoke" else turns.observe(event, at)
    return turns


SAID = AgentSaid("Yes.")
START, DELTA, STOP = AgentPart(part="start"), AgentPart("x", "delta"), AgentPart(part="stop")


@pytest.mark.parametrize(
    ("happenings", "not_yet", "now"),
    [
        ([], 1.4, 1.6),  # an agent without a first message
        ([(1.0, SAID)], 1.4, 1.6),
        ([(1.0, SAID), (1.3, Audio())], 1.7, 1.9),
        ([(1.0, Ping()), (1.4, Ping())], 1.4, 1.6),  # a ping is no sign of an answer
        ([(0.5, START), (1.0, DELTA)], 50, 61.1),  # a part that never ends is waited for no longer than a minute
        ([(0.5, START), (1.0, DELTA), (2.0, STOP)], 2.4, 2.6),
        ([(0.5, SAID), (2.0, "spoke")], 60, 62.1),
        ([(0.5, SAID), (2.0, "spoke"), (3.0, SAID)], 3.4, 3.6),
        ([(0.5, SAID), (2.0, "spoke"), (3.0, SAID), (3.1, ToolCalled("t")), (9.0, SAID)], 9.4, 9.6),
    ],
)
def test_when_the_user_may_speak(happenings, not_yet, now):
    turns = after(*happenings)
    assert not turns.may_speak(not_yet)
    assert turns.may_speak(now)


def test_an_agent_that_says_that_it_is_done_is_not_waited_for():
    assert after((1.0, SAID), (1.1, AgentComplete())).may_speak(1.1)


def test_not_while_it_is_busy():
    turns = after((1.0, SAID))
    assert not turns.may_speak(100.0, busy=True)
    assert not turns.has_answered(100.0, busy=True)


def test_waiting_in_vain_is_no_answer():
    turns = after((0.0, "spoke"))
    assert turns.may_speak(61.0)
    assert not turns.has_answered(61.0)


@pytest.mark.parametrize(
    ("said", "heard", "noticed"),
    [
        ("Hello! How can I help you today?", "how can I help you today", True),
        ("Hello! How can I help you today?", "How can I help you to day?", True),
        ("Hello! How can I help you today?", "What is the weather in Lisbon?", False),
        ("Yes.", "yes", False),
        ("Is that okay?", "that is okay", False),
    ],
)
def test_an_agent_that_hears_itself(said, heard, noticed):
    hearing = EchoDetector()
    assert not hearing.is_echo(AgentSaid(said))
    assert hearing.is_echo(UserSaid(heard)) is noticed
