"""Whether Tab completes `eleven` in the user's shell."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from eleven_cli.commands.doctor.diagnosis import Diagnosis

SHELLS = ("bash", "zsh", "fish", "pwsh")
_SYSTEM = ("/usr/local", "/usr", "/opt/homebrew", "/home/linuxbrew/.linuxbrew")
INSTALL = "eleven completion --install"
_SIGNS = ("eleven completion", "_ELEVEN_COMPLETE")


def completions(environ: Mapping[str, str]) -> Diagnosis:
    found = Diagnosis()
    shell = shell_of(environ)
    file = installed_for(shell, environ) if shell else None
    is_read = file is not None and (shell != "zsh" or _zsh_reads(file, environ))
    if not shell:
        shown = "not known: SHELL names none that eleven completes for"
    elif file is None:
        shown = f"not installed for {shell}; to install it: {INSTALL}"
    else:
        shown = f"{shell}: {file}" if is_read else f"{shell}: {file}, whose folder .zshrc does not name: {INSTALL}"
    value = {"shell": shell or None, "file": None if file is None else str(file), "is_read": is_read}
    found.fact("completion", shown, completion=value)
    return found


def shell_of(environ: Mapping[str, str]) -> str:
    """The user's shell by its name; "" for one that has no completion."""
    name = Path(environ.get("SHELL", "")).stem.lower()
    if not name and "PSModulePath" in environ:
        name = "pwsh"
    name = "pwsh" if name == "powershell" else name
    return name if name in SHELLS else ""


def installed_for(shell: str, environ: Mapping[str, str]) -> Path | None:
    """The file that completes `eleven` in this shell: its own one, or a start-up file that asks for the script."""
    home = Path(environ.get("HOME") or "/")
    files, startup = _places(shell, home, environ)
    own = next((file for file in files if _holds(file, _SIGNS)), None)
    return own or next((file for file in startup if _holds(file, _SIGNS)), None)


def _zsh_reads(file: Path, environ: Mapping[str, str]) -> bool:
    """Whether zsh looks into the file's folder: of those in the home folder, into what a start-up file names."""
    home = Path(environ.get("HOME") or "/")
    if file.name != "_eleven" or not file.is_relative_to(home) or str(file.parent) in environ.get("FPATH", ""):
        return True
    named = str(file.parent.relative_to(home))
    if named.startswith(".oh-my-zsh/"):  # which reads its own folders
        return True
    return any(_holds(startup, [named]) for startup in _places("zsh", home, environ)[1])


def _places(shell: str, home: Path, environ: Mapping[str, str]) -> tuple[list[Path], list[Path]]:
    """Where shells look for a completion of their own accord, and their start-up files."""
    config, data = (
        Path(environ.get(name) or home / usual)
        for name, usual in (("XDG_CONFIG_HOME", ".config"), ("XDG_DATA_HOME", ".local/share"))
    )
    match shell:
        case "bash":
            own = Path(environ.get("BASH_COMPLETION_USER_DIR") or data / "bash-completion")
            names = [own / "completions/eleven", own / "completions/eleven.bash"]
            names += _below(_SYSTEM, "share/bash-completion/completions/eleven", "etc/bash_completion.d/eleven")
            names += [Path("/etc/bash_completion.d/eleven")]
            return names, [home / name for name in (".bashrc", ".bash_profile", ".profile", ".bash_completion")]
        case "zsh":
            folder = Path(environ.get("ZDOTDIR") or home)
            path = [Path(entry) for entry in environ.get("FPATH", "").split(":") if entry]
            own_folders = [data / "zsh/site-functions"]
            own_folders += [home / name for name in (".zfunc", ".zsh/completions", ".zsh", ".oh-my-zsh/completions")]
            names = [place / "_eleven" for place in (*path, *own_folders)]
            names += _below(_SYSTEM, "share/zsh/site-functions/_eleven", "share/zsh/vendor-completions/_eleven")
            return names, [folder / ".zshrc", folder / ".zprofile"]
        case "fish":
            names = [config / "fish/completions/eleven.fish", data / "fish/vendor_completions.d/eleven.fish"]
            names += _below(_SYSTEM, "share/fish/vendor_completions.d/eleven.fish")
            return names, [config / "fish/config.fish"]
    folders = [config / "powershell", home / "Documents/PowerShell"]
    return [], [place / name for place in folders for name in ("profile.ps1", "Microsoft.PowerShell_profile.ps1")]


def _below(roots: Iterable[str], *names: str) -> list[Path]:
    return [Path(root, name) for root in roots for name in names]


def _holds(file: Path, signs: Iterable[str]) -> bool:
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return False
    return any(sign in text for sign in signs)
