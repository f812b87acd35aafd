"""Markdown to the text that should be spoken."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_TAG = re.compile(r"<[^>]*>")
FRONT_MATTER = re.compile(r"\A---\n[\w-]+:.*?\n---\n", re.DOTALL)
_NO_TEXT = ("<script", "<style", "<!--")
_BLOCK_ENDS = {"heading_close", "paragraph_close", "tr_close"}
SENTENCE_END = tuple(".!?:;…。！？")


def spoken(markdown: str) -> str:
    """The words of a Markdown text: no marks, no link targets, no code blocks, no HTML, no front matter.

    Paragraphs are kept apart by an empty line; a heading or a table row without an end mark gets a full stop.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(FRONT_MATTER.sub("", markdown.replace("\r\n", "\n")))
    return "\n\n".join(_paragraphs(tokens))


def _paragraphs(tokens: list["Token"]) -> Iterator[str]:
    words: list[str] = []
    for token in tokens:
        if token.type == "inline":
            words.append(_inline(token.children or []))
        elif token.type == "html_block" and not token.content.lower().startswith(_NO_TEXT):
            yield from filter(None, [_without_tags(token.content).strip()])
        elif token.type in _BLOCK_ENDS:
            text = ", ".join(filter(None, (word.strip() for word in words)))
            words = []
            if text:
                yield text if token.type == "paragraph_close" or text.endswith(SENTENCE_END) else text + "."


def _inline(children: list["Token"]) -> str:
    return "".join(_word(child) for child in children)


def _word(token: "Token") -> str:
    match token.type:
        case "text" | "code_inline":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return _inline(token.children or [])
        case "html_inline":
            return _without_tags(token.content)
    return ""


def _without_tags(html: str) -> str:
    """Only the words, and the pauses: `<break/>` is meant for the voice."""
    return _TAG.sub(lambda tag: tag[0] if tag[0].startswith("<break") else "", html)
