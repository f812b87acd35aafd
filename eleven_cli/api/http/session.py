"""HTTP through requests: sessions, and the one door at which its exceptions, urllib3's and the socket's become ours."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from eleven_cli import __version__
from eleven_cli.errors import ElevenError, NetworkError, NotConnected, exhausted

if TYPE_CHECKING:
    import requests

    from eleven_cli.api.network.connector import Connector

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
ERROR_BODY_S = 5.0
LONGEST_ERROR_BODY_BYTES = 65536
ADDRESS_HINT = "check the server's address: eleven config get base_url"


class Retry(Exception):
    """Nothing was paid for and it may work the next time; `error` is what to say when it does not."""

    def __init__(self, error: ElevenError, after_s: float = 0.0) -> None:
        super().__init__(error.message)
        self.error, self.after_s = error, after_s


def new_session(connector: "Connector") -> "requests.Session":
    """A session that adds nothing of its own to a request; how it is sent is the connector's business."""
    new: requests.Session = _requests().Session()
    new.auth = lambda prepared: prepared  # keeps ~/.netrc from adding a second credential
    new.get_redirect_target = lambda resp: None  # type: ignore[method-assign]  # it would read the whole body
    new.headers["User-Agent"] = f"eleven/{__version__}"
    from eleven_cli.api.http.early_response import Adapter

    for scheme in ("https://", "http://"):
        new.mount(scheme, Adapter(connector))
    new.trust_env = False
    return new


def nothing(line: str) -> None:
    """Traces nowhere."""


def timeout_of(read_timeout_s: float | None) -> float:
    """How long a service may be silent in seconds, where a request does not say."""
    return READ_TIMEOUT_S if read_timeout_s is None else read_timeout_s


@contextmanager
def our_errors(server: str, *, free: bool = False, read_timeout_s: float | None = None) -> Iterator[None]:
    """The one door for the exceptions of requests, urllib3 and the socket.

    free   whether repeating costs nothing;  read_timeout_s  how long the server was waited for, None for READ_TIMEOUT_S
    """
    requests = _requests()
    import urllib3

    try:
        yield
    except NotConnected as failed:
        raise (Retry(failed) if failed.may_pass else failed) from failed.__cause__
    except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError) as failed:
        raise NetworkError(
            f"{server} sent nothing for {read_timeout_s or READ_TIMEOUT_S:g} s", code="timeout"
        ) from failed
    except requests.ConnectionError as failed:
        if (out := exhausted(_root(failed))) is not None:
            raise out from failed
        if _is_no_http(_root(failed)):
            no_http = f"{server} does not answer in HTTP: {_cause(failed)}"
            raise NetworkError(no_http, hint=ADDRESS_HINT, code="not_http") from failed
        lost = NetworkError(f"the connection to {server} was lost before it answered: {_cause(failed)}")
        raise (Retry(lost) if free else lost) from failed
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as failed:
        raise NetworkError(f"the connection to {server} was lost: {_cause(failed)}") from failed


def _is_no_http(root: BaseException) -> bool:
    from http.client import HTTPException, IncompleteRead, RemoteDisconnected

    return isinstance(root, HTTPException) and not isinstance(root, IncompleteRead | RemoteDisconnected)


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
