"""Unknown settings in a settings file, with their lines."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

_HEADER = re.compile(r"\s*\[{1,2}([^\]]*)\]")
MOST = 20
DEEPEST = 3  # profiles.work.voice
_PART = re.compile(r"""["']([^"']*)["']|([\w-]+)""")


def unknown_settings(text: str, found: Mapping[str, Any], known: Sequence[str], profiles: str) -> list[str]:
    """Lists unknown settings, the first `MOST`: "voise at line 3 (did you mean voice?)". Pure.

    profiles   the table of the file that holds one table of settings for each profile
    """
    tables: dict[tuple[str, ...], Mapping[str, Any]] = {(): {key: "" for key in found if key != profiles}}
    within = found.get(profiles)
    if isinstance(within, dict):
        tables |= {(profiles, name): table for name, table in within.items() if isinstance(table, dict)}
    lines = _lines(text)
    unknown = ((*path, key) for path, table in tables.items() for key in table if key not in known)
    return [f"{'.'.join(path)}{_line_in(lines, path)}{_meant(path[-1], known)}" for path in islice(unknown, MOST)]


def _line_in(lines: Mapping[tuple[str, ...], int], path: tuple[str, ...]) -> str:
    """Where a key stands, in words; "" where it is written in too rare a way to be found."""
    return f" at line {lines[path]}" if path in lines else ""


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """The first line of each key and table, as deep as settings are."""
    found: dict[tuple[str, ...], int] = {}
    within: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            within = there = _parts(header[1])
        else:
            there = within + _parts(line.partition("=")[0])
        for end in range(1, min(len(there), DEEPEST) + 1):
            found.setdefault(tuple(there[:end]), number)
    return found


def _parts(dotted: str) -> list[str]:
    return [bare or quoted for quoted, bare in _PART.findall(dotted)]


def _meant(key: str, known: Sequence[str]) -> str:
    from eleven_cli.suggestions import either, near

    close = near(key, known)
    return f" (did you mean {either(close)}?)" if close else ""
