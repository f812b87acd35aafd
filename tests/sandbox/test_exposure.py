"""A server that listens beyond this machine, and the names that it answers to there."""

from collections.abc import Iterator

import pytest
import requests

from eleven_cli.sandbox.http.guard import is_origin
from eleven_cli.sandbox.loopback import is_this_machine
from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.server_thread import Exposure
from tests.support.guard import GUARD_S

ANSWERED = ["127.0.0.1", "192.168.1.2:8311", "[fe80::1]:8311", "sandbox:8080", "box.local", "host.docker.internal:80"]
REFUSED = ["example.com", "example.com:8311", "127.0.0.1.nip.io", "rebind.network", "a.localhost.com", ""]


@pytest.fixture(scope="module")
def everywhere(memory_between_tests: None) -> Iterator[str]:
    with running(exposure=Exposure(host="0.0.0.0")) as base:
        yield base


def test_its_address_is_one_of_this_machine(everywhere: str) -> None:
    assert everywhere.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("host", ANSWERED)
def test_names_that_nobody_else_can_own(everywhere: str, host: str) -> None:
    assert requests.get(f"{everywhere}/v1/models", headers={"Host": host}, timeout=GUARD_S).status_code == 200


@pytest.mark.parametrize("host", REFUSED)
def test_names_that_anyone_may_point_here(everywhere: str, host: str) -> None:
    assert requests.get(f"{everywhere}/v1/models", headers={"Host": host}, timeout=GUARD_S).status_code in (400, 403)


def test_pages_of_elsewhere_are_refused_all_the_same(everywhere: str) -> None:
    for page in ("https://example.com", "http://192.168.1.2:8311"):
        assert requests.get(f"{everywhere}/v1/models", headers={"Origin": page}, timeout=GUARD_S).status_code == 403


def test_a_name_that_was_given() -> None:
    with running(exposure=Exposure(host="localhost")) as base:
        assert requests.get(f"{base}/v1/models", timeout=GUARD_S).status_code == 200


def test_an_address_that_is_none_of_this_machine() -> None:
    with pytest.raises(OSError, match=r"."), running(exposure=Exposure(host="192.0.2.1")):
        pass


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True), ("0.0.0.0", False),
        ("::", False), ("192.168.1.2", False), ("example.com", False), ("", False),
    ],
)  # fmt: skip
def test_what_this_machine_is(host: str, is_local: bool) -> None:
    assert is_this_machine(host) is is_local


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("https://example.com", True), ("http://example.com:8080", True), ("*", True), ("app://obsidian.md", True),
        ("capacitor://localhost", True), ("example.com", False), ("https://example.com/", False), ("", False),
        ("https://a b", False), ("https://user@example.com", False),
    ],
)  # fmt: skip
def test_what_an_origin_is(text: str, valid: bool) -> None:
    assert is_origin(text) is valid
