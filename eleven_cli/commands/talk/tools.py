"""Client tools: local commands that an agent may run."""

import json
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import IO

from eleven_cli.api.agents.tool_events import ToolCalled
from eleven_cli.processes import environment_for_children

TIMEOUT_S = 30.0
GRACE_S = 0.2  # for the rest of the output, when a command has ended
LONGEST_RESULT = 64 * 1024
MOST_AT_ONCE = 8
Answer = Callable[[str, str, bool], None]
_Call = tuple[ToolCalled, Sequence[str]]


class Tools:
    """Runs the command of each tool call, at most MOST_AT_ONCE at a time; further calls wait in order.

    A command gets the parameters as JSON on its stdin; its output is the result. It does not get the API key. Leaving
    the `with` kills the running commands and starts no others.
    """

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        answer: Answer,
        *,
        timeout_s: float = TIMEOUT_S,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._commands, self._answer, self._timeout_s = commands, answer, timeout_s
        self._environ = environ
        self._running: set[subprocess.Popen[bytes]] = set()
        self._waiting: deque[_Call] = deque()
        self._at_work = 0
        self._left = False
        self._lock = threading.Lock()
        self.open_calls = 0

    def __enter__(self) -> "Tools":
        return self

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            self._left = True
            self._waiting.clear()
            for process in self._running:
                _kill(process)

    def run(self, call: ToolCalled) -> None:
        """Queues the command of a call; its answer is sent when it ends. An unknown tool is answered immediately."""
        command = self._commands.get(call.tool_name)
        if command is None:
            self._answer(call.tool_call_id, f"there is no tool {call.tool_name} here", True)
            return
        with self._lock:
            self.open_calls += 1
            self._waiting.append((call, command))
            if self._at_work == MOST_AT_ONCE:
                return
            self._at_work += 1
        try:
            threading.Thread(target=self._work, daemon=True).start()
        except RuntimeError:
            self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        """Refuses the waiting calls when no thread can be started, unless another thread will take them."""
        with self._lock:
            self._at_work -= 1
            refused = [] if self._at_work else list(self._waiting)
            self.open_calls -= len(refused)
            if refused:
                self._waiting.clear()
        for call, _ in refused:
            self._answer(call.tool_call_id, "the tool cannot be started: no more threads", True)

    def _work(self) -> None:
        """Serves one call after the other, until none waits."""
        while (waiting := self._next()) is not None:
            self._serve(*waiting)

    def _next(self) -> _Call | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._at_work -= 1
            return None

    def _serve(self, call: ToolCalled, command: Sequence[str]) -> None:
        try:
            result, is_error = self._result(command, json.dumps(call.parameters).encode())
            if not self._left:
                self._answer(call.tool_call_id, result, is_error)
        finally:
            with self._lock:
                self.open_calls -= 1

    def _result(self, command: Sequence[str], parameters: bytes) -> tuple[str, bool]:
        """Runs a command; gives its output, or why it failed, and whether it did."""
        process = self._started(command)
        if isinstance(process, str):
            return process, True
        try:
            out, err = self._output(process, parameters)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.wait()
            return f"the tool did not answer within {self._timeout_s:.0f} s", True
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            said = _text(err) or _text(out)
            return f"the tool failed with exit code {process.returncode}" + (f": {said}" if said else ""), True
        return _text(out), False

    def _output(self, process: "subprocess.Popen[bytes]", parameters: bytes) -> tuple[bytes, bytes]:
        """Gives its output once it has ended, even if a process that it started keeps the pipes open."""
        assert process.stdin
        assert process.stdout
        assert process.stderr
        out, err = bytearray(), bytearray()
        at_work = [
            threading.Thread(target=_give, args=(process.stdin, parameters), daemon=True),
            threading.Thread(target=_take, args=(process.stdout, out), daemon=True),
            threading.Thread(target=_take, args=(process.stderr, err), daemon=True),
        ]
        for thread in at_work:
            thread.start()
        process.wait(self._timeout_s)
        for thread in at_work:
            thread.join(GRACE_S)
        return bytes(out), bytes(err)

    def _started(self, command: Sequence[str]) -> "subprocess.Popen[bytes] | str":
        """Starts a process, or gives the reason why not. In its own session its children can be killed, too."""
        with self._lock:
            if self._left:
                return "the conversation has ended"
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                    env=environment_for_children(self._environ),
                )
            except OSError as failed:
                return f"the tool cannot be started: {failed.strerror}"
            self._running.add(process)
            return process


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)


def _give(stream: IO[bytes], data: bytes) -> None:
    with suppress(OSError), stream:  # a tool need not read it
        stream.write(data)


def _take(stream: IO[bytes], into: bytearray) -> None:
    """Reads to the end, but keeps no more than a result may be long."""
    with suppress(OSError), stream:
        while piece := os.read(stream.fileno(), LONGEST_RESULT):
            into += piece[: LONGEST_RESULT - len(into)]


def _text(data: bytes) -> str:
    return data[:LONGEST_RESULT].decode("utf-8", "replace").strip()
