"""An answer of whatever kind, to where it should go: byte by byte into a file or a pipe, harmless on a terminal."""

import codecs
import mimetypes
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import responses
from itertools import chain, islice
from typing import Any, NoReturn

from eleven_cli.api.http.json_body import MOST_JSON_BYTES, each_value, json_values, limited
from eleven_cli.api.http.refusals import beginning_of, not_what_was_asked
from eleven_cli.api.http.session import LONGEST_ERROR_BODY_BYTES, Stream
from eleven_cli.commands.api.jq_filter import MISFIT, Filter
from eleven_cli.commands.lookup.endpoints import gives_a_file, gives_a_page
from eleven_cli.commands.output.paid import keep_bytes
from eleven_cli.errors import ElevenError, NetworkError, UsageError
from eleven_cli.terminal import Terminal

A_FILE = "audio or another file"
NO_FILE_THERE = "an audio or other file is never written to a terminal"
FILE_HINT = "write a file with -o FILE, or redirect: > FILE"
_JSON = ("application/json", "application/x-ndjson", "application/jsonl", "application/x-jsonlines")
_TEXT = ("application/xml", "application/ssml+xml", "application/pls+xml")

Write = Callable[[bytes], None]


def media_type_of(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    return media_type in _JSON or media_type.endswith("+json")


def refuse_another_kind(stream: Stream, method: str, path: str) -> None:
    """Raises ElevenError for a web page or an object in JSON in place of what this endpoint is documented to answer."""
    media_type = media_type_of(stream.headers)
    if (is_json(media_type) or media_type.startswith("text/")) and gives_a_file(method, path):
        raise not_what_was_asked(stream.headers, beginning_of(stream), wanted=A_FILE)
    if media_type == "text/html" and not gives_a_page(path):
        raise not_what_was_asked(stream.headers, beginning_of(stream), wanted="JSON")


def refuse_nothing(stream: Stream, method: str, path: str, count: int) -> None:
    """Raises ElevenError for no bytes in place of a file."""
    if not count and gives_a_file(method, path):
        raise not_what_was_asked(stream.headers, b"", wanted=A_FILE)


def show_head(terminal: Terminal, status: int, headers: Mapping[str, str]) -> None:
    """Print an answer's first lines as curl -i does."""
    terminal.print(f"HTTP/1.1 {status} {responses.get(status, '')}".rstrip())
    for name, value in headers.items():
        terminal.print(f"{name}: {value}")
    terminal.print("")


def copy_answer(stream: Stream, write: Write) -> None:
    """Write it as it comes.

    Raises what json_values does, after the last byte, where it is JSON that is cut off or says that it failed; the
    latter under the name of a sound, too.
    """
    is_checked = is_json(media_type_of(stream.headers))
    count, most = 0, MOST_JSON_BYTES if is_checked else LONGEST_ERROR_BODY_BYTES
    body: list[bytes] = []
    for chunk in stream:
        write(chunk)
        count += len(chunk)
        if count <= most:
            body.append(chunk)
    if is_checked and 0 < count <= most:
        json_values(stream.headers, b"".join(body))
    elif 0 < count <= most and body[0].lstrip()[:1] == b"{":
        _refuse_refusal(stream.headers, b"".join(body))


def _refuse_refusal(headers: Mapping[str, str], body: bytes) -> None:
    try:
        json_values(headers, body)
    except ElevenError as failed:
        if _is_refusal(failed):
            raise


def filter_answer(stream: Stream, server: str, results: Filter, write: Write, *, is_free: bool) -> None:
    """Write what the expression takes from it, a line each."""
    if (media_type := media_type_of(stream.headers)) and not is_json(media_type):
        said = f"--jq reads JSON, and the answer is {media_type}"
        _refuse(stream, server, said, "omit --jq", is_free=is_free, media_type=media_type)
    with _kept_unless_used(is_free) as body:
        for text in results(each_value(stream.headers, limited(stream, server), body)):
            write(f"{text}\n".encode("utf-8", "replace"))


def show_answer(stream: Stream, server: str, terminal: Terminal, *, is_free: bool) -> None:
    """Show it on a terminal: JSON indented, text line by line. Raises UsageError for anything else, which is kept where
    asking again could cost something."""
    media_type = media_type_of(stream.headers)
    if is_json(media_type):
        with _kept_unless_used(is_free) as body:
            _show_values(each_value(stream.headers, limited(stream, server), body), terminal)
    elif media_type.startswith("text/") or media_type in _TEXT:
        for line in _lines(stream):
            terminal.print(line)
    else:
        chunks = iter(stream)
        if first := next(chunks, b""):
            _refuse(_again(first, chunks), server, NO_FILE_THERE, FILE_HINT, is_free=is_free, media_type=media_type)


def _show_values(values: Iterator[Any], terminal: Terminal) -> None:
    """A line for each, but for one that is the only one."""
    first = list(islice(values, 2))
    if len(first) == 1:
        terminal.json(first[0])
        return
    for value in chain(first, values):
        terminal.json_line(value)


@contextmanager
def _kept_unless_used(is_free: bool) -> Iterator[bytearray]:
    """What arrives is added here; it is kept where it may be paid for and cannot be used as it was asked for."""
    body = bytearray()
    try:
        yield body
    except (ElevenError, KeyboardInterrupt, SystemExit) as failed:
        if body and not (is_free or _is_refusal(failed)):
            keep_bytes(bytes(body), "answer.json", failed, what="answer is")
        raise


def _is_refusal(failed: BaseException) -> bool:
    if not isinstance(failed, ElevenError) or isinstance(failed, NetworkError):
        return False
    return failed.code not in (failed.default_code, MISFIT)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder, rest = codecs.getincrementaldecoder("utf-8")("replace"), ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from lines
    rest += decoder.decode(b"", final=True)
    yield from filter(None, [rest])


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _refuse(
    chunks: Iterable[bytes], server: str, said: str, hint: str, *, is_free: bool, media_type: str = ""
) -> NoReturn:
    refused: BaseException = UsageError(said, hint=hint)
    if is_free:
        raise refused
    body = bytearray()
    try:
        for chunk in limited(chunks, server):
            body += chunk
    except (ElevenError, KeyboardInterrupt, SystemExit) as cut_off:
        refused = cut_off
    if body:
        keep_bytes(bytes(body), f"answer{mimetypes.guess_extension(media_type) or ''}", refused, what="answer is")
    raise refused
