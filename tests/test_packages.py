"""Packages that are not there, or do not work: what is said, and that its hint is a command for just this place."""

import ast
import importlib.metadata
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
import wave
from pathlib import Path

import pytest

import eleven_cli
from eleven_cli.errors import PackageMissing
from eleven_cli.packages import OPTIONAL, PACKAGES, Installation, imported, install
from tests.support.agent import AgentServer

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RECEIPT = '[tool]\nrequirements = [{ name = "eleven-cli"%s }%s]\n'


def place(tmp_path, *, has=("pip", "ensurepip"), on_path=(), own=True, prefix="env", **files):
    """An environment at tmp_path/env, with these files in it."""
    there = tmp_path / prefix
    there.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (there / name.replace("__", "-").replace("_toml", ".toml").replace("_json", ".json")).write_text(text)
    return Installation(
        executable=str(there / "bin/python"),
        prefix=there,
        base_prefix=Path("/usr") if own else there,
        stdlib=there,
        which=lambda name: f"/bin/{name}" if name in on_path else None,
        has=lambda module: module in has,
    )


def test_in_an_environment_with_pip(tmp_path):
    assert install("soxr", place=place(tmp_path)) == f"{tmp_path}/env/bin/python -m pip install soxr"
    spaced = place(tmp_path, prefix="my env")
    assert shlex.split(install("soxr", place=spaced))[0] == f"{tmp_path}/my env/bin/python"


def test_without_pip(tmp_path):
    python = f"{tmp_path}/env/bin/python"
    by_uv = f"uv pip install --python {python} av soxr"
    assert install("av", "soxr", place=place(tmp_path, has=["ensurepip"], on_path=["uv"])) == by_uv
    assert install("av", "soxr", place=place(tmp_path, has=[])) == by_uv
    expected = f"{python} -m ensurepip && {python} -m pip install soxr"
    assert install("soxr", place=place(tmp_path, has=["ensurepip"])) == expected


def test_in_an_interpreter_that_the_system_manages(tmp_path):
    managed = place(tmp_path, own=False)
    (tmp_path / "env" / "EXTERNALLY-MANAGED").touch()
    assert install("soxr", place=managed).endswith("-m pip install --break-system-packages soxr")


def test_below_pipx(tmp_path):
    here = place(tmp_path, prefix="pipx/venvs/eleven-cli", pipx_metadata_json="{}")
    (here.prefix / "pipx_metadata.json").write_text("{}")
    assert install("soxr", "av", place=here) == "pipx inject eleven-cli soxr av"


@pytest.mark.parametrize(
    ("own", "others", "command"),
    [
        ("", "", "uv tool install --with soxr eleven-cli"),
        (', directory = "/a b"', "", "uv tool install --with soxr '/a b'"),
        (', editable = "/src"', "", "uv tool install --with soxr --editable /src"),
        (', extras = ["aec"], specifier = ">=1"', "", "uv tool install --with soxr 'eleven-cli[aec]>=1'"),
        (', path = "/x.whl"', ', { name = "av" }', "uv tool install --with av --with soxr /x.whl"),
        (', git = "https://h/r?rev=v1"', "", "uv tool install --with soxr 'eleven-cli @ git+https://h/r@v1'"),
        (', url = "https://h/x.whl"', "", "uv tool install --with soxr 'eleven-cli @ https://h/x.whl'"),
    ],
)
def test_below_uv_tool(tmp_path, own, others, command):
    here = place(tmp_path, has=[], on_path=["uv"])
    (here.prefix / "uv-receipt.toml").write_text(RECEIPT % (own, others))
    assert install("soxr", place=here) == command


@pytest.mark.parametrize("receipt", ["", "nonsense", "[tool]\nrequirements = []", '[tool]\nrequirements = ["a"]'])
def test_a_receipt_that_says_nothing(tmp_path, receipt):
    here = place(tmp_path, has=[])
    (here.prefix / "uv-receipt.toml").write_text(receipt)
    assert install("soxr", place=here) == f"uv pip install --python {here.executable} soxr"


def test_in_an_environment_of_uvx(tmp_path):
    here = place(tmp_path, prefix="uv/archive-v0/x", has=[])
    assert install("soxr", "av", place=here) == "add to uvx: --with soxr --with av"


def test_pyaudio_is_compiled_with_headers(tmp_path, monkeypatch):
    monkeypatch.setattr("eleven_cli.packages._HEADERS", (str(tmp_path),))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    here = place(tmp_path, on_path=["apt-get"])
    pip = f"{here.executable} -m pip install pyaudio"
    assert install("pyaudio", place=here) == f"sudo apt install portaudio19-dev && {pip}"
    assert install("pyaudio", place=place(tmp_path)) == pip
    (tmp_path / "portaudio.h").touch()
    assert install("pyaudio", place=here) == pip


