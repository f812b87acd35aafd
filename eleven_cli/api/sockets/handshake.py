"""The handshake that opens a WebSocket. Foreign exceptions become ours here."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from eleven_cli.api.http import ADDRESS_HINT
from eleven_cli.api.http.session import nothing
from eleven_cli.api.network.connector import CONNECT_TIMEOUT_S, Connector
from eleven_cli.api.sockets.socket import SEND_TIMEOUT_S, Socket
from eleven_cli.api.sockets.wire import CutOff, Declined, Wire
from eleven_cli.errors import NetworkError


def connect(
    url: str,
    headers: Mapping[str, str],
    connector: Connector,
    trace: Callable[[str], None] = nothing,
    wait_s: float = CONNECT_TIMEOUT_S,
) -> Socket:
    """Open a WebSocket. Raises what the server refused the handshake with, a Retry where that is for a moment, and
    NetworkError.

    wait_s   how long connecting may take, and then the answer
    """
    import websocket

    _trace_opening(url, headers, connector, trace)
    raw = connector.open(url, wait_s)
    wire = Wire(raw, wait_s, _read_declined)
    connection = websocket.WebSocket(
        skip_utf8_validation=True,  # done in pure Python there: a second for 5 MB in which no ping is answered
        enable_multithread=True,
    )
    try:
        raw.settimeout(wait_s)
        with _our_errors(_host(url), urlsplit(url).path, wait_s, trace):
            lines = [f"{name}: {value}" for name, value in headers.items()]
            connection.connect(url, header=lines, suppress_origin=True, redirect_limit=0, socket=wire)  # type: ignore[no-untyped-call]
    except BaseException:
        raw.close()
        raise
    if trace is not nothing:
        from eleven_cli.api.http.tracing import shown

        trace(f"< {shown(wire.head.decode('latin-1').strip())}")
    connection.settimeout(SEND_TIMEOUT_S)
    return Socket(connection, wire, trace)


def _trace_opening(url: str, headers: Mapping[str, str], connector: Connector, trace: Callable[[str], None]) -> None:
    if trace is not nothing:
        from eleven_cli.api.http.tracing import headers_shown, shown

        trace(f"> connect {shown(url)} {headers_shown(headers)}")
        if words := connector.route_to(url).words:
            trace(f"> {words}")


def _read_declined(raw: Any, head: bytes) -> Declined:
    from eleven_cli.api.sockets.declined import read_declined  # with an HTTP library that an open socket does without

    return read_declined(raw, head)


@contextmanager
def _our_errors(server: str, path: str, wait_s: float, trace: Callable[[str], None]) -> Iterator[None]:
    """Translates what goes wrong during the handshake."""
    import websocket

    try:
        yield
    except Declined as declined:
        raise _refusal(server, path, declined, trace) from declined
    except (websocket.WebSocketTimeoutException, TimeoutError) as failed:
        raise NetworkError(f"{server} did not answer within {wait_s:g} s", code="timeout") from failed
    except CutOff as failed:
        raise _not_connected(f"the connection to {server} was lost before it answered: it ended too early") from failed
    except (websocket.WebSocketConnectionClosedException, OSError) as failed:
        reason = getattr(failed, "strerror", None) or str(failed)
        raise _not_connected(f"cannot connect to {server}: {reason}") from failed
    except (websocket.WebSocketException, ValueError, LookupError) as failed:
        no_http = f"cannot connect to {server}: it does not answer as a web server does"
        raise NetworkError(no_http, hint=ADDRESS_HINT, code="not_http") from failed


def _not_connected(why: str) -> NetworkError:
    from eleven_cli.api.network.failures import NETWORK_HINT

    return NetworkError(why, hint=NETWORK_HINT)


def _refusal(server: str, path: str, answer: Declined, trace: Callable[[str], None]) -> Exception:
    if trace is not nothing:
        from eleven_cli.api.http.tracing import headers_shown, shown

        trace(f"< {answer.status} {headers_shown(answer.headers)}")
        trace(f"< {shown(answer.body.decode('utf-8', 'replace'))}")
    from eleven_cli.api.error_mapping import redirected
    from eleven_cli.api.http.refusals import refusal

    if 300 <= answer.status < 400:
        return redirected(server, answer.status, answer.headers)
    return refusal(answer.status, answer.headers, answer.body, server, path)


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].partition("?")[0]
