"""Downloads media from a URL: plain files over HTTP, no video portals."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from anyio import to_thread

from ..http.problems import Problem, invalid_parameter
from .request import MAX_URL_BYTES

TIMEOUT_S = 10.0
PIECE = 1024 * 1024


async def fetch(url: str) -> BinaryIO:
    """Downloads into a temporary file. Raises Problem for an invalid URL or a failed download."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise invalid_parameter("source_url", f"'{url}' is no address of the Web.", status="invalid_url")
    return await to_thread.run_sync(_fetch, url)


def _fetch(url: str) -> BinaryIO:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=TIMEOUT_S) as answer:
            while piece := answer.read(PIECE):
                file.write(piece)
                if file.tell() > MAX_URL_BYTES:
                    raise Problem(400, "request_too_large", "The file at source_url is too large.", param="source_url")
    except (URLError, OSError, ValueError) as error:
        file.close()
        message = f"Nothing could be downloaded from '{url}': {error}"
        raise Problem(400, "invalid_parameters", message, status="download_failed", param="source_url") from None
    return cast(BinaryIO, file)
