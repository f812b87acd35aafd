"""What serves the sandbox elsewhere, as far as a machine without GitHub and Docker can try it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests
import yaml

import eleven_cli
from tests.support.guard import GUARD_S

ROOT = Path(__file__).parents[1]
ACTION = ROOT / ".github" / "actions" / "sandbox"
DOCKERFILE = ROOT / ".ci" / "Dockerfile"
PAGE = (Path(eleven_cli.__file__).parent / "help" / "testing.md").read_text("utf-8")
SNIPPETS = dict(re.findall(r"\n## ([^\n]+)\n[^#]*?```yaml\n(.*?)```", PAGE, re.DOTALL))
PATIENCE_S = 60.0
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="it takes bash and signals"),
    pytest.mark.usefixtures("home"),
]


def steps() -> list[dict[str, Any]]:
    action = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))
    assert action["runs"]["using"] == "composite"
    assert all(step["shell"] == "bash" for step in action["runs"]["steps"])
    return list(action["runs"]["steps"])


def filled(text: str, inputs: dict[str, str]) -> str:
    """The text with what GitHub puts into it."""
    known = {"github.action_path": str(ACTION), **{f"inputs.{name}": value for name, value in inputs.items()}}
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], text)


class Runner:
    """A runner's folder; each step is run by bash as GitHub does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = {name: folder / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
        for path in self._files.values():
            path.touch()

    def run(self, step: dict[str, Any], inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
        own = {name: filled(value, inputs) for name, value in step.get("env", {}).items()}
        runner = {"RUNNER_TEMP": str(self._folder), **{name: str(path) for name, path in self._files.items()}}
        installed = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": installed_packages()}
        environ = {**os.environ, **installed, "PIP_NO_INDEX": "1", **runner, **own}
        argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE_S)

    def written(self, name: str) -> dict[str, str]:
        lines = self._files[name].read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


def installed_packages() -> str:
    """Where the packages of the tests are: pip finds them there, so that none is downloaded."""
    return os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])


def stop(port: int) -> None:
    """Ends the server that a step left behind, which no process here has started."""
    found = subprocess.run(
        ["pgrep", "-f", f"eleven_cli sandbox --port {port}"], capture_output=True, text=True, check=False
    )
    for pid in found.stdout.split():
        os.kill(int(pid), signal.SIGTERM)


def free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.skipif(not shutil.which("pgrep"), reason="no pgrep here")
def test_the_action_installs_starts_and_exports(tmp_path: Path) -> None:
    install, start = steps()
    runner, port = Runner(tmp_path), free_port()
    inputs = {"port": str(port), "options": "--strict --plan free", "package": "eleven-cli[sandbox]"}
    done = runner.run(install, inputs)
    assert done.returncode == 0, done.stderr
    try:
        done = runner.run(start, inputs)
        assert done.returncode == 0, done.stdout + done.stderr
        base = f"http://127.0.0.1:{port}"
        assert runner.written("GITHUB_ENV") == {"ELEVENLABS_BASE_URL": base, "ELEVENLABS_API_KEY": "sandbox"}
        assert runner.written("GITHUB_OUTPUT") == {"base-url": base}
        headers = {"xi-api-key": "sandbox"}
        plan = requests.get(f"{base}/v1/user/subscription", headers=headers, timeout=GUARD_S).json()
        assert plan["tier"] == "free"
        taken = runner.run(start, inputs)
        assert (taken.returncode, "already in use" in taken.stdout) == (1, True), taken.stdout
    finally:
        stop(port)


def test_the_default_package_is_this_repository() -> None:
    install, _ = steps()
    repository = Path(filled(install["env"]["REPOSITORY"], {}))
    assert repository.resolve() == ROOT
    assert "$REPOSITORY[sandbox]" in install["run"]


def instruction(name: str) -> str:
    """What stands behind an instruction of the Dockerfile, the last one."""
    lines = DOCKERFILE.read_text("utf-8").replace("\\\n", " ").splitlines()
    return [line.partition(" ")[2] for line in lines if line.startswith(f"{name} ")][-1]


