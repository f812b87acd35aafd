"""Settings: the file, the environment, and which of them a value comes from.

Order: option > environment > file (profile, then top level) > built-in.
"""

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eleven_cli.children import KEY_VARIABLES
from eleven_cli.errors import ElevenError, UsageError

REGIONS = {
    "us": "https://api.us.elevenlabs.io",
    "eu": "https://api.eu.residency.elevenlabs.io",
    "in": "https://api.in.residency.elevenlabs.io",
    "sg": "https://api.sg.residency.elevenlabs.io",
}
DEFAULT_BASE_URL = "https://api.elevenlabs.io"
ENVIRONMENT = {
    "api_key": KEY_VARIABLES,
    "base_url": ("ELEVENLABS_BASE_URL",),
    "region": (),
    "voice": ("ELEVENLABS_VOICE_ID",),
    "model": ("ELEVENLABS_MODEL_ID",),
    "agent_id": ("ELEVENLABS_AGENT_ID", "AGENT_ID"),
    "retries": ("ELEVEN_RETRIES",),
    "timeout": ("ELEVEN_TIMEOUT",),
    "max_credits": ("ELEVEN_MAX_CREDITS",),
}
RANGES = {"retries": (0, 100), "timeout": (0.1, 86_400), "max_credits": (0, 1_000_000_000)}  # the second in seconds
_EXAMPLES = {"retries": "--retries 10", "timeout": "--timeout 60", "max_credits": "config set max_credits 5000"}
KEYS = tuple(ENVIRONMENT)
OF_AN_ACCOUNT = ("api_key", "base_url", "region", "voice", "agent_id")  # the sandbox is another account
PROFILES = "profiles"
_NOBODY = 65534  # in a container, whoever is outside of it
_YES = ("1", "true", "t", "yes", "y", "on")
_NO = ("", "0", "false", "f", "no", "n", "off")
_RIVALS = {"base_url": "region", "region": "base_url"}


@dataclass(frozen=True)
class Setting:
    """A value and where it came from, in words: "the environment (ELEVENLABS_API_KEY)"."""

    value: str
    source: str


