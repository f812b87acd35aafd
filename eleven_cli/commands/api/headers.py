"""Headers of one's own, as they are typed: NAME: VALUE. Pure."""

import re
from collections.abc import Sequence

from eleven_cli.errors import UsageError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_THE_KEY = ("xi-api-key", "authorization")
_OF_THE_REQUEST = (
    *("host", "content-length", "transfer-encoding", "accept-encoding", "expect", "te", "trailer"),
    *("connection", "proxy-connection", "proxy-authorization", "keep-alive", "upgrade"),
)
EXAMPLE = "eleven api /v1/models -H 'Accept: application/json'"
ANOTHER_KEY = "another key is chosen by --profile NAME, or by ELEVENLABS_API_KEY"


def headers_of(words: Sequence[str]) -> dict[str, str]:
    """The headers by their names, written as in Content-Type; the values of one that is repeated, joined with commas.

    Raises UsageError for what is none, would end its line, or belongs to the key or to how a request is sent.
    """
    headers: dict[str, str] = {}
    for word in words:
        typed, _, value = word.partition(":")
        name, value = "-".join(part.capitalize() for part in typed.split("-")), value.strip(" \t")
        if not (_NAME.fullmatch(typed) and value):
            raise UsageError("-H takes 'NAME: VALUE'", hint=EXAMPLE)  # what was typed may be a secret
        if not (value.isascii() and value.replace("\t", " ").isprintable()):
            raise UsageError(f"a header is one line of ASCII: {typed}")
        _refuse_ours(typed, name.lower().replace("_", "-"))
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _refuse_ours(typed: str, name: str) -> None:
    if name in _OF_THE_KEY:
        raise UsageError(f"-H cannot replace the key: {typed}", hint=ANOTHER_KEY)
    if name in _OF_THE_REQUEST:
        raise UsageError(f"-H cannot change how a request is sent: {typed}")
