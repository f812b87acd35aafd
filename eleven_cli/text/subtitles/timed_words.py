"""Groups timed characters into the words that are shown. Pure, in constant memory."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from eleven_cli.text.boundaries import OPEN_TAG, TAG, cluster_start

LINE_LENGTH = 42  # cells
LONGEST_CUE_S = 7.0
PAUSE_S = 0.8
_LATEST_S = 1e8  # more than three years: what is later is no time
_TAG = re.compile(TAG)
_OPEN_TAG = re.compile(OPEN_TAG)
_OPENERS = "<["
_PARTING = ("<break", "[")  # tags that stand between words, not inside of one
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]")
_HALF = re.compile(r"[\ud800-\udfff]")
_PARTABLE = "。！？｡，、；：—…」』）】"  # a line may end after these without a blank
_BEGINS_NO_LINE = f"{_PARTABLE}．!?.,;:)»”’·・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ"


class TimedText(NamedTuple):
    """The character, or several, that is spoken from `start_s` to `end_s`."""

    character: str
    start_s: float
    end_s: float


class TimedWord(NamedTuple):
    """What stands between blanks, or a part of it that fits on a line."""

    text: str
    start_s: float
    end_s: float
    glued: bool  # no blank before it


def cells(text: str) -> int:
    """How wide a text is, in letters as Latin has them; a Chinese character takes two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def words(characters: Iterable[TimedText]) -> Iterator[TimedWord]:
    """The words, without tags and control characters; times that are none, or go backwards, are those before them."""
    return _words(without_tags(_repaired(characters)))


def _repaired(characters: Iterable[TimedText]) -> Iterator[TimedText]:
    """Single code points, with times that are numbers and do not go backwards."""
    now_s = 0.0
    for text, start_s, end_s in characters:
        if now_s < start_s <= _LATEST_S:
            now_s = float(start_s)
        end_s = float(end_s) if now_s < end_s <= _LATEST_S else now_s
        for character in text:
            yield TimedText(character, now_s, end_s)


def without_tags(characters: Iterable[TimedText]) -> Iterator[TimedText]:
    """All but tags. Holds what may become a tag until it is one, or cannot be one any more."""
    source, again, held = iter(characters), deque[TimedText](), list[TimedText]()
    while (timed := again.popleft() if again else next(source, None)) or held:
        if timed and not held and timed.character not in _OPENERS:
            yield timed
            continue
        held += [timed] if timed else []
        text = "".join(character for character, _, _ in held)
        if _TAG.match(text):
            if text.startswith(_PARTING):
                yield held[0]._replace(character=" ")
        elif timed and _OPEN_TAG.match(text):
            continue
        else:
            yield held[0]
            again.extendleft(reversed(held[1:]))
        held = []


def _words(characters: Iterable[TimedText]) -> Iterator[TimedWord]:
    """What stands between blanks, in parts that fit on a line."""
    word, glued = list[TimedText](), False
    for timed in characters:
        if timed.character.isspace():
            if word:
                yield _word(word, glued)
            word, glued = [], False
        elif not _CONTROL.match(timed.character):
            if at := _part(word, timed):
                yield _word(word[:at], glued)
                word, glued = word[at:], True
            word.append(timed)
    if word:
        yield _word(word, glued)


def _part(word: list[TimedText], following: TimedText) -> int:
    """How much of the word should become one of its own before another character follows; 0 for nothing."""
    if word and following.character.isalnum():
        pause_s = following.start_s - word[-1].end_s
        if word[-1].character in _PARTABLE or pause_s > PAUSE_S:
            return len(word)
    lasts_long = word and following.character.isalnum() and following.end_s - word[0].start_s > LONGEST_CUE_S
    if not lasts_long and 2 * (len(word) + 1) <= LINE_LENGTH:
        return 0
    text = "".join(character for character, _, _ in [*word, following])
    if not lasts_long and cells(text) <= LINE_LENGTH:
        return 0
    at = cluster_start(text, len(word))
    if 0 < at < len(text) and text[at] in _BEGINS_NO_LINE:
        at = cluster_start(text, at - 1) or at
    return at or len(word)


def _word(characters: list[TimedText], glued: bool) -> TimedWord:
    text = "".join(character for character, _, _ in characters)
    if _HALF.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return TimedWord(text, characters[0].start_s, characters[-1].end_s, glued)
