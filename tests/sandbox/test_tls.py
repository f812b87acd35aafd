"""https:// and wss:// with a certificate of the sandbox's own: clients that are told whom to trust get through."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import websocket

from eleven_cli.sandbox.certificate import make_certificate
from eleven_cli.sandbox.http import connection
from eleven_cli.sandbox.server import running
from eleven_cli.sandbox.server_thread import Exposure
from tests.support.guard import GUARD_S

SIGN = "/v1/convai/conversation/get-signed-url?agent_id=agent_sandbox_private"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls") / "ca.pem"


@pytest.fixture(scope="module")
def secure(memory_between_tests: None, authority: Path) -> Iterator[str]:
    certificate = make_certificate()
    authority.write_bytes(certificate.authority)
    with running(exposure=Exposure(tls=certificate.context)) as base:
        yield base


def by_name(base: str) -> str:
    return base.replace("127.0.0.1", "localhost")


def test_its_address(secure: str) -> None:
    assert secure.startswith("https://127.0.0.1:")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_requests(secure: str, authority: Path, name: str) -> None:
    url = secure.replace("127.0.0.1", name)
    assert requests.get(f"{url}/v1/models", verify=str(authority), timeout=GUARD_S).status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{url}/v1/models", timeout=GUARD_S)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl(secure: str, authority: Path) -> None:
    argv = ["curl", "-sf", "--noproxy", "*", "--cacert", str(authority), f"{by_name(secure)}/v1/models"]
    assert b"eleven_v4" in subprocess.run(argv, check=True, capture_output=True, timeout=20).stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("name", ["api.elevenlabs.io", "api.us.elevenlabs.io", "api.in.residency.elevenlabs.io"])
def test_a_program_that_knows_no_other_address(secure: str, authority: Path, name: str) -> None:
    port = urlsplit(secure).port
    trusting = ["curl", "-sf", "--noproxy", "*", "--cacert", str(authority), "--resolve", f"{name}:{port}:127.0.0.1"]
    done = subprocess.run([*trusting, f"https://{name}:{port}{SIGN}"], check=True, capture_output=True, timeout=GUARD_S)
    assert f'"signed_url":"wss://{name}:{port}/'.encode() in done.stdout


def test_sockets(secure: str, authority: Path) -> None:
    signed = requests.get(f"{by_name(secure)}{SIGN}", verify=str(authority), timeout=GUARD_S).json()["signed_url"]
    assert signed.startswith(f"wss://localhost:{urlsplit(secure).port}/v1/convai/conversation?")
    live = websocket.create_connection(signed, timeout=GUARD_S, sslopt={"ca_certs": str(authority)})
    live.send('{"type": "conversation_initiation_client_data"}')
    assert "conversation_initiation_metadata" in live.recv()
    live.close()


def test_every_address_follows_the_request(secure: str, authority: Path) -> None:
    for path in ("/v2/voices", "/v1/voices", "/v1/shared-voices"):
        found = requests.get(f"{by_name(secure)}{path}", verify=str(authority), timeout=GUARD_S).json()["voices"]
        assert all(voice["preview_url"].startswith(f"{by_name(secure)}/") for voice in found)


def test_the_certificate_satisfies_the_strictest_check(secure: str, authority: Path) -> None:
    context = ssl.create_default_context(cafile=str(authority))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    address = urlsplit(secure)
    for name in ("localhost", "127.0.0.1", "::1"):
        with socket.create_connection((address.hostname, address.port)) as plain:
            context.wrap_socket(plain, server_hostname=name).close()


def test_plain_http_is_no_harm(secure: str) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(secure.replace("https", "http"), timeout=GUARD_S)


def test_a_handshake_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEADER_TIMEOUT_S", 0.3)
    with running(exposure=Exposure(tls=make_certificate().context)) as base:
        address = urlsplit(base)
        with socket.create_connection((address.hostname, address.port), timeout=GUARD_S) as client:
            assert client.recv(100) == b""
