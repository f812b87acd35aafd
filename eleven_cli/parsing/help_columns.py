"""The lines of a `--help` page, at any width: no word is broken, and an example can be pasted as it stands."""

import re
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

NARROWEST = 20
LONGEST_NAMES = 30  # columns, before the help goes to a line of its own
COLUMN_GAP = 2
BENEATH = "    "  # what belongs to the line above
_COMMENT = re.compile(r" {3,}")  # between an example and what it does
_WORD = r"""(?:[^\s"']|"[^"]*"|'[^']*')+"""
_TOGETHER = re.compile(rf"-[\w-]+ (?![-<>|;&]){_WORD}|{_WORD}")  # an option and its value


def fit_to_terminal(formatter: Any) -> None:
    """Give the formatter the columns that there are: by itself it never takes fewer than 50."""
    formatter.width = min(formatter.width, max(shutil.get_terminal_size().columns - 1, NARROWEST))


def write_usage(words: str, formatter: Any) -> None:
    """Write the first line, "Usage: …"."""
    lines = _wrapped(f"Usage: {words}", formatter.width, BENEATH)
    formatter.write("".join(f"{line}\n" for line in lines))


def write_text(text: str, formatter: Any) -> None:
    """Write paragraphs, separated by empty lines."""
    indent = " " * (formatter.current_indent + COLUMN_GAP)
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        formatter.write_paragraph()
        for line in _wrapped(paragraph, formatter.width - len(indent)):
            formatter.write(f"{indent}{line}\n")


def write_list(rows: Sequence[tuple[str, str]], formatter: Any, *, is_stacked: bool) -> None:
    """Write names and what they mean: side by side, or, where that would be too narrow, beneath each other."""
    indent = " " * formatter.current_indent
    column = min(max(len(names) for names, _ in rows), LONGEST_NAMES) + COLUMN_GAP
    for names, meaning in rows:
        if is_stacked:
            lines = [*_folded(names, formatter.width - len(indent)), *_beneath(meaning, formatter.width - len(indent))]
        else:
            lines = _beside(names, _wrapped(meaning, formatter.width - column - len(indent)), column)
        formatter.write("".join(f"{indent}{line}".rstrip() + "\n" for line in lines))


def write_examples(epilog: str | None, formatter: Any) -> None:
    """Write examples; those that are too long go on in the next line, as a shell reads them."""
    if not epilog:
        return
    indent = " " * formatter.current_indent + "  "
    room = formatter.width - len(indent)
    examples = lines = epilog.splitlines()
    if max(map(len, examples)) > room:
        lines = [line for example in examples for line in _example(example, room)]
    with formatter.section("Examples"):
        for line in lines:
            formatter.write(f"{indent}{line}\n")


def _beside(names: str, meaning: Sequence[str], column: int) -> list[str]:
    if len(names) > column - COLUMN_GAP:
        return [names, *(" " * column + line for line in meaning)]
    first, *rest = meaning or [""]
    return [names.ljust(column) + first, *(" " * column + line for line in rest)]


def _beneath(meaning: str, width: int) -> list[str]:
    return [BENEATH + line for line in _wrapped(meaning, width - len(BENEATH))]


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Whole words in lines, all but the first of them indented."""
    words, width = " ".join(text.split()), max(width, 10)
    return textwrap.wrap(words, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _folded(names: str, width: int) -> list[str]:
    """Names and their value in lines: behind a space, or a | between values."""
    return _filled(re.split(r"(?<=[ |])", names), width, "")


def _example(line: str, width: int) -> list[str]:
    command, *comment = _COMMENT.split(line, maxsplit=1)
    lines = _filled([f"{word} " for word in _TOGETHER.findall(command)], width, "\\")
    return [*lines, *(_beneath(comment[0], width) if comment else [])]


def _filled(pieces: Iterable[str], width: int, end: str) -> list[str]:
    """The pieces in as few lines as they take: all but the last end with `end`, all but the first are indented."""
    *pieces, last = pieces
    lines = [""]
    for piece, room in [*((piece, width - len(end)) for piece in pieces), (last.rstrip(), width)]:
        if lines[-1].strip() and len(lines[-1]) + len(piece.rstrip() if not end else piece) > room:
            lines[-1] += end
            lines.append(BENEATH)
        lines[-1] += piece
    return lines
