"""Packages that need not be there: why one cannot be imported, and how it is installed where this program runs.

The program's own name is on no index that a hint could count on, so hints name the packages that are wanted.
"""

import importlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join
from typing import Any

from eleven_cli.errors import PackageMissing

OPTIONAL = {  # the modules of each extra, and the packages that bring them
    "audio": {"pyaudio": "pyaudio", "miniaudio": "miniaudio"},
    "aec": {"livekit.rtc": "livekit"},
    "socks": {"socks": "pysocks"},
    "jq": {"jq": "jq"},
    "sandbox": {
        "starlette": "starlette",
        "anyio": "anyio",
        "uvicorn": "uvicorn",
        "h11": "h11",
        "websockets": "websockets",
        "python_multipart": "python-multipart",
        "av": "av",
        "espeakng_loader": "espeakng-loader",
        "trustme": "trustme",
    },
}
_NEEDED = {"soxr": "soxr", "numpy": "numpy"}
PACKAGES = {module: package for modules in (_NEEDED, *OPTIONAL.values()) for module, package in modules.items()}
_PORTAUDIO = {  # by the program that installs it: the headers that PyAudio is compiled with, and the library alone
    "apt-get": ("apt install portaudio19-dev", "apt install libportaudio2"),
    "dnf": ("dnf install portaudio-devel", "dnf install portaudio"),
    "pacman": ("pacman -S portaudio", "pacman -S portaudio"),
    "zypper": ("zypper install portaudio-devel", "zypper install libportaudio2"),
    "apk": ("apk add portaudio-dev", "apk add portaudio"),
    "brew": ("brew install portaudio", "brew install portaudio"),
}
_HEADERS = ("/usr/include", "/usr/local/include", "/opt/homebrew/include")


@dataclass(frozen=True)
class Installation:
    """Where this program is installed.

    executable   the interpreter
    prefix       its environment; `base_prefix` is the same where that is none of its own
    which        finds a program on the PATH
    has          whether a module can be imported
    """

    executable: str = field(default_factory=lambda: sys.executable or "python3")
    prefix: Path = field(default_factory=lambda: Path(sys.prefix))
    base_prefix: Path = field(default_factory=lambda: Path(sys.base_prefix))
    stdlib: Path = field(default_factory=lambda: Path(os.__file__).parent)
    which: Callable[[str], str | None] = shutil.which
    has: Callable[[str], bool] = lambda module: is_installed(module)


