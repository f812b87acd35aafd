"""Changes the settings file, and keeps its comments and order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomlkit

from eleven_cli.files.folders import ensure_dir
from eleven_cli.files.locks import alone_in
from eleven_cli.files.part import write_private
from eleven_cli.settings.values import PROFILES


def rewrite(path: Path, change: Callable[[Any], object]) -> None:
    """Apply `change` to the TOML document at `path`, one process at a time.

    Raises OSError, and ValueError for what the library that writes takes less kindly than the one that reads.
    """
    with alone_in(ensure_dir(path.parent)):
        try:
            document = tomlkit.parse(path.read_bytes().decode("utf-8-sig")) if path.exists() else tomlkit.document()
        except (tomlkit.exceptions.ParseError, RecursionError) as failed:
            raise ValueError(str(failed)) from failed
        change(document)
        write_private(path, tomlkit.dumps(document).encode(), in_place=True)


def table_for(document: Any, profile: str | None) -> Any:
    if profile is None:
        return document
    if PROFILES in document and profile in document[PROFILES]:
        return document[PROFILES][profile]
    table = (
        tomlkit.table() if PROFILES not in document or document[PROFILES].is_super_table() else tomlkit.inline_table()
    )
    return document.setdefault(PROFILES, tomlkit.table(is_super_table=True)).setdefault(profile, table)
