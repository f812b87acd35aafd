"""The way to the server: HTTP and WebSockets go by the same route, trust the same certificates, say the same words."""

import os
import socket
import ssl
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import requests
import trustme
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response
from websockets.sync.server import serve

from eleven_cli.api.agents.addresses import signed_url
from eleven_cli.api.client import Client
from eleven_cli.api.http.failures import lost
from eleven_cli.api.network.route import first_to_answer, route_to
from eleven_cli.errors import ElevenError
from tests.conftest import KEY, VOICE
from tests.support.guard import GUARD_S
from tests.support.proxies import Proxy
from tests.support.service import Service, json_reply

HOST = "api.example.com"
SECRET = "s3cr3t"
UNKNOWN_FAMILY = 250
FORBIDDEN = b"HTTP/1.1 403 Forbidden by policy\r\ncontent-length: 0\r\n\r\n"
LOGIN_PAGE = b"HTTP/1.1 200 OK\r\n\r\n<html>Please log in</html>"
NEEDS_LOGIN = b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n"


class Both:
    """A server on TLS that takes HTTP requests and WebSockets; `seen` holds the keys that came."""

    def __init__(self, context, port=0):
        self.seen = []
        # a client that keeps its connection is not waited for
        waits = {"open_timeout": 1, "close_timeout": 1}
        self._server = serve(self._listen, "127.0.0.1", port, ssl=context, process_request=self._look, **waits)
        self.address = self._server.socket.getsockname()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _listen(self, connection):
        with suppress(ConnectionClosed):
            connection.recv()

    def _look(self, connection, request):
        self.seen.append(request.headers.get("xi-api-key"))
        if "upgrade" in request.headers.get("connection", "").lower():
            return None
        return Response(200, "OK", Headers({"content-length": "2", "content-type": "application/json"}), b"{}")

    def close(self):
        self._server.shutdown()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def context(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def server(context):
    server = Both(context)
    yield server
    server.close()


@pytest.fixture(scope="module")
def places(server, context, authority, tmp_path_factory):
    """What the rows of the table name: proxies by their address, files and folders of certificates."""
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "all").mkdir()
    for path in ("ca.pem", "all/company.crt"):
        authority.cert_pem.write_to_path(str(folder / path))
    trustme.CA().cert_pem.write_to_path(str(folder / "other.pem"))
    (folder / "all" / "README").write_text("what is in here")
    (folder / "empty").mkdir()
    (folder / "junk.pem").write_text("no certificate")
    proxies = {
        "http": Proxy(server.address),
        "tls": Proxy(server.address, tls=context),
        "strict": Proxy(server.address, wanted=f"me:{SECRET}"),
        "odd": Proxy(server.address, wanted=f"me:{SECRET}@/#?%:x"),
        "forbids": Proxy(server.address, refusal=FORBIDDEN),
        "login": Proxy(server.address, refusal=NEEDS_LOGIN),
        "garbage": Proxy(server.address, refusal=b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        "hangs_up": Proxy(server.address, refusal=b""),
        "not_allowed": Proxy(server.address, refusal=b"\2"),
    }
    with ExitStack() as stack, socket.socket() as bound:
        for proxy in proxies.values():
            stack.enter_context(proxy)
        bound.bind(("127.0.0.1", 0))  # and does not listen
        yield {
            **{name: proxy.address for name, proxy in proxies.items()},
            "dead": f"127.0.0.1:{bound.getsockname()[1]}",
            "ca": str(folder / "ca.pem"),
            "other": str(folder / "other.pem"),
            "folder": str(folder / "all"),
            "empty": str(folder / "empty"),
            "junk": str(folder / "junk.pem"),
            "none": str(folder / "none.pem"),
            "proxies": proxies,
        }


@pytest.fixture
def names(monkeypatch, server):
    """The name of the server is known to this system."""
    usual = socket.getaddrinfo

    def patched(host, port, *args, **options):
        return usual("127.0.0.1" if host in (HOST, HOST.encode()) else host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", patched)


def by_http(client):
    client.json("GET", "/v1/models")


def by_socket(client):
    with client.socket_to("/v1/text-to-speech/x/stream-input", {}):
        pass


KINDS = pytest.mark.parametrize("go", [by_http, by_socket])

CA = {"SSL_CERT_FILE": "{ca}"}
NO_WAY = "hint: {variable} names the proxy {proxy}; to go without it: export NO_PROXY=api.example.com"
PLAIN = "error: the proxy refused to connect to api.example.com:{port}: "
UNUSABLE = "error: the proxy cannot be used: "

# variables, and the way: "direct", a proxy and what it was asked for, or an error and its hint
WAYS = {
    "none": (CA, "direct"),
    "small": ({**CA, "https_proxy": "http://{http}"}, "http {target}"),
    "capitals": ({**CA, "HTTPS_PROXY": "http://{http}"}, "http {target}"),
    "small-wins": ({**CA, "https_proxy": "http://{http}", "HTTPS_PROXY": "http://{dead}"}, "http {target}"),
    "small-empty": ({**CA, "https_proxy": "", "HTTPS_PROXY": "http://{dead}"}, "direct"),
    "blank": ({**CA, "https_proxy": " "}, "direct"),
    "other-scheme": ({**CA, "http_proxy": "http://{dead}", "HTTP_PROXY": "http://{dead}"}, "direct"),
    "all": ({**CA, "ALL_PROXY": "http://{http}"}, "http {target}"),
    "all-small": ({**CA, "all_proxy": "http://{http}"}, "http {target}"),
    "one-before-all": ({**CA, "ALL_PROXY": "http://{dead}", "HTTPS_PROXY": "http://{http}"}, "http {target}"),
    "no-scheme": ({**CA, "HTTPS_PROXY": "{http}"}, "http {target}"),
    "capital-scheme": ({**CA, "HTTPS_PROXY": "HTTP://{http}/"}, "http {target}"),
    "slashes": ({**CA, "HTTPS_PROXY": "//{http}"}, "http {target}"),
    "tls": ({**CA, "HTTPS_PROXY": "https://{tls}"}, "tls {target}"),
    "password": ({**CA, "HTTPS_PROXY": f"http://me:{SECRET}@{{strict}}"}, f"strict {{target}} as me:{SECRET}"),
    "password-no-scheme": ({**CA, "HTTPS_PROXY": f"me:{SECRET}@{{strict}}"}, f"strict {{target}} as me:{SECRET}"),
    "escaped": (
        {**CA, "HTTPS_PROXY": f"http://me:{SECRET}%40%2F%23%3F%25%3Ax@{{odd}}"},
        f"odd {{target}} as me:{SECRET}@/#?%:x",
    ),
    "unescaped": (
        {**CA, "HTTPS_PROXY": f"http://me:{SECRET}@/#?%:x@{{odd}}"},
        f"odd {{target}} as me:{SECRET}@/#?%:x",
    ),
    "socks5h": ({**CA, "ALL_PROXY": "socks5h://{http}"}, "http {target}"),
    "socks5": ({**CA, "ALL_PROXY": "socks5://{http}"}, "http 127.0.0.1:{port}"),
    "socks": ({**CA, "ALL_PROXY": "socks://{http}"}, "http 127.0.0.1:{port}"),
    "socks4": ({**CA, "ALL_PROXY": "socks4://{http}"}, "http 127.0.0.1:{port}"),
    "socks4a": ({**CA, "ALL_PROXY": "socks4a://{http}"}, "http {target}"),
    "socks-password": (
        {**CA, "ALL_PROXY": f"socks5h://me:{SECRET}@{{strict}}"},
        f"strict {{target}} as me:{SECRET}",
    ),
    "no-proxy": ({**CA, "HTTPS_PROXY": "{dead}", "NO_PROXY": "api.example.com"}, "direct"),
    "no-proxy-small": ({**CA, "https_proxy": "{dead}", "no_proxy": "example.com"}, "direct"),
    "no-proxy-dot": ({**CA, "ALL_PROXY": "{dead}", "NO_PROXY": "localhost, .EXAMPLE.com"}, "direct"),
    "no-proxy-star": ({**CA, "HTTPS_PROXY": "{dead}", "NO_PROXY": "*"}, "direct"),
    "no-proxy-port": ({**CA, "HTTPS_PROXY": "{dead}", "NO_PROXY": "example.com:{port}"}, "direct"),
    "no-proxy-other-port": ({**CA, "HTTPS_PROXY": "{http}", "NO_PROXY": "example.com:1"}, "http {target}"),
    "no-proxy-other-name": ({**CA, "HTTPS_PROXY": "{http}", "NO_PROXY": "example.org,10.0.0.0/8"}, "http {target}"),
    "no-proxy-end-of-name": ({**CA, "HTTPS_PROXY": "{http}", "NO_PROXY": "ample.com,le.com"}, "http {target}"),
    "no-proxy-below": ({**CA, "HTTPS_PROXY": "{dead}", "NO_PROXY": "*.example.com."}, "direct"),
    "folder": ({"REQUESTS_CA_BUNDLE": "{folder}"}, "direct"),
    "folder-of-ssl": ({"SSL_CERT_DIR": "{none}:{folder}"}, "direct"),
    "curl": ({"CURL_CA_BUNDLE": "{ca}", "SSL_CERT_FILE": "{other}"}, "direct"),
    "requests-first": ({"REQUESTS_CA_BUNDLE": "{ca}", "CURL_CA_BUNDLE": "{none}", "SSL_CERT_DIR": "{none}"}, "direct"),
    "file-before-folder": ({"SSL_CERT_FILE": "{ca}", "SSL_CERT_DIR": "{empty}"}, "direct"),
    "through-and-folder": ({"SSL_CERT_DIR": "{folder}", "HTTPS_PROXY": "https://{tls}"}, "tls {target}"),
    "dead": (
        {**CA, "HTTPS_PROXY": f"http://me:{SECRET}@{{dead}}"},
        f"{UNUSABLE}cannot connect to {{dead}}: Connection refused\n"
        + NO_WAY.format(variable="HTTPS_PROXY", proxy="{dead}"),
    ),
    "dead-socks": (
        {**CA, "all_proxy": "socks5://{dead}"},
        f"{UNUSABLE}cannot connect to {{dead}}: Connection refused\n"
        + NO_WAY.format(variable="all_proxy", proxy="{dead}"),
    ),
    "403": (
        {**CA, "https_proxy": f"http://me:{SECRET}@{{forbids}}"},
        f"{PLAIN}403 Forbidden by policy\n" + NO_WAY.format(variable="https_proxy", proxy="{forbids}"),
    ),
    "407": (
        {**CA, "HTTPS_PROXY": "http://{login}"},
        f"{PLAIN}407 Proxy Authentication Required\n"
        "hint: the proxy wants a user name and a password: export HTTPS_PROXY=http://NAME:PASSWORD@{login}",
    ),
    "407-wrong": (
        {**CA, "ALL_PROXY": f"http://me:{SECRET}@{{login}}"},
        f"{PLAIN}407 Proxy Authentication Required\n"
        "hint: the proxy {login} rejects the user name and password in ALL_PROXY",
    ),
    "garbage": (
        {**CA, "HTTPS_PROXY": "{garbage}"},
        f"{PLAIN}it does not answer as an HTTP proxy does\n" + NO_WAY.format(variable="HTTPS_PROXY", proxy="{garbage}"),
    ),
    "socks-refuses": (
        {**CA, "ALL_PROXY": "socks5h://{not_allowed}"},
        f"{PLAIN}Connection not allowed by ruleset\n" + NO_WAY.format(variable="ALL_PROXY", proxy="{not_allowed}"),
    ),
    "odd-scheme": (
        {**CA, "HTTPS_PROXY": f"{SECRET}://{SECRET}"},
        f"{UNUSABLE}HTTPS_PROXY is not a proxy's address: its scheme is none of http, https, socks5, socks5h, socks4 "
        "and socks4a\nhint: set it like this, or unset it: export HTTPS_PROXY=http://proxy.example.com:3128",
    ),
    "odd-port": (
        {**CA, "HTTPS_PROXY": f"http://me:{SECRET}@127.0.0.1:{SECRET}"},
        f"{UNUSABLE}HTTPS_PROXY is not a proxy's address: it holds no host and port\n"
        "hint: set it like this, or unset it: export HTTPS_PROXY=http://proxy.example.com:3128",
    ),
    "missing-file": (
        {"REQUESTS_CA_BUNDLE": "{none}", "SSL_CERT_FILE": "{ca}"},
        "error: no certificates at {none} (REQUESTS_CA_BUNDLE): No such file or directory\n"
        "hint: REQUESTS_CA_BUNDLE names it: correct it, or unset REQUESTS_CA_BUNDLE",
    ),
    "junk-file": (
        {"SSL_CERT_FILE": "{junk}"},
        "error: no certificates at {junk} (SSL_CERT_FILE): it is not a PEM file\n"
        "hint: SSL_CERT_FILE names it: correct it, or unset SSL_CERT_FILE",
    ),
    "empty-folder": (
        {"SSL_CERT_DIR": "{empty}"},
        "error: no certificates at {empty} (SSL_CERT_DIR): no file in it is a certificate\n"
        "hint: SSL_CERT_DIR names it: correct it, or unset SSL_CERT_DIR",
    ),
    "untrusted": (
        {},
        "error: no trusted connection to api.example.com:{port}: unable to get local issuer certificate\n"
        "hint: behind an inspecting proxy, name its certificates: export SSL_CERT_FILE=FILE",
    ),
    "untrusted-named": (
        {"CURL_CA_BUNDLE": "{other}"},
        "error: no trusted connection to api.example.com:{port}: unable to get local issuer certificate\n"
        "hint: CURL_CA_BUNDLE replaces the usual certificates with {other}; for the usual ones: unset CURL_CA_BUNDLE",
    ),
    "untrusted-proxy": (
        {"HTTPS_PROXY": "https://{tls}"},
        f"{UNUSABLE}no trusted connection to {{tls}}: unable to get local issuer certificate\n"
        "hint: behind an inspecting proxy, name its certificates: export SSL_CERT_FILE=FILE",
    ),
    "no-tls-proxy": (
        {**CA, "HTTPS_PROXY": f"https://me:{SECRET}@{{garbage}}"},
        f"{UNUSABLE}no trusted connection to {{garbage}}: *\n"
        "hint: if the proxy itself does not use TLS, as most do not: export HTTPS_PROXY=http://{garbage}",
    ),
}


def way_of(go, server, places, environ):
    """How a request or a socket goes in this environment, in the words of the table; and everything that was said."""
    traced = []
    url = f"https://{HOST}:{server.address[1]}"
    client = Client(url, KEY, on_notice=traced.append, on_trace=traced.append, pause=lambda s: None, environ=environ)
    for proxy in places["proxies"].values():
        proxy.asked.clear()
    server.seen.clear()
    try:
        go(client)
    except ElevenError as failed:
        return f"error: {failed.message}\nhint: {failed.hint}", traced
    assert server.seen == [KEY]
    through = [f"{name} {asked}" for name, proxy in places["proxies"].items() for asked in proxy.asked]
    return (through or ["direct"])[0], traced


@KINDS
@pytest.mark.parametrize("name", WAYS)
def test_http_and_sockets_go_the_same_way(go, name, server, places, names):
    variables, expected = WAYS[name]
    known = {**places, "port": server.address[1], "target": f"{HOST}:{server.address[1]}"}
    environ = {variable: value.format(**known) for variable, value in variables.items()}
    way, traced = way_of(go, server, places, environ)
    beginning, star, end = expected.format(**known).partition("*")
    assert way.startswith(beginning) and way.endswith(end) if star else way == beginning
    if not expected.startswith("strict") and not expected.startswith("odd"):
        assert SECRET not in way
    assert SECRET not in "".join(traced)


@contextmanager
def handshakes(context):
    """A port where nothing but TLS's handshake is to be had, and without a context not even that."""

    def answer():
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            with suppress(OSError), connection:
                if context is None:
                    connection.recv(4096)
                    connection.sendall(LOGIN_PAGE)
                    connection.recv(4096)  # what is unread at the end would reset the connection
                else:
                    context.wrap_socket(connection, server_side=True).recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)  # which ends accept


NOW = datetime.now(UTC)
REFUSED_TLS = {  # which certificate, what the error says, and the way out
    "not-yet": ({"not_before": NOW + timedelta(365), "not_after": NOW + timedelta(400)}, "not yet valid", "date -u"),
    "expired": ({"not_before": NOW - timedelta(400), "not_after": NOW - timedelta(9)}, "has expired", "date -u"),
    "another-host": ({"identity": "login.example"}, "not valid for 'localhost'", "config get base_url"),
    "no-tls": (None, "wrong version number", "config get base_url"),
}


@KINDS
@pytest.mark.parametrize("name", REFUSED_TLS)
def test_a_refused_certificate_has_the_way_out_of_its_kind(go, name, authority, places):
    issued, said, way_out = REFUSED_TLS[name]
    context = None
    if issued is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued = {"identity": "localhost", **issued}
        authority.issue_cert(issued.pop("identity"), **issued).configure_cert(context)
    with handshakes(context) as port:
        client = Client(f"https://localhost:{port}", KEY, pause=lambda s: None, environ={"SSL_CERT_FILE": places["ca"]})
        with pytest.raises(ElevenError) as raised:
            go(client)
    assert said in raised.value.message
    assert "_ssl.c" not in raised.value.message
    assert way_out in raised.value.hint
    assert "unset SSL_CERT_FILE" not in raised.value.hint


def test_a_proxy_that_answers_without_a_tunnel_is_named():
    """It says 200 and goes on in plain text, as a network that asks for a login does."""
    with handshakes(None) as port:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
        with pytest.raises(ElevenError, match="wrong version number") as raised:
            Client(f"https://{HOST}", KEY, pause=lambda s: None, environ=environ).json("GET", "/v1/models")
    assert f"HTTPS_PROXY names the proxy 127.0.0.1:{port}" in raised.value.hint


def test_what_tls_says_of_a_missing_certificate_is_in_words():
    failed = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] certificate required (_ssl.c:2580)")
    failed.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    said = str(lost(requests.ConnectionError(failed), HOST, was_answered=False, free=False, read_timeout_s=1))
    assert said == f"the connection to {HOST} was lost before it answered: tlsv13 alert certificate required"


