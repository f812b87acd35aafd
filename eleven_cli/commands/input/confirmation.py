"""Confirms what cannot be undone: by a question on a terminal, elsewhere by --yes."""

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


def confirmed_deletion(context: Context, kind: str, resolve: Callable[[], str], *, yes: bool) -> str:
    """Gives the id of what is to be deleted for good, once that is confirmed. Raises as the two above."""
    require_yes(context, "delete", f"confirm that the {kind} is to be deleted for good", yes=yes)
    found = resolve()
    confirmed(context, "delete", lambda: f"Delete {found} for good?", yes=yes)
    return found


def report_deletion(context: Context, member: str, deleted: str, *, as_json: bool) -> None:
    """Says what was deleted; in JSON its id is this member."""
    if as_json:
        context.terminal.json({member: deleted, "deleted": True})
    else:
        context.terminal.remark(f"deleted {deleted}")
