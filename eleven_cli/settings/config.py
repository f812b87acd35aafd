"""Settings: the file, the environment, and which of them a value comes from.

Order: option > environment > file (profile, then top level) > built-in.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.settings.values import (
    DEFAULT_BASE_URL,
    ENVIRONMENT,
    KEYS,
    OF_AN_ACCOUNT,
    PROFILES,
    RANGES,
    REGIONS,
    checked,
    checked_number,
    did_you_mean_one_of,
    refuse_unknown,
)

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
            from eleven_cli.settings.document import table_for

            table = table_for(document, self.profile)
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
        refuse_unknown(key)
        if key not in self._own_table():
            return False

        def change(document: Any) -> None:
            from eleven_cli.settings.document import table_for

            table_for(document, self.profile).pop(key)

        self._rewrite(change)
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
            said = f"no profile {name} in {self.path} ({there}){did_you_mean_one_of(name, profiles)}"
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
            self._warn_of_others(content)
        try:
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

    def _warn_of_others(self, content: bytes) -> None:
        from eleven_cli.settings.sharing import others_can_read, who_can_replace

        if why := who_can_replace(self.path):
            self.warn(f"others can replace {self.path}: {why}")
        if b"api_key" in content and others_can_read(self.path):
            self.warn(f"others can read the API key in {self.path}; chmod 600 it")

    def _warn_of_the_unknown(self, text: str, found: Mapping[str, Any]) -> None:
        from eleven_cli.settings.unknown import unknown_settings

        for what in unknown_settings(text, found, KEYS, PROFILES):
            self.warn(f"unknown setting {what} in {self.path}; the settings are: {', '.join(KEYS)}")

    def _broken(self, why: str) -> ElevenError:
        return ElevenError(f"the settings file {self.path} is broken: {why}", hint="fix the file, or move it")

    def _text(self, value: Any, key: str) -> str:
        if key in RANGES and isinstance(value, int | float):
            return str(value)
        if not isinstance(value, str):
            raise self._broken(f"{key} must be a text in quotes")
        return value.strip()

    def _rewrite(self, change: Callable[[Any], object]) -> None:
        """Change the file's TOML document, comments and order kept."""
        from eleven_cli.settings.document import rewrite

        self._profiles()  # a broken file is reported, not replaced
        try:
            rewrite(Path(os.path.realpath(self.path)), change)
        except OSError as failed:
            raise ElevenError(f"cannot write the settings file {self.path}: {failed.strerror}") from failed
        except ValueError as failed:
            raise self._broken(str(failed)) from failed
        self._file = None


def _with_line(why: str, content: bytes) -> str:
    """tomllib says "at end of document" where a line would help more."""
    last = content.rstrip().count(b"\n") + 1
    return why.replace("(at end of document)", f"(at line {last}, the end)")
