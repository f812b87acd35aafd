"""A certificate for https:// and wss:// on this machine, and the authority that signs it: both new at each start."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass

NAMES = ("localhost", "127.0.0.1", "::1")
REGIONS = ("", ".us", ".eu.residency", ".in.residency", ".sg.residency")
SERVICE = tuple(f"api{region}.elevenlabs.io" for region in REGIONS)  # for programs that know no other address


@dataclass(frozen=True)
class Certificate:
    """What a server speaks TLS with.

    context    of the server
    authority  whom its clients have to trust, as PEM
    """

    context: ssl.SSLContext
    authority: bytes


def make_certificate(names: Iterable[str] = ()) -> Certificate:
    """Makes a certificate for this machine, the service's names and further ones.

    Raises ModuleNotFoundError where trustme is not installed.
    """
    import trustme

    authority = trustme.CA(organization_name="eleven sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(*dict.fromkeys((*NAMES, *SERVICE, *names))).configure_cert(context)
    return Certificate(context, authority.cert_pem.bytes())
