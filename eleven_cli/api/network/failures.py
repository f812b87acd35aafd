"""What to say where no connection could be made: of the server, of the proxy before it, or of the certificates."""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import gaierror

from eleven_cli.api.network.route import Proxy, Route
from eleven_cli.errors import NotConnected, exhausted, exhausted_now

NETWORK_HINT = "check the network, or the address"
TLS_HINT = "behind an inspecting proxy, name its certificates: export SSL_CERT_FILE=FILE"


class Refused(Exception):
    """A proxy answers, but makes no connection. wants_credentials: it says so;  may_pass: it may the next time"""

    def __init__(self, why: str, *, wants_credentials: bool = False, may_pass: bool = False) -> None:
        super().__init__(why)
        self.why, self.wants_credentials, self.may_pass = why, wants_credentials, may_pass


@contextmanager
def server_errors(route: Route, timeout_s: float, *, was_found: bool = False) -> Iterator[None]:
    """The system's errors on the way to the server as NotConnected. was_found: its name could be found before."""
    try:
        yield
    except TimeoutError as failed:
        late = f"{route.server} did not answer within {timeout_s:.0f} s"
        raise NotConnected(late, may_pass=True, code="timeout") from failed
    except gaierror as failed:
        _refuse_if_exhausted(failed)
        unknown = f"cannot find {route.server}: {failed.strerror}"
        raise NotConnected(unknown, may_pass=was_found, hint=NETWORK_HINT) from failed
    except (OSError, ValueError) as failed:  # the latter for a name that no certificate can be for
        _refuse_if_exhausted(failed)
        if cause := _tls_cause(failed):
            untrusted = f"no trusted connection to {route.server}: {cause}"
            raise NotConnected(untrusted, hint=_tls_hint(route), code="tls_error") from failed
        refused = f"cannot connect to {route.server}: {_cause(failed)}"
        raise NotConnected(refused, may_pass=True, hint=NETWORK_HINT) from failed


@contextmanager
def proxy_errors(route: Route, proxy: Proxy, timeout_s: float) -> Iterator[None]:
    """The same on the way to the proxy, and what it refuses. Another try would find the same, mostly."""
    unusable, hint = "the proxy cannot be used", _hint(route, proxy)
    try:
        yield
    except Refused as refused:
        said = f"the proxy refused to connect to {route.server}: {refused.why}"
        hint = _credentials_hint(proxy) if refused.wants_credentials else hint
        raise NotConnected(said, may_pass=refused.may_pass, hint=hint) from refused
    except ImportError as missing:
        from eleven_cli.packages import why_not

        why, hint = why_not("socks", missing)
        said = f"{unusable}: {proxy.address} ({proxy.variable}) speaks SOCKS, which needs PySocks"
        said += "" if why == "is not installed" else f", which {why}"
        raise NotConnected(said, hint=hint) from missing
    except TimeoutError as failed:
        late = f"{unusable}: {proxy.address} did not answer within {timeout_s:.0f} s"
        raise NotConnected(late, hint=hint, code="timeout") from failed
    except gaierror as failed:
        _refuse_if_exhausted(failed)
        raise NotConnected(f"{unusable}: cannot find {proxy.address}: {failed.strerror}", hint=hint) from failed
    except (OSError, ValueError) as failed:
        _refuse_if_exhausted(failed)
        if cause := _tls_cause(failed):
            untrusted = f"{unusable}: no trusted connection to {proxy.address}: {cause}"
            hint = _plain_hint(proxy) if cause in _NOT_TLS else _tls_hint(route)
            raise NotConnected(untrusted, hint=hint, code="tls_error") from failed
        said = f"{unusable}: cannot connect to {proxy.address}: {_cause(failed)}"
        raise NotConnected(said, hint=hint) from failed


def _refuse_if_exhausted(failed: Exception) -> None:
    """Neither the network nor the server is to blame where this process can open nothing more."""
    if (out := exhausted(failed) or exhausted_now()) is not None:
        raise out from failed


def _hint(route: Route, proxy: Proxy) -> str:
    return f"{proxy.variable} names the proxy {proxy.address}; to go without it: export NO_PROXY={route.host}"


def _credentials_hint(proxy: Proxy) -> str:
    if proxy.has_credentials:
        return f"the proxy {proxy.address} rejects the user name and password in {proxy.variable}"
    example = f"{proxy.scheme}://NAME:PASSWORD@{proxy.address}"
    return f"the proxy wants a user name and a password: export {proxy.variable}={example}"


def _plain_hint(proxy: Proxy) -> str:
    return f"if the proxy itself does not use TLS, as most do not: export {proxy.variable}=http://{proxy.address}"


def _tls_hint(route: Route) -> str:
    named = route.certificates
    if not named.variable:
        return TLS_HINT
    variable = named.variable
    return f"{variable} replaces the usual certificates with {named.path}; for the usual ones: unset {variable}"


_NOT_TLS = ("wrong version number", "record layer failure", "http request", "it closed the connection")


def _tls_cause(failed: Exception) -> str:
    """TLS's own words; "" for an error that is not one of TLS."""
    import ssl

    if isinstance(failed, ssl.SSLCertVerificationError):
        return failed.verify_message.rstrip(".") or "the certificate does not verify"
    if isinstance(failed, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "it closed the connection"
    if isinstance(failed, ssl.SSLError):
        return (failed.reason or str(failed)).replace("_", " ").lower()
    return "no certificate can be issued for such a name" if isinstance(failed, ValueError) else ""


def _cause(failed: Exception) -> str:
    return getattr(failed, "strerror", None) or str(failed) or type(failed).__name__
