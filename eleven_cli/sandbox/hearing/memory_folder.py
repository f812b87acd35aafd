"""Finds and clears the folder of what was said, and of the voices and dictionaries that were made.

It is `eleven/sandbox` below `$XDG_STATE_HOME`, else `~/.local/state`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class StoredTexts(NamedTuple):
    """What the folder holds.

    texts   the number of texts
    bytes   the size of everything
    folder  its path; None for a user without a home directory
    voices  the number of voices that were made or changed, and of previews
    others  the number of pronunciation dictionaries, agents and the like
    """

    texts: int
    bytes: int
    folder: Path | None
    voices: int = 0
    others: int = 0


def state_folder() -> Path | None:
    """Gives the path of the folder; None for a user without a home directory."""
    try:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:
        return None
    return state / "eleven" / "sandbox"


def kept() -> StoredTexts:
    """Measures the folder. Raises OSError."""
    texts, records = _sizes(_texts()), _sizes(_records())
    voices = sum(path.parts[-3] in ("voices", "designs") for path in _records())
    return StoredTexts(len(texts), sum(texts) + sum(records), state_folder(), voices, len(records) - voices)


def forget() -> StoredTexts:
    """Deletes every text, voice and dictionary; gives what was deleted. Raises OSError."""
    gone = kept()
    for path in (*_texts(), *_records()):
        path.unlink(missing_ok=True)
    return gone


def write(path: Path, text: str) -> None:
    """Writes a file of the folder, which is there as a whole or not at all. Raises OSError."""
    import tempfile

    _make_private(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _make_private(folder: Path) -> None:
    """Makes it, and those above it that are missing, so that nobody else can put another in its place."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _sizes(paths: Iterable[Path]) -> list[int]:
    sizes = []
    for path in paths:
        with suppress(FileNotFoundError):  # another process has deleted it
            sizes.append(path.stat().st_size)
    return sizes


def _texts() -> list[Path]:
    folder = state_folder()
    return sorted(folder.glob("*.json")) if folder else []


def _records() -> list[Path]:
    folder = state_folder()
    return sorted(folder.glob("*/*/*.json")) if folder else []
