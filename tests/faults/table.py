"""Prints the table: a line for each fault, with "ok" or the number of differences under each command; then in words.

tests/faults/run [--fault WORDS]... [--command WORDS]... [--whole] [-n WORKERS] [--list]
"""

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.faults.commands import COMMANDS, Command
from tests.faults.faults import FAULTS, Fault
from tests.faults.row import Row, row

_NAMES = {fault.name for fault in FAULTS} | {command.name for command in COMMANDS}


def rows_of(faults: Iterable[Fault], commands: Sequence[Command]) -> list[tuple[Fault, Command]]:
    """All pairs that make sense."""
    return [
        (fault, command)
        for fault in faults
        for command in commands
        if fault.only(command) and fault.name not in command.skips
    ]


def main(words: Sequence[str]) -> int:
    options = _parser().parse_args(words)
    faults = [fault for fault in FAULTS if _is_meant(fault.name, options.fault) and (options.whole or not fault.whole)]
    commands = [command for command in COMMANDS if _is_meant(command.name, options.command)]
    pairs = rows_of(faults, commands)
    if options.list:
        print("\n".join(f"{fault.name} × {command.name}" for fault, command in pairs))
        return 0
    started = time.monotonic()
    with ThreadPoolExecutor(options.n) as pool:
        rows = list(_told(pool.map(lambda pair: row(*pair), pairs), len(pairs)))
    print(_table(rows, commands))
    print(*_in_words(rows), sep="\n")
    differing = sum(bool(one.differences) for one in rows)
    print(
        f"{len(rows)} rows ({len(faults)} faults, {len(commands)} commands): {len(rows) - differing} ok, "
        f"{differing} differ; {time.monotonic() - started:.0f} s"
    )
    return 1 if differing else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests/faults/run", description="Faults and commands: what differs.")
    parser.add_argument("--fault", action="append", help="only faults of this name, or whose names contain it")
    parser.add_argument("--command", action="append", help="the same for commands")
    parser.add_argument("--whole", action="store_true", help="each refusal in each shape, and the pauses of 70 s, too")
    parser.add_argument("-n", type=int, default=6, help="rows at once (6)")
    parser.add_argument("--list", action="store_true", help="name the rows, run nothing")
    return parser


def _is_meant(name: str, words: Sequence[str] | None) -> bool:
    return not words or any(word == name or (word not in _NAMES and word in name) for word in words)


def _told(rows: Iterable[Row], count: int) -> Iterable[Row]:
    """Shows on a terminal how far it is."""
    for number, one in enumerate(rows, 1):
        if sys.stderr.isatty():
            print(f"\r{number} of {count} ", end="" if number < count else "\n", file=sys.stderr, flush=True)
        yield one


def _table(rows: Sequence[Row], commands: Sequence[Command]) -> str:
    found = {(one.fault.name, one.command.name): one for one in rows}
    width = max((len(one.fault.name) for one in rows), default=0)
    head = " ".join([" " * width, *(command.name for command in commands)])
    lines = [
        " ".join(
            [name.ljust(width), *(_cell(found.get((name, c.name))).center(len(c.name)) for c in commands)]
        ).rstrip()
        for name in dict.fromkeys(one.fault.name for one in rows)
    ]
    return "\n".join([head, *lines])


def _cell(one: Row | None) -> str:
    if one is None:
        return "·"
    return str(len(one.differences)) if one.differences else "ok"


def _in_words(rows: Iterable[Row]) -> Iterable[str]:
    """Each difference, with all the rows in which it is found."""
    found: dict[str, list[str]] = {}
    for one in rows:
        for difference in one.differences:
            found.setdefault(difference, []).append(f"{one.fault.name} × {one.command.name}")
    for difference, names in found.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"{'; '.join(names[:3])}{more}:\n    {difference}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
