"""Dates and times as words of a command line."""

from datetime import UTC, datetime

from eleven_cli.errors import UsageError


def moment(word: str | None, option: str) -> int | None:
    """Seconds since 1970 of a date or a time in UTC. Raises UsageError."""
    if word is None:
        return None
    try:
        read = datetime.fromisoformat(word.strip())
        seconds = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        seconds = -1
    if seconds < 0:
        raise UsageError(f'{option} takes a date or a time, not "{word}"', hint=f"{option} 2026-11-01")
    return seconds