@pytest.mark.parametrize(
    ("url", "entry", "direct"),
    [
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://11.1.2.3", "10.0.0.0/8", False),
        ("wss://10.1.2.3:8443/x", "10.1.2.3:8443", True),
        ("wss://10.1.2.3", "10.1.2.3:8443", False),
        ("https://[2001:db8::1]", "2001:db8::/32", True),
        ("https://[2001:db8::1]", "[2001:db8::1]:443", True),
        ("https://[2001:db8::1]", "2001:db8::2", False),
        ("https://example.com", "10.0.0.0/99 example.com", True),
    ],
)
def test_what_no_proxy_names_goes_direct(url, entry, direct):
    environ = {"HTTPS_PROXY": "proxy:3128", "NO_PROXY": entry}
    assert (route_to(url, environ).proxy is None) == direct


def test_a_route_is_decided_within_a_moment():
    environ = {
        "HTTPS_PROXY": f"http://me:{SECRET}@proxy:3128",
        "NO_PROXY": ",".join(f"host{n}.example" for n in range(40)),
    }
    began = time.process_time()
    for _ in range(100):
        route_to("https://api.example.com", environ)
    assert time.process_time() - began < 1.0


# within this machine


@KINDS
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.8.8.8", "[::1]", "[::ffff:127.0.0.1]"])
@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_loopback_is_direct_whatever_is_set(go, host, variable):
    """The proxy would get the key; here it gets nothing, and the refused connection is the server's."""
    with Proxy(("127.0.0.1", 1)) as proxy, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        environ = {variable: f"http://{proxy.address}", "SSL_CERT_FILE": "/none", "REQUESTS_CA_BUNDLE": "/none"}
        client = Client(f"http://{host}:{bound.getsockname()[1]}", KEY, pause=lambda s: None, environ=environ)
        with pytest.raises(ElevenError, match=r"cannot connect to (127|localhost|\[::)"):
            go(client)
        assert proxy.asked == []


