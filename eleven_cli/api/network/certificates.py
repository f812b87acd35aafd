"""Certificates: what a server must prove itself with, as a TLS context."""

import os
import re
import ssl
from pathlib import Path

from eleven_cli.api.network.route import Certificates, Unhurried
from eleven_cli.errors import NotConnected

_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")  # the names by which OpenSSL finds certificates in a folder


class UnhurriedTLS(Unhurried, ssl.SSLSocket):
    """A socket that speaks TLS."""


def tls_context(certificates: Certificates) -> ssl.SSLContext:
    """A context that trusts these authorities and no others. Raises NotConnected where there are none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # as curl: an authority that is named need not be a root
    context.sslsocket_class = UnhurriedTLS
    context.set_alpn_protocols(["http/1.1"])
    try:
        _load(context, certificates)
    except OSError as failed:  # ssl.SSLError is one, too
        why = "it is not a PEM file" if isinstance(failed, ssl.SSLError) else failed.strerror or str(failed)
        raise _none(certificates, why) from failed
    return context


def _load(context: ssl.SSLContext, certificates: Certificates) -> None:
    if not certificates.variable:
        import certifi

        return context.load_verify_locations(certifi.where())
    paths = certificates.path.split(os.pathsep) if certificates.variable == "SSL_CERT_DIR" else [certificates.path]
    there = [path for path in paths if os.path.exists(path)] or paths
    for path in there:
        if os.path.isdir(path):
            _load_folder(context, Path(path), certificates)
        else:
            context.load_verify_locations(path)


def _load_folder(context: ssl.SSLContext, folder: Path, certificates: Certificates) -> None:
    """One that `openssl rehash` has prepared, or simply files."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if any(_HASHED.fullmatch(path.name) for path in files):
        return context.load_verify_locations(capath=folder)
    for path in files:
        try:
            context.load_verify_locations(path)
        except ssl.SSLError:
            continue  # a README, say
    if not context.cert_store_stats()["x509"]:
        raise _none(certificates, "no file in it is a certificate")


def _none(certificates: Certificates, why: str) -> NotConnected:
    variable = certificates.variable
    named = f" ({variable})" if variable else ""
    hint = f"{variable} names it: correct it, or unset {variable}" if variable else "reinstall certifi"
    return NotConnected(f"no certificates at {certificates.path}{named}: {why}", hint=hint, code="tls_error")
