"""Requests as HTTP clients of many languages write them, byte for byte."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.support.guard import GUARD_S

from .conftest import HARPER, Api

MODELS, SPEECH = "GET /v1/models", f"POST /v1/text-to-speech/{HARPER}"
BODY = json.dumps({"text": "Hi.", "model_id": "eleven_flash_v2_5"}).encode()
SIZE = f"Content-Length: {len(BODY)}"
KEY, TYPE, CLOSE, CHUNKED = (
    "xi-api-key: k",
    "Content-Type: application/json",
    "Connection: close",
    "Transfer-Encoding: chunked",
)
HOST = "Host: 127.0.0.1"
UPGRADE = (
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
)


def request(line: str, *headers: str, body: bytes = b"", version: str = "1.1", end: str = "\r\n") -> bytes:
    return end.join((f"{line} HTTP/{version}", *headers, "", "")).encode() + body


def chunks(size: int, extension: str = "", trailer: str = "") -> bytes:
    parts = [BODY[start : start + size] for start in range(0, len(BODY), size)]
    written = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension.encode(), part) for part in parts)
    return written + f"0\r\n{trailer}\r\n".encode()


ASKED = {
    "Go, a body of unknown length": request(SPEECH, HOST, KEY, TYPE, CHUNKED, CLOSE, body=chunks(7)),
    "chunks with extensions": request(SPEECH, HOST, KEY, TYPE, CHUNKED, CLOSE, body=chunks(9, ";name=value")),
    "chunks with a trailer": request(
        SPEECH, HOST, KEY, TYPE, CHUNKED, "Trailer: X-Sum", CLOSE, body=chunks(20, trailer="X-Sum: 1\r\n")
    ),
    "Rust, headers in lower case": request(
        SPEECH, *(header.lower() for header in (HOST, KEY, TYPE, SIZE, CLOSE)), body=BODY
    ),
    "headers in upper case": request(SPEECH, *(header.upper() for header in (HOST, KEY, TYPE, SIZE, CLOSE)), body=BODY),
    "headers without spaces": request(
        SPEECH, *(header.replace(": ", ":") for header in (HOST, KEY, TYPE, SIZE, CLOSE)), body=BODY
    ),
    "Java, which would rather speak HTTP/2": request(SPEECH, *UPGRADE, SIZE, HOST, KEY, TYPE, body=BODY)
    + request(MODELS, HOST, KEY, CLOSE),
    "curl -d": request(SPEECH, HOST, KEY, SIZE, "Content-Type: application/x-www-form-urlencoded", CLOSE, body=BODY),
    "no type": request(SPEECH, HOST, KEY, SIZE, CLOSE, body=BODY),
    "a charset": request(SPEECH, HOST, KEY, SIZE, f"{TYPE}; charset=utf-8", CLOSE, body=BODY),
    "ab, HTTP/1.0": request(SPEECH, HOST, KEY, TYPE, SIZE, body=BODY, version="1.0"),
    "HTTP/1.0 without a host": request(MODELS, KEY, version="1.0"),
    "a body where none belongs": request(MODELS, HOST, KEY, TYPE, "Content-Length: 2", CLOSE, body=b"{}"),
    "lines without a return": request(MODELS, HOST, KEY, CLOSE, end="\n"),
    "two at once": request(MODELS, HOST, KEY) + request(SPEECH, HOST, KEY, TYPE, SIZE, CLOSE, body=BODY),
    "the whole address, as to a proxy": request(
        SPEECH.replace("/v1", "http://localhost:8311/v1"), HOST, KEY, TYPE, SIZE, CLOSE, body=BODY
    ),
    "the whole address with a query": request(
        "GET HTTP://localhost/v2/voices?page_size=2", "Host: example.com", KEY, CLOSE
    ),
}  # fmt: skip


def connected(api: Api) -> socket.socket:
    address = urlsplit(api.base)
    return socket.create_connection((address.hostname, address.port), timeout=GUARD_S)


def rest(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.parametrize("name", ASKED)
def test_it_is_answered_and_the_connection_ends(api: Api, name: str) -> None:
    with connected(api) as client:
        client.sendall(ASKED[name])
        answer = rest(client)
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:500]
    assert answer.count(b"HTTP/1.1 200 ") == ASKED[name].count(b" HTTP/")
    assert len(answer) > 1000


def test_a_body_that_waits_to_be_asked_for(api: Api) -> None:
    with connected(api) as client:
        client.sendall(request(SPEECH, HOST, KEY, TYPE, SIZE, "Expect: 100-continue", CLOSE))
        assert client.recv(1000).startswith(b"HTTP/1.1 100 ")
        client.sendall(BODY)
        assert rest(client).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("line", ["GET http://example.com/v1/models", "GET http://localhost@example.com/v1/models"])
def test_a_whole_address_of_another_machine_is_refused(api: Api, line: str) -> None:
    with connected(api) as client:
        client.sendall(request(line, HOST, KEY, CLOSE))
        assert rest(client).startswith(b"HTTP/1.1 403 ")
