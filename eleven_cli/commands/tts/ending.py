"""How a run that was broken off ends: what was spent, what is kept, and the command that goes on."""

from collections.abc import Sequence

from eleven_cli.commands.tts import cost
from eleven_cli.commands.tts.bill import Bill
from eleven_cli.errors import ElevenError
from eleven_cli.parsing.command_line import shown

MOST_SHOWN = 2000
LIMIT = "--max-credits"


def add_words(error: BaseException, notes: Sequence[str], command: str) -> None:
    """Say these things with the error, and the command with its hint."""
    for note in notes:
        error.add_note(note)
    if isinstance(error, ElevenError) and error.hint and command and error.code != cost.TOO_MUCH:
        error.hint = f"{error.hint}; then {command}"
    elif command:
        error.hint = command  # type: ignore[attr-defined]


def spent(bill: Bill) -> str:
    """What the service has accepted so far, in words; "" for nothing."""
    return f"spent {cost.told(bill)}" if bill.requests > bill.from_cache else ""


def command_that_goes_on(words: Sequence[str], *, text_from_stdin: bool, most: int | None) -> str:
    """The same command, ready to be pasted; with another limit where one is given."""
    line = shown(words if most is None else _with_limit(words, most), MOST_SHOWN)
    if not line:
        return "run the same command again"
    return f"send the same text to: {line}" if text_from_stdin else line


def _with_limit(words: Sequence[str], most: int) -> list[str]:
    kept, limited = list(words), [LIMIT, str(most)]
    for at, word in enumerate(kept):
        if word == LIMIT:
            return [*kept[:at], *limited, *kept[at + 2 :]]
        if word.startswith(f"{LIMIT}="):
            return [*kept[:at], *limited, *kept[at + 1 :]]
    at = kept.index("tts") + 1 if "tts" in kept else len(kept)
    return [*kept[:at], *limited, *kept[at:]]
