"""Changes the settings file, and keeps its comments and order; what of it has no effect."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eleven_cli.errors import ElevenError
from eleven_cli.files.folders import ensure_dir
from eleven_cli.files.locks import alone_in
from eleven_cli.files.part import write_private
from eleven_cli.settings import OF_AN_ACCOUNT, PROFILES, RANGES
from eleven_cli.settings.config import Config, Setting
from eleven_cli.settings.values import checked, checked_number, refuse_unknown

_RIVALS = {"base_url": "region", "region": "base_url"}


def set_value(config: Config, key: str, value: str) -> Setting | None:
    """Write a value to the file, into the profile in use or else the top level.

    `region` and `base_url` are two words for one thing: gives the other one, where it had to go from there.
    """
    value, rival = checked(key, value), _RIVALS.get(key, "")
    gone = config.own_table.get(rival)

    def change(document: Any) -> None:
        table = _table_for(document, config.profile)
        table.pop(rival, None)
        table[key] = checked_number(key, value) if key in RANGES else value

    _rewrite(config, change)
    return Setting(str(gone), rival) if gone else None


def unset_value(config: Config, key: str) -> bool:
    """Remove a value from the file; False when it was not there."""
    refuse_unknown(key)
    if key not in config.own_table:
        return False
    _rewrite(config, lambda document: _table_for(document, config.profile).pop(key))
    return True


def in_vain(config: Config, key: str) -> str:
    """Why a value that the file holds has no effect; "" where it has, or where there is none."""
    if key not in config.own_table and key not in config.top_level:
        return ""
    if config.sandbox and key in OF_AN_ACCOUNT:
        return "the sandbox has its own"
    if key not in ("base_url", "region"):
        setting = config.get(key)
        source = setting.source if setting else str(config.path)
    else:
        source = config.base_url.source
        if key == "region" and source.startswith("region "):
            return ""
        if key == "region" and source.startswith((config.level, "the top level")):
            return f"base_url of {source} is used"
    return "" if str(config.path) in source and not source.startswith("region ") else f"{source} is used"


def profiles_with_their_own(config: Config, key: str) -> list[str]:
    """The profiles for which a value of the top level does not count, as they hold one themselves."""
    words = {key, _RIVALS.get(key, key)}
    return [name for name in config.profiles if words & set(config.tables[name])]


def _rewrite(config: Config, change: Callable[[Any], object]) -> None:
    try:
        if config.path.exists() and not config.path.is_file():  # what comes out of a pipe cannot be read again
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        _ = config.tables  # a broken file is reported, not replaced
        _rewrite_document(Path(os.path.realpath(config.path)), change)
    except OSError as failed:
        raise ElevenError(f"cannot write the settings file {config.path}: {failed.strerror}") from failed
    except ValueError as failed:
        raise config.broken(str(failed)) from failed
    config.forget()


def _rewrite_document(path: Path, change: Callable[[Any], object]) -> None:
    """Apply `change` to the TOML document at `path`, one process at a time.

    Raises OSError, and ValueError for what the library that writes takes less kindly than the one that reads.
    """
    import tomlkit

    with alone_in(ensure_dir(path.parent)):
        try:
            document = tomlkit.parse(path.read_bytes().decode("utf-8-sig")) if path.exists() else tomlkit.document()
        except (tomlkit.exceptions.ParseError, RecursionError) as failed:
            raise ValueError(str(failed)) from failed
        change(document)
        write_private(path, tomlkit.dumps(document).encode(), in_place=True)


def _table_for(document: Any, profile: str | None) -> Any:
    import tomlkit

    if profile is None:
        return document
    if PROFILES in document and profile in document[PROFILES]:
        return document[PROFILES][profile]
    table = tomlkit.inline_table() if _is_one_table(document.get(PROFILES)) else tomlkit.table()
    return document.setdefault(PROFILES, tomlkit.table(is_super_table=True)).setdefault(profile, table)


def _is_one_table(profiles: Any) -> bool:
    """Whether it is written as one table: not only as those of its profiles, together or apart."""
    from tomlkit.items import InlineTable, Table

    return isinstance(profiles, InlineTable) or (isinstance(profiles, Table) and not profiles.is_super_table())
