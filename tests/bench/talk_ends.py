"""How soon a call is over after Ctrl+C, whatever it is doing."""

import os
import pty
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from table import Row, middle_and_worst
from talk_call import Call, Stage

GONE_MS = 300
SETTLED_S = 0.5
AGAIN_S = 0.002


@dataclass(frozen=True)
class State:
    """What a call is doing.

    commands  what the agent does until then; None when it does not even answer the handshake
    options   of `eleven talk`
    stdin     "nothing", "pipe" or "terminal"
    times     how often Ctrl+C is pressed
    sdk       whether the SDK's program can come to this
    """

    commands: tuple[str, ...] | None = ()
    options: tuple[str, ...] = ()
    stdin: str = "nothing"
    times: int = 1
    sdk: bool = False


CONNECTED = ("initiation", "start", "hears")
SPEAKING = (*CONNECTED, "voice 8 1 1")
STATES = {
    "connecting": State(None),
    "before the agent begins": State(("initiation",)),
    "idle": State(CONNECTED, sdk=True),
    "agent speaking": State(SPEAKING, sdk=True),
    "client tool running": State((*CONNECTED, "tool wait"), ("--tool", "wait=sleep 60")),
    "--text, stdin a pipe": State(("initiation", "start"), ("--text",), "pipe"),
    "--text, on a terminal": State(("initiation", "start"), ("--text",), "terminal"),
    "agent speaking, pressed twice": State(SPEAKING, times=2),
}


def ends(stage: Stage) -> list[Row]:
    """Milliseconds from Ctrl+C to the end of the process."""
    rows = []
    with stage.card.recording():
        for name, state in STATES.items():
            programs = [program for program in stage.programs if state.sdk or program == "eleven"]
            taken: dict[str, list[float]] = {program: [] for program in programs}
            for _ in range(stage.runs):
                for program, results in taken.items():
                    results.append(_end_ms(stage, program, state))
            rows += middle_and_worst(f"Ctrl+C → gone, {name}", "ms", taken, GONE_MS)
    return rows


def _end_ms(stage: Stage, program: str, state: State) -> float:
    with _in_state(stage, program, state) as call:
        time.sleep(SETTLED_S)
        call.expect_running()
        pressed_at = call.interrupt()
        for _ in range(state.times - 1):
            time.sleep(AGAIN_S)
            call.interrupt()
        return (call.gone() - pressed_at) * 1000


@contextmanager
def _in_state(stage: Stage, program: str, state: State) -> Iterator[Call]:
    if state.commands is None:
        with _unanswered(stage, program) as call:
            yield call
        return
    with _stdin(state.stdin) as stdin, stage.calling(program, *state.options, stdin=stdin) as call:
        for command in state.commands:
            stage.agent.tell(command)
        yield call


@contextmanager
def _unanswered(stage: Stage, program: str) -> Iterator[Call]:
    """A call that has asked for a WebSocket, and waits."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        stage.calling(program, port=listener.getsockname()[1]) as call,
        listener.accept()[0] as connection,
    ):
        connection.recv(1)
        yield call


@contextmanager
def _stdin(kind: str) -> Iterator[int]:
    """One end, while the other is kept open without a word."""
    if kind == "nothing":
        yield subprocess.DEVNULL
        return
    theirs, ours = os.pipe() if kind == "pipe" else reversed(pty.openpty())
    try:
        yield theirs
    finally:
        os.close(theirs)
        os.close(ours)
