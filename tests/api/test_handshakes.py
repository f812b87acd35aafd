"""Handshakes of WebSockets that are answered late, in pieces, without end, or not in HTTP; connections that die."""

import base64
import gzip
import hashlib
import json
import socket
import subprocess
import threading
import time

import pytest

from eleven_cli.api.agents.conversation import Conversation
from eleven_cli.api.client import Client
from eleven_cli.errors import ElevenError, LimitError, NetworkError
from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.service import Service, json_reply, raw_reply

CALL = ("talk", "--text", "--no-auth", "--agent-id", "agent_0123456789")
SPEECH = "/v1/text-to-speech/v/stream-input"


@pytest.fixture
def server():
    with Service() as service:
        yield service


def connect(service, **options):
    return Client(service.url, KEY, **options).socket_to(SPEECH, {})


def upgrade(exchange):
    """The head that says yes."""
    key = exchange.request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


def frame(text, kind=0x81):
    data = text.encode()
    length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    return bytes([kind]) + length + data


def saying(*parts):
    """Answer the handshake with these bytes; None stands for the head that says yes."""

    def reply(exchange):
        for part in parts:
            exchange.body(upgrade(exchange) if part is None else part)
        exchange.until_hung_up()

    return reply


INTERIM = [
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\n\r\n" * 30,
    b"HTTP/1.1 199 x\r\nContent-Length: 5\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
]


@pytest.mark.parametrize("before", INTERIM, ids=range(4))
def test_interim_answers_before_a_yes(server, before):
    server.on_speech(saying(before, None, frame("hello")))
    with connect(server) as opened:
        assert next(filter(None, opened.messages(0.05))) == "hello"


@pytest.mark.parametrize("before", INTERIM, ids=range(4))
def test_interim_answers_before_a_no(server, before):
    no = b"HTTP/1.1 402 Payment Required\r\nContent-Length: 0\r\n\r\n"
    server.on_speech(saying(before + no))
    with pytest.raises(LimitError):
        connect(server)


def test_interim_answers_without_end(server):
    server.on_speech(saying(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5000))
    with pytest.raises(NetworkError, match="does not answer as a web server does"):
        connect(server)


def test_a_first_message_in_the_packet_of_the_head_is_heard(server):
    server.on_speech(lambda exchange: (exchange.body(upgrade(exchange) + frame("a") + frame("b")), exchange.drop()))
    with connect(server) as opened:
        assert [message for message in opened.messages(0.05) if message][:2] == ["a", "b"]


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 1", b"HTTP/1.1 101 x\r\nUpgrade: web", b"HTTP/1.1 400 no\r\nX: y\r\n"]
)
def test_a_head_that_is_cut_off(eleven, service, head):
    service.on("/v1/convai/conversation", lambda exchange: exchange.body(head))
    result = eleven(*CALL, stdin="hi\n")
    assert result.code == 6, result.err
    assert "lost before it answered" in result.error


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 \xc2\xb2 x\r\n\r\n",
        b"HTTP/1.1 99999 x\r\n\r\n",
        b"\0" * 50 + b"\r\n\r\n",
        b"\r\n\r\n",
    ],
    ids=range(5),
)
def test_what_is_no_http(eleven, service, data):
    service.on("/v1/convai/conversation", lambda exchange: exchange.body(data))
    result = eleven(*CALL, stdin="hi\n")
    assert result.code == 6
    assert "does not answer as a web server does" in result.error


def test_a_head_without_end(server):
    server.on_speech(saying(b"HTTP/1.1 101 x\r\nX: " + b"x" * 200_000))
    with pytest.raises(NetworkError, match="does not answer as a web server does"):
        connect(server)


def dripping(head):
    def reply(exchange):
        try:
            exchange.body(head)
            while not exchange.released.wait(0.02):
                exchange.body(b"y")
        except OSError:
            pass

    return reply


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 101 x\r\nX: ", b"HT", b"HTTP/1.1 103 x\r\n\r\nHTTP/1.1 ", b"HTTP/1.1 401 no\r\nX: "],
    ids=range(4),
)
def test_a_head_that_drips_is_given_up(server, head):
    server.on_speech(dripping(head))
    with pytest.raises(NetworkError, match=r"did not answer within 0\.3 s"):
        connect(server, timeout_s=0.3)


