"""The keys and the status line of a call by voice on a terminal."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from eleven_cli.errors import ExitStack
from eleven_cli.terminal import Progress, Terminal

ENTER, ESCAPE, BACKSPACE = "\r\n", "\x1b", "\x7f\b"
KEYS_HELP = "m mute · i interrupt · t type · q hang up"
# what a terminal sends for arrows and function keys
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)")
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?\Z")


class Keyboard:
    """Runs the actions of keys and shows a status line; without a terminal it does neither.

    actions   called for their key
    typed     called with a line
    typing    called when a line is begun, and at each key of it
    """

    def __init__(
        self,
        terminal: Terminal,
        actions: Mapping[str, Callable[[], None]],
        typed: Callable[[str], None],
        typing: Callable[[], None] = lambda: None,
    ) -> None:
        self._terminal, self._actions, self._typed, self._typing = terminal, actions, typed, typing
        self._line: str | None = None
        self._held = ""
        self._stack = ExitStack()

    def __enter__(self) -> "Keyboard":
        self._keys = self._stack.enter_context(self._terminal.keys())
        self._status: Progress | None = None
        if self._terminal.stdout_is_terminal:
            self._status = self._stack.enter_context(self._terminal.status())
        elif self._keys.available:  # the reader of a pipe may write to the same terminal
            self._terminal.note(KEYS_HELP)
        return self

    def __exit__(self, *exc: Any) -> None:
        self._stack.__exit__(*exc)

    @property
    def available(self) -> bool:
        return self._keys.available

    def look(self, status: str) -> None:
        """Handles the keys pressed since the last call; shows `status`, or the line that is being typed."""
        was_typing = self._line is not None
        keys = self._whole_sequences(self._keys.poll())
        for number, key in enumerate(keys):
            self._press(key, pasted=was_typing and any(later not in ENTER for later in keys[number + 1 :]))
        help = f" · {KEYS_HELP}" if self._keys.available else ""
        if self._status is not None:
            typing = self._line is not None
            self._status.update(f"you> {self._line}" if typing else status + help, keep_end=typing)

    def _whole_sequences(self, typed: str) -> str:
        """Removes escape sequences, such as those of arrow keys; an incomplete one is held back until the next call."""
        held, self._held = self._held, ""
        text = _SEQUENCE.sub("", held + typed)
        begun = _BEGUN.search(text) if typed else None
        if begun is None:
            return text
        self._held = begun[0]
        return text[: begun.start()]

    def _press(self, key: str, *, pasted: bool) -> None:
        """Handles one key. After a line that was `pasted` with more, the rest is another line, not commands."""
        if self._line is None:
            if key == "t":
                self._line = ""
                self._typing()
            elif key in self._actions:
                self._actions[key]()
        elif key in ENTER:
            line, self._line = self._line.strip(), "" if pasted else None
            if line:
                self._typed(line)
        else:
            self._edit(self._line, key)

    def _edit(self, line: str, key: str) -> None:
        if key == ESCAPE:
            self._line = None
            return
        if key in BACKSPACE:
            self._line = line[:-1]
        elif key.isprintable():
            self._line = line + key
        self._typing()
