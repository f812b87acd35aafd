"""Where a text must not be cut: inside a tag, or inside what a reader sees as one character. Pure.

A tag is `<…>` as in SSML (`<` and a letter, `/`, `!` or `?`; at most TAG_LENGTH characters) or an audio tag in brackets
such as `[whispers]` or `[2 short knocks]` (on one line, not only digits). What a reader sees as one character is
Unicode's extended grapheme cluster, as `\\X` of the `regex` package finds it; the two halves of a surrogate pair stay
together as well.
Positions are indexes of code points; a cut at `at` lies before `text[at]`.
"""

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Level = tuple[Callable[[str, int, int], Iterator[int]], float]

TAG_LENGTH = 250
AUDIO_TAG_LENGTH = 80
FIRST_WITHOUT_BLANKS = "\u2e80"  # from Chinese on: words that no blank divides
_MARKUP = rf"<[/!?]?[A-Za-z][^<>]{{0,{TAG_LENGTH}}}"
_AUDIO = rf"\[(?:[^\W\d_]|(?=\d[^\[\]\r\n]{{0,{AUDIO_TAG_LENGTH}}}[^\W\d_]))[^\[\]\r\n]{{0,{AUDIO_TAG_LENGTH}}}"
MARKUP_TAG, OPEN_MARKUP_TAG = rf"{_MARKUP}>", rf"(?:<[/!?]?\Z|{_MARKUP}\Z)"
TAG = rf"(?:{MARKUP_TAG}|{_AUDIO}\])"
OPEN_TAG = rf"(?:{OPEN_MARKUP_TAG}|\[\Z|{_AUDIO}\Z)"  # which the next characters may complete

_OPENERS = (("<", TAG_LENGTH + 4), ("[", AUDIO_TAG_LENGTH + 3))
_BLANK = re.compile(r"\s*")


def _edges(*ranges: str) -> str:
    """Where ranges of characters, each the first and the last, begin and end; they are in order."""
    return "".join(each[0] + chr(ord(each[1]) + 1) for each in ranges)


# Characters that begin a cluster of their own, for the common alphabets: most texts need no table of all of Unicode.
_OWN = _edges(
    *("\x00\x09", "\x0b\xa8", "\xaa\xad", "\xaf\u02ff", "\u0370\u0482", "\u048a\u0590", "\u1e00\u1fff"),
    *("\u2010\u2027", "\u2030\u203b", "\u3001\u3029", "\u3041\u3096", "\u309b\u30ff", "\u3400\u9fff"),
    *("\uac00\ud7a3", "\uff01\uff9d"),
)
_JOINERS = _edges("\u0600\u1fff", "\ua960\ua97f") + "\U00010000"  # after which even those may not
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_FLAGS = f"(?:{_FLAG}(?={_FLAG}))*"  # *+ around a group is broken in Python 3.11.0 to 3.11.4
_TRIES = 20  # of one kind: where every blank carries an accent, none will do


def best_cut(text: str, start: int, end: int, stop: int, levels: "Sequence[Level]") -> int:
    """The best place after `start`, not after `end`, to cut; `start` itself when all of it is one tag or cluster.

    Each level is a function that finds ends of something between two positions, the last one first, and how full
    (0 to 1) they must leave the piece; the first level with such an end that is a border decides. What comes before the
    cut is not only white space, unless nothing else could be cut off. Nothing from `stop` on is looked at: a tag that
    is open there counts as a tag. A `stop` past the end says that nothing follows: what is open there is no tag.
    """
    blank = _BLANK.match(text, start, end)
    visible = blank.end() + 1 if blank else start
    for ends, share in levels:
        first = max(start + int((end - start) * share), visible)
        found = _last_border(islice(ends(text, first, end), _TRIES), text, start, stop)
        if found is not None:
            return found
    return border(text, end, start, stop)


def _last_border(places: Iterable[int], text: str, floor: int, stop: int) -> int | None:
    reached = stop
    for at in places:
        if at <= reached and (reached := border(text, at, floor, stop)) == at:
            return at
    return None


def border(text: str, at: int, floor: int, stop: int) -> int:
    """The last place from `floor` to `at` that is inside of no tag and no cluster; `floor` counts as one."""
    while at > floor:
        before = min(_tag_start(text, at, floor, stop), cluster_start(text, at, floor))
        if before == at:
            break
        at = before
    return at


def cluster_start(text: str, at: int, floor: int = 0) -> int:
    """Where the cluster that holds `text[at]` begins, not before `floor`, which has to be a border itself."""
    if at <= floor or at >= len(text) or _is_plain(text[at - 1], text[at]):
        return at
    if is_pair(text[at - 1], text[at]):
        return at - 1
    seam, cluster = _unicode()
    sure = seam.search(text, floor, at + 1)
    begin: int = sure.start() if sure else floor
    while (end := cluster.match(text, begin, at + 1).end()) <= at:
        begin = _after_flags(text, end, at)
    return begin


def is_pair(first: str, second: str) -> bool:
    """Whether two characters are one: the end of a line, or the halves of a surrogate pair."""
    return (first == "\r" and second == "\n") or ("\ud800" <= first <= "\udbff" and "\udc00" <= second <= "\udfff")


def _is_plain(before: str, char: str) -> bool:
    """Whether a cluster surely begins with the character."""
    if _is_in(_JOINERS, before):
        return False
    return before != "\r" if char == "\n" else _is_in(_OWN, char)


def _is_in(edges: str, char: str) -> bool:
    return bisect(edges, char) % 2 == 1


def _after_flags(text: str, begin: int, at: int) -> int:
    """Past all but the last of the flags that begin here."""
    flags = re.compile(_FLAGS).match(text, begin, at)
    return flags.end() if flags else begin


def _tag_start(text: str, at: int, floor: int, stop: int) -> int:
    for opener, longest in _OPENERS:
        begin = text.rfind(opener, max(floor, at - longest), at)
        if begin < 0:
            continue
        tag = _tags(with_open_ones=stop <= len(text)).match(text, begin, stop)
        if tag and tag.end() > at:
            return begin
    return at


@cache
def _tags(*, with_open_ones: bool) -> re.Pattern[str]:
    return re.compile(f"{TAG}|{OPEN_TAG}" if with_open_ones else TAG)


@cache
def _unicode() -> tuple[Any, Any]:
    """Finds, backwards, a character that begins a cluster whatever came before; and matches one cluster.

    `\\X` alone takes quadratic time over a row of flags, because it counts them from their beginning each time.
    """
    import regex  # type: ignore[import-untyped]  # 15 ms, and only texts with unusual characters need it

    plain = r"[[\p{GCB=XX}\p{GCB=CN}]--\p{Extended_Pictographic}--\p{InSC=Consonant}]"
    joined = r"[\p{GCB=EX}\p{GCB=ZWJ}\p{GCB=SM}\p{GCB=V}\p{GCB=T}\p{GCB=RI}\n]"
    seam = rf"(?r)(?<!\p{{GCB=PP}}){plain}|(?<![\p{{GCB=PP}}\p{{GCB=EX}}\p{{GCB=ZWJ}}\p{{GCB=L}}])[^{joined[1:]}"
    flag = r"\p{GCB=RI}{2}[\p{GCB=EX}\p{GCB=ZWJ}\p{GCB=SM}]*+"
    return regex.compile(seam, regex.V1), regex.compile(rf"{flag}|\X", regex.V1)
