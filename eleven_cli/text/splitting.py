"""A long text in pieces that a model takes. Pure."""

from collections.abc import Iterator

from eleven_cli.text.boundaries import best_cut, cluster_start, is_pair
from eleven_cli.text.endings import clause_ends, paragraph_ends, sentence_ends, word_ends

# Each end is good enough when it leaves the piece so full.
_LEVELS = ((paragraph_ends, 0.5), (sentence_ends, 0.5), (clause_ends, 0.5), (word_ends, 0.125))


def pieces(text: str, limit: int) -> Iterator[str]:
    """The text in pieces of at most `limit` characters (code points, at least 1); joined they are the text, unchanged.

    Cut at the end of a paragraph, or else of a sentence, a clause, a word, or at least of a whole character (grapheme
    cluster); never inside a tag or a cluster. What is itself longer than the limit is cut all the same: a tag between
    its characters, a cluster after `limit` code points (`\\r\\n` and surrogate pairs only by a limit of 1).
    No piece is only white space, unless more of it stands together than goes into one piece with the next character.
    """
    last = len(text.rstrip()) - 1  # the last piece needs something to say, too
    start = 0
    while len(text) - start > limit:
        end = start + limit
        if start < last:
            end = min(end, last)
        cut = best_cut(text, start, end, len(text) + 1, _LEVELS)
        if cut == start:
            cut = _forced(text, start, end)
        yield text[start:cut]
        start = cut
    if start < len(text):
        yield text[start:]


def _forced(text: str, start: int, end: int) -> int:
    """A cut inside a tag or, when that is one, inside a cluster."""
    at = cluster_start(text, end, start)
    if at > start:
        return at
    return end - 1 if end - 1 > start and is_pair(*text[end - 1 : end + 1]) else end
