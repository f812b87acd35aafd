"""What to say where no connection could be made: of the server, of the proxy before it, or of the certificates."""

from socket import gaierror

from eleven_cli.api.network.proxy import Proxy
from eleven_cli.api.network.route import Route
from eleven_cli.errors import NotConnected

NETWORK_HINT = "check the network, or the address"
TLS_HINT = "behind an inspecting proxy, name its certificates: export SSL_CERT_FILE=FILE"
_CLOCK = "check this machine's clock (date -u); if it is right, the server needs a new certificate"
LOGIN_WANTED = "a network that asks for a login answers like this, too"
_OTHER_SERVER = f"check the address: eleven config get base_url; {LOGIN_WANTED}"
_NO_TLS = "what answers there does not speak TLS as the service does; check the address: eleven config get base_url"
_NOT_YET_VALID, _EXPIRED = 9, 10  # OpenSSL's X509_V_ERR_…
_OF_ANOTHER_HOST = (62, 64)


class Refused(OSError):
    """A proxy answers, but makes no connection. wants_credentials: it says so;  may_pass: it may the next time"""

    def __init__(self, why: str, *, wants_credentials: bool = False, may_pass: bool = False) -> None:
        super().__init__(why)
        self.why, self.wants_credentials, self.may_pass = why, wants_credentials, may_pass


def not_connected(
    failed: Exception, route: Route, timeout_s: float, *, proxy: Proxy | None, was_found: bool
) -> NotConnected:
    """What an error on the way to the server means, or to the `proxy`. was_found: its name could be found before."""
    if proxy is not None:
        return _proxy_failure(failed, route, proxy, timeout_s)
    return _server_failure(failed, route, timeout_s, was_found=was_found)


def _server_failure(failed: Exception, route: Route, timeout_s: float, *, was_found: bool) -> NotConnected:
    if isinstance(failed, TimeoutError):
        late = f"{route.server} did not answer within {timeout_s:.0f} s"
        return NotConnected(late, may_pass=True, code="timeout")
    if isinstance(failed, gaierror):
        unknown = f"cannot find {route.server}: {failed.strerror}"
        return NotConnected(unknown, may_pass=was_found, hint=NETWORK_HINT)
    if cause := _tls_cause(failed):
        untrusted = f"no trusted connection to {route.server}: {cause}"
        return NotConnected(untrusted, hint=_tls_hint(failed, route), code="tls_error")
    refused = f"cannot connect to {route.server}: {_cause(failed)}"
    return NotConnected(refused, may_pass=True, hint=NETWORK_HINT)


def _proxy_failure(failed: Exception, route: Route, proxy: Proxy, timeout_s: float) -> NotConnected:
    """And what the proxy refuses. Another try would find the same, mostly."""
    unusable, hint = "the proxy cannot be used", _hint(route, proxy)
    if isinstance(failed, Refused):
        said = f"the proxy refused to connect to {route.server}: {failed.why}"
        hint = _credentials_hint(proxy) if failed.wants_credentials else hint
        return NotConnected(said, may_pass=failed.may_pass, hint=hint)
    if isinstance(failed, ImportError):
        return _without_socks(failed, f"{unusable}: {proxy.address} ({proxy.variable})")
    if isinstance(failed, TimeoutError):
        late = f"{unusable}: {proxy.address} did not answer within {timeout_s:.0f} s"
        return NotConnected(late, hint=hint, code="timeout")
    if isinstance(failed, gaierror):
        return NotConnected(f"{unusable}: cannot find {proxy.address}: {failed.strerror}", hint=hint)
    if cause := _tls_cause(failed):
        untrusted = f"{unusable}: no trusted connection to {proxy.address}: {cause}"
        hint = _plain_hint(proxy) if cause in _NOT_TLS else _certificates_hint(failed, route, _hint(route, proxy))
        return NotConnected(untrusted, hint=hint, code="tls_error")
    return NotConnected(f"{unusable}: cannot connect to {proxy.address}: {_cause(failed)}", hint=hint)


def _without_socks(missing: ImportError, which: str) -> NotConnected:
    from eleven_cli.packages import why_not

    why, hint = why_not("socks", missing)
    said = f"{which} speaks SOCKS, which needs PySocks"
    return NotConnected(said + ("" if why == "is not installed" else f", which {why}"), hint=hint)


def _hint(route: Route, proxy: Proxy) -> str:
    return f"{proxy.variable} names the proxy {proxy.address}; to go without it: export NO_PROXY={route.host}"


def _credentials_hint(proxy: Proxy) -> str:
    if proxy.has_credentials:
        return f"the proxy {proxy.address} rejects the user name and password in {proxy.variable}"
    example = f"{proxy.scheme}://NAME:PASSWORD@{proxy.address}"
    return f"the proxy wants a user name and a password: export {proxy.variable}={example}"


def _plain_hint(proxy: Proxy) -> str:
    return f"if the proxy itself does not use TLS, as most do not: export {proxy.variable}=http://{proxy.address}"


def _tls_hint(failed: Exception, route: Route) -> str:
    if _verify_code(failed) is not None:
        return _certificates_hint(failed, route, _OTHER_SERVER)
    return _hint(route, route.proxy) if route.proxy else _NO_TLS


def _verify_code(failed: Exception) -> int | None:
    return getattr(failed, "verify_code", None)


def _certificates_hint(failed: Exception, route: Route, for_another: str) -> str:
    """The way out where a certificate is refused; `for_another` where it is one of another server."""
    code, named = _verify_code(failed), route.certificates
    if code in (_NOT_YET_VALID, _EXPIRED):
        return _CLOCK
    if code in _OF_ANOTHER_HOST:
        return for_another
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
