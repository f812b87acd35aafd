"""A connection is opened while the program is still being loaded, for the first request or socket."""

import socket
import ssl
import threading
from contextlib import suppress
from queue import SimpleQueue

import pytest
import trustme

from eleven_cli.__main__ import will_ask
from eleven_cli.api.client import Client
from eleven_cli.api.network import early
from eleven_cli.api.network.connector import Connector
from eleven_cli.commands import COMMAND_NAMES, WITHOUT_EARLY_CONNECTION
from eleven_cli.errors import NetworkError, NotConnected
from tests.conftest import KEY, VOICE
from tests.support.guard import GUARD_S

HOST = "api.example.com"
BODY = b'{"voices": [], "has_more": false}'
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s"
AUDIO = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 417\r\n\r\n" + b"\xff\xfb\x90\x64".ljust(
    417, b"\0"
)


class Silent:
    """In place of a TLS context: takes a connection, and says nothing until it is released."""

    def __init__(self):
        self.released = threading.Event()

    def wrap_socket(self, raw, server_side):
        self.released.wait(GUARD_S)
        raise OSError("released")


class Listening:
    """In place of a TLS context: `heard` gets the first byte that comes on each connection, b"" where none does."""

    def __init__(self):
        self.heard = SimpleQueue()

    def wrap_socket(self, raw, server_side):
        self.heard.put(raw.recv(1))
        raise OSError("heard")


class Far:
    """A server on TLS, known as HOST. `connections` holds what came on each, in the order in which they were opened.

    on_connection   is called with each before anything is read
    keeps           whether a connection stays open after an answer
    mute            whether it hangs up on the next request without a word
    """

    def __init__(self, tls):
        self.connections, self.resumed = [], []
        self.on_connection = lambda connection: None
        self.keeps, self.mute = True, False
        self.tls, self._listener = tls, socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"https://{HOST}:{self.port}"
        self.opened = threading.Semaphore(0)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        with suppress(OSError):  # it is closed already
            self._listener.shutdown(socket.SHUT_RDWR)  # `accept` would go on otherwise
        self._listener.close()

    def _serve(self):
        with suppress(OSError):
            while True:
                raw, _ = self._listener.accept()
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._talk, args=(raw,), daemon=True).start()

    def _talk(self, raw):
        with suppress(OSError), self.tls.wrap_socket(raw, server_side=True) as connection:
            came = []
            self.connections.append(came)
            self.resumed.append(connection.session_reused)
            self.opened.release()
            self.on_connection(connection)
            while data := connection.recv(65536):
                if not data.startswith((b"GET", b"POST")):
                    continue  # a body
                came.append(data.split()[0].decode())
                if self.mute:
                    self.mute = False
                    return
                body = b"" if self.keeps else b"Connection: close\r\n"
                connection.sendall(AUDIO if data.startswith(b"POST") else OK % (len(BODY), body, BODY))
                if not self.keeps:
                    return


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def far(authority, tmp_path, monkeypatch):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    far = Far(tls)
    usual = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **more: usual("127.0.0.1" if host in (HOST, HOST.encode()) else host, *args, **more),
    )
    for name, value in {"BASE_URL": far.url, "API_KEY": KEY, "VOICE_ID": VOICE}.items():
        monkeypatch.setenv(f"ELEVENLABS_{name}", value)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    yield far
    far.close()