def test_no_answer_is_given_up_with_the_timeout(eleven, service):
    service.on("/v1/convai/conversation", lambda exchange: exchange.until_released())
    result = eleven("--timeout", "0.3", *CALL, stdin="hi\n")
    assert result.code == 6
    assert "did not answer within 0.3 s" in result.error


# refusals


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("framing", ["length", "chunked", "closing"])
def test_a_refusal_says_why_however_it_is_framed(server, framing, encoding):
    body = json.dumps({"detail": {"code": "quota_exceeded", "message": "No credits left."}}).encode()
    body = gzip.compress(body) if encoding else body
    more = {"content_encoding": encoding} if encoding else {}

    def reply(exchange):
        if framing == "chunked":
            exchange.head(401, transfer_encoding="chunked", **more)
            exchange.chunk(body)
            return exchange.last_chunk()
        exchange.head(401, **({"content_length": str(len(body))} if framing == "length" else {}), **more)
        exchange.body(body)

    server.on_speech(reply)
    with pytest.raises(LimitError, match=r"No credits left\."):
        connect(server)


@pytest.mark.parametrize("length", ["1000000000", "9" * 400, "-5", "²", "x", ""])
def test_a_refusal_without_end_is_read_for_a_moment_and_cut(server, monkeypatch, length):
    monkeypatch.setattr("eleven_cli.api.http.refusals.ERROR_BODY_S", 0.2)

    def reply(exchange):
        exchange.body(f"HTTP/1.1 400 no\r\nContent-Length: {length}\r\n\r\n".encode())
        try:
            while not exchange.released.is_set():
                exchange.body(b"no " * 10_000 + b"\n")
        except OSError:
            pass

    server.on_speech(reply)
    began = time.monotonic()
    with pytest.raises(ElevenError) as failed:
        connect(server)
    assert len(failed.value.message) < 400
    assert "\n" not in failed.value.message
    assert time.monotonic() - began < 10


