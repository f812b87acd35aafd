"""Subtitles from timed characters: cues that can be read, as SubRip or WebVTT. Pure, and of constant memory.

A cue has at most two lines of LINE_LENGTH characters and lasts up to LONGEST_CUE_S. It ends at the end of a sentence if
that makes it long enough, else of a clause, else with the last word that fits; always before a pause over PAUSE_S.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from eleven_cli.text.boundaries import OPEN_TAG, TAG, cluster_start
from eleven_cli.text.endings import STOP, WIDE_STOP, Ending, ending_at

LINE_LENGTH = 42
SHORTEST_CUE_S = 1.0
LONGEST_CUE_S = 7.0
PAUSE_S = 0.8
_LATEST_S = 1e8  # more than three years: what is later is no time
_TICK_S = 0.001  # the formats' resolution

_TAG = re.compile(TAG)
_OPEN_TAG = re.compile(OPEN_TAG)
_OPENERS = "<["
_PARTING = ("<break", "[")  # tags that stand between words, not inside of one
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]")
_HALF = re.compile(r"[\ud800-\udfff]")
_SENTENCE = re.compile(rf"(?:{WIDE_STOP}|(?P<stop>{STOP}))\Z")
_CLAUSE = re.compile(r"[,;:–—，、；：][\"'”’»)\]」』）]*\Z")
_PARTABLE = "。！？｡，、；：—…」』）】"  # a line may end after these without a blank
_INVISIBLE = "\u2060"  # makes a number a word to whoever looks for the number of a cue


class Timed(NamedTuple):
    """What is spoken from `start_s` to `end_s`: one character, or several."""

    character: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Cue:
    """What is shown from `start_s` to `end_s`: one line or two."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


class _Word(NamedTuple):
    text: str
    start_s: float
    end_s: float
    glued: bool  # no blank before it


def cues(characters: Iterable[Timed]) -> Iterator[Cue]:
    """Readable cues, which do not overlap.

    Tags and control characters are not shown, and white space is one blank. Times that are none, or go backwards, are
    taken for the time before them.
    """
    shown: Cue | None = None
    for words in _groups(_words(_shown(_repaired(characters)))):
        start_s = words[0].start_s
        if shown:
            start_s = max(start_s, shown.start_s + _TICK_S)
            yield _extended(shown, start_s)
        shown = Cue(round(start_s, 3), min(words[-1].end_s, start_s + LONGEST_CUE_S), _lines(words))
    if shown:
        yield _extended(shown, shown.start_s + LONGEST_CUE_S)


def srt(cues: Iterable[Cue]) -> Iterator[str]:
    """A SubRip file, cue by cue."""
    for number, cue in enumerate(cues, 1):
        lines = "\n".join(_srt_line(line) for line in cue.lines)
        yield f"{number}\n{_time(cue.start_s, ',')} --> {_time(cue.end_s, ',')}\n{lines}\n\n"


def vtt(cues: Iterable[Cue]) -> Iterator[str]:
    """A WebVTT file, cue by cue."""
    yield "WEBVTT\n\n"
    for cue in cues:
        lines = "\n".join(line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in cue.lines)
        yield f"{_time(cue.start_s, '.')} --> {_time(cue.end_s, '.')}\n{lines}\n\n"


def _repaired(characters: Iterable[Timed]) -> Iterator[Timed]:
    """Single code points, with times that are numbers and do not go backwards."""
    now_s = 0.0
    for text, start_s, end_s in characters:
        if now_s < start_s <= _LATEST_S:
            now_s = float(start_s)
        end_s = float(end_s) if now_s < end_s <= _LATEST_S else now_s
        for character in text:
            yield Timed(character, now_s, end_s)


def _shown(characters: Iterable[Timed]) -> Iterator[Timed]:
    """All but tags. Holds what may become a tag until it is one, or cannot be one any more."""
    source, again, held = iter(characters), deque[Timed](), list[Timed]()
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


def _words(characters: Iterable[Timed]) -> Iterator[_Word]:
    """What stands between blanks, in parts that fit on a line."""
    word, glued = list[Timed](), False
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


def _part(word: list[Timed], following: Timed) -> int:
    """How much of the word should become one of its own before another character follows; 0 for nothing."""
    if word and following.character.isalnum():
        pause_s = following.start_s - word[-1].end_s
        if word[-1].character in _PARTABLE or pause_s > PAUSE_S:
            return len(word)
    if len(word) < LINE_LENGTH:
        return 0
    text = "".join(character for character, _, _ in [*word, following])
    return cluster_start(text, len(word)) or len(word)


def _word(characters: list[Timed], glued: bool) -> _Word:
    text = "".join(character for character, _, _ in characters)
    if _HALF.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _Word(text, characters[0].start_s, characters[-1].end_s, glued)


def _groups(words: Iterable[_Word]) -> Iterator[list[_Word]]:
    """The words of each cue."""
    group: list[_Word] = []
    for word in words:
        if group and word.start_s - group[-1].end_s > PAUSE_S:
            yield group
            group = []
        group.append(word)
        while not _fits(group):
            count = _best_end(group[:-1])
            yield group[:count]
            group = group[count:]
    if group:
        yield group


def _fits(words: list[_Word]) -> bool:
    return len(words) == 1 or (words[-1].end_s - words[0].start_s <= LONGEST_CUE_S and bool(_lines(words)))


def _best_end(words: list[_Word]) -> int:
    """How many of these words, which fit, make the best cue."""
    for is_end in (_ends_sentence, _ends_clause):
        for count in range(len(words), 0, -1):
            last = words[count - 1]
            if is_end(last.text) and last.end_s - words[0].start_s >= SHORTEST_CUE_S:
                return count
    return len(words)


def _ends_sentence(word: str) -> bool:
    found = _SENTENCE.search(word)
    if found is None or found["stop"] is None:
        return found is not None
    return ending_at(word, found.start(), found.end(), 0) in (Ending.SURE, Ending.LIKELY)


def _ends_clause(word: str) -> bool:
    return _CLAUSE.search(word) is not None


def _lines(words: list[_Word]) -> tuple[str, ...]:
    """The words on one line, or on two as even as can be; () when they do not fit."""
    text, breaks = "", list[tuple[int, int]]()  # where a first line may end, and the second begin
    for word in words:
        blank = "" if word.glued or not text else " "
        breaks.append((len(text), len(text) + len(blank)))
        text += blank + word.text
    if len(text) <= LINE_LENGTH:
        return (text,)
    fitting = [(end, begin) for end, begin in breaks[1:] if end <= LINE_LENGTH and len(text) - begin <= LINE_LENGTH]
    if not fitting:
        return ()
    end, begin = min(fitting, key=lambda place: abs(place[0] - (len(text) - place[1])))
    return text[:end], text[begin:]


def _extended(cue: Cue, next_start_s: float) -> Cue:
    """The cue as long as it needs to be read, but not into the next one."""
    end_s = min(max(cue.end_s, cue.start_s + SHORTEST_CUE_S), next_start_s)
    return Cue(cue.start_s, round(end_s, 3), cue.lines)


def _srt_line(line: str) -> str:
    """Without what a reader of the format would take for the times or the number of a cue."""
    line = line.replace("-->", "→")
    return _INVISIBLE + line if line.isdigit() else line


def _time(seconds: float, point: str) -> str:
    minutes, ms = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{ms // 1000:02d}{point}{ms % 1000:03d}"
