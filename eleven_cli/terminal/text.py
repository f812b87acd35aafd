"""How things look as text: harmless characters, widths, errors. Pure."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict, is_dataclass
from typing import Any

from eleven_cli.errors import ElevenError

_OUR_SIGNS = dict.fromkeys(map(ord, "·…"))  # a column each
_BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_OBEYED = re.compile(f"[\x7f-\x9f{_BIDI_CONTROLS}\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with everything that a terminal would obey written out: ESC as \\x1b, and so on."""
    return text if text.isascii() and text.isprintable() else "".join(_shown(char) for char in text)


def without_controls(text: str) -> str:
    """The same for a pipe: control characters are written out, but marks of direction belong to a text."""
    return "".join(char if char in _BIDI_CONTROLS else _shown(char) for char in text)


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.translate(_OUR_SIGNS).isascii():  # without loading what knows the rest
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def most_cells(text: str) -> int:
    """The same where the terminal shows the parts of a joined emoji side by side; terminals differ."""
    return cells(text) if text.isascii() else max(cells(text), sum(map(cells, text)))


def fitted(text: str, width: int, *, keep_end: bool = False, measure: Callable[[str], int] = cells) -> str:
    """What of the text fits into `width` cells: its beginning, or its end, with a … for the rest."""
    if measure(text) <= width:
        return text
    room, kept = width - 1, ""
    every = characters(text)
    for character in reversed(every) if keep_end else every:
        room -= measure(character)
        if room < 0:
            break
        kept = character + kept if keep_end else kept + character
    return ("…" + kept if keep_end else kept + "…") if width > 0 else ""


def characters(text: str) -> list[str]:
    """What a reader takes for one character each."""
    if text.isascii():
        return list(text)
    import regex  # type: ignore[import-untyped]

    return [found[0] for found in regex.finditer(r"\X", text)]


def json_text(value: Any, *, is_indented: bool = False) -> str:
    """The value as JSON that a terminal may show: indented, or on one line."""
    import json

    layout: dict[str, Any] = {"indent": 2} if is_indented else {"separators": (",", ":")}
    return harmless_json(json.dumps(value, ensure_ascii=False, default=plain_value, **layout))


def harmless_json(text: str) -> str:
    """JSON with the characters escaped that JSON allows and terminals obey, or no encoding takes."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _shown(char: str) -> str:
    if char == "\t" or char == "\n":
        return " "
    if unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI_CONTROLS:
        return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
    return char


def error_reference(error: ElevenError) -> str:
    """What the service's support asks for: the service's own code and the request id, "" for neither."""
    code = error.code if error.code != error.default_code and error.status else ""
    request = f"request {error.request_id}" if error.request_id else ""
    return ", ".join(filter(None, [code, request]))


def error_value(error: ElevenError) -> dict[str, Any]:
    """What --json says of an error."""
    return {
        "code": error.code,
        "message": error.sentence,
        "hint": error.hint or None,
        "status": error.status,
        "request_id": error.request_id or None,
        "exit_code": error.exit_code,
    }


def plain_value(value: Any) -> Any:
    """What JSON can hold in place of a value that it cannot."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def iso_time(moment: int | None) -> str:
    """Seconds since 1970 as ISO 8601 in UTC; "" where unknown, and for what has no date."""
    from datetime import UTC, datetime

    try:
        return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""
