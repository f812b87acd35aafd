"""Messages to the user, on stderr."""

import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from typing import Any

from eleven_cli.errors import ElevenError
from eleven_cli.terminal.screen import Screen, has_room

_KEY = re.compile(r"\bsk_[0-9A-Za-z]{16,}")  # what an API key looks like, typed where it does not belong
MOST_WAITING = 1000
_RED, _GREEN, _YELLOW, _DIM, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


class Tone(Enum):
    """What the outcome in a line of a log is like."""

    GOOD = _GREEN
    ODD = _YELLOW
    BAD = _RED


class Messages:
    """Stderr.

    quiet        notes and warnings are not shown
    debug        traces are
    json_errors  an error is a JSON object, and where no person reads along nothing stands before it: notes and warnings
                 wait for the end of the run
    warnings     what was warned of, shown or not
    reworded     what becomes of the sentences that name a command: notes, warnings, hints
    """

    def __init__(self, screen: Screen, environ: Mapping[str, str]) -> None:
        self._screen = screen
        self._is_plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        self.quiet = self.debug = self.json_errors = False
        self.warnings: list[str] = []
        self.reworded: Callable[[str], str] = str
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST_WAITING)  # with their labels

    @property
    def stderr_is_terminal(self) -> bool:
        return self._screen.stderr.isatty()

    def note(self, text: str) -> None:
        """Something worth knowing; silent with --quiet."""
        if not self.quiet:
            self._tell(self.reworded(text))

    def remark(self, text: str) -> None:
        """Something that only a person who is watching may want to know: on a terminal only, silent with --quiet."""
        if self.stderr_is_terminal:
            self.note(text)

    def warn(self, text: str) -> None:
        """Something that may be wrong; silent with --quiet, but `warnings` holds it."""
        text = self.reworded(text)
        self.warnings.append(text)
        if not self.quiet:
            self._tell(text, label=self._coloured("warning:", _YELLOW) + " ")

    def release(self) -> None:
        """The run is over: what waited is said."""
        while self._waiting:
            label, text = self._waiting.popleft()
            self._say(text, label=label)

    def log(self, text: str, outcome: str = "", after: str = "", *, tone: Tone = Tone.BAD) -> None:
        """A line of a log; silent with --quiet, and dropped where stderr is a full pipe, as a log need not be read.

        Its outcome is coloured.
        """
        if not self.quiet and has_room(self._screen.stderr):
            coloured = self._coloured(_printable(outcome), tone.value) if outcome else ""
            self._write(" ".join(filter(None, (_printable(text), coloured, _printable(after)))))

    def trace(self, text: str) -> None:
        """What --debug shows."""
        if self.debug:
            self._write(self._coloured(_printable(text), _DIM))

    def report(self, value: Any) -> None:
        """One JSON object on stderr, even with --quiet: it was asked for."""
        from eleven_cli.terminal.text import json_text

        self._write(json_text(value), is_result=True)

    def figures(self, text: str) -> None:
        """A line on stderr, even with --quiet: it was asked for."""
        self._write(_printable(text), is_result=True)

    def block(self, text: str) -> None:
        """Several lines of our own on stderr, as they are."""
        self._write(text.rstrip("\n"))

    def error(self, error: ElevenError) -> None:
        """Why it failed: one sentence with what support asks for, and one hint; with --json one JSON object, with
        what waited beside it."""
        from eleven_cli.terminal.text import error_reference, error_value

        error.hint = self.reworded(error.hint)
        if self.json_errors:
            beside = {"warnings": self.warnings, "notes": [text for label, text in self._waiting if not label]}
            self.warnings, self._waiting = [], deque(maxlen=MOST_WAITING)
            with suppress(ElevenError):  # there is no other place to say it
                self.report({"error": error_value(error), **{name: said for name, said in beside.items() if said}})
            return
        reference = error_reference(error)
        after = " " + self._coloured(_printable(f"({reference})"), _DIM) if reference else ""
        self._say(error.sentence, label=self._coloured("error:", _RED) + " ", after=after)
        if error.hint:
            self._say(error.hint, label="hint: ")

    def _tell(self, text: str, *, label: str = "") -> None:
        if self.json_errors and not self.stderr_is_terminal:
            self._waiting.append((label, text))
        else:
            self._say(text, label=label)

    def _say(self, text: str, *, label: str = "", after: str = "") -> None:
        self._write(label + _printable(text) + after)

    def _write(self, line: str, *, is_result: bool = False) -> None:
        self._screen.write_line(_KEY.sub("sk_****", line), is_result=is_result)

    def _coloured(self, text: str, colour: str) -> str:
        return text if self._is_plain or not self.stderr_is_terminal else f"{colour}{text}{_PLAIN}"


def _printable(text: str) -> str:
    from eleven_cli.terminal.text import printable

    return printable(text)


def counted(number: int, one: str, many: str = "") -> str:
    """Give a number with its noun: "1 credit", "1,234 credits"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