def test_a_refusal_that_drips_is_still_that_refusal(server, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.refusals.ERROR_BODY_S", 0.2)
    server.on_speech(dripping(b"HTTP/1.1 402 no\r\nContent-Length: 1000000\r\n\r\n"))
    with pytest.raises(LimitError):
        connect(server)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_waited_for(server, status):
    waited, told = [], []
    busy = raw_reply(b"", status, retry_after="3")
    server.on_speech(busy, busy, saying(None, frame("here")))
    client = Client(server.url, KEY, pause=waited.append, on_notice=told.append)
    with client.socket_to(SPEECH, {}) as opened:
        assert next(filter(None, opened.messages(0.05))) == "here"
    assert len(waited) == 2
    assert all(3 <= pause_s <= 4.5 for pause_s in waited)
    assert len(told) == 1, "said once"


def test_a_busy_service_is_asked_as_often_as_was_said(server):
    server.on_speech(raw_reply(b"", 429))
    with pytest.raises(LimitError):
        connect(server, retries=2, pause=lambda s: None)
    assert len(server.requests) == 3


def test_waiting_can_be_ended(server):
    server.on_speech(raw_reply(b"", 429))
    with pytest.raises(LimitError):
        Client(server.url, KEY).socket_to(SPEECH, {}, pause=lambda seconds: True)
    assert len(server.requests) == 1


def test_a_plan_that_forbids_it_is_not_waited_for(server):
    waited = []
    server.on_speech(json_reply({"detail": {"code": "quota_exceeded", "message": "No."}}, 429))
    with pytest.raises(LimitError):
        connect(server, pause=waited.append)
    assert waited == []


# connections that die


def test_a_peer_that_answers_nothing_any_more_is_left(server, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.sockets.socket.QUIET_S", 0.1)
    monkeypatch.setattr("eleven_cli.api.sockets.socket.DEAD_S", 0.3)
    server.on_speech(lambda exchange: (exchange.body(upgrade(exchange)), exchange.until_released()))
    with connect(server) as opened:
        assert all(message is None for message in opened.messages(0.02))
        assert opened.closed.reason == "the service does not answer any more"
        assert not opened.closed.by_us


def test_a_peer_that_answers_pings_is_not(server, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.sockets.socket.QUIET_S", 0.02)
    monkeypatch.setattr("eleven_cli.api.sockets.socket.DEAD_S", 0.3)
    pongs = []

    def reply(exchange):
        exchange.body(upgrade(exchange))
        raw = exchange.handler.connection
        while raw.recv(6):  # a ping without a text is masked and so long
            pongs.append(1)
            exchange.body(frame("", 0x8A))

    server.on_speech(reply)
    with connect(server) as opened:
        for _ in zip(range(40), opened.messages(0.02), strict=False):
            pass
        assert opened.closed is None
    assert len(pongs) > 3


def test_a_call_whose_peer_is_gone_says_so(server, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.sockets.socket.QUIET_S", 0.1)
    monkeypatch.setattr("eleven_cli.api.sockets.socket.DEAD_S", 0.3)

    def held(exchange):
        exchange.body(upgrade(exchange))
        exchange.until_released()

    server.on("/v1/convai/conversation", held)
    with Conversation(Client(server.url, "", environ={}), "agent") as conversation:
        assert not any(conversation)
        failed = conversation.failure
    assert failed.exit_code == 6
    assert failed.message == "the connection was lost: the service does not answer any more"


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_message_without_end_is_not_kept(server, monkeypatch, in_pieces):
    monkeypatch.setattr("eleven_cli.api.sockets.wire.MOST_MESSAGE_BYTES", 1 << 20)
    ended = threading.Event()

    def reply(exchange):
        exchange.body(upgrade(exchange))
        try:
            if not in_pieces:
                exchange.body(b"\x81\x7f" + (1 << 40).to_bytes(8, "big"))
            first = b"\x01"
            while True:
                exchange.body((first + b"\x7e\xff\xff" if in_pieces else b"") + b"x" * 65535)
                first = b"\x00"
        except OSError:
            ended.set()

    server.on_speech(reply)
    with connect(server) as opened:
        assert not any(opened.messages(0.05))
        assert "more than 1 MB" in opened.closed.reason
    assert ended.wait(GUARD_S)


def test_long_sessions_of_small_messages_go_on(server, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.sockets.wire.MOST_MESSAGE_BYTES", 4096)
    server.on_speech(lambda exchange: exchange.body(upgrade(exchange) + frame("x" * 1000) * 50 + frame("", 0x88)))
    with connect(server) as opened:
        assert len([message for message in opened.messages(0.05) if message]) == 50


# --debug


def test_debug_shows_messages_without_secrets_and_sound(spawn, service):
    sound = base64.b64encode(b"\1\2" * 40).decode()
    event = {"type": "audio", "audio_event": {"audio_base_64": sound, "event_id": 1}}
    other = {"type": "x", "token": "SECRETSECRET", "text": "\x1b[2J hello", "more": "m" * 5000}
    service.on(
        "/v1/convai/conversation",
        lambda exchange: exchange.body(
            upgrade(exchange) + frame(json.dumps(event)) + frame(json.dumps(other)) + frame("", 0x88)
        ),
    )
    process = spawn("--debug", *CALL, stdin=subprocess.PIPE)
    err = process.communicate(b"hi\n", timeout=20)[1].decode()
    assert "> connect ws://" in err
    assert "< HTTP/1.1 101" in err
    assert "hello" in err
    assert all(word not in err for word in ("SECRET", "\x1b[2J", sound))
    assert max(map(len, err.splitlines())) < 2500


def test_debug_shows_why_a_handshake_is_refused(eleven, service):
    refused = json_reply({"detail": {"message": "because", "access_token": "SECRETSECRET"}}, 403)
    service.on("/v1/convai/conversation", refused)
    err = eleven("--debug", *CALL, stdin="hi\n").err
    assert "< 403" in err
    assert '"message": "because"' in err
    assert "SECRET" not in err


def test_the_key_is_in_no_trace(server):
    lines = []
    server.on_speech(saying(None))
    with connect(server, on_trace=lines.append):
        assert any("xi-api-key=****" in line for line in lines)
    assert not any(KEY in line for line in lines)


def test_keep_alive_is_set_for_live_connections(server):
    server.on_speech(saying(None))
    with connect(server) as opened:
        assert opened._connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
