"""Text that is still arriving, cut into whole sentences. Pure."""

import re
from collections.abc import Iterator

from eleven_cli.text.boundaries import OPEN_TAG, TAG, best_cut, cluster_start
from eleven_cli.text.endings import Ending, clause_ends, ending_at, is_end, word_ends
from eleven_cli.text.punctuation import (
    BREAKS,
    STOPS,
    WIDE_STOPS,
    after_spaced_closers,
    after_stops,
    after_wide_stop,
    is_blank,
    mark_at_the_end,
)

LONGEST_SENTENCE = 300
_PATIENCE_S = 0.4
_SHORT_PATIENCE_S = 0.06
_SHORTEST_PATIENCE_S = 0.02  # where the blank after a sentence is there, and only a small letter could go on with it
_LEVELS = ((clause_ends, 0.5), (word_ends, 0.125))
# A sentence begins with a word: what is before it (blanks, marks, tags) waits for it.
_LEAD = rf"(?:[^\w<\[]++|{TAG}|{OPEN_TAG}|\W)*"
_MARK = re.compile(r"[^\w ]")
# Quotes and brackets that stand apart from their words: « Viens ! », ( Viens ! )
_SPACED_QUOTE = r"(?P<open>(?<!\S)(?:[«‹]|[“(\[{](?=\s)))|[»›”)\]}]|\n\s*\n"
_QUOTES = frozenset("«‹“([{»›”)]}\n")
_MOST_BLANKS = 2  # before a mark that closes


class Sentences:
    """Cuts text that is still arriving into whole sentences.

    Everything that was fed comes out again, in order and unchanged. A sentence ends with its line, with the first blank
    after its full stop (further white space begins the next one), or after 。！？, which need no blank. After a short
    word, a mark that may belong to an abbreviation, dots or a closed quotation, it takes the next letter to know: a
    small one goes on with the sentence. What has no word in it (a tag, a line of dashes) goes with the next sentence.
    Without an end, a sentence is cut after LONGEST_SENTENCE characters, at a clause, a word or at least a whole
    character. How the text is divided among the calls of `feed` makes no difference.
    """

    def __init__(self) -> None:
        self._waiting = ""
        self._longest = LONGEST_SENTENCE
        self._in_quote = False  # at the beginning of what waits

    def feed(self, text: str) -> list[str]:
        """The sentences that are complete by now; each of them has a word or at least a visible character."""
        self._waiting += text
        complete, start = [], 0
        while (end := self._end(start)) is not None:
            complete.append(self._waiting[start:end])
            self._in_quote = _in_quote(complete[-1], self._in_quote)
            start = end
        self._waiting = self._waiting[start:]
        return complete

    def rest(self) -> str:
        """What waits, given up: at the end, or after a pause. "" when nothing waits; it may be only white space."""
        rest, self._waiting = self._waiting, ""
        self._in_quote = _in_quote(rest, self._in_quote)
        self._longest = LONGEST_SENTENCE
        return rest

    @property
    def patience_s(self) -> float:
        """How long a pause may be, in seconds, before what waits should be spoken."""
        if not _looks_whole(self._waiting):
            return _PATIENCE_S
        return _SHORTEST_PATIENCE_S if self._waiting[-1].isspace() else _SHORT_PATIENCE_S

    def _end(self, start: int) -> int | None:
        """Where the sentence that begins at `start` ends. Decided by the fewest characters that can decide it."""
        text = self._waiting
        while True:
            stop = min(len(text), start + self._longest + 1)
            end = self._first_end(start, stop)
            if end is None and stop <= start + self._longest:
                return None
            end = end or _cut(text, start, start + self._longest, stop)
            if end is not None:
                self._longest = LONGEST_SENTENCE
                return end
            self._longest *= 2  # one tag, one cluster or one blank as long as this

    def _first_end(self, start: int, stop: int) -> int | None:
        """Where the first sentence ends, as far as the characters before `stop` tell, whatever follows them."""
        text = self._waiting
        at = _after_lead(text, start, stop)
        while mark := _MARK.search(text, at, stop):
            at, char = mark.start(), mark[0]
            if char in "<[":
                if (following := _after_tag(text, at, stop)) is None:
                    return None
                at = following
            elif char in BREAKS:
                if end_of_line := _after_break(text, at, stop):
                    return end_of_line
                at += 1
            elif char in STOPS:
                after, closed = after_stops(text, at, stop)
                if closed == stop or not is_blank(text[closed]):
                    at = after
                    continue
                ended = self._end_at_stop(start, at, closed, stop)
                if ended is None or ended > 0:
                    return ended
                at = closed + 1
            elif char in WIDE_STOPS and (end := _after_wide_stop(text, at, stop)):
                if cluster_start(text, end, start) == end:
                    return end
                at = end
            else:
                at += 1
        return None

    def _end_at_stop(self, start: int, at: int, after: int, stop: int) -> int | None:
        """Where a sentence ends with the mark between `at` and `after`; 0 when it does not, None if unknown yet."""
        text = self._waiting
        closed = after
        if _in_quote(text[start:at], self._in_quote):
            spaced = after_spaced_closers(text, after, stop)
            if spaced is None or (stop - after <= _MOST_BLANKS and text[after:stop].isspace()):
                return None
            closed = spaced
        if closed > after and not text[closed : closed + 1].isspace():
            return 0
        ending = ending_at(text, at, after, start)
        if closed > after and ending is Ending.SURE:
            ending = Ending.LIKELY
        ended = is_end(ending, text, closed, stop)
        return closed + 1 if ended else ended and 0