# on the command line


def broken(tmp_path, name, code):
    """The environment of a process for which a package is as `code` says."""
    hidden = tmp_path / "hidden"
    (hidden / name).mkdir(parents=True)
    (hidden / name / "__init__.py").write_text(code)
    return {**os.environ, "PYTHONPATH": f"{hidden}{os.pathsep}{ROOT}"}


def absent(tmp_path, *names):
    """The environment of a process for which packages are not installed."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util as u, sys\nreal = u.find_spec\n"
        f"names = {names!r}\n"
        "for name in names: sys.modules[name] = None\n"
        "u.find_spec = lambda name, *more: None if name in names else real(name, *more)\n"
    )
    return {**os.environ, "PYTHONPATH": f"{hidden}{os.pathsep}{ROOT}"}


def sound(rate):
    """Half a second of silence, as a WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, rate, 0, "NONE", ""))
        writer.writeframes(bytes(rate))
    return file.getvalue()


def said(process, stdin=b""):
    _, err = process.communicate(stdin, timeout=30)
    lines = err.decode().splitlines()
    error = next(line for line in lines if line.startswith("error: "))
    return process.returncode, error, next((line for line in lines if line.startswith("hint: ")), "")


PIP = f"{sys.executable} -m pip install"


@pytest.mark.parametrize(
    ("package", "argv", "code", "error", "hint"),
    [
        (
            "soxr",
            ["--sandbox", "talk", "--input", "-", "--output", "o.wav"],
            2,
            "resampling from 24000 to 16000 Hz needs soxr, which is not installed",
            f"{PIP} soxr",
        ),
        (
            "livekit",
            ["talk", "--agent-id", "a", "--echo", "aec"],
            2,
            "the echo canceller needs livekit, which is not installed",
            f"{PIP} livekit, or use --echo gate",
        ),
        ("pyaudio", ["devices"], 7, "PyAudio is not installed", f"{PIP} pyaudio"),
        ("pyaudio", ["stt", "--live", "--mic", "default"], 7, "PyAudio is not installed", f"{PIP} pyaudio; or pipe"),
        ("av", ["--sandbox", "models"], 1, "the sandbox is not installed", f"{PIP} av"),
    ],
)
def test_a_package_that_is_not_installed(spawn, tmp_path, home, monkeypatch, package, argv, code, error, hint):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_test_0123456789abcdef")
    process = spawn(*argv, env=absent(tmp_path, package), stdin=subprocess.PIPE, cwd=tmp_path)
    code_found, error_found, hint_found = said(process, sound(24_000))
    assert (code_found, error_found.partition("; what arrived")[0]) == (code, f"error: {error}")
    assert hint in hint_found
    assert "eleven-cli" not in hint_found


def test_a_rate_that_needs_numpy(spawn, tmp_path, home, monkeypatch):
    def script(line):
        line.start()
        line.until_closed()

    with AgentServer() as server:  # the sandbox itself needs it to hear
        server.script = script
        monkeypatch.setenv("ELEVENLABS_BASE_URL", server.url)
        argv = ["talk", "--agent-id", "agent_1", "--input", "-", "--output", "o.wav"]
        process = spawn(*argv, env=absent(tmp_path, "numpy"), stdin=subprocess.PIPE, cwd=tmp_path)
        code, error, hint = said(process, sound(24_000))
    wanted = "error: resampling from 24000 to 16000 Hz needs soxr, which does not work here: it needs numpy"
    assert (code, error.partition("; what arrived")[0]) == (2, wanted)
    assert f"{PIP} numpy" in hint


BROKEN = "raise ImportError('libportaudio.so.2: cannot open shared object file: No such file or directory')"


@pytest.mark.parametrize("argv", [["devices"], ["tts", "hi", "--play"], ["stt", "--live", "--mic", "default"]])
def test_one_that_is_installed_and_does_not_work_says_why(spawn, service, tmp_path, monkeypatch, argv):
    (tmp_path / "bin").mkdir()
    process = spawn(*argv, env={**broken(tmp_path, "pyaudio", BROKEN), "PATH": str(tmp_path / "bin")})
    code, error, hint = said(process)
    assert code == 7
    assert error.startswith("error: PyAudio does not work here: libportaudio.so.2: cannot open shared object file")
    assert hint == f"hint: {PIP} --force-reinstall --no-cache-dir pyaudio"
    assert not service.requests


def test_a_library_of_the_system_is_installed_by_the_system(spawn, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "apt-get").symlink_to("/bin/true")
    process = spawn("devices", env={**broken(tmp_path, "pyaudio", BROKEN), "PATH": str(tmp_path / "bin")})
    assert said(process)[2].removeprefix("hint: ").removeprefix("sudo ") == "apt install libportaudio2"


