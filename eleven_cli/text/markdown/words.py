"""Markdown to the text that should be spoken."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from eleven_cli.text.markdown.front_matter import front_matter_end

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SENTENCE_END = tuple(".!?:;…。！？")
_BLOCK_ENDS = {"heading_close", "paragraph_close", "tr_close"}
_TAG_NAME = re.compile(r"</?([a-zA-Z][\w:-]*)")


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PARTING = (
    _names(
        "address article aside blockquote body br caption center dd details dir div dl dt fieldset figcaption figure"
    )
    | _names(
        "footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol option p pre section summary"
    )
    | _names("table tbody td tfoot th thead title tr ul")
)
_SILENT = _names("audio iframe math object rp rt script style svg template textarea title video")
_BREAK = re.compile(r"<break\b[^<>]*>", re.IGNORECASE)  # meant for the voice
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_KEPT = "\ue000"
_BADGE = re.compile(r"badge|shields\.io|/workflows/|travis-ci|codecov\.io|circleci|appveyor|coveralls|deepsource", re.I)
_NOTE_LINK = re.compile(r"<a\s[^>]*href=[\"']?#", re.IGNORECASE)
_LINE_END = re.compile(r"[ \t]*\n\s*([,;])?")
_BLANKS = re.compile(r"[ \t]{2,}")


def spoken(markdown: str) -> str:
    """The words of a Markdown text: no marks, no link targets, no code, no HTML, no notes, no front matter.

    Paragraphs are kept apart by an empty line; a heading or a table row without an end mark gets a full stop. Formulas
    that are plain are read; those with commands are left out.
    """
    return spoken_part(markdown[front_matter_end(markdown) :])


def spoken_part(markdown: str) -> str:
    """The same of a text, or a part of one, that has no front matter."""
    return "\n\n".join(_paragraphs(_parser().parse(markdown.replace("\r\n", "\n"))))


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    from eleven_cli.text.markdown.marks import use

    return use(MarkdownIt("commonmark").enable(["table", "strikethrough"]))


def _paragraphs(tokens: list["Token"]) -> Iterator[str]:
    words: list[str] = []
    for token in tokens:
        if token.type == "inline":
            words.append(_inline(token.children or []))
        elif token.type == "html_block" and token.content.startswith("<!--"):
            yield from filter(None, [spoken_part(_COMMENT.sub("", token.content))])  # what is beside it is Markdown
        elif token.type == "html_block":
            yield from filter(None, [_of_html(token.content)])
        elif token.type in _BLOCK_ENDS:
            if token.type == "tr_close":
                words = [" ".join(word.split()) for word in words]
            text = ", ".join(filter(None, (word.strip() for word in words)))
            words = []
            if text:
                yield text if token.type == "paragraph_close" or text.endswith(SENTENCE_END) else text + "."


def _inline(children: list["Token"]) -> str:
    words, silent, links = list[str](), "", 0
    for child, following in zip_longest(children, children[1:]):
        tag = _tag(child)
        if silent:
            silent = "" if tag == silent and child.content.startswith("</") else silent
        elif _begins_silence(child, tag, following):
            silent = tag
        elif not (child.type == "image" and _is_badge(child, linked=links > 0)):
            words.append(_word(child))
        links += (child.type == "link_open") - (child.type == "link_close")
    return _BLANKS.sub(" ", _LINE_END.sub(lambda found: found[1] or "\n", "".join(words)))


def _begins_silence(token: "Token", tag: str, following: "Token | None") -> bool:
    """Whether an element begins that is not read; a raised link is the number of a note."""
    if not tag or token.content.startswith("</") or token.content.endswith("/>"):
        return False
    is_note = following is not None and (
        _NOTE_LINK.match(following.content) or str(following.attrs.get("href", "")).startswith("#")
    )
    return tag in _SILENT or (tag == "sup" and bool(is_note))


def _word(token: "Token") -> str:
    match token.type:
        case "text" | "code_inline":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return _inline(token.children or [])
        case "html_inline" if _BREAK.fullmatch(token.content):
            return token.content
        case "html_inline":
            return "\n" if _tag(token) in _PARTING else ""
    return ""


def _tag(token: "Token") -> str:
    """The name of the HTML element that begins or ends here, "" for none."""
    found = _TAG_NAME.match(token.content) if token.type == "html_inline" else None
    return found[1].lower() if found else ""


def _is_badge(image: "Token", *, linked: bool) -> bool:
    source = str(image.attrs.get("src", ""))
    return bool(_BADGE.search(source)) or (linked and source.partition("?")[0].lower().endswith(".svg"))


def _of_html(html: str) -> str:
    """The paragraphs of a block of HTML, and the pauses."""
    from eleven_cli.text.html.pages import page

    breaks = _BREAK.findall(html)
    try:
        paragraphs = page(_BREAK.sub(_KEPT, html.replace(_KEPT, ""))).paragraphs
    except ValueError:
        return ""
    found = iter(breaks)
    return re.sub(_KEPT, lambda _: next(found, ""), "\n\n".join(paragraphs))
