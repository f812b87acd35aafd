"""The fixtures `eleven_sandbox` and `eleven_agent`, in suites that know nothing of ours."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple

import pytest

import eleven_cli
from eleven_cli.sandbox import running

NODE_MODULES = Path(__file__).parents[2] / ".venv-tests" / "node" / "node_modules"
PAGE = (Path(eleven_cli.__file__).parent / "help" / "testing.md").read_text("utf-8")


class Ended(NamedTuple):
    outcome: str
    message: str


def run_suite(folder: Path, *words: str) -> dict[str, Ended]:
    """Runs the suite in the folder; gives how each test has ended."""
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=report.xml", *words]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=100)
    assert (folder / "report.xml").exists(), done.stdout + done.stderr
    ended = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        wrong = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        ended[case.attrib["name"]] = Ended("passed", "") if wrong is None else Ended(wrong.tag, wrong.attrib["message"])
    return ended


SUITE = """
import os
import socket
import threading
import urllib.request

import pytest
import requests

ELSEWHERE = "http://192.0.2.1:9/"

def test_the_program_finds_the_sandbox_in_its_environment(eleven_sandbox):
    assert os.environ["ELEVENLABS_BASE_URL"] == eleven_sandbox.url
    requests.get(eleven_sandbox.url + "/v1/models", headers={"xi-api-key": os.environ["ELEVENLABS_API_KEY"]})
    assert [asked.path for asked in eleven_sandbox.requests()] == ["/v1/models"]

def test_every_test_finds_a_new_one(eleven_sandbox):
    assert eleven_sandbox.requests() == []

def test_an_agent(eleven_agent, eleven_sandbox):
    agent = eleven_agent(first_message="Hello")
    assert requests.get(f"{eleven_sandbox.url}/v1/convai/agents/{agent}").json()["agent_id"] == agent

def test_a_proxy_does_not_count(eleven_sandbox):
    assert requests.get(eleven_sandbox.url + "/v1/models").ok

def test_names_of_this_machine_may_be_asked(eleven_sandbox):
    port = eleven_sandbox.url.rpartition(":")[2]
    for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"):
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except ConnectionRefusedError as refused:
            assert "the test asked" not in str(refused)
        except OSError:
            pass
    near, far = socket.socketpair()
    near.close(), far.close()

def test_a_name(eleven_sandbox):
    urllib.request.urlopen("http://api.elevenlabs.io/v1/models")

def test_an_address(eleven_sandbox):
    requests.get(ELSEWHERE, timeout=5)

def test_a_program_that_survives_it(eleven_sandbox):
    try:
        requests.get(ELSEWHERE, timeout=5)
    except requests.RequestException:
        pass

def test_another_thread(eleven_sandbox):
    def ask():
        with pytest.raises(OSError):
            socket.create_connection(("192.0.2.2", 9), timeout=5)
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

def test_without_waiting(eleven_sandbox):
    with socket.socket() as mine:
        mine.setblocking(False)
        with pytest.raises(OSError):
            mine.connect_ex(("192.0.2.3", 9))

def test_a_datagram(eleven_sandbox):
    with socket.socket(type=socket.SOCK_DGRAM) as mine, pytest.raises(OSError):
        mine.sendto(b"", ("192.0.2.4", 9))

def test_of_asyncio(eleven_sandbox):
    import asyncio
    with pytest.raises(OSError):
        asyncio.run(asyncio.open_connection("192.0.2.5", 9))

def test_that_would_be_skipped(eleven_sandbox):
    try:
        requests.get(ELSEWHERE, timeout=5)
    except requests.RequestException:
        pytest.skip("no network")

@pytest.fixture
def asks_at_the_end(eleven_sandbox):
    yield
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.6", 9), timeout=5)

def test_a_fixture(asks_at_the_end):
    pass

def test_a_host_that_is_allowed(eleven_sandbox):
    with pytest.raises(OSError) as failed:
        socket.create_connection(("192.0.2.7", 9), timeout=0.01)
    assert "the test asked" not in str(failed.value)

