"""Where a command is run: the way to the service, the sound card and the clock."""

import functools
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

from tests.support.proxies import Proxy
from tests.support.soundcard import SoundCard

if TYPE_CHECKING:
    from tests.faults.row import Run

FAR = "https://example.com"  # nothing is ever sent there: a proxy on loopback stands before it
CLOCK = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *when = getenv("CLOCK_JUMPS_WHEN");
    long result = syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME && when && access(when, F_OK) == 0) now->tv_sec += atol(getenv("CLOCK_JUMPS_BY"));
    return (int)result;
}
"""


def at_the_service(run: "Run") -> None:
    """As it should be."""


def older_file(run: "Run") -> None:
    """A result of another day has the name already."""
    run.older = b"the result of another day"
    run.result_path.write_bytes(run.older)


def nobody_there(run: "Run") -> None:
    unused = run.stack.enter_context(socket.socket())
    unused.bind(("127.0.0.1", 0))
    run.server(f"http://127.0.0.1:{unused.getsockname()[1]}")


def no_such_name(run: "Run") -> None:
    run.server("https://nothing.invalid")


def untrusted(run: "Run") -> None:
    """TLS, with a certificate by an authority that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority().issue_cert("localhost").configure_cert(context)
    listening = run.service._server
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    run.server(f"https://localhost:{run.service.port}")


def trusted(run: "Run") -> None:
    """TLS, with a certificate by an authority of the environment."""
    untrusted(run)
    run.environ["SSL_CERT_FILE"] = str(run.beside / "authority.pem")
    _authority().cert_pem.write_to_path(run.environ["SSL_CERT_FILE"])


def no_tls(run: "Run") -> None:
    run.server(f"https://127.0.0.1:{run.service.port}")


def silent(run: "Run") -> None:
    listener = run.stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    run.server(f"https://127.0.0.1:{listener.getsockname()[1]}")


def no_certificates(run: "Run") -> None:
    run.server(f"https://127.0.0.1:{run.service.port}")
    run.environ["SSL_CERT_FILE"] = "/no/such.pem"


def proxy(run: "Run", *, says: bytes | None = None, wanted: str = "") -> None:
    standing = run.stack.enter_context(Proxy(("127.0.0.1", run.service.port), refusal=says, wanted=wanted))
    run.server(FAR)
    run.environ["HTTPS_PROXY"] = f"http://{standing.address}"


def proxy_gone(run: "Run") -> None:
    unused = run.stack.enter_context(socket.socket())
    unused.bind(("127.0.0.1", 0))
    run.server(FAR)
    run.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{unused.getsockname()[1]}"


def card(run: "Run") -> None:
    """A sound card, with a microphone."""
    run.card = run.stack.enter_context(SoundCard(microphone=True))
    run.environ.update(run.card.environ)


def clock(jump_s: int) -> Callable[["Run"], None]:
    """A clock that jumps when the run says so."""

    def place(run: "Run") -> None:
        run.environ.update(
            LD_PRELOAD=str(_clock_library()), CLOCK_JUMPS_WHEN=str(run.jumps_when), CLOCK_JUMPS_BY=str(jump_s)
        )

    return place


@functools.cache
def _authority() -> trustme.CA:
    return trustme.CA()


@functools.cache
def _clock_folder() -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="clock-")
    source = Path(folder.name, "clock.c")
    source.write_text(CLOCK)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", source.with_suffix(".so"), source], check=True)
    return folder


def _clock_library() -> Path:
    return Path(_clock_folder().name, "clock.so")
