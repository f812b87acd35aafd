"""The bytes of an HTML or XML document to its text, whatever they call themselves. Pure.

Source: XML 1.0, appendix F; the WHATWG's encoding standard for what old names mean today.
"""

import codecs
import re
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = (  # how a document of Latin letters looks without a mark
    (re.compile(rb"[^\0]\0\0\0[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[^\0]\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"[^\0]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[^\0]\0[^\0]"), "utf-16-be"),
)
_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']\s*([\w.:-]+)")
_META = re.compile(rb"<meta\s[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_WITHIN = 4096
_TEXT_ENCODINGS = re.compile(
    r"(ascii|utf-8|cp\d+|iso8859|koi8|mac-|gb|hz|big5|euc|shift_jis|iso2022|johab|kz1048|ptcp154|tis-620)"
)
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
_ESCAPED = re.compile("[\udc80-\udcff]")


class Markup(NamedTuple):
    """A document's text, and what was assumed to read it, "" where nothing had to be."""

    text: str
    assumption: str


def decoded_markup(data: bytes) -> Markup:
    """The text of a document, by its byte order mark, its zero bytes, its declaration, else UTF-8.

    Bytes that are none in that encoding are read as Windows-1252, which is what they mostly are.
    """
    encoding = _unmistakable(data) or _declared(data) or "utf-8"
    for candidate in (encoding, "utf-8"):
        try:
            text = data.decode(candidate)
        except ValueError:
            continue
        assumption = "" if candidate == encoding else f"is not {encoding.upper()} text: read as UTF-8"
        return Markup(text.removeprefix("\ufeff"), assumption)
    if encoding.startswith(("utf-16", "utf-32")):
        return Markup(data.decode(encoding, "replace"), f"is not wholly {encoding[:6].upper()} text")
    return Markup(_mostly_utf_8(data), "is not UTF-8 text: read as Windows-1252")


def _unmistakable(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    return next((encoding for pattern, encoding in _UNMARKED if pattern.match(data)), "")


def _declared(data: bytes) -> str:
    """Python's name for the encoding that the document claims; "" for none, or one that would not be legible."""
    found = _XML.match(data[:_META_WITHIN]) or _META.search(data[:_META_WITHIN])
    try:
        name = codecs.lookup(found[1].decode("ascii", "ignore")).name if found else ""
    except LookupError:
        return ""
    return _MEANT.get(name, name) if _TEXT_ENCODINGS.match(name) else ""


def _mostly_utf_8(data: bytes) -> str:
    """What is UTF-8 as that, and single bytes in between as Windows-1252."""
    text = data.decode("utf-8", "surrogateescape")
    return _ESCAPED.sub(lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"), text)
