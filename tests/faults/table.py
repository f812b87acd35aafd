"""Prints the table: a line for each fault, with "ok" or the number of differences under each command; then in words.

A line comes as soon as its last row has ended; an interrupted table tells what it had.

tests/faults/run [--fault WORDS]... [--command WORDS]... [--whole] [-n WORKERS] [--list]
"""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.faults.commands import COMMANDS, Command
from tests.faults.faults import FAULTS, Fault
from tests.faults.row import Row, row

Pairs = list[tuple[Fault, Command]]
_NAMES = {fault.name for fault in FAULTS} | {command.name for command in COMMANDS}


def rows_of(faults: Iterable[Fault], commands: Sequence[Command]) -> Pairs:
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
    started, rows = time.monotonic(), list[Row]()
    whole = run(pairs, Sheet(pairs, commands), rows, options.n)
    print(*_in_words(rows), sep="\n")
    differing = sum(bool(one.differences) for one in rows)
    print(
        f"{len(rows)} rows{'' if whole else f' of {len(pairs)}: interrupted'} ({len(faults)} faults, "
        f"{len(commands)} commands): {len(rows) - differing} ok, {differing} differ; {time.monotonic() - started:.0f} s"
    )
    return (1 if differing else 0) if whole else 128 + signal.SIGINT


def run(pairs: Pairs, sheet: "Sheet", rows: list[Row], at_once: int) -> bool:
    """Run them, and put each into `rows` and on the sheet as it ends. False: a signal has ended it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # in the background it would be ignored, by the commands, too
    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(row, *pair) for pair in pairs]
        try:
            for one in running:
                rows.append(one.result())
                sheet.add(rows[-1])
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)  # those under way end: their processes are not left
            sheet.end()
            return False
    return True


class Sheet:
    """The table: the line of a fault is printed as soon as all its rows are there, and what differs beneath it."""

    def __init__(self, pairs: Pairs, commands: Sequence[Command]) -> None:
        self._commands = commands
        self._meant = {(fault.name, command.name) for fault, command in pairs}
        self._missing = Counter(fault.name for fault, _ in pairs)
        self._width = max((len(name) for name in self._missing), default=0)
        self._found: dict[str, dict[str, Row]] = {name: {} for name in self._missing}
        print(" " * self._width, *(command.name for command in commands), flush=True)

    def add(self, one: Row) -> None:
        name = one.fault.name
        self._found[name][one.command.name] = one
        self._missing[name] -= 1
        if not self._missing[name]:
            self._print(name)

    def end(self) -> None:
        """Print the faults of which some rows are there."""
        for name, count in self._missing.items():
            if count and self._found[name]:
                self._print(name)

    def _print(self, name: str) -> None:
        found = self._found[name]
        print(name.ljust(self._width), *(self._cell(name, command.name) for command in self._commands))
        for one in found.values():
            for difference in one.differences:
                print(f"    {one.command.name}: {difference}")
        sys.stdout.flush()

    def _cell(self, fault: str, command: str) -> str:
        one = self._found[fault].get(command)
        if one is None:
            said = "?" if (fault, command) in self._meant else "·"
        else:
            said = str(len(one.differences)) if one.differences else "ok"
        return said.center(len(command))


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
