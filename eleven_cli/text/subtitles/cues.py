"""Subtitles from timed characters: cues that can be read, as SubRip or WebVTT. Pure, and of constant memory.

A cue has at most two lines of LINE_LENGTH cells, of which a Chinese character takes two, and lasts up to
LONGEST_CUE_S. It ends at the end of a sentence if that makes it long enough, else of a clause, else with the last word
that fits; always before a pause over PAUSE_S.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eleven_cli.text.endings import Ending, ending_at
from eleven_cli.text.punctuation import STOP, WIDE_STOP
from eleven_cli.text.subtitles import timed_words
from eleven_cli.text.subtitles.timed_words import LINE_LENGTH, LONGEST_CUE_S, PAUSE_S, TimedText, TimedWord, cells

ESCAPED_TAGS = str.maketrans("[]<>", "()‹›")  # for words that were said: as marks they would be left out

SHORTEST_CUE_S = 1.0
_TICK_S = 0.001  # the formats' resolution

_SENTENCE = re.compile(rf"(?:{WIDE_STOP}|(?P<stop>{STOP}))\Z")
_CLAUSE = re.compile(r"[,;:–—，、；：][\"'”’»)\]」』）]*\Z")
_INVISIBLE = "\u2060"  # makes a number a word to whoever looks for the number of a cue


@dataclass(frozen=True)
class Cue:
    """What is shown from `start_s` to `end_s`: one line or two."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def cues(characters: Iterable[TimedText]) -> Iterator[Cue]:
    """Readable cues, which do not overlap.

    Tags and control characters are not shown, and white space is one blank. Times that are none, or go backwards, are
    taken for the time before them.
    """
    shown: Cue | None = None
    for words in _groups(timed_words.words(characters)):
        start_s = words[0].start_s
        if shown:
            start_s = max(start_s, shown.start_s + _TICK_S)
            yield _extended(shown, start_s)
        shown = Cue(round(start_s, 3), min(words[-1].end_s, start_s + LONGEST_CUE_S), _lines(words))
    if shown:
        yield _extended(shown, shown.start_s + LONGEST_CUE_S)


def srt(cues: Iterable[Cue], *, first: int = 1) -> Iterator[str]:
    """A SubRip file, cue by cue; `first` is the number of the first."""
    for number, cue in enumerate(cues, first):
        lines = "\n".join(_srt_line(line) for line in cue.lines)
        yield f"{number}\n{_time(cue.start_s, ',')} --> {_time(cue.end_s, ',')}\n{lines}\n\n"


def vtt(cues: Iterable[Cue]) -> Iterator[str]:
    """A WebVTT file, cue by cue."""
    yield "WEBVTT\n\n"
    for cue in cues:
        lines = "\n".join(line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in cue.lines)
        yield f"{_time(cue.start_s, '.')} --> {_time(cue.end_s, '.')}\n{lines}\n\n"


def _groups(words: Iterable[TimedWord]) -> Iterator[list[TimedWord]]:
    """The words of each cue."""
    group: list[TimedWord] = []
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


def _fits(words: list[TimedWord]) -> bool:
    return len(words) == 1 or (words[-1].end_s - words[0].start_s <= LONGEST_CUE_S and bool(_lines(words)))


def _best_end(words: list[TimedWord]) -> int:
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


def _lines(words: list[TimedWord]) -> tuple[str, ...]:
    """The words on one line, or on two as even as can be; () when they do not fit."""
    text, breaks = "", list[tuple[int, int]]()  # where a first line may end, and the second begin
    for word in words:
        blank = "" if word.glued or not text else " "
        breaks.append((len(text), len(text) + len(blank)))
        text += blank + word.text
    if cells(text) <= LINE_LENGTH:
        return (text,)
    halves = [(text[:end], text[begin:]) for end, begin in breaks[1:]]
    widths = [(cells(first), cells(second)) for first, second in halves]
    fitting = [at for at, width in enumerate(widths) if max(width) <= LINE_LENGTH]
    if not fitting:
        return ()
    return halves[min(fitting, key=lambda at: abs(widths[at][0] - widths[at][1]))]


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
