"""The keys and the status line of a call by voice on a terminal."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from eleven_cli.terminal import Terminal

ENTER, ESCAPE, BACKSPACE = "\r\n", "\x1b", "\x7f\b"
KEYS_HELP = "m mute · i interrupt · t type · q hang up"


class Keyboard:
    """Does what keys say, and shows a status line; neither where there is no terminal.

    actions   what to do for a key
    typed     what to do with a line
    """

    def __init__(
        self, terminal: Terminal, actions: Mapping[str, Callable[[], None]], typed: Callable[[str], None]
    ) -> None:
        self._terminal, self._actions, self._typed = terminal, actions, typed
        self._line: str | None = None
        self._stack = ExitStack()

    def __enter__(self) -> "Keyboard":
        self._keys = self._stack.enter_context(self._terminal.keys())
        self._status = self._stack.enter_context(self._terminal.status())
        return self

    def __exit__(self, *exc: Any) -> None:
        self._stack.__exit__(*exc)

    def look(self, status: str) -> None:
        """See what was typed since; show `status`, or the line that is being typed."""
        for key in self._keys.poll():
            self._press(key)
        help = f" · {KEYS_HELP}" if self._keys.there else ""
        self._status.update(f"you> {self._line}" if self._line is not None else status + help)

    def _press(self, key: str) -> None:
        if self._line is None:
            if key == "t":
                self._line = ""
            elif key in self._actions:
                self._actions[key]()
        elif key in ENTER:
            line, self._line = self._line.strip(), None
            if line:
                self._typed(line)
        elif key == ESCAPE:
            self._line = None
        elif key in BACKSPACE:
            self._line = self._line[:-1]
        elif key.isprintable():
            self._line += key
