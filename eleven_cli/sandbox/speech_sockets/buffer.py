"""What is spoken when: text is collected until there is enough of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

DEFAULT_SCHEDULE = (120.0, 160.0, 250.0, 290.0)
LEAST_ATTEMPT = 50
DIALOGUE_CHARACTERS, DIALOGUE_WORDS = 40, 8


class Buffer:
    """The text of one session that waits to be spoken.

    The n-th number of the schedule is how many characters trigger the n-th generation; the last counts for all that
    follow. With `auto` every message is a generation.
    """

    def __init__(self, schedule: Sequence[float] = DEFAULT_SCHEDULE, *, auto: bool = False) -> None:
        self._schedule, self._auto = tuple(schedule), auto
        self._text = ""
        self._spoken = 0

    def add(self, text: str, *, attempt: bool = False) -> str:
        """Take the text of a message; gives what is to be spoken now, empty for nothing yet.

        `attempt` speaks what there is if it is not too little. A single space keeps the session alive: it counts only
        where it parts two words.
        """
        if text != " " or (self._text and not self._text[-1].isspace()):
            self._text += text
        if self._auto:
            return self.flush()
        enough = self._schedule[min(self._spoken, len(self._schedule) - 1)]
        if len(self._text) < (min(enough, LEAST_ATTEMPT) if attempt else enough):
            return ""
        return self._take(_whole_words(self._text))

    def flush(self) -> str:
        """Everything that waits, empty when there is nothing to be heard in it."""
        return self._take(len(self._text))

    def _take(self, count: int) -> str:
        taken = self._text[:count]
        if not taken.strip():
            return ""
        self._text = self._text[count:]
        self._spoken += 1
        return taken


class DialogueBuffer:
    """The lines of one dialogue that wait to be spoken, all by one voice."""

    def __init__(self) -> None:
        self._voice_id, self._text = "", ""

    def add(self, text: str, voice_id: str, *, new_turn: bool = False) -> list[tuple[str, str]]:
        """Take a line; gives what is to be spoken now as (voice id, text): another voice or turn ends the last one."""
        ready = self.flush() if new_turn or voice_id != self._voice_id else []
        self._voice_id = voice_id
        self._text += text
        enough = len(self._text) >= DIALOGUE_CHARACTERS and len(self._text.split()) >= DIALOGUE_WORDS
        return ready + (self.flush() if enough else [])

    def flush(self) -> list[tuple[str, str]]:
        """Everything that waits."""
        text, self._text = self._text, ""
        return [(self._voice_id, text)] if text.strip() else []


def _whole_words(text: str) -> int:
    """The number of characters up to the last space; all of them when there is none."""
    return next((at + 1 for at in range(len(text) - 1, -1, -1) if text[at].isspace()), len(text))