@contextmanager
def container(port: int) -> Iterator[None]:
    """Runs the CMD of the Dockerfile as it stands there, on another port than the container's."""
    environ = {**os.environ, "PORT": str(port), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with subprocess.Popen(json.loads(instruction("CMD")), env=environ, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            while b"sandbox: http" not in process.stderr.readline():
                assert process.poll() is None
            yield
        finally:
            began = monotonic()
            process.terminate()
            assert process.wait(GUARD_S) in (143, -signal.SIGTERM)
            assert monotonic() - began < GUARD_S


def test_the_container_serves_who_may_ask_it() -> None:
    port = free_port()
    health = json.loads(instruction("HEALTHCHECK").partition("CMD ")[2])
    environ = {**os.environ, "PORT": str(port), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with container(port):
        assert subprocess.run(health, env=environ, check=False, timeout=PATIENCE_S).returncode == 0
        for host, status in {
            "127.0.0.1:8080": 200, "localhost:8080": 200, "sandbox:8080": 200, "172.17.0.2:8080": 200,
            "example.com:8080": 403, "127.0.0.1.nip.io:8080": 403,
        }.items():  # fmt: skip
            answer = requests.get(f"http://127.0.0.1:{port}/v1/models", headers={"Host": host}, timeout=GUARD_S)
            assert (host, answer.status_code) == (host, status)
    done = subprocess.run(health, env=environ, capture_output=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 1


def test_the_image_copies_what_the_package_is_built_from() -> None:
    lines = DOCKERFILE.read_text("utf-8").splitlines()
    copied = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    assert all((ROOT / name).exists() for name in copied)
    needed = {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "eleven_cli",
        "completions",
        ".ci/build_hook.py",
    }  # by name in pyproject.toml
    assert copied == needed
    assert "GPL-3.0-or-later" in DOCKERFILE.read_text("utf-8")
    assert (instruction("EXPOSE"), instruction("ENV")) == ("8080", "PORT=8080")


def test_the_snippet_for_github_actions() -> None:
    (used,) = [
        step for step in yaml.safe_load(SNIPPETS["GitHub Actions"])["steps"] if step.get("uses", "").startswith("./")
    ]
    assert (ROOT / used["uses"].removeprefix("./eleven-cli/") / "action.yml").is_file()
    known = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))["inputs"]
    assert set(used["with"]) <= set(known)


def test_the_snippet_for_docker_compose() -> None:
    services = yaml.safe_load(SNIPPETS["docker compose"])["services"]
    assert (ROOT / services["sandbox"]["build"]["dockerfile"]) == DOCKERFILE
    assert services["tests"]["depends_on"] == {"sandbox": {"condition": "service_healthy"}}
    assert services["tests"]["environment"]["ELEVENLABS_BASE_URL"] == f"http://sandbox:{instruction('EXPOSE')}"


WORKFLOWS = {path.stem: path.read_text("utf-8") for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
JOBS = [
    (workflow, name, job) for workflow, text in WORKFLOWS.items() for name, job in yaml.safe_load(text)["jobs"].items()
]


@pytest.mark.parametrize("text", WORKFLOWS.values(), ids=WORKFLOWS)
def test_a_workflow_takes_others_actions_as_they_were_read(text: str) -> None:
    """By the commit, with the version for people: a tag can be moved."""
    used = re.findall(r"uses: (?!\./)(.+)", text)
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)
    assert all((ROOT / path).is_file() for path in re.findall(r"uses: \./(.+)", text))


def test_only_publishing_may_do_more_than_read() -> None:
    assert all(yaml.safe_load(text)["permissions"] == {"contents": "read"} for text in WORKFLOWS.values())
    allowed = {name: job["permissions"] for _, name, job in JOBS if "permissions" in job}
    assert allowed == {"publish": {"id-token": "write"}}
    (publish,) = [job for _, name, job in JOBS if name == "publish"]
    assert not any("run" in step for step in publish["steps"]), "nothing of ours runs where a release can be made"
    assert not any("secrets." in text for text in WORKFLOWS.values())


def test_what_a_workflow_runs_is_bash_and_none_of_it_is_put_in_from_outside() -> None:
    scripts = [step["run"] for _, _, job in JOBS for step in job.get("steps", []) if "run" in step]
    assert len(scripts) >= 4
    for script in scripts:
        assert "${{" not in script
        subprocess.run(["bash", "-n", "-c", script], check=True, timeout=GUARD_S)


def test_each_python_that_is_supported_is_tried_on_linux_and_macos() -> None:
    (matrix,) = [job["strategy"]["matrix"] for workflow, _, job in JOBS if workflow == "test"]
    assert [name.partition("-")[0] for name in matrix["os"]] == ["ubuntu", "macos"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f">={matrix['python'][0]}" == project["requires-python"]
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in matrix["python"]