@dataclass(eq=False, repr=False)  # neither is used, and making them is a part of every start
class Config:
    """The settings of one run. The file is read when something is first asked of it.

    warn          is told of a file that others can read
    new_profile   the profile need not exist: it is about to be made
    options       settings that were given as options of their name, for this run
    """

    environ: Mapping[str, str]
    profile: str | None = None
    base_url_option: str | None = None
    sandbox: bool = False
    new_profile: bool = False
    warn: Callable[[str], None] = field(default=lambda line: None)
    options: Mapping[str, str] = field(default_factory=dict)
    _file: dict[str, Any] | None = None
    _was_checked: bool = False

    def __post_init__(self) -> None:
        self.profile = self.profile or self.environ.get("ELEVEN_PROFILE") or None

    @property
    def path(self) -> Path:
        """Where the settings file is, or would be. Raises NoHome."""
        if named := self.environ.get("ELEVEN_CONFIG"):
            return Path(named)
        from eleven_cli.files.folders import config_folder

        return config_folder() / "config.toml"

    def get(self, key: str) -> Setting | None:
        """The value in force, with its source; None when nobody set it."""
        if key in self.options:
            return Setting(self.options[key], f"--{key}")
        if self.sandbox and key in OF_AN_ACCOUNT:
            return None
        for name in ENVIRONMENT[key]:
            if value := self.environ.get(name, "").strip():
                return Setting(value, f"the environment ({name})")
        for where, table in self._levels():
            if value := self._text(table.get(key, ""), key):
                return Setting(value, f"{where} in {self.path}")
        return None

    def value(self, key: str) -> str | None:
        """Just the value in force."""
        setting = self.get(key)
        return setting.value if setting else None

    def number(self, key: str) -> float | None:
        """The value in force of a setting that is a number. Raises UsageError for what is none, or out of range."""
        setting = self.get(key)
        return None if setting is None else checked_number(key, setting.value, setting.source)

    @property
    def base_url(self) -> Setting:
        """The server's address: option, environment, then `base_url` or `region` of each level of the file."""
        if self.sandbox:
            return Setting("the sandbox", "--sandbox")
        if self.base_url_option:
            return Setting(self.base_url_option, "--base-url")
        if value := self.environ.get("ELEVENLABS_BASE_URL", "").strip():
            return Setting(value, "the environment (ELEVENLABS_BASE_URL)")
        for where, table in self._levels():
            if value := self._text(table.get("base_url", ""), "base_url"):
                return Setting(value, f"{where} in {self.path}")
            if region := self._text(table.get("region", ""), "region").lower():
                if region not in REGIONS:
                    raise self._broken(f"unknown region {region}: it is one of {', '.join(REGIONS)}")
                return Setting(REGIONS[region], f"region {region} of {where} in {self.path}")
        return Setting(DEFAULT_BASE_URL, "built in")

    @property
    def profiles(self) -> list[str]:
        """The names of the profiles in the file."""
        return sorted(self._profiles())

    @property
    def level(self) -> str:
        """Where in the file a value is written: "the top level", or "profile work"."""
        return f"profile {self.profile}" if self.profile else "the top level"

    def set(self, key: str, value: str) -> Setting | None:
        """Write a value to the file, into the profile in use or else the top level.

        `region` and `base_url` are two words for one thing: gives the other one, where it had to go from there.
        """
        value, rival = checked(key, value), _RIVALS.get(key, "")
        gone = self._own_table().get(rival)

        def change(document: Any) -> None:
            table = _table_for(document, self.profile)
            table.pop(rival, None)
            table[key] = checked_number(key, value) if key in RANGES else value

        self._rewrite(change)
        return Setting(str(gone), rival) if gone else None

    def in_vain(self, key: str) -> str:
        """Why a value that the file holds has no effect; "" where it has, or where there is none."""
        if key not in self._own_table() and key not in self._read():
            return ""
        if self.sandbox and key in OF_AN_ACCOUNT:
            return "the sandbox has its own"
        if key not in ("base_url", "region"):
            source = self._source(key)
        else:
            source = self.base_url.source
            if key == "region" and source.startswith("region "):
                return ""
            if key == "region" and source.startswith((self.level, "the top level")):
                return f"base_url of {source} is used"
        return "" if str(self.path) in source and not source.startswith("region ") else f"{source} is used"

    def profiles_with_their_own(self, key: str) -> list[str]:
        """The profiles for which a value of the top level does not count, as they hold one themselves."""
        words = {key, _RIVALS.get(key, key)}
        return [name for name in self.profiles if words & set(self._profiles()[name])]

    def _source(self, key: str) -> str:
        setting = self.get(key)
        return setting.source if setting else str(self.path)

    def _own_table(self) -> Mapping[str, Any]:
        return self._profiles().get(self.profile, {}) if self.profile else self._read()

    def unset(self, key: str) -> bool:
        """Remove a value from the file; False when it was not there."""
        _known(key)
        if key not in self._own_table():
            return False
        self._rewrite(lambda document: _table_for(document, self.profile).pop(key))
        return True

    def _levels(self) -> list[tuple[str, Mapping[str, Any]]]:
        levels: list[tuple[str, Mapping[str, Any]]] = [("the top level", self._read())]
        if self.profile:
            levels.insert(0, (f"profile {self.profile}", self._chosen_profile(self.profile)))
        return levels

    def _chosen_profile(self, name: str) -> Mapping[str, Any]:
        profiles = self._profiles()
        if name not in profiles and self.new_profile:
            return {}
        if name not in profiles:
            there = f"there are: {', '.join(sorted(profiles))}" if profiles else "there is none yet"
            said = f"no profile {name} in {self.path} ({there}){_did_you_mean(name, profiles)}"
            raise UsageError(said, hint=f"eleven --profile {name} auth login")
        return profiles[name]

    def _profiles(self) -> dict[str, Mapping[str, Any]]:
        profiles = self._read().get(PROFILES, {})
        if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
            raise self._broken(f"{PROFILES} must be tables, such as [{PROFILES}.work]")
        return profiles

    def _read(self) -> dict[str, Any]:
        if self._file is None:
            self._file = self._load()
        return self._file

    def _load(self) -> dict[str, Any]:
        from eleven_cli.files.folders import NoHome

        try:
            content = self.path.read_bytes()
        except (FileNotFoundError, NoHome):
            return {}
        except OSError as failed:
            raise ElevenError(f"cannot read the settings file {self.path}: {failed.strerror}") from failed
        import tomllib

        if not self._was_checked:
            self._warn_if_others_can_replace()
        try:
            if "api_key" in content.decode("utf-8", "replace"):
                self._warn_if_others_can_read()
            found = tomllib.loads(content.decode("utf-8-sig"))
        except UnicodeDecodeError as failed:
            at_line = content.count(b"\n", 0, failed.start) + 1
            raise self._broken(f"not UTF-8 (at line {at_line})") from failed
        except tomllib.TOMLDecodeError as failed:
            raise self._broken(_with_line(str(failed), content)) from failed
        except RecursionError as failed:
            raise self._broken("its values are nested too deeply") from failed
        except ValueError as failed:  # a number of thousands of digits
            raise self._broken(str(failed)) from failed

        if not self._was_checked:
            self._warn_of_the_unknown(content.decode("utf-8-sig"), found)
        self._was_checked = True
        return found

    def _warn_of_the_unknown(self, text: str, found: Mapping[str, Any]) -> None:
        from eleven_cli.settings.unknown import unknown_settings

        for what in unknown_settings(text, found, KEYS, PROFILES):
            self.warn(f"unknown setting {what} in {self.path}; the settings are: {', '.join(KEYS)}")

    def _warn_if_others_can_replace(self) -> None:
        """Whoever may write a folder above the file may put another in its place, with another server in it."""
        if os.name != "posix":
            return
        for folder in Path(os.path.realpath(self.path)).parents:
            if why := _shared(folder):
                self.warn(f"others can replace {self.path}: {why}")
                return

    def _warn_if_others_can_read(self) -> None:
        mode = self.path.stat().st_mode
        if os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH):
            self.warn(f"others can read the API key in {self.path}; chmod 600 it")

    def _broken(self, why: str) -> ElevenError:
        return ElevenError(f"the settings file {self.path} is broken: {why}", hint="fix the file, or move it")

    def _text(self, value: Any, key: str) -> str:
        if key in RANGES and isinstance(value, int | float):
            return str(value)
        if not isinstance(value, str):
            raise self._broken(f"{key} must be a text in quotes")
        return value.strip()

    def _rewrite(self, change: Callable[[Any], object]) -> None:
        import tomlkit

        from eleven_cli.files.folders import ensure_dir
        from eleven_cli.files.locks import alone_in
        from eleven_cli.files.part import write_private

        self._profiles()  # a broken file is reported, not replaced
        path = Path(os.path.realpath(self.path))
        try:
            with alone_in(ensure_dir(path.parent)):
                document = tomlkit.parse(path.read_bytes().decode("utf-8-sig")) if path.exists() else tomlkit.document()
                change(document)
                write_private(path, tomlkit.dumps(document).encode(), in_place=True)
        except OSError as failed:
            raise ElevenError(f"cannot write the settings file {self.path}: {failed.strerror}") from failed
        except (tomlkit.exceptions.ParseError, RecursionError) as failed:  # it takes less than what reads the file
            raise self._broken(str(failed)) from failed
        self._file = None