def client_of(far, tmp_path):
    environ = {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
    connector = Connector(environ)
    connector.open_early(far.url, GUARD_S)
    connector.will_open()
    assert far.opened.acquire(timeout=GUARD_S)
    return Client(far.url, KEY, connector=connector, pause=lambda s: None)


def test_the_first_request_gets_it(far, eleven):
    done = eleven("voices", "--json")
    assert done.code == 0, done.err
    assert far.connections == [["GET"]]


def test_a_paid_request_gets_it(far, eleven):
    done = eleven("tts", "hi", "--format", "mp3_44100_128")
    assert (done.code, len(done.out)) == (0, 417)
    assert far.connections == [["POST"]]


def test_nothing_is_sent_before_the_command_line_is_checked(far, eleven, monkeypatch):
    """Not even what TLS begins with."""
    monkeypatch.setattr(early, "USABLE_S", 0.2)
    far.tls = listening = Listening()
    done = eleven("tts", "hi", "--speed", "99")
    assert (done.code, done.err.count("error:")) == (2, 1)
    assert listening.heard.get(timeout=GUARD_S) == b""


def test_tls_begins_as_soon_as_somebody_will_ask(far, tmp_path):
    far.tls = listening = Listening()
    connector = Connector({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    connector.open_early(far.url, GUARD_S)
    connector.will_open()
    assert listening.heard.get(timeout=GUARD_S) == b"\x16"  # a handshake


def test_one_that_nobody_asked_for_in_time_is_not_used(far, tmp_path, monkeypatch):
    monkeypatch.setattr(early, "USABLE_S", 0.0)
    connector = Connector({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    connector.open_early(far.url, GUARD_S)
    assert connector._early[1]._opened.wait(GUARD_S)
    Client(far.url, KEY, connector=connector).json("GET", "/v1/models")
    assert far.connections == [["GET"]]


def test_an_error_does_not_wait_for_it(far, eleven):
    """The server that takes the connection and then says nothing holds nothing up."""
    far.tls = silent = Silent()
    assert eleven("tts", "hi", "--speed", "99").code == 2
    silent.released.set()


ELSEWHERE = {
    "help": (("tts", "--help"), {}),
    "version": (("--version",), {}),
    "dry run": (("tts", "hi", "--dry-run"), {}),
    "a line for curl": (("api", "models", "--curl"), {}),
    "no key": (("models",), {"ELEVENLABS_API_KEY": ""}),
    "sandbox": (("--sandbox", "models"), {}),
    "sandbox by the environment": (("models",), {"ELEVEN_SANDBOX": "1"}),
    "another server": (("models", "--base-url", "http://127.0.0.1:9"), {}),
    "another server, attached": (("models", "--base-url=http://127.0.0.1:9"), {}),
    "another profile": (("models", "--profile", "none"), {}),
    "behind a proxy": (("models",), {"HTTPS_PROXY": "http://127.0.0.1:9"}),
    "a bad proxy": (("models",), {"HTTPS_PROXY": "gopher://x"}),
    "in clear": (("models",), {"ELEVENLABS_BASE_URL": "http://api.example.com"}),
    "no address": (("models",), {"ELEVENLABS_BASE_URL": "https://"}),
    "completion": (("tts", "--vo"), {"_ELEVEN_COMPLETE": "list_zsh"}),
    "a local command": (("config", "list"), {}),
    "no command": ((), {}),
}


@pytest.mark.parametrize(("argv", "environ"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_where_it_would_be_in_vain_none_is_opened(far, eleven, monkeypatch, argv, environ):
    begun = []
    monkeypatch.setattr(early.EarlyConnection, "__init__", lambda self, *steps: begun.append(1))
    for name, value in {"ELEVEN_RETRIES": "0", **environ}.items():
        monkeypatch.setenv(name, value)
    eleven(*argv)
    assert begun == []


def test_those_that_need_none_are_commands():
    assert set(COMMAND_NAMES) > WITHOUT_EARLY_CONNECTION
    assert {name for name in COMMAND_NAMES if not will_ask([name])} == WITHOUT_EARLY_CONNECTION


@pytest.mark.parametrize(
    "words", [("-q", "tts", "x"), ("--retries", "3", "voices"), ("--timeout=3", "history", "list")]
)
def test_global_options_before_the_command(words):
    assert will_ask(words)


def hangs_up(connection):
    connection.close()


def speaks_unasked(connection):
    connection.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")


@pytest.mark.parametrize("trouble", [hangs_up, speaks_unasked])
def test_one_that_is_of_no_use_any_more_is_not_used(far, tmp_path, trouble):
    over = threading.Event()

    def once(connection):
        far.on_connection = lambda connection: None
        trouble(connection)
        over.set()

    far.on_connection = once
    client = client_of(far, tmp_path)
    assert over.wait(GUARD_S)
    with client.stream("POST", "/v1/x") as stream:
        assert b"".join(stream)
    assert far.connections == [[], ["POST"]]


def test_one_that_waited_for_long_is_not_used(far, tmp_path, monkeypatch):
    client = client_of(far, tmp_path)
    monkeypatch.setattr(early, "USABLE_S", 0.0)
    with client.stream("POST", "/v1/x") as stream:
        assert b"".join(stream)
    assert far.connections == [[], ["POST"]]


def test_only_the_first_gets_it(far, tmp_path):
    client = client_of(far, tmp_path)
    for _ in range(2):
        with client.clone().stream("POST", "/v1/x") as stream:
            assert b"".join(stream)
    assert far.connections == [["POST"], ["POST"]]


def test_who_asks_another_server_does_not_get_it(far, tmp_path):
    client = client_of(far, tmp_path)
    with pytest.raises(NotConnected):
        client._connector.open("https://127.0.0.1:9", GUARD_S)
    client.json("GET", "/v1/models")
    assert far.connections == [["GET"]]


def test_why_there_is_none_is_said_at_once(far, tmp_path):
    far.close()
    connector = Connector({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    connector.open_early(far.url, GUARD_S)
    with pytest.raises(NotConnected, match=f"{HOST}:{far.port}: Connection refused"):
        connector.open(far.url, GUARD_S)


def test_it_is_waited_for_no_longer_than_for_another(far, tmp_path):
    far.tls = silent = Silent()
    connector = Connector({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    connector.open_early(far.url, GUARD_S)
    with pytest.raises(NotConnected, match="did not answer"):
        connector.open(far.url, 0.5)
    silent.released.set()


def test_without_a_thread_there_is_none_and_nothing_else_is_missing(far, tmp_path, monkeypatch):
    def refuses(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuses)
        connector = Connector({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
        connector.open_early(far.url, GUARD_S)
    assert Client(far.url, KEY, connector=connector).json("GET", "/v1/voices")["voices"] == []
    assert far.connections == [["GET"]]


def test_what_is_free_shares_a_connection_and_what_is_paid_has_its_own(far, tmp_path):
    client = client_of(far, tmp_path)
    for _ in range(3):
        client.json("GET", "/v1/models")
    for _ in range(2):
        with client.stream("POST", "/v1/x") as stream:
            assert b"".join(stream)
    assert far.connections == [["GET"] * 3, ["POST"], ["POST"]]
    assert far.resumed[0] is False
    assert far.resumed[1] is True, "TLS goes on with the session of the connection before"


def test_a_shared_connection_that_the_server_closes_is_opened_anew(far, tmp_path):
    far.keeps = False
    client = client_of(far, tmp_path)
    for _ in range(3):
        assert client.json("GET", "/v1/voices")["voices"] == []
    assert far.connections == [["GET"]] * 3


def test_a_shared_connection_that_ends_without_a_word_is_opened_anew(far, tmp_path):
    """The server hangs up just when it is asked: not even `--retries 0` shows it, and no second is waited."""
    client = client_of(far, tmp_path)
    client.json("GET", "/v1/voices")
    far.mute = True
    assert client.json("GET", "/v1/voices")["voices"] == []
    assert far.connections == [["GET", "GET"], ["GET"]]


def test_a_new_connection_that_ends_without_a_word_is_an_error(far, tmp_path):
    client = Client(far.url, KEY, environ={"SSL_CERT_FILE": str(tmp_path / "ca.pem")}, retries=0)
    far.mute = True
    with pytest.raises(NetworkError, match="lost before it answered"):
        client.json("GET", "/v1/voices")
    assert far.connections == [["GET"]]
