"""The table itself: what is done is told at once, and not lost when the rest is not run."""

import threading

import pytest

from tests.faults import table
from tests.faults.row import Row
from tests.support.guard import GUARD_S

FAULTS = ["--fault", "connection refused", "--fault", "no such name", "--command", "models", "--command", "voices"]


@pytest.fixture
def rows(monkeypatch):
    """What a row gives, or raises, by its fault and its command."""

    def row(fault, command):
        found = said.get((fault.name, command.name), [])
        return Row(fault, command, found() if callable(found) else found, 0.0)

    said = {}
    monkeypatch.setattr(table, "row", row)
    monkeypatch.setattr(table.signal, "signal", lambda *_: None)
    return said


def interrupt():
    raise KeyboardInterrupt


def test_all_rows(rows, capsys):
    rows["no such name", "voices"] = ["exit code 1, not 6", "2 hints"]
    assert table.main([*FAULTS, "-n", "1"]) == 1
    assert capsys.readouterr().out.rpartition("; ")[0].splitlines() == [
        "                   models voices",
        "connection refused   ok     ok  ",
        "no such name         ok     2   ",
        "    voices: exit code 1, not 6",
        "    voices: 2 hints",
        "no such name × voices:",
        "    exit code 1, not 6",
        "no such name × voices:",
        "    2 hints",
        "4 rows (2 faults, 2 commands): 3 ok, 1 differ",
    ]


def test_a_line_is_there_before_the_next_fault_ends(rows, monkeypatch):
    printed = threading.Event()
    monkeypatch.setattr(
        table, "print", lambda *words, **_: printed.set() if "connection" in str(words) else None, raising=False
    )
    rows["no such name", "models"] = lambda: [] if printed.wait(GUARD_S) else ["the line is not there"]
    assert table.main([*FAULTS, "-n", "1"]) == 0


def test_an_interrupted_table_tells_what_it_had(rows, capsys):
    rows["no such name", "voices"] = interrupt
    assert table.main([*FAULTS, "-n", "1"]) == 130
    *_, last, in_words, count = capsys.readouterr().out.splitlines()
    assert (last, in_words) == ("no such name         ok     ?   ", "")
    assert count.startswith("3 rows of 4: interrupted (2 faults, 2 commands): 3 ok, 0 differ; ")