@pytest.mark.parametrize(
    "variables",
    [
        {"SSL_CERT_FILE": "/none", "SSL_CERT_DIR": "/none", "REQUESTS_CA_BUNDLE": "/none", "CURL_CA_BUNDLE": "/none"},
        {"http_proxy": "http://{proxy}", "https_proxy": "http://{proxy}", "all_proxy": "socks5://{proxy}"},
        {"HTTP_PROXY": "{proxy}", "ALL_PROXY": "::::", "HTTPS_PROXY": "nonsense://"},
    ],
)
def test_nothing_of_it_stops_the_sandbox(spawn, variables):
    with Proxy(("127.0.0.1", 1)) as proxy:
        network = {name: value.format(proxy=proxy.address) for name, value in variables.items()}
        process = spawn("--sandbox", "tts", "--format", "pcm_16000", stdin=-1, env={**os.environ, **network})
        out, err = process.communicate(b"Hello.\n", timeout=GUARD_S)
        assert (process.returncode, proxy.asked) == (0, []), err
        assert len(out) > 3200


# what will not be otherwise the next time


@pytest.mark.parametrize("argv", [("tts", "--format", "pcm_16000"), ("stt", "--live", "--input-format", "pcm_16000")])
@pytest.mark.parametrize("trouble", ["407", "403", "name", "tls", "certificates"])
def test_live_work_is_not_tried_again_in_vain(spawn, argv, trouble, places, server):
    environ = {"ELEVENLABS_API_KEY": KEY, "ELEVENLABS_VOICE_ID": VOICE, "ELEVENLABS_BASE_URL": f"https://{HOST}"}
    proxy = places["proxies"]["login" if trouble == "407" else "forbids"]
    proxy.asked.clear()
    if trouble == "name":
        environ["ELEVENLABS_BASE_URL"] = "https://nothing.invalid"
    elif trouble == "tls":
        environ["ELEVENLABS_BASE_URL"] = f"https://localhost:{server.address[1]}"
    elif trouble == "certificates":
        environ["SSL_CERT_DIR"] = "/none"
    else:
        environ["HTTPS_PROXY"] = proxy.address
    process = spawn(*argv, stdin=-1, env={**os.environ, **environ})
    _, err = process.communicate(b"Hello there. " * 100, timeout=GUARD_S)
    assert process.returncode == 6, err
    assert b"trying again" not in err
    assert len(proxy.asked) == (trouble in ("403", "407"))


