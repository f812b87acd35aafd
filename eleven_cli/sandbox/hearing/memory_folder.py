"""Finds and clears the folder of what was said: `eleven/sandbox` below `$XDG_STATE_HOME`, else `~/.local/state`."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class StoredTexts(NamedTuple):
    """What the folder holds.

    texts   the number of texts
    bytes   their size
    folder  its path; None for a user without a home directory
    """

    texts: int
    bytes: int
    folder: Path | None


def state_folder() -> Path | None:
    """Gives the path of the folder; None for a user without a home directory."""
    try:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:
        return None
    return state / "eleven" / "sandbox"


def kept() -> StoredTexts:
    """Measures the folder. Raises OSError."""
    sizes = []
    for path in _files():
        with suppress(FileNotFoundError):  # another process has deleted it
            sizes.append(path.stat().st_size)
    return StoredTexts(len(sizes), sum(sizes), state_folder())


def forget() -> StoredTexts:
    """Deletes every text; gives what was deleted. Raises OSError."""
    gone = kept()
    for path in _files():
        path.unlink(missing_ok=True)
    return gone


def _files() -> list[Path]:
    folder = state_folder()
    return sorted(folder.glob("*.json")) if folder else []
