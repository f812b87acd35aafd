"""Starting and stopping: promptly, silently, on the loopback address only."""

import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from time import monotonic
from urllib.parse import urlsplit

import pytest

from eleven_cli.sandbox.server import running, serve
from tests.support.guard import GUARD_S

from .conftest import HARPER

STOP_S = 5  # the streams would go on for minutes
SERVE = """
from eleven_cli.sandbox.server import serve
import signal, sys
def leave(number, frame):
    raise SystemExit(128 + number)
signal.signal(signal.SIGTERM, leave)
try:
    serve(0, ready=lambda url: print(url, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(130)
"""


def connection(base: str) -> http.client.HTTPConnection:
    address = urlsplit(base)
    return http.client.HTTPConnection(str(address.hostname), address.port, timeout=GUARD_S)


def open_stream(base: str) -> http.client.HTTPResponse:
    body = json.dumps({"text": "On and on it goes. " * 500})
    client = connection(base)
    client.request("POST", f"/v1/text-to-speech/{HARPER}/stream?output_format=pcm_24000", body)
    response = client.getresponse()
    assert response.read1(1000)
    return response


def status(base: str, path: str = "/v1/models") -> int:
    client = connection(base)
    client.request("GET", path)
    answer = client.getresponse().status
    client.close()
    return answer


def servers() -> int:
    return [thread.name for thread in threading.enumerate()].count("eleven-sandbox")


def test_it_answers_at_once_and_is_gone_afterwards() -> None:
    with running() as base:
        assert base.startswith("http://127.0.0.1:")
        assert status(base) == 200
    with pytest.raises(ConnectionRefusedError):
        status(base)


def test_it_starts_again_on_the_same_port() -> None:
    with running() as base:
        status(base)
    port = urlsplit(base).port
    assert port
    with running(port) as again:
        assert again == base
        assert status(again) == 200


def test_several_run_side_by_side_with_accounts_of_their_own() -> None:
    with running() as one, running(require_key="k") as two:
        assert status(one) == 200
        assert status(two) == 404


def test_stopping_does_not_wait_for_open_streams() -> None:
    before = servers()
    with running() as base:
        streams = [open_stream(base) for _ in range(3)]
        idle = connection(base)
        idle.request("GET", "/v1/models")
        idle.getresponse().read()
        leaving = monotonic()
    assert monotonic() - leaving < STOP_S
    assert servers() == before
    for stream in streams:
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            stream.read()


def test_small_answers_do_not_wait() -> None:
    with running() as base:
        client = connection(base)
        took_s = []
        for _ in range(25):
            asked = monotonic()
            client.request("GET", f"/v1/voices/{HARPER}/settings")
            client.getresponse().read()
            took_s.append(monotonic() - asked)
        assert sorted(took_s)[8] < 0.04  # so late acknowledges a system what it waits for more of
        client.close()


def test_an_error_in_the_block_comes_through() -> None:
    with pytest.raises(ZeroDivisionError), running():
        raise ZeroDivisionError


def test_a_port_in_use(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=r".") as first, running(port):
            pass
        with pytest.raises(OSError, match=r".") as second:
            serve(port, ready=lambda url: None)
    assert first.value.errno == second.value.errno == errno.EADDRINUSE
    assert capfd.readouterr() == ("", "")


def test_a_port_that_is_none() -> None:
    with pytest.raises(OSError, match="65536"), running(65536):
        pass


def test_it_says_nothing_whatever_happens(capfd: pytest.CaptureFixture[str]) -> None:
    with running() as base:
        assert status(base) == 200
        assert status(base, "/nowhere") == 404
        open_stream(base).close()
        with socket.create_connection((urlsplit(base).hostname, urlsplit(base).port)) as rude:
            rude.sendall(b"nonsense\r\n\r\n")
            assert rude.recv(1000).startswith(b"HTTP/1.1 400")
        open_stream(base)
    assert capfd.readouterr() == ("", "")


def test_it_listens_on_the_loopback_address_only() -> None:
    with running() as base, socket.socket() as other:
        other.bind(("127.0.0.2", int(urlsplit(base).port or 0)))


def test_the_package_itself_is_light() -> None:
    heavy = "{'uvicorn', 'starlette', 'av', 'espeakng_loader', 'asyncio'}"
    code = f"import sys, eleven_cli.sandbox; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_listing_needs_no_codecs() -> None:
    code = (
        "import sys, urllib.request\n"
        "from eleven_cli.sandbox.server import running\n"
        "with running() as base:\n"
        "    urllib.request.urlopen(base + '/v2/voices').read()\n"
        "assert 'av' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


SLOWLY = """
import asyncio
from eleven_cli.sandbox.server_thread import ServerThread
abort_all = ServerThread._abort_all
async def abort_slowly(self, serving):
    await asyncio.sleep(0.3)
    await abort_all(self, serving)
    print("aborted", flush=True)
ServerThread._abort_all = abort_slowly
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_after_a_signal_it_is_waited_for_until_all_streams_have_ended() -> None:
    command = [sys.executable, "-c", SLOWLY + SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert status(process.stdout.readline().strip()) == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out, err) == (130, "aborted\ninterrupted\n", "")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 128 + signal.SIGTERM, "")]
)
def test_a_signal_ends_the_foreground_server(number: signal.Signals, code: int, said: str) -> None:
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        base = process.stdout.readline().strip()
        assert status(base) == 200
        stream = open_stream(base)
        process.send_signal(number)
        sent = monotonic()
        out, err = process.communicate(timeout=GUARD_S)
    assert monotonic() - sent < STOP_S
    assert (process.returncode, out, err) == (code, said, "")
    stream.close()
