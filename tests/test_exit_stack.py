"""ExitStack: whenever Ctrl+C comes, what was entered is exited, once and in order."""

import contextlib
import signal
import sys

import pytest

from eleven_cli.errors import ExitStack


class Manager:
    """Notes in `log` when it is entered and exited."""

    def __init__(self, name, log, *, refuses=False):
        self.name, self.log, self.refuses = name, log, refuses

    def __enter__(self):
        if self.refuses:
            raise OSError(self.name)
        self.log.append(f"+{self.name}")
        return self.name

    def __exit__(self, *exc):
        self.log.append(f"-{self.name}")


def use(stack, log):
    with stack:
        assert stack.enter_context(Manager("a", log)) == "a"
        assert stack.enter_context(Manager("b", log)) == "b"
        log.append("used")


def interrupted(stack, at):
    """What was logged when a signal comes as the n-th function is called, where Python handles one; and whether
    there was an n-th."""
    log, left = [], at

    def trace(frame, event, arg):
        nonlocal left
        is_watched = frame.f_code.co_filename.endswith(("errors.py", "contextlib.py"))
        left -= is_watched
        if is_watched and not left:
            signal.raise_signal(signal.SIGINT)

    raised = False
    sys.settrace(trace)
    try:
        use(stack, log)
    except KeyboardInterrupt:
        raised = True
    finally:
        sys.settrace(None)
    return log, raised


@pytest.fixture
def at_ctrl_c():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def left_open(log):
    return [step[1:] for step in log if step[0] == "+" and f"-{step[1:]}" not in log]


def all_interrupted(make):
    at, logs = 1, []
    while (found := interrupted(make(), at))[1]:
        logs.append(found[0])
        at += 1
    return logs, found[0]


def test_what_was_entered_is_exited_whenever_a_signal_comes(at_ctrl_c):
    logs, undisturbed = all_interrupted(ExitStack)
    assert undisturbed == ["+a", "+b", "used", "-b", "-a"]
    entering = [log for log in logs if "used" not in log]
    assert len(entering) > 4
    assert [left_open(log) for log in entering] == [[]] * len(entering)


def test_the_one_of_the_library_leaves_some_open(at_ctrl_c):
    """Else this one is needed no more."""
    logs, _ = all_interrupted(contextlib.ExitStack)
    assert any(map(left_open, logs))


def test_what_refuses_to_be_entered_is_not_exited():
    log, stack = [], ExitStack()
    with stack:
        stack.enter_context(Manager("a", log))
        with pytest.raises(OSError, match="b"):
            stack.enter_context(Manager("b", log, refuses=True))
    assert log == ["+a", "-a"]


def test_an_error_may_be_kept_back_by_what_was_entered():
    with ExitStack() as stack:
        stack.enter_context(contextlib.suppress(KeyError))
        raise KeyError
