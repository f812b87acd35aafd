"""What is installed: one wheel, made of the source distribution, by pip, pipx and uv in environments of their own."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path
from platform import libc_ver
from zipfile import ZipFile

import pytest
import typer
from packaging.requirements import Requirement

import eleven_cli
from eleven_cli.app import tree
from tests.support.guard import GUARD_S

ROOT = Path(__file__).parents[1]
COMPLETIONS = {
    "share/bash-completion/completions/eleven": "eleven.bash",
    "share/zsh/site-functions/_eleven": "_eleven",
    "share/fish/vendor_completions.d/eleven.fish": "eleven.fish",
}
PACKAGES = sysconfig.get_path("purelib")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="it looks for what POSIX systems read")


def run(*argv: str | Path, **environ: str) -> str:
    """What a program prints; it must succeed."""
    known = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environ}
    done = subprocess.run(argv, env=known, capture_output=True, text=True, check=False, timeout=3 * GUARD_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, target: str, folder: Path) -> Path:
    argv = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(argv, cwd=source, check=True, capture_output=True, timeout=3 * GUARD_S)
    (built,) = folder.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As an installer makes it of the source distribution, which so has to hold all that it takes."""
    folder = tmp_path_factory.mktemp("built")
    with tarfile.open(build(ROOT, "sdist", folder)) as source:
        source.extractall(folder / "source", filter="data")
    (unpacked,) = (folder / "source").iterdir()
    return build(unpacked, "wheel", folder)


@pytest.fixture(scope="module")
def shared(wheel: Path) -> dict[str, str]:
    """What is in the wheel for other places than Python's, by where it goes."""
    with ZipFile(wheel) as files:
        names = [name for name in files.namelist() if ".data/data/" in name]
        return {name.partition(".data/data/")[2]: files.read(name).decode() for name in names}


def every_path(command: object, path: str = "eleven") -> Iterator[tuple[str, object]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from every_path(child, f"{path} {name}")


COMMANDS = dict(every_path(typer.main.get_command(tree())))


def test_the_wheel_has_all_of_the_package(wheel: Path) -> None:
    package = Path(eleven_cli.__file__).parent
    ours = {path.relative_to(package.parent).as_posix() for path in package.rglob("*") if path.is_file()}
    with ZipFile(wheel) as files:
        built = {name for name in files.namelist() if name.startswith("eleven_cli/")}
    assert built == {name for name in ours if "__pycache__" not in name}


def test_completions_lie_where_shells_look(shared: dict[str, str]) -> None:
    for place, name in COMPLETIONS.items():
        assert shared[place] == (ROOT / "completions" / name).read_text("utf-8")


def test_each_command_has_a_man_page_and_nothing_else_is_installed(shared: dict[str, str]) -> None:
    pages = {f"share/man/man1/{path.replace(' ', '-')}.1" for path in COMMANDS}
    assert set(shared) == pages | set(COMPLETIONS)


def test_a_man_page_says_what_the_help_says(eleven, shared: dict[str, str]) -> None:
    for path in ("eleven", "eleven tts", "eleven voices", "eleven voices design", "eleven config set"):
        page = shared[f"share/man/man1/{path.replace(' ', '-')}.1"]
        read = re.sub(r"\\f[BIR]|\\&", "", page).replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")
        helped = eleven(*path.split()[1:], "--help").text
        words = set(helped.split()) - {"Usage:", "Options:", "Examples:", "Arguments:"}
        assert not [word for word in words if word.rstrip(":") not in read], path


FORMATTERS = {
    "groff": ["groff", "-man", "-ww", "-Tutf8", "-K", "utf8", "-z"],
    "man": ["man", "--warnings", "-l"],
}
SOME_PAGES = ["share/man/man1/eleven-config-set.1", "share/man/man1/eleven-tts.1"]
FAULTLESS = '.TH ELEVEN 1 "" ""\n.SH NAME\neleven \\- a page…\n'


@pytest.mark.parametrize("name", FORMATTERS)
def test_a_man_page_has_no_fault(shared: dict[str, str], tmp_path: Path, name: str) -> None:
    """Where the program works: in small containers that of this name may be a message, or lack its files."""
    if not shutil.which(name) or formatted(name, [written(tmp_path / "faultless.1", FAULTLESS)])[1]:
        pytest.skip(f"no {name} here")
    wanted = [place for place in shared if place.endswith(".1")] if name == "groff" else SOME_PAGES  # man takes longer
    shown, complaints = formatted(name, [written(tmp_path / Path(place).name, shared[place]) for place in wanted])
    assert complaints == ""
    assert name == "groff" or "SYNOPSIS eleven config set [options] KEY VALUE" in shown


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def formatted(name: str, pages: Sequence[Path]) -> tuple[str, str]:
    """What is shown, in one line, and what is complained of."""
    environ = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANPAGER": "cat", "PAGER": "cat"}
    argv = [*FORMATTERS[name], *map(str, pages)]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=GUARD_S)
    return " ".join(re.sub(r".\x08", "", done.stdout).split()), done.stderr or ("failed" if done.returncode else "")


