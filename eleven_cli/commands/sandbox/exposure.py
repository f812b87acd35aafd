"""How and to whom the server is open: its address, TLS, and the web pages that may use it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.sandbox.server_thread import Exposure


@dataclass(frozen=True, kw_only=True)
class ExposureOptions:
    """The flags that open a server.

    cert_out  where the authority goes that clients have to trust
    host      the address it listens on; None is this machine only
    pages     origins whose web pages may use it
    """

    tls: bool
    cert_out: Path | None
    host: str | None
    pages: Sequence[str]

    def check(self) -> None:
        """Raises UsageError for flags that contradict each other."""
        if self.cert_out is not None and not self.tls:
            raise UsageError("--tls-cert-out needs --tls", hint="add --tls")


def make_exposure(options: ExposureOptions) -> "Exposure":
    """Makes the certificate, and writes its authority. Raises UsageError for a wrong origin or file."""
    from eleven_cli.sandbox.http.guard import is_origin
    from eleven_cli.sandbox.server_thread import Exposure

    for page in options.pages:
        if not is_origin(page):
            raise UsageError(f"{page} is not an origin of web pages", hint="--cors https://example.com")
    pages = tuple(options.pages)
    if not options.tls:
        return Exposure(options.host, pages=pages)
    from eleven_cli.sandbox.certificate import make_certificate

    certificate = make_certificate([options.host] if options.host else [])
    if options.cert_out is not None:
        _write(options.cert_out, certificate.authority)
    return Exposure(options.host, certificate.context, pages)


def announce(terminal: Terminal, url: str, options: ExposureOptions) -> None:
    """Says where the server is, how clients come to trust it, and who else can reach it."""
    from eleven_cli.sandbox.loopback import is_this_machine

    terminal.note(f"sandbox: {url}")
    if options.cert_out is not None:
        path = shlex.quote(str(options.cert_out.absolute()))
        terminal.note(f"clients trust it with SSL_CERT_FILE={path}, those of Node with NODE_EXTRA_CA_CERTS={path}")
    elif options.tls:
        terminal.note("no client trusts it yet: --tls-cert-out FILE.pem writes what they need")
    if options.host is not None and not is_this_machine(options.host):
        terminal.warn(f"everyone who can reach {options.host} can use this sandbox")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as failed:
        raise UsageError(f"cannot write {path}: {failed.strerror}", hint="--tls-cert-out FILE.pem") from failed
