"""HTML and XHTML to tags and text, in time that grows with the length alone. Pure.

Forgiving, as browsers are, for both kinds at once: `<a id="x"/>` is closed, CDATA is text. The standard library's
parser needs minutes for a row of unclosed openers on Python versions that we support, and reads them otherwise on each;
HTML5's rules, as libraries have them, take all that follows `<title/>` or `<script/>` for a title or a script. Here
each opener is looked for once, and what never closes is text.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_NAME = r"[A-Za-z][^\s/><]*+"
_UNQUOTED = r"(?![\"'])[^\s><]*+"
_QUOTED = r"\"[^\"]*+\"|'[^']*+'"
_CAUTIOUSLY_QUOTED = r"\"[^\"<]*+\"|'[^'<]*+'"


def _attributes_of(quoted: str) -> str:
    """No two alternatives begin alike and nothing is tried twice: one pass, whatever comes."""
    return rf"(?:[\s/]++|[^\s/><][^\s/><=]*+(?:\s*+=\s*+(?:{quoted}|{_UNQUOTED}))?+)*+"


_PLAIN_TAG = re.compile(r"<(/?(?!script|style)[A-Za-z][A-Za-z0-9]*+)>", re.IGNORECASE)
_TAG = re.compile(rf"<({_NAME})({_attributes_of(_QUOTED)})(>?)")
_CAUTIOUS_TAG = re.compile(rf"<({_NAME})({_attributes_of(_CAUTIOUSLY_QUOTED)})(>?)")
_ATTRIBUTE = re.compile(r"""([^\s/><][^\s/><=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|((?!["'])[^\s><]*+)))?+""")
_END_TAG = re.compile(rf"</({_NAME})[^<>]*+>?")
_DOCTYPE = re.compile(r"<!doctype[^\[><]*+\[", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s*+>")
_ZEROS = re.compile(r"&#0++(?=[0-9])")
_NO_CHARACTER = re.compile(r"&#[0-9]{8,}+;?")  # int() refuses thousands of digits
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_CONTROL_BYTES = bytes(byte for byte in range(0x80) if _CONTROLS.match(chr(byte)))
_SHORT = 100  # characters of attributes that are worth being kept
_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)


class Start(NamedTuple):
    """A start tag: its name in small letters, without a prefix; `closed` where nothing can stand in it."""

    name: str
    attributes: dict[str, str]
    closed: bool


class End(NamedTuple):
    name: str


class PlainParagraph(NamedTuple):
    """`<p>`, text, `</p>`: what most of a book is made of."""

    text: str


def tokens(markup: str) -> Iterator[str | Start | End]:
    """Text (characters are what they stand for, blanks as they are), start tags and end tags, in their order."""
    for token in paragraphs_and_tokens(markup):
        if isinstance(token, PlainParagraph):
            yield from (_plain_tag("p"), *filter(None, [token.text]), _plain_tag("/p"))
        else:
            yield token


def paragraphs_and_tokens(markup: str) -> Iterator[str | Start | End | PlainParagraph]:
    """The same, with one token for a whole paragraph that holds nothing but text."""
    return _Scanner(markup).tokens()


class _Scanner:
    def __init__(self, markup: str) -> None:
        self._markup = _CONTROLS.sub("", markup) if count_of(_CONTROL_BYTES, markup) else markup
        self._at = 0
        self._missing: set[str] = set()  # closers that come no more
        self._cautious_until = 0  # up to here a tag did not close: quoted values end at the next "<"

    def tokens(self) -> Iterator[str | Start | End | PlainParagraph]:
        markup, size = self._markup, len(self._markup)
        while self._at < size:
            opener = markup.find("<", self._at)
            if opener != self._at:
                start, self._at = self._at, opener if opener >= 0 else size
                yield unescaped(markup[start : self._at])
                continue
            if markup.startswith("<p>", opener):
                closer = markup.find("<", opener + 3)
                if markup.startswith("</p>", closer):
                    self._at = closer + 4
                    yield PlainParagraph(unescaped(markup[opener + 3 : closer]))
                    continue
            if plain := _PLAIN_TAG.match(markup, opener):
                self._at = plain.end()
                yield _plain_tag(plain[1])
                continue
            following = markup[opener + 1 : opener + 2]
            if following.isascii() and following.isalpha():
                yield from self._start_tag()
            elif following in ("/", "!", "?"):
                yield from self._end_tag() if following == "/" else self._declaration()
            else:
                self._at += 1
                yield "<"

    def _start_tag(self) -> Iterator[str | Start]:
        pattern = _CAUTIOUS_TAG if self._at < self._cautious_until else _TAG
        found = pattern.match(self._markup, self._at)
        if found is None or not found[3]:
            self._cautious_until = max(self._cautious_until, found.end() if found else 0)
            self._at += 1
            yield "<"
            return
        self._at = found.end()
        start = (_short_start if len(found[2]) <= _SHORT else _long_start)(found[1], found[2])
        yield start
        if start.name in _RAW and not start.closed:
            end = _RAW[start.name].search(self._markup, self._at)
            self._at = end.start() if end else len(self._markup)

    def _end_tag(self) -> Iterator[End]:
        if found := _END_TAG.match(self._markup, self._at):
            self._at = found.end()
            yield End(found[1].lower().rpartition(":")[2])
        else:
            self._skip("</", ">")

    def _declaration(self) -> Iterator[str]:
        markup, at = self._markup, self._at
        if markup.startswith("<!--", at):
            if not markup.startswith(("<!-->", "<!--->"), at):
                self._skip("<!--", "-->")
            else:
                self._skip("<!--", ">")
        elif markup.startswith("<![CDATA[", at):
            start = at + len("<![CDATA[")
            self._skip("<![CDATA[", "]]>")
            yield markup[start : self._at - 3] if self._at > start else ""
        elif (subset := _DOCTYPE.match(markup, at)) and (end := self._subset_end(subset.end())):
            self._at = end
        else:
            self._skip(markup[at : at + 2], ">")

    def _skip(self, opener: str, closer: str) -> None:
        """Goes behind the closer, or only behind the opener where none comes: the rest is still to be read."""
        start = self._at + len(opener)
        end = -1 if closer in self._missing else self._markup.find(closer, start)
        if end < 0:
            self._missing.add(closer)
        self._at = end + len(closer) if end >= 0 else start

    def _subset_end(self, start: int) -> int:
        found = None if "]>" in self._missing else _SUBSET_END.search(self._markup, start)
        if found is None:
            self._missing.add("]>")
        return found.end() if found else 0


def count_of(characters: bytes, text: str) -> int:
    """How many of some ASCII characters there are: six times as fast as looking for each of them."""
    encoded = text.encode("utf-8", "surrogatepass")
    return len(encoded) - len(encoded.translate(None, characters))


@lru_cache(maxsize=1024)  # nearly all tags of a book are one of a few
def _plain_tag(tag: str) -> Start | End:
    name = tag.lower()
    return End(name[1:]) if name[0] == "/" else Start(name, {}, name in VOID)


def _long_start(name: str, attributes: str) -> Start:
    name = name.lower().rpartition(":")[2]
    closed = name in VOID or attributes.endswith("/")
    return Start(name, _attributes(attributes) if attributes else {}, closed)


_short_start = lru_cache(maxsize=1024)(_long_start)  # class="indent", thousands of times


def unescaped(text: str) -> str:
    """The text with characters for `&amp;`, `&#8212;` and all of HTML's names, and without control characters."""
    if "&" not in text:
        return text
    return _CONTROLS.sub("", html.unescape(_NO_CHARACTER.sub("\ufffd", _ZEROS.sub("&#", text))))


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(source):
        found.setdefault(name.lower(), unescaped(double or single or bare))
    return found
