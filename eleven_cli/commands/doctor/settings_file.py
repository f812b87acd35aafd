"""The settings: the file's health, who else can read or write it, and what is in force."""

import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from eleven_cli.commands.doctor.diagnosis import Diagnosis
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError
from eleven_cli.files.folders import NoHome, config_folder
from eleven_cli.settings import KEYS, LEXICON, PROFILES, RANGES
from eleven_cli.settings.config import Config
from eleven_cli.settings.file import content_of, parsed
from eleven_cli.settings.sharing import others_can_read, who_can_replace
from eleven_cli.settings.unknown import unknown_settings
from eleven_cli.settings.values import masked

FIX = "eleven doctor --fix"
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
_SHOWN_ELSEWHERE = ("api_key", "base_url", "region")
_SECRET = ("agent_id",)  # with that of a public agent anyone can talk to it


def settings_file(context: Context, *, fix: bool) -> Diagnosis:
    config, found = context.config, Diagnosis()
    try:
        path = config.path
    except NoHome as failed:
        found.fact("settings", "none: there is no home folder", settings=None)
        found.warn(failed.message, hint=failed.hint)
    else:
        if fix:
            _make_private(path, found)
        _look_at(path, found)
    _add_values(config, found)
    for error in found.errors:
        error.hint = error.hint or f"see what it is: ls -ld {config.path}"
    return found


def _look_at(path: Path, found: Diagnosis) -> None:
    mode = _mode(path)
    about = {"path": str(path), "exists": mode is not None, "mode": None if mode is None else f"{mode:04o}"}
    shown = f"{path} (not there yet)" if mode is None else f"{path} (mode {mode:04o})"
    found.fact("settings", shown, settings=about)
    if mode is None or not path.is_file():  # a pipe can be read only once: by who asks for a value
        return
    try:
        content = content_of(path)
    except (OSError, ElevenError):
        return  # the check that needs a value reports it
    _look_at_access(path, content, found)
    try:
        text, table = parsed(content, path)
    except ElevenError as broken:
        found.errors.append(broken)
        return
    for what in unknown_settings(text, table, (*KEYS, LEXICON), PROFILES):
        known = ", ".join(KEYS)
        found.warn(f"unknown setting {what} in {path}", hint=f"correct it, or remove it; the settings are: {known}")


def _look_at_access(path: Path, content: bytes, found: Diagnosis) -> None:
    if b"api_key" in content and others_can_read(path):
        found.warn(f"others can read the API key in {path}", hint=FIX)
    if why := who_can_replace(path):
        place, _, command = why.partition("; ")
        can_fix = bool(command) and any(place.startswith(f"{own} ") for own, _ in _private_places(path))
        by_hand = command or "keep the settings in a folder of your own: export ELEVEN_CONFIG=FILE"
        found.warn(f"others can replace {path}: {place}", hint=FIX if can_fix else by_hand)


def _private_places(path: Path) -> Iterator[tuple[Path, int]]:
    """What is the program's own, with the mode that it should have; a folder that the user named is not."""
    real = Path(os.path.realpath(path))
    yield real, PRIVATE_FILE
    try:
        if real.parent == Path(os.path.realpath(config_folder())):
            yield real.parent, PRIVATE_FOLDER
    except NoHome:
        return


def _make_private(path: Path, found: Diagnosis) -> None:
    changed = []
    for place, wanted in _private_places(path):
        mode = _mode(place)
        if os.name != "posix" or mode is None or not mode & 0o077 or not (place.is_file() or place.is_dir()):
            continue
        try:
            place.chmod(wanted)
        except OSError as failed:
            said = f"cannot change the mode of {place}: {failed.strerror}"
            found.errors.append(ElevenError(said, hint=f"see whose it is: ls -ld {place}"))
            continue
        changed.append({"path": str(place), "from": f"{mode:04o}", "to": f"{wanted:04o}"})
        found.facts.append(("fixed", f"{place}: mode {mode:04o}, now {wanted:04o}"))
    found.value["fixed"] = changed


def _add_values(config: Config, found: Diagnosis) -> None:
    """The settings in force, but for key and server, which have a check of their own; and what is wrong with them."""
    found.fact("profile", config.profile or "", profile=config.profile)
    values: dict[str, Any] = {}
    for key in KEYS:
        setting = _or_error(partial(config.get, key), found)
        if key in RANGES:
            _or_error(partial(config.number, key), found)
        if setting is not None and key not in _SHOWN_ELSEWHERE:
            value = masked(setting.value) if key in _SECRET else setting.value
            found.facts.append((key, f"{value}, from {setting.source}"))
            values[key] = {"value": value, "source": setting.source}
    _or_error(lambda: config.lexicon, found)
    found.value["values"] = values


def _or_error(ask: Callable[[], Any], found: Diagnosis) -> Any:
    try:
        return ask()
    except ElevenError as wrong:
        if wrong.message not in {error.message for error in found.errors}:
            found.errors.append(wrong)
        return None


def _mode(place: Path) -> int | None:
    try:
        return stat.S_IMODE(place.stat().st_mode)
    except OSError:
        return None
