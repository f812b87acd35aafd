"""What to say where an exchange over HTTP was lost: http.client's exceptions, requests', urllib3's and the socket's."""

from eleven_cli.api.http import ADDRESS_HINT, Retry
from eleven_cli.errors import NetworkError, exhausted

_LATE = ("ReadTimeout", "ReadTimeoutError")  # of requests and urllib3, which are not loaded to be asked


def lost(failed: BaseException, server: str, *, was_answered: bool, free: bool, read_timeout_s: float) -> Exception:
    """What to raise for it: a Retry where that costs nothing (`free`) and may help."""
    if isinstance(failed, TimeoutError) or type(failed).__name__ in _LATE:
        return NetworkError(f"{server} sent nothing for {read_timeout_s:g} s", code="timeout")
    if was_answered:
        return NetworkError(f"the connection to {server} was lost: {_cause(failed)}")
    if (out := exhausted(_root(failed))) is not None:
        return out
    if _is_no_http(_root(failed)):
        no_http = f"{server} does not answer in HTTP: {_cause(failed)}"
        return NetworkError(no_http, hint=ADDRESS_HINT, code="not_http")
    error = NetworkError(f"the connection to {server} was lost before it answered: {_cause(failed)}")
    return Retry(error) if free else error


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
            reason = getattr(error, "reason", None)  # TLS's, whose strerror names a line of Python's source
            return reason.replace("_", " ").lower() if isinstance(reason, str) else error.strerror
    last = root.args[-1] if root.args else root
    return " ".join(str(last).rsplit(": ", 1)[-1].split()) or type(root).__name__
