"""Client tools: what is answered, and when."""

import queue
import shlex
import subprocess
import threading

import pytest

from eleven_cli.api.agents.tool_events import ToolCalled
from eleven_cli.commands.talk.tools import Tools
from tests.support.guard import GUARD_S, wait_until


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


def waiting_tool(folder):
    """A command that says that it has begun, and waits to be let go on."""
    return ["sh", "-c", f"n=$(cat); touch {folder}/begun-$n; while [ ! -e {folder}/go ]; do sleep 0.02; done; echo $n"]


def test_eight_run_at_once_and_the_others_wait_in_their_order(tmp_path):
    answers, calls, before = queue.SimpleQueue(), 30, set(threading.enumerate())
    with Tools({"t": waiting_tool(tmp_path)}, lambda *said: answers.put(said), timeout_s=GUARD_S) as tools:
        for number in range(calls):
            tools.run(ToolCalled("t", f"call_{number}", number))
        wait_until(lambda: len(list(tmp_path.glob("begun-*"))) == 8)
        assert {path.name for path in tmp_path.glob("begun-*")} == {f"begun-{number}" for number in range(8)}
        assert tools.open_calls == calls
        assert len(set(threading.enumerate()) - before) < calls
        (tmp_path / "go").touch()
        done = {answers.get(timeout=GUARD_S) for _ in range(calls)}
        assert done == {(f"call_{number}", str(number), False) for number in range(calls)}


def test_a_call_that_waits_is_not_late():
    answers = queue.SimpleQueue()
    with Tools({"t": ["sleep", "0.3"]}, lambda *said: answers.put(said), timeout_s=2) as tools:
        for number in range(8 * 9):  # one after the other they would take 2.7 s
            tools.run(ToolCalled("t", f"call_{number}", {}))
        assert [answers.get(timeout=60)[2] for _ in range(8 * 9)] == [False] * 72


def test_leaving_ends_what_runs_and_starts_nothing_more(tmp_path):
    answers = queue.SimpleQueue()
    with Tools({"t": waiting_tool(tmp_path)}, lambda *said: answers.put(said)) as tools:
        for number in range(400):
            tools.run(ToolCalled("t", f"call_{number}", number))
        wait_until(lambda: len(list(tmp_path.glob("begun-*"))) == 8)
    wait_until(lambda: not tools._running)
    assert len(list(tmp_path.glob("begun-*"))) == 8
    assert answers.empty()
    assert not subprocess.run(["pgrep", "-f", str(tmp_path)], stdout=subprocess.PIPE).stdout


def test_no_thread_is_left(monkeypatch):
    answers = queue.SimpleQueue()
    monkeypatch.setattr(threading.Thread, "start", lambda self: (_ for _ in ()).throw(RuntimeError))
    with Tools({"t": ["true"]}, lambda *said: answers.put(said)) as tools:
        tools.run(ToolCalled("t", "call_1", {}))
        assert answers.get_nowait() == ("call_1", "the tool cannot be started: no more threads", True)
        assert tools.open_calls == 0
