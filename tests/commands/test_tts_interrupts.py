"""Whenever Ctrl+C comes while the pieces of a long text are waited for, these go on, and can be waited for again."""

import subprocess
import sys

import pytest

# A signal is raised at the n-th step of what the main thread does in WAITING, for each n in turn.
INJECTED = """
import contextlib, signal, sys, threading
from eleven_cli.api.tts import AudioChunk
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.commands.tts.long_text.piece_fetcher import PieceFetcher
from eleven_cli.commands.tts.long_text.progress import LongTextProgress
from eleven_cli.signals.graceful_stop import GracefulStop

class Pieces:
    def __init__(self):
        self.complete = set()

    def has(self, index):
        return index in self.complete

    @contextlib.contextmanager
    def piece(self, index):
        yield self
        self.complete.add(index)

    def write(self, data): ...
    def finish(self, facts): ...

class Injector:
    def __init__(self, at):
        self.left = at

    def trace(self, frame, event, arg):
        frame.f_trace_opcodes = True
        if event == "opcode" and frame.f_code.co_filename.endswith(("threading.py", "condition.py", "fetcher.py")):
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)
        return self.trace

def interrupted(at):
    may_end, begun, pieces = threading.Event(), threading.Semaphore(0), Pieces()

    def synthesize(index):
        begun.release()
        may_end.wait()
        return SpeechResponse([AudioChunk(b"audio")], lambda: None, concurrency_limit=2)

    progress = LongTextProgress({0: 1, 1: 1}, {}, 16000)
    fetcher = PieceFetcher(synthesize, pieces, wanted=[0, 1], progress=progress)
    injector, raised = Injector(at), False
    with GracefulStop(raises=True):
        try:
            WAITING
        except KeyboardInterrupt:
            raised = True
        finally:
            sys.settrace(None)
    may_end.set()
    fetcher.stop()
    fetcher.wait(10)
    assert (fetcher.under_way, pieces.complete <= {0, 1}) == (0, True), at
    assert raised or injector.left > 0, at
    return raised

at = 1
while interrupted(at):
    at += 1
print(at)
"""
AT_THE_END = """
            fetcher.__enter__()
            begun.acquire()
            sys.settrace(injector.trace)
            fetcher.stop()
            fetcher.wait(0.001)
"""
AT_THE_BEGINNING = """
            may_end.set()
            sys.settrace(injector.trace)
            fetcher.__enter__()
            fetcher.wait_for_the_first()
"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("waiting", [AT_THE_BEGINNING, AT_THE_END], ids=["beginning", "end"])
def test_a_signal_at_any_step_of_waiting_for_pieces_leaves_them_going_on(waiting):
    code = INJECTED.replace("WAITING", waiting.strip())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=280)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 100
