"""Subtitles as a text to be read: the words of SubRip and WebVTT, without numbers, times and tags. Pure."""

import re
from collections.abc import Iterator
from itertools import groupby

from eleven_cli.text.html.tokens import unescaped

_BLOCK_GAP = re.compile(r"\n[ \t]*\n")
_TIMES = re.compile(r"[ \t]*(?:\d+:)?\d+:\d\d[.,]\d+[ \t]*-->[ \t]*(?:\d+:)?\d+:\d\d[.,]\d+.*")
_TAG = re.compile(r"</?(?:[a-zA-Z]|\d+:)[^<>\n]*>|\{\\[^{}\n]*\}")
_SENTENCE_END = re.compile(r"[.!?…。！？।؟:][\"'”’»)\]♪]*\Z")


def text_of(subtitles: str) -> str:
    """The words of all cues; a line for each sentence, as far as marks tell where one ends.

    Lines that say the same as the one before, as rolling captions do, are read once. "" when there is no cue.
    """
    unix = subtitles.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = (line for block in _BLOCK_GAP.split(unix) for line in _lines(block))
    parts: list[str] = []
    for line, _ in groupby(lines):
        if parts:
            parts.append("\n" if _SENTENCE_END.search(parts[-1]) else " ")
        parts.append(line)
    return "".join(parts)


def _lines(block: str) -> Iterator[str]:
    """The lines of one cue; none of a comment, a style, or the file's head."""
    lines = block.strip("\n").split("\n")
    times = next((at for at, line in enumerate(lines[:3]) if _TIMES.fullmatch(line)), None)
    if times is not None:
        yield from filter(None, (" ".join(unescaped(_TAG.sub("", line)).split()) for line in lines[times + 1 :]))
