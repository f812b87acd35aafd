"""Asks before what cannot be undone: on a terminal with a question, elsewhere --yes is wanted."""

from collections.abc import Callable
from shlex import join

from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, UsageError


def confirmed(context: Context, command: str, question: Callable[[], str], *, yes: bool) -> None:
    """Ask on a terminal. Raises ElevenError for a no."""
    if not (yes or context.terminal.confirm(question())):
        raise ElevenError(f"nothing was {command}d", code="not_confirmed")


def require_yes(context: Context, command: str, what: str, *, yes: bool) -> None:
    """Raises UsageError without --yes when there is no terminal to ask on."""
    if not (yes or context.terminal.can_ask):
        words = list(context.words)
        after = words.index(command) + 1 if command in words else len(words)
        raise UsageError(what, hint=f"eleven {join([*words[:after], '--yes', *words[after:]])}")
