"""Decides when buffered text is spoken. Pure."""

from __future__ import annotations

from collections.abc import Sequence

DEFAULT_SCHEDULE = (120.0, 160.0, 250.0, 290.0)
MIN_ATTEMPT = 50
DIALOGUE_CHARACTERS, DIALOGUE_WORDS = 40, 8


class TextBuffer:
    """Buffers the text of one session until there is enough to speak.

    The schedule says how many characters trigger each generation; its last number holds for all that follow. With
    `auto` every message is spoken at once.
    """

    def __init__(self, schedule: Sequence[float] = DEFAULT_SCHEDULE, *, auto: bool = False) -> None:
        self._schedule, self._auto = tuple(schedule), auto
        self._text = ""
        self._generations = 0

    def add(self, text: str, *, attempt: bool = False) -> str:
        """Adds the text of a message; gives what to speak now, empty for nothing yet.

        `attempt` lowers the threshold to 50 characters. A single space keeps the session alive, and is added only
        between two words.
        """
        if text != " " or (self._text and not self._text[-1].isspace()):
            self._text += text
        if self._auto:
            return self.flush()
        enough = self._schedule[min(self._generations, len(self._schedule) - 1)]
        if len(self._text) < (min(enough, MIN_ATTEMPT) if attempt else enough):
            return ""
        return self._take(_whole_words(self._text))

    def flush(self) -> str:
        """Gives and removes the buffered text; empty when it is only white space."""
        return self._take(len(self._text))

    def _take(self, count: int) -> str:
        taken = self._text[:count]
        if not taken.strip():
            return ""
        self._text = self._text[count:]
        self._generations += 1
        return taken


class DialogueBuffer:
    """Buffers lines of a dialogue, all of one voice, until there is enough to speak."""

    def __init__(self) -> None:
        self._voice_id, self._text = "", ""

    def add(self, text: str, voice_id: str, *, new_turn: bool = False) -> list[tuple[str, str]]:
        """Adds a line; gives what to speak now as (voice id, text). Another voice or turn flushes what is buffered."""
        ready = self.flush() if new_turn or voice_id != self._voice_id else []
        self._voice_id = voice_id
        self._text += text
        enough = len(self._text) >= DIALOGUE_CHARACTERS and len(self._text.split()) >= DIALOGUE_WORDS
        return ready + (self.flush() if enough else [])

    def flush(self) -> list[tuple[str, str]]:
        """Gives and removes the buffered text."""
        text, self._text = self._text, ""
        return [(self._voice_id, text)] if text.strip() else []


def _whole_words(text: str) -> int:
    """Counts the characters up to the last space; all of them without one."""
    return next((at + 1 for at in range(len(text) - 1, -1, -1) if text[at].isspace()), len(text))
