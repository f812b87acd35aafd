"""Answers that refuse: as much of what they say as is worth reading, and what to raise for it."""

import time
from collections.abc import Iterable, Mapping

from eleven_cli.api.error_mapping import error_from_response, is_for_a_moment
from eleven_cli.api.http import Retry
from eleven_cli.api.http.patience import BUSY, retry_after_s
from eleven_cli.api.http.session import ERROR_BODY_S, LONGEST_ERROR_BODY_BYTES
from eleven_cli.errors import ElevenError


def refusal(status: int, headers: Mapping[str, str], body: bytes, server: str, path: str = "") -> Exception:
    """What to raise for it: a Retry where it is only for a moment."""
    error = error_from_response(status, headers, body, server=server, path=path)
    error.headers = headers
    return Retry(error, retry_after_s(headers)) if status in BUSY and is_for_a_moment(body) else error


def beginning_of(chunks: Iterable[bytes]) -> bytes:
    """As much of an error body as is worth reading, even if the connection is lost meanwhile."""
    body, started = b"", time.monotonic()
    try:
        for chunk in chunks:
            body += chunk
            if len(body) >= LONGEST_ERROR_BODY_BYTES or time.monotonic() - started > ERROR_BODY_S:
                break
    except ElevenError:
        pass  # the refusal matters more than the way it ended
    return body


def not_what_was_asked(headers: Mapping[str, str], body: bytes, *, wanted: str) -> ElevenError:
    """What to say of a 200 whose body is something else: the service's own error if it is one, else its beginning."""
    error = error_from_response(200, headers, body)
    if not body:
        error.message = f"the service sent no {wanted}"
    elif error.code == error.default_code:
        shown = error.message.split(": ", 1)[-1]
        if b"\0" in body:  # no text
            shown = f"it is called {headers.get('content-type', 'nothing')}"
        error.message = f"the service sent something that is not {wanted}: {shown}"
    return error
