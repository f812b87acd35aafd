"""Where the sandbox keeps what it has said: `eleven/sandbox` below `$XDG_STATE_HOME`, else below `~/.local/state`."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Kept(NamedTuple):
    """texts   how many are kept
    bytes   their size
    folder  where, None for a user without a home
    """

    texts: int
    bytes: int
    folder: Path | None


def state_folder() -> Path | None:
    """Where the texts are; None for a user without a home."""
    try:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:
        return None
    return state / "eleven" / "sandbox"


def kept() -> Kept:
    """What is kept at the moment. Raises OSError where the folder cannot be read."""
    sizes = []
    for path in _files():
        with suppress(FileNotFoundError):  # another run has dropped it
            sizes.append(path.stat().st_size)
    return Kept(len(sizes), sum(sizes), state_folder())


def forget() -> Kept:
    """Remove all of it; gives what is gone. Raises OSError."""
    gone = kept()
    for path in _files():
        path.unlink(missing_ok=True)
    return gone


def _files() -> list[Path]:
    folder = state_folder()
    return sorted(folder.glob("*.json")) if folder else []