def is_installed(module: str) -> bool:
    """Whether a module is here, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # nor is what it is a part of
        return False


def missing_of(extra: str) -> list[str]:
    """The packages of an extra that are not here."""
    return [package for module, package in OPTIONAL[extra].items() if not is_installed(module)]


def why_not(module: str, failed: Exception) -> tuple[str, str]:
    """Why an import has failed, as the end of a sentence, and the command that mends it."""
    top, package = module.partition(".")[0], PACKAGES.get(module, module)
    if not isinstance(failed, ModuleNotFoundError) or not failed.name:
        return f"does not work here: {_in_a_line(failed)}", _mending(package, str(failed))
    absent = failed.name.partition(".")[0]
    if absent == top and not is_installed(top):
        return "is not installed", install(package)
    return f"does not work here: it needs {absent}", install(PACKAGES.get(absent, absent))


def imported(module: str, wanted_for: str, *, otherwise: str = "") -> Any:
    """The module. Raises PackageMissing where it cannot be imported: "resampling needs soxr, which is not installed".

    wanted_for   what needs it
    otherwise    what else helps, for the hint
    """
    try:
        return importlib.import_module(module)
    except (ImportError, OSError) as failed:
        why, hint = why_not(module, failed)
        said = f"{wanted_for} needs {PACKAGES.get(module, module)}, which {why}"
        raise PackageMissing(said, hint=hint + otherwise) from failed


def install(*packages: str, place: Installation | None = None) -> str:
    """The command that installs packages where this program finds them; it runs as pasted."""
    place = place or Installation()
    return _before(packages, place) + _installing(packages, place)


def _installing(packages: Iterable[str], place: Installation) -> str:
    receipt = place.prefix / "uv-receipt.toml"
    if receipt.is_file() and (command := _with_uv_tool(receipt, packages)):
        return command
    if (place.prefix / "pipx_metadata.json").is_file():
        is_global = place.prefix.is_relative_to("/opt/pipx")
        return join(["pipx", "inject", *(["--global"] if is_global else []), place.prefix.name, *packages])
    if {"archive-v0", "environments-v2"} & set(place.prefix.parts):  # made by uvx for this run alone
        return f"add to uvx: {join(_withs(packages))}"
    return _with_pip(packages, place)


def _with_pip(packages: Iterable[str], place: Installation) -> str:
    python = [place.executable, "-m"]
    is_own = place.prefix != place.base_prefix
    if place.has("pip"):
        managed = not is_own and (place.stdlib / "EXTERNALLY-MANAGED").is_file()
        return join([*python, "pip", "install", *(["--break-system-packages"] if managed else []), *packages])
    if place.which("uv") or not place.has("ensurepip"):
        return join(["uv", "pip", "install", "--python", place.executable, *packages])
    return f"{join([*python, 'ensurepip'])} && {join([*python, 'pip', 'install', *packages])}"


def _with_uv_tool(receipt: Path, packages: Iterable[str]) -> str:
    """`uv tool install` again with what it was installed from, and with all that was added before; "" if untold."""
    import tomllib

    try:
        (own, *others) = tomllib.loads(receipt.read_text("utf-8"))["tool"]["requirements"]
        added = [_requirement(other) for other in others]
        editable = ["--editable"] if "editable" in own else []
        return join(["uv", "tool", "install", *_withs([*added, *packages]), *editable, _requirement(own)])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def _requirement(written: Mapping[str, Any]) -> str:
    """An entry of uv's receipt, as it is given on the command line."""
    extras = f"[{','.join(written['extras'])}]" if written.get("extras") else ""
    if local := written.get("editable") or written.get("directory") or written.get("path"):
        return f"{local}{extras}"
    if git := written.get("git"):
        address, _, query = str(git).partition("?")
        revision = query.partition("rev=")[2].partition("&")[0]
        return f"{written['name']}{extras} @ git+{address}{f'@{revision}' if revision else ''}"
    if url := written.get("url"):
        return f"{written['name']}{extras} @ {url}"
    return f"{written['name']}{extras}{written.get('specifier', '')}"


def _withs(packages: Iterable[str]) -> list[str]:
    return [word for package in packages for word in ("--with", package)]


def _before(packages: Iterable[str], place: Installation) -> str:
    """PyAudio is compiled where it is installed, and wants PortAudio's headers for it."""
    if "pyaudio" not in packages or any(Path(folder, "portaudio.h").is_file() for folder in _HEADERS):
        return ""
    command = _of_the_system(place, headers=True)
    return f"{command} && " if command else ""


def _mending(package: str, why: str) -> str:
    if "portaudio" in why.lower() and (command := _of_the_system(Installation(), headers=False)):
        return command
    place = Installation()
    if place.has("pip"):
        return join([place.executable, "-m", "pip", "install", "--force-reinstall", "--no-cache-dir", package])
    return join(["uv", "pip", "install", "--reinstall", "--python", place.executable, package])


def _of_the_system(place: Installation, *, headers: bool) -> str:
    found = next((commands for program, commands in _PORTAUDIO.items() if place.which(program)), None)
    if found is None:
        return ""
    command = found[0 if headers else 1]
    is_root = not hasattr(os, "geteuid") or os.geteuid() == 0
    return command if is_root or command.startswith("brew") else f"sudo {command}"


def _in_a_line(failed: Exception) -> str:
    return " ".join(str(failed).split())
