"""The free sample of a voice, which lies on another host than the service's."""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping

from eleven_cli.api.http import USER_AGENT, Request, Response, Retry
from eleven_cli.api.http.connection import ask
from eleven_cli.api.http.session import READ_TIMEOUT_S, Stream, our_errors
from eleven_cli.api.network.connector import CONNECT_TIMEOUT_S, Connector
from eleven_cli.api.network.route import is_loopback
from eleven_cli.errors import ElevenError, NotFound

MOST_BYTES = 16 << 20  # samples last some seconds; this is a quarter of an hour
MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_UNNAMED = ("", "application/octet-stream", "binary/octet-stream")  # what storage calls everything


class Sample:
    """An MP3 as it arrives; a `with`, iterated once."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def __enter__(self) -> "Sample":
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.__exit__(*exc)

    def __iter__(self) -> Iterator[bytes]:
        """Chunks of it. Raises ElevenError for what is not MP3, or too large."""
        kind = self._stream.headers.get("content-type", "").partition(";")[0].strip().lower()
        chunks = iter(self._stream)
        beginning = b""
        while len(beginning) < 3 and (chunk := next(chunks, b"")):
            beginning += chunk
        if not beginning:
            raise ElevenError("the sample is empty", code="not_audio")
        if not (kind.startswith("audio/") or kind in _UNNAMED) or not _is_mp3(beginning):
            raise ElevenError(f"the sample is not MP3 but {kind or 'something else'}", code="not_audio")
        received = 0
        for chunk in itertools.chain([beginning], chunks):
            received += len(chunk)
            if received > MOST_BYTES:
                raise ElevenError(f"the sample is larger than {MOST_BYTES >> 20} MB", code="too_large")
            yield chunk


def sample(
    url: str,
    *,
    on_this_machine: bool,
    trace: Callable[[str], None] = lambda line: None,
    environ: Mapping[str, str] = os.environ,
) -> Sample:
    """Ask for the sample at an address that the service named; the key is not sent, here or after a redirect.

    on_this_machine   whether a loopback address may be asked: the service itself is on one
    Raises NetworkError, NotFound, and ElevenError for an address or an answer that will not do.
    """
    for _ in range(1 + MOST_REDIRECTS):
        response = _asked(_checked(url, on_this_machine=on_this_machine), trace, environ)
        if response.status not in _REDIRECTS:
            return _accepted(response, url)
        response.close()
        url = _joined(url, response.headers.get("location", ""))
    raise ElevenError("the sample cannot be fetched: it is redirected too often")


def _asked(url: str, trace: Callable[[str], None], environ: Mapping[str, str]) -> Response:
    trace(f"> GET {url.partition('?')[0]}")
    headers = {"User-Agent": USER_AGENT, "Accept": "audio/mpeg, audio/*", "Accept-Encoding": "identity"}
    try:
        with our_errors(_host(url), READ_TIMEOUT_S, free=True):
            response = ask(Connector(environ), Request("GET", url, headers, {}, CONNECT_TIMEOUT_S, READ_TIMEOUT_S))
    except Retry as failed:
        raise failed.error from failed.__cause__
    trace(f"< {response.status}")
    return response


def _accepted(response: Response, url: str) -> Sample:
    if 200 <= response.status < 300:
        return Sample(Stream(response, _host(url), READ_TIMEOUT_S))
    response.close()
    kind = NotFound if response.status in (404, 410) else ElevenError
    status = response.status
    raise kind(f"{_host(url)} has no sample to give: it answered {status}", status=status, code="no_sample")


def _checked(url: str, *, on_this_machine: bool) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port != 0 and not (parts.username or parts.password)
    except ValueError:
        parts, whole = urlsplit(""), False
    here = whole and is_loopback(url)
    safe = parts.scheme in ("http", "https") and on_this_machine if here else parts.scheme == "https"
    if not (whole and safe and url.isprintable()) or " " in url:
        raise ElevenError(f"the sample's address cannot be used: {url}", code="bad_address")
    return url


def _joined(url: str, location: str) -> str:
    from urllib.parse import urljoin

    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0]


def _is_mp3(beginning: bytes) -> bool:
    """Whether it begins with an ID3 tag or with a frame's eleven set bits."""
    return beginning[:3] == b"ID3" or (beginning[:1] == b"\xff" and beginning[1:2] >= b"\xe0")
