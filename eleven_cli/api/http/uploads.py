"""Uploads: a multipart form with files, streamed from their source, and sent again where that costs nothing.

A file goes with its length. What is still arriving goes chunk by chunk (HTTP/1.1 obliges servers to take that) and is
kept meanwhile, so that a server that is busy, or insists on a length, can be sent it again. Source: RFC 7578, RFC 9112.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from eleven_cli.api.client import Client
from eleven_cli.api.http import Query, RequestParts
from eleven_cli.api.http.bodies import FilePart
from eleven_cli.api.http.session import Stream
from eleven_cli.errors import ElevenError

GAP_S = 300.0  # how long the service may think about what it was sent
LONG_GAP_S = 4 * 3600.0  # the same for hours of speech; that it is still there, the connection itself finds out
_WANTS_A_LENGTH = (408, 411, 501)  # not in time, not without a length, not in chunks
_LENGTH_WORDS = ("content-length", "content length", "transfer-encoding", "chunked")

T = TypeVar("T")
ProgressCallback = Callable[[int, int | None], None]  # takes the bytes sent, and of how many (None: unknown)


class Form:
    """multipart/form-data: fields, in order, each as often as it stands there, and files.

    Made for `requests`: `len` is the length in bytes, None if unknown; each iteration begins at the beginning.
    is_all_given   whether the iteration has come to its end, after which there is nothing to be sent
    part           the name of the files' part, but for those that have one of their own
    content_type   of the request that carries it;  as_json  the names of fields that are JSON
    """

    def __init__(
        self,
        fields: Sequence[tuple[str, str]],
        part: str = "",
        content: FilePart | Sequence[FilePart] = (),
        sent: ProgressCallback = lambda count, of: None,
        as_json: Collection[str] = (),
    ) -> None:
        boundary = f"eleven-{os.urandom(12).hex()}"
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._fields, self._sent, self.is_all_given = fields, sent, False
        self._files = (content,) if isinstance(content, FilePart) else tuple(content)
        media_types = dict.fromkeys(as_json, "application/json")
        heads = [_part(boundary, name, media_types.get(name, "")) + value.encode() for name, value in fields]
        before = [_part(boundary, file.part or part, file.media_type, file.name) for file in self._files]
        self._between = [b"\r\n" + head for head in before[1:]]
        self._head = b"\r\n".join([*heads, *before[:1]])
        self._tail = f"\r\n--{boundary}--\r\n".encode()

    @property
    def description(self) -> str:
        """Its fields, and its files by name and size."""
        words = [f"{name}={value}" for name, value in self._fields]
        for file in self._files:
            size = file.body.size
            length = "bytes as they arrive" if size is None else f"{size:,} bytes"
            words.append(f"{file.name} ({length} of {file.media_type})")
        return " ".join(words)

    @property
    def len(self) -> int | None:
        size = self._size
        return None if size is None else sum(map(len, [self._head, *self._between, self._tail])) + size

    @property
    def _size(self) -> int | None:
        """The bytes of all files; None while that of one is unknown."""
        sizes = [file.body.size for file in self._files]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    def __iter__(self) -> Iterator[bytes]:
        self.is_all_given = False
        yield self._head
        count = 0
        for before, file in zip([b"", *self._between], self._files, strict=True) if self._files else ():
            yield from filter(None, [before])
            for chunk in file.body.chunks():
                yield chunk
                count += len(chunk)
                self._sent(count, self._size)
        self.is_all_given = True
        yield self._tail

    def complete(self) -> None:
        """Wait for what is still to come, so that the length is known."""
        for file in self._files:
            file.body.complete()


def upload(
    client: Client,
    path: str,
    form: Form,
    *,
    method: str = "POST",
    params: Query = (),
    headers: Mapping[str, str] = {},
    read_timeout_s: float = GAP_S,
    is_paid: bool = True,
) -> Stream:
    """Send it; the answer, once its headers are here and say 2xx. Raises what the service refused with, also when it
    refuses and hangs up before all is sent."""

    def post() -> Stream:
        return client.stream(
            method,
            path,
            params=params,
            headers=headers,
            data=form,
            content_type=form.content_type,
            read_timeout_s=read_timeout_s,
            is_paid=is_paid,
        )

    return _with_a_length_if_wanted(form, post)


def upload_for_json(client: Client, path: str, form: Form) -> Any:
    """The same for an answer in JSON that is paid: its value."""

    def post() -> Any:
        parts = RequestParts(data=form, content_type=form.content_type, read_timeout_s=LONG_GAP_S, is_paid=True)
        return client.json("POST", path, **parts)

    return _with_a_length_if_wanted(form, post)


def upload_to_do(client: Client, path: str, form: Form, *, read_timeout_s: float = LONG_GAP_S) -> Any:
    """The same where the status says that it was done: the answer's JSON value, None where it is something else."""

    def post() -> Any:
        return client.do("POST", path, data=form, content_type=form.content_type, read_timeout_s=read_timeout_s)

    return _with_a_length_if_wanted(form, post)


def _with_a_length_if_wanted(form: Form, post: Callable[[], T]) -> T:
    had_length = form.len is not None
    try:
        return post()
    except ElevenError as refused:
        if had_length or not _wants_a_length(refused):
            raise
    form.complete()
    return post()


def _wants_a_length(refused: ElevenError) -> bool:
    said = refused.message.lower()
    return refused.status in _WANTS_A_LENGTH or (refused.status == 400 and any(word in said for word in _LENGTH_WORDS))


def _part(boundary: str, name: str, media_type: str = "", file_name: str | None = None) -> bytes:
    """What stands before a part's value."""
    file = "" if file_name is None else f'; filename="{_quoted(file_name)}"'
    kind = media_type and f"\r\nContent-Type: {media_type}"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"{file}{kind}\r\n\r\n'
    return head.encode("utf-8", "replace")


def _quoted(word: str) -> str:
    """As browsers do (WHATWG, multipart/form-data)."""
    return word.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
