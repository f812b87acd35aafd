"""How `eleven tts` makes a book: how busy it keeps the service, how little it needs, and what a kill costs.

The service speaks 20 times as fast as it sounds, to 5 at once, in a process of its own. Started by `run`, which makes
the environment; shows, and never judges by exit code.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from book_broken import broken_off
from book_server import CHARACTERS_PER_S
from book_shared import shared
from book_stage import PLACES, Service, Stage, in_flight, misplaced
from book_texts import KINDS, prose
from process import MIB, run
from table import Row, middle_and_worst, table

HERE = Path(__file__).parent
BUSY = 4.5
MEMORY_MB = 80
SPLIT_MB, SPLIT_S = 10, 2.0


def main() -> None:
    """Measure everything; the table on stdout, what is going on on stderr."""
    options = _options()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        quick = (150_000, 200, 200, 1, 5, 1)
        stage = Stage(Path(folder), *(quick if options.quick else (500_000, 20, 200, 3, 6, 3)))
        stage.book.write_text(prose(stage.characters))
        rows = [row for section in _sections() for row in section(stage)]
    print(_caption(stage, time.monotonic() - began))
    print(table(rows, ["eleven"]))


def uninterrupted(stage: Stage) -> list[Row]:
    """One book from beginning to end."""
    floor = min(run(["true"], os.environ).peak_mib for _ in range(3)) * MIB / 1e6  # what this process passes on
    with Service(stage.speed) as service:
        made = run(stage.command(stage.whole), stage.environ(service))
        requests = service.requests()
    took_s = {"eleven": made.total_ms / 1000, "service": stage.ideal_s(stage.speed)}
    return [
        Row("book, requests", "requests", {"eleven": len(requests)}),
        Row("book, in flight on average", "requests", {"eleven": in_flight(requests)}, limit=BUSY, at_least=True),
        Row("book, whole run", "s", took_s, "service"),
        Row("book, processor time", "s", {"eleven": made.cpu_s}),
        Row("book, peak memory", "MB", {"eleven": made.peak_mib * MIB / 1e6}, limit=MEMORY_MB, floor=floor),
        Row(
            "book, out of place",
            "characters",
            {"eleven": misplaced(stage.whole, stage.book, requests)},
            limit=0,
        ),
    ]


def splitting(stage: Stage) -> list[Row]:
    """Of texts of all kinds, in a process of its own each."""
    rows = []
    for kind in KINDS:
        command = [sys.executable, "-B", str(HERE / "book_split.py"), kind, str(SPLIT_MB)]
        taken = [float(subprocess.check_output(command)) for _ in range(stage.splits)]
        rows += middle_and_worst(f"splitting {SPLIT_MB} MB, {kind}", "s", {"eleven": taken}, SPLIT_S)
    return rows


def _sections() -> Iterator[Callable[[Stage], list[Row]]]:
    for section in (splitting, uninterrupted, broken_off, shared):
        print(f"bench: book, {section.__name__.replace('_', ' ')} …", file=sys.stderr, flush=True)
        yield section


def _caption(stage: Stage, took_s: float) -> str:
    return (
        f"Python {platform.python_version()} · {os.cpu_count()} cores · a book of {stage.characters:,} characters, a"
        f" service {stage.speed:g} × as fast as {CHARACTERS_PER_S} characters a second, {PLACES} at once · killed:"
        f" {stage.rounds} books at {stage.fast:g} × · {took_s:.0f} s\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run book", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="less of the book, ten times as fast")
    return parser.parse_args()


if __name__ == "__main__":
    main()
