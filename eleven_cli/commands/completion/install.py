"""Puts a shell's script where the shell looks for it. Start-up files are only read."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from eleven_cli.commands.completion.scripts import SCRIPTS
from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.files.folders import NoHome, ensure_dir
from eleven_cli.files.part import PartFile

OURS = b"_ELEVEN_COMPLETE"  # in every script that the program ever printed, and in no other
_OF_BASH = (".bashrc", ".bash_profile", ".profile")
_BASH_COMPLETION = (  # what loads the files in its folders, by where systems have it
    "usr/share/bash-completion/bash_completion", "usr/local/share/bash-completion/bash_completion",
    "etc/bash_completion", "run/current-system/sw/share/bash-completion/bash_completion",
    "usr/local/etc/profile.d/bash_completion.sh", "opt/homebrew/etc/profile.d/bash_completion.sh",
)  # fmt: skip
_HOME = re.compile(r"(\$\{HOME\}|\$HOME|(?<![\w./])~)/")


@dataclass(frozen=True)
class Home:
    """Where the user's and the system's files are."""

    environ: Mapping[str, str]
    root: Path = Path("/")
    platform: str = sys.platform

    @property
    def folder(self) -> Path:
        folder = Path(os.path.expanduser("~"))
        if not folder.is_absolute():
            raise NoHome("there is no home folder for the completions", hint="set HOME")
        return folder

    def named(self, variable: str, otherwise: str) -> Path:
        """The folder that a variable names; a path that is not absolute counts as none, as XDG says."""
        folder = Path(self.environ.get(variable, ""))
        return folder if folder.is_absolute() else self.folder / otherwise

    @property
    def zshrc(self) -> Path:
        return self.named("ZDOTDIR", "") / ".zshrc"


@dataclass(frozen=True)
class Installed:
    """A script in its place.

    is_new     it was not there before, or another version of it
    startup    the file that needs `line` so that the shell reads the script; without one both are empty
    """

    file: Path
    is_new: bool
    startup: str = ""
    line: str = ""


def install(shell: str, home: Home) -> Installed:
    """Write the script, unless it is there. Raises ElevenError for a file of somebody else, which is left alone."""
    file = _place_of(shell, home)
    try:
        is_new = _write(file, SCRIPTS[shell].encode(), shell)
    except OSError as failed:
        hint = f"print it instead: eleven completion {shell}"
        raise ElevenError(f"cannot write {file}: {failed.strerror}", hint=hint, code="write_failed") from failed
    startup, line = _wanted_line(shell, file, home)
    return Installed(file, is_new, startup, line)


def _place_of(shell: str, home: Home) -> Path:
    match shell:
        case "bash":
            folders = home.environ.get("BASH_COMPLETION_USER_DIR", "").partition(":")[0]
            own = (
                Path(folders)
                if os.path.isabs(folders)
                else home.named("XDG_DATA_HOME", ".local/share") / "bash-completion"
            )
            return own / "completions" / "eleven"
        case "zsh":
            usual = home.folder / ".zfunc"
            is_read = _names(home.zshrc, usual, home)
            return (
                usual if is_read else home.named("XDG_DATA_HOME", ".local/share") / "zsh/site-functions"
            ) / "_eleven"
        case "fish":
            return home.named("XDG_CONFIG_HOME", ".config") / "fish" / "completions" / "eleven.fish"
    hint = f"put it into your profile: eleven completion {shell}"
    raise UsageError("PowerShell looks for completions in no folder", hint=hint)


def _write(file: Path, script: bytes, shell: str) -> bool:
    """Whether it had to be written. What is there is replaced in one step, and only if it is an earlier script."""
    if file.exists():
        former = file.read_bytes() if file.is_file() else None
        if former == script:
            return False
        if former is None or (former and OURS not in former):
            hint = f"move it away, then: eleven completion --install {shell}"
            raise ElevenError(f"{file} is not from this program, and is left as it is", hint=hint, code="file_exists")
    ensure_dir(file.parent)
    with PartFile(file) as part:
        part.write(script)
        part.commit()
    return True


def _wanted_line(shell: str, file: Path, home: Home) -> tuple[str, str]:
    """The start-up file that lacks a line, and the line."""
    own = {"zsh": [home.zshrc], "bash": [home.folder / name for name in _OF_BASH]}.get(shell, [])
    if any("eleven completion" in line for startup in own for line in _active_lines(startup)):  # eval "$(…)"
        return "", ""
    if shell == "zsh" and not _names(home.zshrc, file.parent, home):
        folder = quote(str(file.parent))
        return str(home.zshrc), f"fpath=({folder} $fpath); autoload -Uz compinit; compinit"
    if shell == "bash" and not _bash_reads(file, home):
        startup = home.folder / (".bash_profile" if home.platform == "darwin" else ".bashrc")
        return str(startup), f". {quote(str(file))}"
    return "", ""


def _bash_reads(file: Path, home: Home) -> bool:
    """Whether the bash-completion package is there and started, or the script itself is."""
    own = [home.folder / name for name in _OF_BASH]
    if any(_names(startup, file, home) for startup in own):
        return True
    everybodys = [home.root / name for name in ("etc/bash.bashrc", "etc/bashrc")]
    is_started = any("bash_completion" in line for startup in (*own, *everybodys) for line in _active_lines(startup))
    by_profile = (home.root / "etc/profile.d/bash_completion.sh").is_file() and any(
        "profile.d" in line for line in _active_lines(home.root / "etc/bashrc")
    )
    return (is_started or by_profile) and any((home.root / place).is_file() for place in _BASH_COMPLETION)


def _names(startup: Path, path: Path, home: Home) -> bool:
    """Whether a start-up file names the path, in one of the spellings of the home folder."""
    wanted = re.compile(re.escape(str(path)) + r"(?![\w.-])")
    lines = (_HOME.sub(lambda _: f"{home.folder}/", line) for line in _active_lines(startup))
    return any(wanted.search(line) for line in lines)


def _active_lines(startup: Path) -> Iterator[str]:
    """The lines that are no comments; none of a file that is not there or cannot be read."""
    try:
        text = startup.read_text("utf-8", errors="replace")
    except OSError:
        return
    yield from (line for line in text.splitlines() if not line.lstrip().startswith("#"))
