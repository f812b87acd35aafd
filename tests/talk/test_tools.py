"""Client tools: what is answered, and when."""

import queue
import shlex

import pytest

from eleven_cli.api.events import ToolCalled
from eleven_cli.commands.talk.tools import Tools

GUARD_S = 10


def answer(command, *, timeout_s=GUARD_S, parameters=None):
    """(call, result, is_error) of one call of this command."""
    answers = queue.SimpleQueue()
    argv = shlex.split(command)
    with Tools({"t": argv}, lambda *said: answers.put(said), timeout_s=timeout_s) as tools:
        tools.run(ToolCalled("t", "call_1", parameters or {}))
        return answers.get(timeout=GUARD_S)


def test_a_tool_that_takes_too_long():
    said = answer("sleep 100", timeout_s=0.3)
    assert said == ("call_1", "the tool did not answer within 0 s", True)


def test_a_tool_that_takes_too_long_and_writes_meanwhile():
    assert answer("sh -c 'while :; do echo x; sleep 0.01; done'", timeout_s=0.3)[2]


def test_what_it_started_may_go_on():
    """The command has ended; something that it left behind keeps its output open for longer than the test may take."""
    assert answer("sh -c 'sleep 60 & echo done'") == ("call_1", "done", False)


def test_a_failure_that_leaves_something_behind():
    said = answer("sh -c 'sleep 60 & echo broken >&2; exit 3'")
    assert said == ("call_1", "the tool failed with exit code 3: broken", True)


@pytest.mark.parametrize("command", ["true", "sh -c 'exec <&-; sleep 0.2'", "head -c 5000000 /dev/zero"])
def test_parameters_that_nobody_reads(command):
    assert not answer(command, parameters={"text": "x" * 1_000_000})[2]


def test_long_parameters_and_a_slow_tool():
    """More than fits into the pipe, read late."""
    assert answer("sh -c 'sleep 0.3; wc -c'", parameters={"text": "x" * 200_000})[1] == "200012"