def sentences(text: str) -> Iterator[str]:
    """The sentences of a whole text; joined they are the text, and none is only white space unless the text is."""
    cutter = Sentences()
    complete, rest = cutter.feed(text), cutter.rest()
    if complete and not rest.strip():
        complete[-1] += rest
        rest = ""
    yield from complete
    if rest:
        yield rest


def _after_lead(text: str, start: int, stop: int) -> int:
    if start == stop or text[start].isalnum():
        return start
    lead = re.compile(_LEAD).match(text, start, stop)
    return lead.end() if lead else start


def _after_tag(text: str, at: int, stop: int) -> int | None:
    """Past a tag, or the bracket of none; None while it may become one."""
    if tag := re.compile(TAG).match(text, at, stop):
        return tag.end()
    return None if re.compile(OPEN_TAG).match(text, at, stop) else at + 1


def _after_break(text: str, at: int, stop: int) -> int:
    """Past the end of a line; 0 while it may go on."""
    if text[at] != "\r":
        return at + 1
    if at + 1 == stop:
        return 0
    return at + 2 if text[at + 1] == "\n" else at + 1


def _after_wide_stop(text: str, at: int, stop: int) -> int:
    """Past a wide stop and one blank; 0 where a line ends, and while nothing follows."""
    end = after_wide_stop(text, at, stop)
    if end is None or end == stop or text[end] in BREAKS:
        return 0
    return end + text[end].isspace()


def _in_quote(text: str, before: bool) -> bool:
    """Whether a quotation is open after the text, of the kind that stands apart from its words."""
    if _QUOTES.isdisjoint(text):
        return before
    for found in re.compile(_SPACED_QUOTE).finditer(text):
        before = bool(found["open"])
    return before


def _cut(text: str, start: int, end: int, stop: int) -> int | None:
    at = best_cut(text, start, end, stop, _LEVELS)
    return None if at == start or text[start:at].isspace() else at


def _looks_whole(text: str) -> bool:
    """Whether a pause after this text most likely means that the sentence is over."""
    tail = text[-LONGEST_SENTENCE:]
    if ("<" in tail or "[" in tail) and re.search(OPEN_TAG, tail):
        return False
    if (mark := mark_at_the_end(tail)) is None:
        return False
    at, end, is_wide = mark
    return is_wide or ending_at(tail, at, end, 0) in (Ending.SURE, Ending.LIKELY)
