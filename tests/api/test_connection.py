"""What is paid goes over http.client alone: on the wire it is what requests would send."""

import socket
import threading

import pytest
import requests

from eleven_cli.api.client import Client
from eleven_cli.api.http.bodies import FilePart, SpooledBody
from eleven_cli.api.http.uploads import Form
from eleven_cli.errors import ElevenError
from tests.support.guard import GUARD_S

KEY = "sk_0123456789abcdef"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
OWN = {"accept", "accept-encoding", "connection", "user-agent", "xi-api-key"}  # of every request, and of the library


class Wire:
    """A server that answers one request a connection, and keeps what it was sent."""

    def __init__(self, answer: bytes = OK, family: int = socket.AF_INET) -> None:
        self.answer, self.received = answer, []
        self._listening = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self):
        while True:
            try:
                taken, _ = self._listening.accept()
            except OSError:
                return
            with taken, taken.makefile("rb") as file:
                taken.settimeout(GUARD_S)
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += file.readline()
                self.received.append((head, self._body(head.lower(), file)))
                taken.sendall(self.answer)

    @staticmethod
    def _body(head, file):
        if b"transfer-encoding: chunked" in head:
            body = b""
            while not body.endswith(b"0\r\n\r\n"):
                body += file.readline()
            return body
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return file.read(int(length or b"0"))


def said(head):
    """The request's line, and its headers but for those that are the library's own."""
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if line)
    return line, {name.lower(): value for name, value in headers.items() if name.lower() not in OWN}


@pytest.fixture(scope="module")
def wire():
    with Wire() as wire:
        yield wire


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"json": {"text": "Grüße, \U0001f600 \ud800", "seed": 1, "stability": 0.5}},
        {"json": []},
        {"data": b""},
        {"data": b"\0\xff" * 40_000, "content_type": "application/octet-stream"},
        {"params": {"output_format": "mp3_44100_128", "n": 1}},
        {"params": [("a", "1"), ("a", "x y&z=ü"), ("b", "")]},
    ],
    ids=lambda parts: ",".join(parts) or "nothing",
)
@pytest.mark.parametrize("path", ["/v1/x", "/v1/a%2Fb%20c/ü", "/v1/x?y=1&z=%C3%BC", "/a;b/c:d@e,f+g~h"])
def test_the_same_goes_out_as_with_requests(wire, method, parts, path):
    wire.received.clear()
    url = f"http://127.0.0.1:{wire.port}"
    with Client(url, KEY).stream(method, path, **parts) as stream:
        assert b"".join(stream) == b"{}"
    headers = {"Content-Type": parts["content_type"]} if "content_type" in parts else {}
    content = {name: value for name, value in parts.items() if name != "content_type"}
    requests.request(method, url + path, headers=headers, **content)
    (own, own_body), (usual, usual_body) = wire.received
    assert own_body == usual_body
    assert said(own) == said(usual)


def test_a_body_without_a_length_goes_in_chunks(wire):
    wire.received.clear()
    form = Form([("a", "b")], "audio", FilePart(SpooledBody(iter([b"RIFF", b"", b"more"])), "a.wav", "audio/wav"))
    with Client(f"http://127.0.0.1:{wire.port}", KEY).stream("POST", "/v1/x", data=form) as stream:
        assert b"".join(stream) == b"{}"
    [(head, body)] = wire.received
    assert said(head)[1].get("transfer-encoding") == "chunked"
    assert "content-length" not in said(head)[1]
    assert body.endswith(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("base", ["", "/proxied/by us", "/ü"])
def test_the_path_of_a_base_url_is_kept(wire, base):
    if " " in base:
        with pytest.raises(ElevenError, match="not a server address"):
            Client(f"http://127.0.0.1:{wire.port}{base}", KEY)
        return
    wire.received.clear()
    Client(f"http://127.0.0.1:{wire.port}{base}", KEY).json("POST", "/v1/x")
    [(head, _)] = wire.received
    assert said(head)[0] == f"POST {base.replace('ü', '%C3%BC')}/v1/x HTTP/1.1"


def test_an_address_of_ipv6_is_in_brackets():
    with Wire(family=socket.AF_INET6) as wire:
        Client(f"http://[::1]:{wire.port}", KEY).json("POST", "/v1/x")
    [(head, _)] = wire.received
    assert said(head)[1]["host"] == f"[::1]:{wire.port}"


def test_headers_that_come_twice_are_joined():
    twice = OK.replace(b"\r\n\r\n", b"\r\nX-Cost: 1\r\nx-cost: 2\r\n\r\n", 1)
    with Wire(twice) as wire, Client(f"http://127.0.0.1:{wire.port}", KEY) as client:
        for method in ("GET", "POST"):
            with client.stream(method, "/v1/x") as stream:
                assert stream.headers["x-cost"] == "1, 2"


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("method", ["DELETE", "HEAD"])
def test_an_answer_without_a_body_is_not_waited_for(method, status):
    """Neither after these statuses nor to HEAD, whatever length is said."""
    with Wire(b"HTTP/1.1 %d Done\r\nContent-Length: 500\r\n\r\n" % status) as wire:
        client = Client(f"http://127.0.0.1:{wire.port}", KEY, retries=0)
        if status == 204:
            with client.stream(method, "/v1/x") as stream:
                assert b"".join(stream) == b""
        else:
            with pytest.raises(ElevenError, match="304"):
                client.stream(method, "/v1/x")


@pytest.mark.parametrize("second", ["GET", "POST"])
def test_an_answer_that_is_being_read_is_left_alone_by_the_next_request(wire, second):
    client = Client(f"http://127.0.0.1:{wire.port}", KEY)
    with client.stream("GET", "/v1/first") as first:
        with client.stream(second, "/v1/second") as other:
            assert b"".join(other) == b"{}"
        assert b"".join(first) == b"{}"
    client.close()


@pytest.mark.parametrize(
    "answer", [OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), b"HTTP/1.0 200 OK\r\n\r\n{}"]
)
def test_a_connection_that_ends_with_its_answer_is_not_used_again(answer):
    with Wire(answer) as wire, Client(f"http://127.0.0.1:{wire.port}", KEY, retries=0) as client:
        for _ in range(3):
            assert client.json("GET", "/v1/x") == {}
    assert len(wire.received) == 3
