"""Clients that send too much, too slowly or nothing at all: refused, while others are served."""

import contextlib
import json
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from eleven_cli.sandbox.http import connection, limits
from tests.support.guard import GUARD_S

from .conftest import HARPER, Api

SPEECH = f"/v1/text-to-speech/{HARPER}"
MANY = 1200


def connected(base: str) -> socket.socket:
    address = urlsplit(base)
    return socket.create_connection((address.hostname, address.port), timeout=GUARD_S)


def answer_to(client: socket.socket) -> bytes:
    answer = b""
    while data := client.recv(65536):
        answer += data
    return answer


@pytest.mark.parametrize(
    "start",
    [b"", b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"GET "],
    ids=["nothing", "headers", "line"],
)
def test_a_request_that_never_arrives(server: str, monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    assert connection.HEADER_TIMEOUT_S == 10
    monkeypatch.setattr(connection, "HEADER_TIMEOUT_S", 0.2)
    with connected(server) as client:
        client.sendall(start)
        assert answer_to(client).startswith(b"HTTP/1.1 408 ")


def test_drops_that_come_in_time_do_not_help(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEADER_TIMEOUT_S", 0.3)
    with connected(server) as client:
        client.sendall(b"GET /v1/models HTTP/1.1\r\n")
        client.settimeout(0.05)
        for _ in range(100):
            try:
                client.sendall(b"X: y\r\n")
                assert client.recv(65536).startswith(b"HTTP/1.1 408 ")
                break
            except TimeoutError:
                continue
        else:
            raise AssertionError("never refused")


def test_the_second_request_has_the_same_time(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEADER_TIMEOUT_S", 0.3)
    with connected(server) as client:
        client.sendall(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
        client.sendall(b"GET /v1/")
        assert b"HTTP/1.1 408 " in answer_to(client)


def test_a_body_that_stops(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_PAUSE_S", 0.2)
    with connected(server) as client:
        client.sendall(f"POST {SPEECH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{{".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 408 ")


def pieces(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield bytes(100_000)


@pytest.mark.parametrize("body", [lambda: bytes(2_000_000), lambda: pieces(20)], ids=["announced", "chunked"])
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_a_body_that_is_too_large(api: Api, monkeypatch: pytest.MonkeyPatch, body: Any, kind: str) -> None:
    assert limits.MAX_BODY_BYTES == 32 * 1024 * 1024
    monkeypatch.setattr(limits, "MAX_BODY_BYTES", 1_000_000)
    answer = api("POST", SPEECH, data=body(), headers={"Content-Type": kind})
    detail = answer.json()["detail"]
    assert (answer.status_code, detail["code"]) == (413, "request_too_large")
    assert "1,000,000 bytes" in detail["message"]
    assert api.get("/v1/models").status_code == 200


def test_forms_have_limits_of_their_own(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BODY_BYTES", 1000)
    files = {"file": ("a.wav", bytes(50_000))}
    assert api("POST", "/v1/speech-to-text", data={"model_id": "scribe_v2"}, files=files).status_code == 400


SERVE = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
from eleven_cli.sandbox.http import connection
from eleven_cli.sandbox.server import serve
connection.HEADER_TIMEOUT_S = 3600.0
serve(0, ready=lambda url: print(url, flush=True))
"""


@pytest.mark.parametrize("start", [b"", b"GET /v1/models HTTP/1.1\r\n"], ids=["nothing", "headers"])
def test_more_idle_clients_than_files(start: bytes) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < MANY + 100:
        pytest.skip("this process may not open that many files itself")
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        base = process.stdout.readline().strip()
        idle = [connected(base) for _ in range(MANY)]
        try:
            for client in idle:
                client.setblocking(False)
                if start:
                    with contextlib.suppress(OSError):
                        client.sendall(start)
            with connected(base) as client:
                client.sendall(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = answer_to(client)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert json.loads(answer.partition(b"\r\n\r\n")[2])
        finally:
            for client in idle:
                client.close()
            process.kill()