def is_on(environ: Mapping[str, str], name: str) -> bool:
    """Whether a variable such as ELEVEN_QUIET is set to yes. Raises UsageError where it says neither yes nor no."""
    value = environ.get(name, "").strip()
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise UsageError(f'{name} must be 1 or 0, not "{value}"', hint=f"unset {name}")


def checked(key: str, value: str) -> str:
    """The value as it may be stored under `key`. Raises UsageError when it may not."""
    _known(key)
    value = value.strip()
    if not value:
        raise UsageError(f"{key} must not be empty", hint=f"eleven config unset {key}")
    if not value.isprintable():
        raise UsageError(f"{key} must be plain text")
    if key == "region" and value not in REGIONS:
        raise UsageError(
            f"unknown region: {value}{_did_you_mean(value, REGIONS)}", hint=f"one of: {', '.join(REGIONS)}"
        )
    if key == "api_key":
        from eleven_cli.settings.api_key import checked_api_key

        return checked_api_key(value)
    if key in RANGES:
        checked_number(key, value)
    return value


def checked_number(key: str, value: str, source: str = "") -> int | float:
    """The number that a setting means. Raises UsageError for what is none, or out of range."""
    least, most = RANGES[key]
    try:
        number = int(value) if isinstance(least, int) else float(value)
    except ValueError:
        number = -1
    if not (value.isascii() and least <= number <= most):
        where = f"{source}: " if source and not source.startswith("--") else ""
        what = "a whole number" if isinstance(least, int) else "a number of seconds"
        example = f"{key} must be {what} from {least} to {most:,}, not {value!r}"
        raise UsageError(f"{where}{example}", hint=f"eleven {_EXAMPLES[key]}")
    return number


def _shared(folder: Path) -> str:
    """Why somebody else may put files there and replace those of others; "" where nobody may.

    A group of the owner's own, as many systems make one for each user, is nobody else.
    """
    try:
        found = folder.stat()
    except OSError:
        return ""
    if found.st_uid not in (0, os.geteuid(), _NOBODY):
        return f"{folder} belongs to another user"
    shared = stat.S_IWOTH | (0 if found.st_gid in (0, found.st_uid, _NOBODY) else stat.S_IWGRP)
    if not found.st_mode & shared or found.st_mode & stat.S_ISVTX:
        return ""
    return f"{folder} can be written by others; chmod go-w {folder}"


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    from eleven_cli.suggestions import did_you_mean

    return did_you_mean(word, known)


def _known(key: str) -> None:
    if key not in KEYS:
        raise UsageError(f"unknown setting: {key}{_did_you_mean(key, KEYS)}", hint=f"one of: {', '.join(KEYS)}")


def _with_line(why: str, content: bytes) -> str:
    """tomllib says "at end of document" where a line would help more."""
    last = content.rstrip().count(b"\n") + 1
    return why.replace("(at end of document)", f"(at line {last}, the end)")


def _table_for(document: Any, profile: str | None) -> Any:
    if profile is None:
        return document
    import tomlkit

    if PROFILES in document and profile in document[PROFILES]:
        return document[PROFILES][profile]
    table = (
        tomlkit.table() if PROFILES not in document or document[PROFILES].is_super_table() else tomlkit.inline_table()
    )
    return document.setdefault(PROFILES, tomlkit.table(is_super_table=True)).setdefault(profile, table)
