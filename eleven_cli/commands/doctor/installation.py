"""What is installed: versions, packages and extras."""

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from eleven_cli import __version__
from eleven_cli.commands.doctor.diagnosis import Diagnosis
from eleven_cli.context import Context
from eleven_cli.errors import PackageMissing
from eleven_cli.packages import OPTIONAL, install, is_installed

DISTRIBUTION, PROGRAM = "eleven-cli", "eleven"
_SHIMS = "shims"  # where pyenv, asdf and mise have a script that calls the right one


class Requirement(NamedTuple):
    """A package that the program needs, and between which versions: at least `least`, below `below`; "" for any."""

    package: str
    least: str
    below: str


def installation(context: Context) -> Diagnosis:
    found = Diagnosis()
    found.fact("eleven", __version__, eleven=__version__)
    python = f"{platform.python_version()} ({platform.python_implementation()}), {sys.executable}"
    found.fact("python", python, python=platform.python_version(), executable=sys.executable)
    _add_program(found, Path(sys.argv[0]), context.environ)
    found.fact("platform", platform.platform(), platform=platform.platform())
    _add_packages(found, list(needed()))
    _add_extras(found)
    return found


def _add_program(found: Diagnosis, own: Path, environ: Mapping[str, str]) -> None:
    """Which `eleven` this is, and whether the shell would run another one."""
    if own.stem != PROGRAM:  # python -m eleven_cli
        return
    called = shutil.which(PROGRAM, path=environ.get("PATH"))
    found.fact("program", f"{own}" if called else f"{own}, not on the PATH", program=str(own), on_path=called)
    if called and _SHIMS not in Path(called).parts and os.path.realpath(called) != os.path.realpath(own):
        said = f"another eleven comes first on the PATH: {called}"
        found.warn(said, hint=f"call this one by its whole name: {quote(str(own))}")


def needed() -> Iterator[Requirement]:
    """What the program declares, without its extras; nothing where it is not installed as a package."""
    try:
        declared = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return
    for line in declared:
        wanted, _, marker = line.partition(";")
        if "extra" not in marker and _applies(marker) and (name := re.match(r"[\w.-]+", wanted)):
            yield Requirement(name[0], _bound(">=", wanted), _bound("<", wanted))


def is_between(found: str, wanted: Requirement) -> bool:
    """Whether a version is one that the program can use. Pure."""
    above = not wanted.least or _numbers(found) >= _numbers(wanted.least)
    return above and (not wanted.below or _numbers(found) < _numbers(wanted.below))


def _add_packages(found: Diagnosis, wanted: list[Requirement]) -> None:
    versions = {requirement.package: version_of(requirement.package) for requirement in wanted}
    shown = ", ".join(f"{name} {number or 'missing'}" for name, number in versions.items())
    found.fact("packages", shown or "not known: eleven is not installed as a package", packages=versions)
    for requirement in wanted:
        number, right = versions[requirement.package], _specified(requirement)
        if not number:
            said = f"the package {requirement.package} is missing"
            found.errors.append(PackageMissing(said, hint=install(right)))
        elif not is_between(number, requirement):
            found.warn(f"{requirement.package} {number} does not fit: eleven needs {right}", hint=install(right))


def _add_extras(found: Diagnosis) -> None:
    extras: dict[str, dict[str, str | None]] = {}
    for extra, modules in OPTIONAL.items():
        here = {package: _version_here(module, package) for module, package in modules.items()}
        extras[extra] = here
        missing = [package for package, number in here.items() if number is None]
        there = ", ".join(f"{package} {number}".strip() for package, number in here.items() if number is not None)
        lacking = f"missing: {install(*missing)}" if missing else ""
        found.facts.append((f"{extra} extra", "; ".join(filter(None, [there, lacking]))))
    found.value["extras"] = extras


def _version_here(module: str, package: str) -> str | None:
    """The same of a module that may be here without its package's name; "" for it."""
    return version_of(package) or "" if is_installed(module) else None


def version_of(package: str) -> str | None:
    """The version of an installed package; None where there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _applies(marker: str) -> bool:
    """Whether a marker such as `python_version >= "3.13"` holds here."""
    found = re.search(r"python_version\s*>=\s*['\"]([\d.]+)", marker)
    return found is None or sys.version_info[:2] >= _numbers(found[1])


def _bound(sign: str, wanted: str) -> str:
    found = re.search(rf"(?<![<>=]){sign}\s*([\d.]+)", wanted)
    return found[1] if found else ""


def _specified(wanted: Requirement) -> str:
    bounds = [f">={wanted.least}" if wanted.least else "", f"<{wanted.below}" if wanted.below else ""]
    return wanted.package + ",".join(filter(None, bounds))


def _numbers(number: str) -> tuple[int, ...]:
    release = re.match(r"[\d.]*", number)
    return tuple(int(part) for part in (release[0] if release else "").split(".") if part)