OTHERS = {
    "requests",
    "urllib3",
    "certifi",
    "websocket",
    "platformdirs",
    "tomlkit",
    "markdown_it",
    "soxr",
    "numpy",
    "regex",
}
HOOK = """
import sys; sys.path.insert(0, ".ci")
from pathlib import Path
from build_hook import pages
assert pages(Path("."))
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_a_build_needs_no_more_than_it_asks_for() -> None:
    """Hatchling and Typer: what else this environment has is not there where a wheel is built."""
    done = subprocess.run([sys.executable, "-c", HOOK], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"hatchling", "typer", "eleven_cli"} <= loaded
    assert not loaded & OTHERS


# the three installers, without a network


def needed(name: str, extras: frozenset[str] = frozenset()) -> Iterator[Distribution]:
    """What the package needs, as it is installed for these tests, and what that needs."""
    for line in distribution(name).requires or ():
        wanted = Requirement(line)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            yield distribution(wanted.name)
            yield from needed(wanted.name, frozenset(wanted.extras))


BASE = {found.name: found for found in needed("eleven-cli")}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels for what the package needs: each with its own metadata, and the way to the installed code,
    so that an environment has this and no more."""
    folder = tmp_path_factory.mktemp("index")
    for found in BASE.values():
        linked = tmp_path_factory.mktemp(found.name)
        for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not name.endswith(".dist-info"):
                (linked / name).symlink_to(Path(PACKAGES, name))
        stem = f"{re.sub(r'[-_.]+', '_', found.name)}-{found.version}"
        files = {
            f"{stem}.dist-info/METADATA": found.read_text("METADATA") or "",
            f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{stem}.pth": f"{linked}\n",
        }
        files[f"{stem}.dist-info/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{stem}.dist-info/RECORD"])
        with ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as made:
            for name, text in files.items():
                made.writestr(name, text)
    return folder


def with_pip(wheel: Path, index: Path, folder: Path) -> Path:
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "venv" / "bin" / "python"), "--isolated"]
    options = ["--no-index", "--no-compile", "--only-binary", ":all:", "--find-links", str(index)]
    run(*pip, "install", "--quiet", *options, wheel)
    return folder / "venv" / "bin"


def with_uv(wheel: Path, index: Path, folder: Path) -> Path:
    places = {f"UV_{name}_DIR": str(folder / name.lower()) for name in ("TOOL", "TOOL_BIN", "CACHE")}
    options = ["--no-config", "--offline", "--no-index", "--no-build", "--find-links", str(index)]
    run(program("uv"), "tool", "install", "--python", sys.executable, *options, wheel, **places)
    return folder / "tool_bin"


def with_pipx(wheel: Path, index: Path, folder: Path) -> Path:
    """By its backend that is uv: that of pip fetches another pip first."""
    places = {f"PIPX_{name}": str(folder / name.lower()) for name in ("HOME", "BIN_DIR", "MAN_DIR")}
    offline = {"UV_OFFLINE": "1", "UV_NO_CONFIG": "1", "UV_NO_INDEX": "1", "UV_FIND_LINKS": str(index)}
    environ = {**places, **offline, "UV_CACHE_DIR": str(folder / "cache"), "PIPX_DEFAULT_BACKEND": "uv"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run(program("pipx"), "install", "--quiet", "--python", sys.executable, wheel, PATH=path, **environ)
    assert (folder / "man_dir" / "man1" / "eleven-tts.1").is_file()
    return folder / "bin_dir"


def program(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if not found:
        pytest.skip(f"no {name} here")
    return found


@pytest.mark.parametrize("installed", [with_pip, with_uv, with_pipx])
def test_an_installer_installs_it(wheel, index, tmp_path, installed, home) -> None:
    command = installed(wheel, index, tmp_path) / "eleven"
    prefix = command.resolve().parents[1]
    place = run(prefix / "bin" / "python", "-P", "-c", "import eleven_cli; print(eleven_cli.__file__)").strip()
    assert Path(place).is_relative_to(prefix), "not the checkout"
    assert run(command, "--version") == f"eleven {eleven_cli.__version__}\n"
    assert run(command, "help", "skill").startswith("---\nname: eleven\n")
    assert run(command, "config", "list")
    assert (prefix / "share" / "man" / "man1" / "eleven.1").is_file()
    assert all((prefix / place).is_file() for place in COMPLETIONS)


@pytest.mark.skipif(libc_ver()[0] != "glibc", reason="elsewhere a wheel does not say who made it")
def test_nothing_that_the_base_needs_was_compiled_here() -> None:
    """An index takes no wheel that is called linux_…: who made one compiled the package, for want of a better."""
    tags = {
        name: re.findall(r"^Tag: (\S+)", found.read_text("WHEEL") or "", re.MULTILINE) for name, found in BASE.items()
    }
    assert {"numpy", "soxr", "typer"} <= set(tags)
    assert not [name for name, known in tags.items() if not known or any("-linux_" in tag for tag in known)]
    assert not {"pyaudio", "miniaudio", "av", "livekit"} & {name.lower() for name in tags}
