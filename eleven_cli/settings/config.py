"""Settings: the file, the environment, and which of them a value comes from.

Order: option > environment > file (profile, then top level) > built-in.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from eleven_cli import DEFAULT_BASE_URL
from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.processes import BASE_URL_VARIABLE, KEY_VARIABLES
from eleven_cli.settings import ENVIRONMENT, KEYS, LEXICON, LONGEST_KEY, OF_AN_ACCOUNT, PROFILES, RANGES, REGIONS

_YES = ("1", "true", "t", "yes", "y", "on")
_NO = ("", "0", "false", "f", "no", "n", "off")


def is_on(environ: Mapping[str, str], name: str) -> bool:
    """Whether a variable such as ELEVEN_QUIET is set to yes. Raises UsageError where it says neither yes nor no."""
    value = environ.get(name, "").strip()
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise UsageError(f'{name} must be 1 or 0, not "{value}"', hint=f"unset {name}")


def is_plain_key(value: str) -> bool:
    """Whether it has the form of an API key, with nothing around it."""
    is_word = f"_{value}".isidentifier() and value.isascii() and 0 < len(value) <= LONGEST_KEY
    return is_word and value.upper() != "EXPORT" and value not in KEY_VARIABLES


class Setting(NamedTuple):
    """A value and where it came from, in words: "the environment (ELEVENLABS_API_KEY)"."""

    value: str
    source: str


class Config:
    """The settings of one run. The file is read when something is first asked of it.

    warn          is told of a file that others can read
    new_profile   the profile need not exist: it is about to be made
    options       settings that were given as options of their name, for this run
    used          the settings that had their say in this run, by their names
    """

    # no dataclass: loading and making them is two milliseconds of every start
    def __init__(
        self,
        environ: Mapping[str, str],
        profile: str | None = None,
        base_url_option: str | None = None,
        sandbox: bool = False,
        new_profile: bool = False,
        warn: Callable[[str], None] = lambda line: None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.environ, self.base_url_option, self.sandbox, self.warn = environ, base_url_option, sandbox, warn
        self.profile, self.new_profile = profile or environ.get("ELEVEN_PROFILE") or None, new_profile
        self.options: Mapping[str, str] = options or {}
        self.used: dict[str, Setting] = {}
        self._file: dict[str, Any] | ElevenError | None = None
        self._was_checked = False

    @property
    def path(self) -> Path:
        """Where the settings file is, or would be. Raises NoHome."""
        if named := self.environ.get("ELEVEN_CONFIG"):
            return Path(named)
        from eleven_cli.files.folders import config_folder

        return config_folder() / "config.toml"

    @property
    def is_pipe(self) -> bool:
        """Whether the file is one that can be read only once."""
        from eleven_cli.files.folders import NoHome

        try:
            return self.path.is_fifo()
        except NoHome:
            return False

    def get(self, key: str) -> Setting | None:
        """The value in force, with its source; None if it is not set."""
        return next(self.each(key), None)

    def each(self, key: str) -> Iterator[Setting]:
        """All values that are set, with their sources; the first is the one in force."""
        if key in self.options:
            yield Setting(self.options[key], f"--{key}")
        if self.sandbox and key in OF_AN_ACCOUNT:
            return
        for name in ENVIRONMENT[key]:
            if value := self.environ.get(name, "").strip():
                yield Setting(value, f"the environment ({name})")
        for where, table in self._levels():
            if value := self._text(table.get(key, ""), key):
                yield Setting(value, f"{where} in {self.path}")

    def value(self, key: str) -> str | None:
        """Just the value in force, to be used."""
        if (setting := self.get(key)) is None:
            return None
        self.used[key] = setting
        return setting.value

    def number(self, key: str) -> float | None:
        """The value in force of a setting that is a number. Raises UsageError for what is none, or out of range."""
        setting = self.get(key)
        if setting is None:
            return None
        self.used[key] = setting
        from eleven_cli.settings.values import checked_number

        return checked_number(key, setting.value, setting.source)

    @property
    def base_url(self) -> Setting:
        """The server's address: option, environment, then `base_url` or `region` of each level of the file."""
        if self.sandbox:
            return Setting("the sandbox", "--sandbox")
        if self.base_url_option:
            return Setting(self.base_url_option, "--base-url")
        if value := self.environ.get(BASE_URL_VARIABLE, "").strip():
            return Setting(value, f"the environment ({BASE_URL_VARIABLE})")
        for where, table in self._levels():
            if value := self._text(table.get("base_url", ""), "base_url"):
                return Setting(value, f"{where} in {self.path}")
            if region := self._text(table.get("region", ""), "region").lower():
                if region not in REGIONS:
                    raise self.broken(f"unknown region {region}: it is one of {', '.join(REGIONS)}")
                return Setting(REGIONS[region], f"region {region} of {where} in {self.path}")
        return Setting(DEFAULT_BASE_URL, "built in")

    @property
    def has_lexicon(self) -> bool:
        return any(table.get(LEXICON) for _, table in self._levels())

    @property
    def lexicon(self) -> dict[str, str]:
        """Replacements of words in speech; the profile's win. Raises ElevenError if one is not text."""
        words: dict[str, str] = {}
        for _, table in reversed(self._levels()):
            found = table.get(LEXICON, {})
            if not isinstance(found, dict):
                raise self.broken(f'{LEXICON} must be a table: [{LEXICON}], then WCAG = "W C A G"')
            for word, spoken in found.items():
                if not (word.strip() and self._text(spoken, f"{LEXICON}.{word}")):
                    raise self.broken(f"{LEXICON}.{word} must not be empty")
            words |= {word.strip(): spoken.strip() for word, spoken in found.items()}
        return words

    @property
    def profiles(self) -> list[str]:
        """The names of the profiles in the file."""
        return sorted(self.tables)

    @property
    def level(self) -> str:
        """Where in the file a value is written: "the top level", or "profile work"."""
        return f"profile {self.profile}" if self.profile else "the top level"

    @property
    def own_table(self) -> Mapping[str, Any]:
        """What the file holds at the level where values are written."""
        return self.tables.get(self.profile, {}) if self.profile else self.top_level

    def forget(self) -> None:
        """Read the file again at the next question: it was changed."""
        self._file = None

    def _levels(self) -> list[tuple[str, Mapping[str, Any]]]:
        levels: list[tuple[str, Mapping[str, Any]]] = [("the top level", self.top_level)]
        if self.profile:
            levels.insert(0, (self.level, self._chosen_profile(self.profile)))
        return levels

    def _chosen_profile(self, name: str) -> Mapping[str, Any]:
        profiles = self.tables
        if name not in profiles and self.new_profile:
            return {}
        if name not in profiles:
            from eleven_cli.suggestions import did_you_mean

            there = f"there are: {', '.join(sorted(profiles))}" if profiles else "there is none yet"
            said = f"no profile {name} in {self.path} ({there}){did_you_mean(name, profiles)}"
            raise UsageError(said, hint=f"eleven --profile {name} auth login")
        return profiles[name]

    @property
    def tables(self) -> dict[str, Mapping[str, Any]]:
        """What the file holds of each profile."""
        profiles = self.top_level.get(PROFILES, {})
        if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
            raise self.broken(f"{PROFILES} must be tables, such as [{PROFILES}.work]")
        return profiles

    @property
    def top_level(self) -> dict[str, Any]:
        """What the file holds. Raises ElevenError for one that is broken."""
        if self._file is None:
            try:
                self._file = self._load()
            except ElevenError as failed:  # a pipe is not read a second time
                self._file = failed
        if isinstance(self._file, ElevenError):
            raise self._file
        return self._file

    def _load(self) -> dict[str, Any]:
        from eleven_cli.files.folders import NoHome

        try:
            self.path.lstat()
            from eleven_cli.settings.file import access_warnings, content_of, parsed

            content = content_of(self.path)
        except (FileNotFoundError, NoHome):
            return {}
        except OSError as failed:
            raise ElevenError(f"cannot read the settings file {self.path}: {failed.strerror}") from failed
        if not self._was_checked:
            for line in access_warnings(self.path, content):
                self.warn(line)
        text, found = parsed(content, self.path)
        from eleven_cli.settings.unknown import unknown_settings

        for what in () if self._was_checked else unknown_settings(text, found, (*KEYS, LEXICON), PROFILES):
            self.warn(f"unknown setting {what} in {self.path}; the settings are: {', '.join(KEYS)}")
        self._was_checked = True
        return found

    def broken(self, why: str) -> ElevenError:
        """What to say of such a file."""
        from eleven_cli.settings.file import broken

        return broken(self.path, why)

    def _text(self, value: Any, key: str) -> str:
        if key in RANGES and isinstance(value, int | float):
            return str(value)
        if not isinstance(value, str):
            raise self.broken(f"{key} must be a text in quotes")
        return value.strip()
