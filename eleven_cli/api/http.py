"""HTTP through requests: sessions, and the one door at which its exceptions, urllib3's and the socket's become ours."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from eleven_cli import __version__
from eleven_cli.errors import ElevenError, NetworkError

if TYPE_CHECKING:
    import requests

CONNECT_TIMEOUT_S = 10.0
READ_GAP_S = 60.0
FOR_EVER = float("inf")
TLS_HINT = "behind an inspecting proxy, name its certificates: SSL_CERT_FILE=FILE"


class Retry(Exception):
    """Nothing was paid for and it may work the next time; `error` is what to say when it does not."""

    def __init__(self, error: ElevenError, after_s: float = 0.0) -> None:
        super().__init__(error.message)
        self.error, self.after_s = error, after_s


def session(*, direct: bool) -> "requests.Session":
    """A session that adds nothing of its own to a request; `direct` past any proxy."""
    new: requests.Session = _requests().Session()
    new.auth = lambda prepared: prepared  # keeps ~/.netrc from adding a second credential
    new.get_redirect_target = lambda resp: None  # type: ignore[method-assign]  # it would read the whole body
    new.headers["User-Agent"] = f"eleven/{__version__}"
    from eleven_cli.api.connections import Adapter

    for scheme in ("https://", "http://"):
        new.mount(scheme, Adapter())
    if direct:  # a proxy would carry the key off the machine in clear
        new.trust_env = False
    return new


def timeout_of(gap_s: float | None) -> float | None:
    """The same as requests wants to have it: None for ever."""
    gap_s = READ_GAP_S if gap_s is None else gap_s
    return None if gap_s == FOR_EVER else gap_s


@contextmanager
def our_errors(server: str, *, free: bool = False, gap_s: float | None = None) -> Iterator[None]:
    """The one door for the exceptions of requests, urllib3 and the socket.

    free   whether repeating costs nothing;  gap_s  how long the server was waited for, None for READ_GAP_S
    """
    requests = _requests()
    import urllib3

    try:
        yield
    except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError) as failed:
        raise _not_connected(server, failed) from failed
    except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError) as failed:
        if f"read timeout={CONNECT_TIMEOUT_S}" in str(failed):  # amid the TLS handshake, which is a part of connecting
            raise _no_answer(server) from failed
        raise NetworkError(f"{server} sent nothing for {gap_s or READ_GAP_S:.0f} s", code="timeout") from failed
    except requests.ConnectionError as failed:
        raise _not_connected(server, failed, free=free) from failed
    except (requests.exceptions.InvalidProxyURL, requests.exceptions.InvalidSchema) as failed:
        hint = "a SOCKS proxy needs PySocks: pip install pysocks" if "SOCKS" in str(failed) else "see HTTPS_PROXY"
        raise NetworkError(f"the proxy cannot be used: {_cause(failed)}", hint=hint) from failed
    except requests.exceptions.InvalidURL as failed:  # ours was checked: it is the proxy's
        raise NetworkError(f"the proxy cannot be used: {_cause(failed)}", hint="see HTTPS_PROXY") from failed
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as failed:
        raise NetworkError(f"the connection to {server} was lost: {_cause(failed)}") from failed


def _not_connected(server: str, failed: Exception, *, free: bool = False) -> Exception:
    import requests
    import urllib3

    cause = _cause(failed)
    if isinstance(failed, requests.exceptions.SSLError):
        return NetworkError(f"no trusted connection to {server}: {cause}", hint=TLS_HINT, code="tls_error")
    if isinstance(failed, requests.exceptions.ProxyError):
        return NetworkError(f"the proxy refused to connect to {server}: {cause}", hint="see HTTPS_PROXY and NO_PROXY")
    if isinstance(failed, requests.ConnectTimeout):
        return _no_answer(server)
    root = _root(failed)
    if isinstance(root, urllib3.exceptions.NameResolutionError):
        return NetworkError(f"cannot find {server}: {cause}", hint="check the network, or the address")
    if isinstance(root, urllib3.exceptions.NewConnectionError):
        return Retry(NetworkError(f"cannot connect to {server}: {cause}", hint="check the network, or the address"))
    lost = NetworkError(f"the connection to {server} was lost before it answered: {cause}")
    return Retry(lost) if free else lost


def _no_answer(server: str) -> "Retry":
    return Retry(NetworkError(f"{server} did not answer within {CONNECT_TIMEOUT_S:.0f} s", code="timeout"))


def _root(failed: BaseException) -> BaseException:
    """The exception inside the wrappings of requests and urllib3."""
    inside = [getattr(failed, "reason", None), *failed.args]
    inner = next((one for one in inside if isinstance(one, BaseException)), None)
    return failed if inner is None else _root(inner)


def _cause(failed: BaseException) -> str:
    """The system's own words, without the wrappings."""
    root = _root(failed)
    if type(root).__name__ == "IncompleteRead":
        return "it ended too early"
    for error in (root.__cause__, root.__context__, root):
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
    last = root.args[-1] if root.args else root
    return str(last).rsplit(": ", 1)[-1] or type(root).__name__


def ca_file() -> str | None:
    """The certificate authorities that the environment names; None for the usual ones."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        if path := os.environ.get(name):
            if not os.path.exists(path):
                raise NetworkError(f"no certificates at {path}", hint=f"see the variable {name}", code="tls_error")
            return path
    return None


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine, by its name or address alone."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _requests() -> Any:
    """The library, imported without what we never use of it and what would take a sixth of the time to the first
    byte: character detection (we read bytes and JSON) and package metadata (urllib3 looks for h2 there)."""
    import sys

    if "requests" not in sys.modules:
        unused: dict[str, Any] = {"chardet": None, "charset_normalizer": None, "importlib.metadata": _LazyMetadata}
        unused = {name: stand_in for name, stand_in in unused.items() if name not in sys.modules}
        sys.modules.update(unused)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # requests warns of absent character detection
                import requests
        except (ImportError, AttributeError):
            pass  # should it need them after all, it gets them below
        finally:
            for name in unused:
                sys.modules.pop(name, None)
    import requests

    return requests


class _LazyMetadata:
    """Stands in for importlib.metadata while others import it; the real one is loaded when it is used."""

    @staticmethod
    def version(package: str) -> str:
        from importlib.metadata import version

        return version(package)
