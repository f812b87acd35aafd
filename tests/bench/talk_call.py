"""What every figure of `talk` needs: an agent that does as it is told, and programs that call it."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.soundcard import SoundCard

HERE = Path(__file__).parent
GUARD_S = 20


class Agent:
    """The process of `talk_agent.py`, which knows the commands."""

    def __enter__(self) -> "Agent":
        command = [sys.executable, "-B", str(HERE / "talk_agent.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._answer())
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.communicate()  # it takes the end of its stdin as its own

    def tell(self, *words: object) -> float:
        """Have one command done; gives its moment on the monotonic clock in seconds."""
        assert self._process.stdin is not None
        print(*words, file=self._process.stdin, flush=True)
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the agent of the benchmark has failed")
        return line


class Call:
    """A program that was started to call the agent. What it says goes to the terminal where `stdin` is one."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], stdin: int) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by clear_away
        out = stdin if stdin >= 0 and os.isatty(stdin) else self._said.fileno()
        self._process = subprocess.Popen(argv, env=environ, stdin=stdin, stdout=out, stderr=out)

    def interrupt(self) -> float:
        """Ctrl+C; gives its moment."""
        now = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        return now

    def expect_running(self) -> None:
        """Ends the benchmark when it is not."""
        if self._process.poll() is not None:
            raise SystemExit(f"the call ended too soon:\n{self._words()}")

    def gone(self) -> float:
        """Waits until the process has ended; gives that moment. Ends the benchmark when it does not."""
        guard = threading.Timer(GUARD_S, self._process.kill)
        guard.start()
        code = self._process.wait()  # without a time limit: Python would look only every 50 ms
        now = time.monotonic()
        guard.cancel()
        if code == -signal.SIGKILL:
            raise SystemExit(f"the call did not end:\n{self._words()}")
        return now

    def clear_away(self) -> None:
        self._process.kill()
        self._process.wait()
        self._said.close()

    def _words(self) -> str:
        self._said.seek(0)
        return self._said.read().decode(errors="replace")


@dataclass(frozen=True)
class Stage:
    """What the sections share.

    programs  the words that start a call, by program
    calls     how often each program calls for a figure that can be taken several times in a call
    turns     how often it is taken in each
    runs      how often each program calls for any other figure
    """

    card: SoundCard
    agent: Agent
    programs: Mapping[str, Sequence[str]]
    calls: int
    turns: int
    runs: int

    @property
    def echo_runs(self) -> int:
        """How often each program calls for a figure that takes a quarter of a minute."""
        return max(self.runs // 3, 1)

    @contextlib.contextmanager
    def calling(
        self, program: str, *options: str, port: int | None = None, stdin: int = subprocess.DEVNULL, **environ: str
    ) -> Iterator[Call]:
        """A call to the agent, or to whatever listens at `port`; whoever still runs at the end is killed."""
        # both programs choose the latency that they want of the sound server
        sound = {name: value for name, value in self.card.environ.items() if name != "PULSE_LATENCY_MSEC"}
        address = {"ELEVENLABS_BASE_URL": f"http://127.0.0.1:{port or self.agent.port}"}
        base = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TERM": "xterm"}
        call = Call([*self.programs[program], *options], {**base, **sound, **address, **environ}, stdin)
        try:
            yield call
        finally:
            call.clear_away()

    @contextlib.contextmanager
    def conversation(self, program: str, *options: str, **environ: str) -> Iterator[Call]:
        """A call whose sound flows in both directions."""
        with self.calling(program, *options, **environ) as call:
            for command in ("initiation", "start", "hears"):
                self.agent.tell(command)
            yield call
