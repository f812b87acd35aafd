"""A part of the fault table: each fault once, by the commands in turn. All of it: tests/faults/run"""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.faults.commands import COMMANDS
from tests.faults.faults import FAULTS
from tests.faults.row import row
from tests.faults.table import rows_of
from tests.faults.wires import SHAPES, STATUSES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what it limits and looks at is Linux's")
AT_ONCE = 6  # most of them wait
BY_NAME = {fault.name: fault for fault in FAULTS}
ALIKE = (  # of these, one is enough here
    *("a first line of 'HTTP/1.1 0", "a first line of 'HTTP/1.1 -", "a first line of 'HTTP/1.1 2", "a length of 1"),
    *("a length of 9", "a length of 5", "SIGINT and SIGTERM", "SIGTERM and SIGINT"),
)
OTHERS = [fault for fault in FAULTS if not fault.name.startswith(("status", *ALIKE)) and not fault.whole]
# these are as they are for more than one kind of command
ALSO = {
    "6 descriptors": ("stt file", "talk text"),
    "disk full": ("align", "call srt"),
    "stdout closed": ("clone", "add words"),
    "stopped while the answer comes": ("doctor",),
    "429 twice, then well": ("history delete", "api delete"),
    "reset before the first byte": ("clone", "history delete"),
    "closed after the first part": ("api pages", "history get", "api file"),
    "the folder goes away": ("tts file",),
    "8 descriptors": ("models", "tts file", "tts long"),
    "SIGINT amid the answer": ("tts file", "tts long"),
    "SIGTERM amid the answer": ("tts file", "history get"),
    "SIGHUP amid the answer": ("tts file", "api pages"),
    "reset after the first part": ("sts",),
    "the reader leaves": ("tts pipe",),
}


def _chosen():
    """Each fault with one command; each status and each shape of a refusal once."""
    shapes = list(SHAPES)
    refusals = [BY_NAME[f"status {status}, {shapes[at % len(shapes)]}"] for at, status in enumerate(STATUSES)]
    for at, fault in enumerate([*OTHERS, *refusals]):
        pairs = [pair for pair in rows_of([fault], COMMANDS) if not _is_long(*pair)]
        yield pairs[at * 5 % len(pairs)]
    commands = {command.name: command for command in COMMANDS}
    for name, words in ALSO.items():
        yield from ((BY_NAME[name], commands[word]) for word in words)


def _is_long(fault, command):
    """What is silent on a WebSocket is given a minute."""
    return fault.name.startswith("silence") and command.is_socket


ROWS = {f"{fault.name} × {command.name}": (fault, command) for fault, command in _chosen()}


@pytest.fixture(scope="module")
def results():
    """All rows, some at a time, as soon as the first of them is wanted."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(row, *pair) for name, pair in ROWS.items()}


@pytest.mark.parametrize("name", ROWS)
def test_a_row(results, name):
    assert results[name].result().differences == []


def test_each_command_is_there():
    assert {command.name for _, command in ROWS.values()} == {
        command.name for command in COMMANDS if not command.on_card
    }


def test_what_is_not_right_differs():
    commands = {command.name: command for command in COMMANDS}
    wrong = replace(BY_NAME["reset after the first part"], code=0, says=("sunshine",), pays=False)
    code, said, paid = row(wrong, commands["tts pipe"]).differences
    assert code == "exit code 6, not 0"
    assert said.startswith("it says 'error: the connection")
    assert paid == "1 charges, not 0"
