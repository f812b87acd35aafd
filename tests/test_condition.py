"""Condition: whenever Ctrl+C comes, its lock is free afterwards, and nothing but KeyboardInterrupt is raised."""

import subprocess
import sys

import pytest

# A signal is raised at the n-th step of what the main thread does with a Condition, for each n in turn.
INJECTED = """
import signal, sys, threading
from eleven_cli.condition import Condition
from eleven_cli.signals.graceful_stop import GracefulStop
from eleven_cli.signals.handlers import Signals

class Injector:
    def __init__(self, at):
        self.left = at

    def trace(self, frame, event, arg):
        frame.f_trace_opcodes = True
        if event == "opcode" and self.is_watched(frame):
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)
        return self.trace

    def is_watched(self, frame):
        return frame.f_code.co_filename.endswith(("threading.py", "condition.py", "<string>"))

def use(condition):
    with condition:
        condition.wait(0.001)
    with condition:
        condition.wait_for(lambda: False, 0.001)
        condition.notify_all()

def interrupted(at):
    condition, injector = Condition(), Injector(at)
    raised = None
    with HANDLER:
        try:
            sys.settrace(injector.trace)
            use(condition)
            for _ in range(20): pass
        except KeyboardInterrupt as interrupt:
            raised = interrupt
        finally:
            sys.settrace(None)
    is_free = []
    taking = threading.Thread(target=lambda: is_free.append(condition.acquire(timeout=5)))
    taking.start()
    taking.join()
    assert is_free == [True], at
    assert (injector.left > 0) == (raised is None), at
    return raised is not None

class Aborting:
    def __enter__(self):
        signal.signal(signal.SIGINT, Signals(None, None).abort)
    def __exit__(self, *exc):
        pass

at = 1
while interrupted(at):
    at += 1
print(at)
"""
HANDLERS = {"abort": "Aborting()", "graceful": "GracefulStop(raises=True)"}


@pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS)
def test_a_signal_at_any_step_leaves_the_lock_free(handler):
    code = INJECTED.replace("HANDLER", handler)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 100
