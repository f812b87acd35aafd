"""What --debug shows of an exchange: heads and the beginnings of texts, without their secrets. Pure."""

import json
import re
from collections.abc import Iterator, Mapping

from eleven_cli.api.http import Request

MOST_SHOWN = 2000
MOST_KEPT_BYTES = 4 * MOST_SHOWN
# patterns that are compiled when --debug first needs them
_SECRET = r"(?i:api[_-]?key|token|secret|passw|authori[sz]ation|signature|credential|cookie)"
_MEMBER = rf'(\\*"[^"]*{_SECRET}[^"]*"\s*:\s*)\\*"(?:[^"\\]|\\.)*(?:"|\Z)'
_KEY = r"\bsk_[A-Za-z0-9_]{8,}"
_SOUND = r'("(?:audio|audio_base_?64|user_audio_chunk)"\s*:\s*")([A-Za-z0-9+/=_-]*)(?:"|\Z)'
_PARAMETER = rf"""(?i)(\b[\w.%-]*(?:{_SECRET}|\bsig\b|\bkey\b)[\w.%-]*=)[^&\s"'\\]+"""
_HEADER = rf"{_SECRET}|(?i:^sec-websocket-key$)"
_BEARER = r"(?i)\b(Bearer|Basic)\s+[\w.~+/=-]+"
_USER = r"(://)[^/@\s\"]+@"
_ENCODED = r'"[A-Za-z0-9+/=_-]{200,}(?:"|\Z)'
_TEXTS = ("application/json", "application/problem+json", "application/x-ndjson", "text/")


def masked(text: str) -> str:
    """The text without what its names, or its form, give away as a secret; encoded audio as its length."""
    text = re.sub(_KEY, "sk_****", re.sub(_MEMBER, r'\1"****"', text))
    text = re.sub(_SOUND, lambda found: f'{found[1]}({len(found[2])} characters)"', text)
    text = re.sub(_PARAMETER, r"\1****", text)
    text = re.sub(_USER, r"\1****@", re.sub(_BEARER, r"\1 ****", text))
    return re.sub(_ENCODED, lambda found: f'"({len(found[0]) - 2} characters)"', text)


def shown(text: str) -> str:
    """The same, cut to what can be read."""
    text = masked(text)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}… ({len(text):,} characters)"


def header_shown(name: str, value: str) -> str:
    """A header's value; **** for a secret one."""
    return "****" if re.search(_HEADER, name) else shown(value)


def headers_shown(headers: Mapping[str, str]) -> str:
    """Headers on one line, secrets masked."""
    return " ".join(f"{name}={header_shown(name, str(value))}" for name, value in headers.items())


def request_shown(request: Request) -> Iterator[str]:
    """The lines of a request; a form describes itself."""
    address = shown(request.url + (f"?{request.query}" if request.query else ""))
    yield f"> {request.method} {address} {headers_shown(request.headers)}"
    if "json" in request.parts:
        yield f"> {shown(json.dumps(request.parts['json'], ensure_ascii=False, default=str))}"
    if described := getattr(request.parts.get("data"), "description", ""):
        yield f"> {shown(described)}"


class BodyTrace:
    """The beginning of a body, kept while it passes, and how much came."""

    def __init__(self, content_type: str) -> None:
        self._is_text = content_type.strip().lower().startswith(_TEXTS)
        self._content_type = content_type
        self._beginning, self._count = b"", 0

    def add(self, chunk: bytes) -> None:
        self._count += len(chunk)
        if self._is_text and len(self._beginning) < MOST_KEPT_BYTES:
            self._beginning += chunk[:MOST_KEPT_BYTES]

    def __str__(self) -> str:
        if not self._is_text:
            return f"< {self._count:,} bytes of {self._content_type or 'unknown type'}"
        text = shown(self._beginning.decode("utf-8", "replace"))
        return f"< {text}" + (f" ({self._count:,} bytes)" if self._count > len(self._beginning) else "")
