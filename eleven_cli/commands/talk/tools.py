"""Client tools: local commands that an agent may have run."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from eleven_cli.api.events import ToolCalled
from eleven_cli.config import ENVIRONMENT

TIMEOUT_S = 30.0
LONGEST_RESULT = 64 * 1024
Answer = Callable[[str, str, bool], None]


class Tools:
    """Runs the command of each tool call, beside the conversation. Leaving the `with` ends what still runs.

    A command gets the parameters as JSON on its stdin; what it prints is the result. It does not get the API key.
    """

    def __init__(self, commands: Mapping[str, Sequence[str]], answer: Answer) -> None:
        self._commands, self._answer = commands, answer
        self._running: set[subprocess.Popen[bytes]] = set()
        self._left = False
        self._lock = threading.Lock()
        self.open_calls = 0

    def __enter__(self) -> "Tools":
        return self

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            self._left = True
            for process in self._running:
                _kill(process)

    def run(self, call: ToolCalled) -> None:
        """Start the command of a call; its answer is sent when it ends. An unknown tool is answered at once."""
        command = self._commands.get(call.tool_name)
        if command is None:
            self._answer(call.tool_call_id, f"there is no tool {call.tool_name} here", True)
            return
        with self._lock:
            self.open_calls += 1
        threading.Thread(target=self._serve, args=(call, command), daemon=True).start()

    def _serve(self, call: ToolCalled, command: Sequence[str]) -> None:
        try:
            result, is_error = self._result(command, json.dumps(call.parameters).encode())
            if not self._left:
                self._answer(call.tool_call_id, result, is_error)
        finally:
            with self._lock:
                self.open_calls -= 1

    def _result(self, command: Sequence[str], parameters: bytes) -> tuple[str, bool]:
        """What the command says, and whether it failed."""
        process = self._started(command)
        if isinstance(process, str):
            return process, True
        try:
            out, err = process.communicate(parameters, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.communicate()
            return f"the tool did not answer within {TIMEOUT_S:.0f} s", True
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            said = _text(err) or _text(out)
            return f"the tool failed with exit code {process.returncode}" + (f": {said}" if said else ""), True
        return _text(out), False

    def _started(self, command: Sequence[str]) -> "subprocess.Popen[bytes] | str":
        """The process, or why there is none. A session of its own lets us end all that it starts."""
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
                    env=_without_the_key(os.environ),
                )
            except OSError as failed:
                return f"the tool cannot be started: {failed.strerror}"
            self._running.add(process)
            return process


def _without_the_key(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in ENVIRONMENT["api_key"]}


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)


def _text(data: bytes) -> str:
    return data[:LONGEST_RESULT].decode("utf-8", "replace").strip()
