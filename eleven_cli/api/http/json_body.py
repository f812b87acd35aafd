"""The JSON of an answer, which is kept in memory."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from eleven_cli.api.http.refusals import not_what_was_asked
from eleven_cli.api.http.session import Stream
from eleven_cli.api.json_fields import parsed
from eleven_cli.errors import ElevenError, NetworkError

MOST_JSON_BYTES, LONGEST_JSON_S = 64 << 20, 600.0  # ten hours of speech, word by word, are 20 MB


def json_of(stream: Stream, server: str) -> Any:
    """Its value. Raises for what is something else, and an error that came with a 200."""
    body = _whole_body(stream, server)
    try:
        value = parsed(body)
    except (ValueError, RecursionError):
        raise not_what_was_asked(stream.headers, body, wanted="JSON") from None
    _refuse_refusal(value, stream.headers, body)
    return value


def _whole_body(stream: Stream, server: str) -> bytes:
    """All that came. A connection that is lost behind the last bracket takes nothing away, and what came may be paid
    for."""
    body = bytearray()
    try:
        for chunk in limited(stream, server):
            body += chunk
    except NetworkError as lost:
        if not _is_whole(bytes(body)):
            lost.received = bytes(body)
            raise
    return bytes(body)


def _is_whole(body: bytes) -> bool:
    try:
        return isinstance(parsed(body), dict | list)
    except (ValueError, RecursionError):
        return False


def json_values(headers: Mapping[str, str], body: bytes) -> list[Any]:
    """The values of an answer of which all is here: one, or one on each line. Raises for what is something else, and an
    error that came with a 200."""
    try:
        values = _values(body)
    except (ValueError, RecursionError):
        raise not_what_was_asked(headers, body, wanted="JSON") from None
    for value in values[:1]:
        _refuse_refusal(value, headers, body)
    return values


def each_value(headers: Mapping[str, str], chunks: Iterable[bytes], body: bytearray) -> Iterator[Any]:
    """The same of an answer that is on its way, each as soon as its line is whole; what comes is added to `body`."""
    taken, looked, is_lines = 0, 0, True
    for chunk in chunks:
        body += chunk
        is_lines = is_lines and b"\0" not in chunk  # a line of UTF-16 does not end where its byte is
        while is_lines and (end := body.find(b"\n", looked)) >= 0:
            line, looked = bytes(body[taken:end]), end + 1
            try:
                found = json_values(headers, line) if line.strip() else []
            except ElevenError as wrong:
                if wrong.code != wrong.default_code:
                    raise
                is_lines = False  # one value on several lines
                break
            taken = looked
            yield from found
        looked = len(body)
    if (rest := bytes(body[taken:])).strip():
        yield from json_values(headers, rest)


def json_if_any(stream: Stream, server: str) -> Any:
    """The value of a body whose status says enough; None if it is not JSON, or cut off. Raises an error that came with
    a 200."""
    try:
        body = b"".join(limited(stream, server))
        value = parsed(body)
    except (ValueError, RecursionError, ElevenError):
        return None
    _refuse_refusal(value, stream.headers, body)
    return value


def _values(body: bytes) -> list[Any]:
    try:
        return [parsed(body)]
    except ValueError:
        lines = [line for line in body.split(b"\n") if line.strip()]
        if len(lines) < 2:
            raise
        return [parsed(line) for line in lines]


def _refuse_refusal(value: Any, headers: Mapping[str, str], body: bytes) -> None:
    if isinstance(value, dict) and _is_refusal(value):
        raise not_what_was_asked(headers, body, wanted="an answer")


def limited(chunks: Iterable[bytes], server: str) -> Iterator[bytes]:
    """The chunks of an answer that is kept in memory. Raises for one that is too large, or takes too long."""
    received, until = 0, time.monotonic() + LONGEST_JSON_S
    for chunk in chunks:
        received += len(chunk)
        if received > MOST_JSON_BYTES:
            raise ElevenError(f"the answer of {server} is larger than {MOST_JSON_BYTES >> 20} MB", code="too_large")
        if time.monotonic() > until:
            raise NetworkError(f"{server} did not finish its answer within {LONGEST_JSON_S:.0f} s", code="timeout")
        yield chunk


def _is_refusal(value: Mapping[str, Any]) -> bool:
    """Whether it is an error's body, of either shape that comes with a 200; null members mean nothing."""
    return value.get("detail") is not None or all(isinstance(value.get(name), str) for name in ("error", "message"))