def test_a_part_of_the_sandbox_that_does_not_work_says_why(spawn, tmp_path, home, monkeypatch):
    text = "raise ImportError('undefined symbol: x', name='starlette')"
    code, error, hint = said(spawn("--sandbox", "models", env=broken(tmp_path, "starlette", text)))
    assert code == 1
    assert error == "error: the sandbox needs starlette, which does not work here: undefined symbol: x"
    assert hint == f"hint: {PIP} --force-reinstall --no-cache-dir starlette"


def test_what_a_package_lacks_itself(tmp_path, monkeypatch):
    (tmp_path / "half_there.py").write_text("import not_there_at_all")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PackageMissing, match="needs half_there, which does not work here: it needs not_there_at_all"):
        imported("half_there", "this")


# what is declared


def distributions(requirements):
    return {re.match(r"[\w.-]+", line)[0].lower() for line in requirements}


def third_party():
    """Every module of others that is imported anywhere, also within functions and by name, with the rooms it is in.

    `compression` is a part of Python from 3.14 on, `audioop` up to 3.12.
    """
    found = {}
    for path in Path(eleven_cli.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for name in imported_by(node):
                top = name.partition(".")[0]
                is_standard = top in sys.stdlib_module_names - {"audioop"}
                if not is_standard and top not in ("eleven_cli", "_typeshed", "compression", ""):
                    found.setdefault(top, set()).add(path.relative_to(ROOT / "eleven_cli").parts[0])
    return found


def imported_by(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module]
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if function in ("import_module", "find_spec", "imported", "is_installed"):
            return [str(node.args[0].value)]
    return []


EXTRAS = PROJECT["optional-dependencies"]
REQUIRED = distributions(PROJECT["dependencies"])
OF_EXTRA = {name: distributions(lines) for name, lines in EXTRAS.items() if name != "all"}
INSTEAD_OF_ANOTHER = {"av"}  # ffmpeg does what it does
LOADS_US = {"pytest"}  # and its plugin is loaded by nothing else
USED_BY_ANOTHER = {"websockets", "python-multipart"}  # by uvicorn and starlette
COME_WITH_ANOTHER = {"idna", "pygments", "protobuf", "cryptography"}  # named for their lower bounds alone


def test_what_is_imported_is_declared_and_the_other_way_round():
    by_module = {"audioop": ["audioop-lts"], **importlib.metadata.packages_distributions()}
    used = set()
    for module, rooms in third_party().items():
        packages = {name.lower() for name in by_module.get(module, [module])}
        used |= packages
        allowed = REQUIRED | (OF_EXTRA["sandbox"] if rooms == {"sandbox"} else set())
        optional = {package for extra in ("audio", "aec", "socks", "jq") for package in OF_EXTRA[extra]}
        is_declared = bool(packages & (allowed | optional)) or module in INSTEAD_OF_ANOTHER | LOADS_US
        assert is_declared, f"{module}, used in {rooms}, is not declared"
    assert REQUIRED.union(*OF_EXTRA.values()) - used == USED_BY_ANOTHER | COME_WITH_ANOTHER


def test_hints_know_the_same_packages():
    named = {extra: packages - COME_WITH_ANOTHER for extra, packages in OF_EXTRA.items()}
    assert {extra: set(modules.values()) for extra, modules in OPTIONAL.items()} == named
    assert set(PACKAGES.values()) - set().union(*OF_EXTRA.values()) <= REQUIRED
    assert EXTRAS["all"] == [f"eleven-cli[{','.join(OF_EXTRA)}]"]


def test_each_has_a_lower_bound_and_a_reason_and_an_upper_one_only_with_care():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    optional = [line for name, lines in EXTRAS.items() if name != "all" for line in lines]
    for line in [*PROJECT["dependencies"], *optional]:
        name = re.escape(re.match(r"[\w.-]+", line)[0])
        assert re.fullmatch(r"[\w.-]+>=[\d.]+(,<[\d.]+)?(; python_version.*)?", line)
        reason = re.search(rf'"{name}[^"]*",\s*# (.+(?:\n\s+#.+)*)', text)
        assert reason, f"no reason for {line}"
        assert "<" not in line.partition(";")[0] or re.search(r"from [\d.]+ on", reason[1])


def test_no_hint_names_a_package_by_hand():
    """The one place that knows how to install is `packages`."""
    for path in Path(eleven_cli.__file__).parent.rglob("*.py"):
        if path.name != "packages.py":
            assert not re.search(r"pip install|pipx|uv tool|eleven-cli\[", path.read_text("utf-8")), path