def test_without_the_fixture_anything_goes():
    with pytest.raises(OSError) as failed:
        socket.create_connection(("192.0.2.1", 9), timeout=0.01)
    assert "the test asked" not in str(failed.value)

def test_the_sandbox_is_imported_as_it_is(eleven_sandbox):
    from eleven_cli.sandbox.agents import file
    assert type(file.__loader__).__name__ == "SourceFileLoader"
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_suite.py").write_text(SUITE)
    # as pytest does with an installed package that has a plugin
    (folder / "conftest.py").write_text('import pytest\n\npytest.register_assert_rewrite("eleven_cli")\n')
    (folder / "pytest.ini").write_text("[pytest]\neleven_allowed_hosts = 192.0.2.7\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        patch.setenv("http_proxy", "http://127.0.0.1:9")
        return run_suite(folder)


@pytest.mark.parametrize(
    "name",
    [
        "test_the_program_finds_the_sandbox_in_its_environment",
        "test_every_test_finds_a_new_one",
        "test_an_agent",
        "test_a_proxy_does_not_count",
        "test_names_of_this_machine_may_be_asked",
        "test_a_host_that_is_allowed",
        "test_without_the_fixture_anything_goes",
        "test_the_sandbox_is_imported_as_it_is",
    ],
)
def test_what_passes(ended: dict[str, Ended], name: str) -> None:
    assert ended[name] == Ended("passed", "")


@pytest.mark.parametrize(
    ("name", "host", "outcome"),
    [
        ("test_a_name", "api.elevenlabs.io", "failure"),
        ("test_an_address", "192.0.2.1", "failure"),
        ("test_a_program_that_survives_it", "192.0.2.1", "failure"),
        ("test_another_thread", "192.0.2.2", "failure"),
        ("test_without_waiting", "192.0.2.3", "failure"),
        ("test_a_datagram", "192.0.2.4", "failure"),
        ("test_of_asyncio", "192.0.2.5", "failure"),
        ("test_that_would_be_skipped", "192.0.2.1", "failure"),
        ("test_a_fixture", "192.0.2.6", "error"),
    ],
)
def test_another_host_fails_the_test_with_a_sentence(
    ended: dict[str, Ended], name: str, host: str, outcome: str
) -> None:
    assert ended[name].outcome == outcome
    assert f"the test asked for {host}: only the sandbox on this machine may be asked" in ended[name].message


FAULTS = PAGE.partition("## Faults")[2].partition("```python\n")[2].partition("```")[0]
FILES = dict(re.findall(r"`([\w.]+)`[^\n]*:\n\n```(?:python|js)\n(.*?)```", PAGE, re.DOTALL))


def test_the_suite_of_the_help_page_passes(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text + "\n\n" + FAULTS * name.startswith("test_"))
    ended = run_suite(tmp_path)
    assert len(ended) == 5
    assert {name: end for name, end in ended.items() if end.outcome != "passed"} == {}


def test_three_lines_of_the_help_page_are_the_change() -> None:
    changed = [line for line in FILES["test_narrator.py"].splitlines() if line.endswith("# new")]
    assert len(changed) == 3


@pytest.mark.skipif(not NODE_MODULES.exists(), reason="the official Node SDK is not installed")
def test_the_suite_for_node_of_the_help_page_passes(tmp_path: Path) -> None:
    (tmp_path / "narrator.test.mjs").write_text(FILES["narrator.test.mjs"])
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    with running() as sandbox:
        env = {**os.environ, "ELEVENLABS_BASE_URL": sandbox.url, "ELEVENLABS_API_KEY": sandbox.key}
        argv = ["node", "--test", "narrator.test.mjs"]
        done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode == 0, done.stdout
        assert [asked.path for asked in sandbox.requests()] == ["/v1/text-to-speech/q30UQ9qvtBNcrAki3LpZ"]