def test_a_proxy_that_does_not_reach_the_server_may_the_next_time(server, places, names, monkeypatch):
    proxy = places["proxies"]["http"]
    monkeypatch.setattr(proxy, "refusal", b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
    environ = {"HTTPS_PROXY": proxy.address, "SSL_CERT_FILE": places["ca"]}
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        proxy.refusal = None

    Client(f"https://{HOST}:{server.address[1]}", KEY, pause=pause, environ=environ).json("GET", "/v1/models")
    assert len(pauses) == 1


def test_socks_without_pysocks_says_how_to_get_it(monkeypatch, server, places, names):
    monkeypatch.setitem(sys.modules, "socks", None)
    way, _ = way_of(by_socket, server, places, {"ALL_PROXY": f"socks5h://{places['http']}"})
    assert way == (
        f"error: the proxy cannot be used: {places['http']} (ALL_PROXY) speaks SOCKS, which needs PySocks\n"
        f"hint: {sys.executable} -m pip install pysocks"
    )


def test_the_trace_names_what_came_from_the_environment(server, places, names):
    environ = {"HTTPS_PROXY": f"me:{SECRET}@{places['strict']}", "SSL_CERT_FILE": places["ca"]}
    words = f"> through the proxy {places['strict']} (HTTPS_PROXY), certificates of {places['ca']} (SSL_CERT_FILE)"
    for go in (by_http, by_socket):
        assert words in way_of(go, server, places, environ)[1]


# addresses


@pytest.fixture
def silent():
    """An address that takes no connection and refuses none: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.2", 0))
        listener.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()


def addresses(monkeypatch, *found):
    def patched(host, port, *args, **options):
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in found]
        return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for family, one in zip(families, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", patched)


@KINDS
@pytest.mark.parametrize(
    "found", [("127.0.0.2", "127.0.0.1"), ("100::1", "127.0.0.1"), ("127.0.0.2", "100::1", "127.0.0.3", "127.0.0.1")]
)
def test_a_dead_address_holds_nothing_up(go, found, silent, context, authority, tmp_path, monkeypatch):
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = Both(context, silent[1])
    addresses(monkeypatch, *found)
    client = Client(f"https://{HOST}:{silent[1]}", KEY, environ={"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    began = time.monotonic()
    go(client)
    go(client)  # which one answered is remembered
    assert time.monotonic() - began < 5
    server.close()


def test_what_the_last_address_says_is_said(monkeypatch):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = (socket.AF_INET, bound.getsockname())
        with pytest.raises(ConnectionRefusedError):
            first_to_answer([(UNKNOWN_FAMILY, ()), address, (UNKNOWN_FAMILY, ())], GUARD_S)


def test_addresses_that_do_not_answer_are_given_up(silent):
    with pytest.raises(TimeoutError):
        first_to_answer([(socket.AF_INET, silent)] * 2, 0.5)


# redirects, and the address of a conversation


def redirected(other, status, location):
    def reply(exchange):
        exchange.head(status, **({"location": location.format(other=other)} if location else {}), content_length="0")

    return reply


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["{other}/elsewhere", "ws://x.example/", "/elsewhere", ""])
def test_a_redirected_handshake_is_not_followed(status, location):
    with Service() as service, Service() as other:
        service.on("/v1/models", redirected(other.url, status, location))
        service.on_speech(redirected(other.url, status, location))
        said = []
        for go in (by_http, by_socket):
            with pytest.raises(ElevenError) as failed:
                go(Client(service.url, KEY))
            said.append((failed.value.message, failed.value.hint, failed.value.code, failed.value.status))
        assert said[0] == said[1]
        assert said[0][2:] == ("redirect", status)
        assert "the key is not sent there" in said[0][0]
        assert other.requests == []
        assert len(service.requests) == 2


SIGNED = {
    "wss://api.example.com/c?x=1": True,
    "ws://127.0.0.1:8080/c": True,
    "ws://localhost/c": True,
    "WSS://api.example.com/c#part": True,
    "ws://api.example.com/c": False,
    "ws://127.0.0.1.example.com/c": False,
    "ws://127.0.0.1@example.com/c": False,
    "wss://me:secret@example.com/c": False,
    "https://example.com/c": False,
    "wss://": False,
    "wss:///c": False,
    "wss://example.com:0/c": False,
    "wss://example.com:99999/c": False,
    "wss://[::1/c": False,
    "wss://example.com/c\r\nx-y: z": False,
    "wss://example.com/\x1b[31m": False,
    "wss://exa mple.com/c": False,
    "": False,
}


@pytest.mark.parametrize("url", SIGNED)
def test_a_signed_address_is_encrypted_or_refused(url):
    with Service() as service:
        service.on("/v1/convai/conversation/get-signed-url", json_reply({"signed_url": url}))
        client = Client(service.url, KEY)
        if SIGNED[url]:
            assert signed_url(client, "a").lower() == url.partition("#")[0].lower()
            return
        with pytest.raises(ElevenError) as failed:
            signed_url(client, "a")
        assert "\x1b" not in failed.value.message
        assert "secret" not in failed.value.message


@pytest.mark.parametrize("value", [None, 5, ["wss://example.com/"], {}])
def test_no_signed_address_at_all(value):
    with Service() as service:
        service.on("/v1/convai/conversation/get-signed-url", json_reply({"signed_url": value}))
        with pytest.raises(ElevenError, match="gave no address"):
            signed_url(Client(service.url, KEY), "a")


def test_a_call_is_not_made_in_clear(eleven, service):
    service.on("/v1/convai/conversation/get-signed-url", json_reply({"signed_url": "ws://example.com/c?token=t0ken"}))
    result = eleven("talk", "--text", "--agent-id", "agent_0123456789", stdin="hello\n")
    assert result.code == 1
    assert result.error == "error: the service names an unencrypted address for the conversation: example.com"
    assert "t0ken" not in result.err
