"""How far a long text is, when the rest will be there, and both in one line."""

import time
from collections.abc import Callable, Mapping, Sequence

from eleven_cli.commands.output.progress import bar
from eleven_cli.terminal.messages import counted

CHARACTERS_PER_S = 15.0  # of speech, until it is known better
NEVER_COMPLETE = 0.97  # a piece that sounds longer than its text promised
KNOWN_AFTER_S = 3.0
KNOWN_AFTER_SHARE = 0.05
SURPRISE = 1.5  # a guess that turned out so much too low is taken back
SURPRISE_S = 5.0
LONG_S = 90


class LongTextProgress:
    """Pieces of a text with so many characters each, of which some are there already.

    bytes_per_second   of the audio, about
    clock              in seconds

    Its methods may be called by several threads.
    """

    def __init__(
        self,
        characters: Mapping[int, int],
        there: Mapping[int, int],
        bytes_per_second: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._characters, self._clock = dict(characters), clock
        self._before = sum(there.values())
        self._complete_characters = self._complete_bytes = self._complete_pieces = 0
        self._complete_s = 0.0
        self._usual_bytes = bytes_per_second / CHARACTERS_PER_S
        self._bytes: dict[int, int] = {}
        self._begun_at: dict[int, float] = {}
        self._started = clock()
        self._shown_characters = self._before
        self._promised_until: float | None = None
        self.total = sum(self._characters.values())

    def begin(self, index: int) -> None:
        """Notes that a piece is requested."""
        self._bytes[index], self._begun_at[index] = 0, self._clock()

    def add(self, index: int, byte_count: int) -> None:
        """Notes that more of a piece has arrived."""
        self._bytes[index] += byte_count

    def end(self, index: int, *, is_complete: bool) -> None:
        """Notes that a piece is there, or will not come."""
        byte_count, begun_at = self._bytes.pop(index), self._begun_at.pop(index)
        if is_complete:
            self._complete_pieces += 1
            self._complete_characters += self._characters[index]
            self._complete_bytes += byte_count
            self._complete_s += self._clock() - begun_at

    @property
    def characters(self) -> int:
        """The characters whose sound has arrived, also in earlier runs; the number never falls."""
        arriving = sum(self._share(index) * self._characters[index] for index in list(self._bytes))
        counted = self._before + self._complete_characters + int(arriving)
        self._shown_characters = min(max(counted, self._shown_characters), self.total)
        return self._shown_characters

    @property
    def left_s(self) -> float | None:
        """Seconds until all is there; None until it can be estimated. Never more than was said before."""
        now = self._clock()
        characters = self.characters
        fresh, passed_s = characters - self._before, now - self._started
        known = self._complete_pieces and passed_s >= KNOWN_AFTER_S and fresh >= KNOWN_AFTER_SHARE * self.total
        return self._promise(now, passed_s * (self.total - characters) / fresh) if known else None

    @property
    def under_way_left_s(self) -> float | None:
        """Seconds until what is under way is there; None if unknown."""
        guesses = [self._piece_left_s(index) for index in list(self._bytes)]
        known = [guess for guess in guesses if guess is not None]
        return max(known) if known and len(known) == len(guesses) else None

    def _promise(self, now: float, guess_s: float) -> float | None:
        if self._promised_until is None:
            self._promised_until = now + guess_s
        promised_s = max(self._promised_until - now, 0.0)
        if guess_s > promised_s * SURPRISE + SURPRISE_S:
            return None
        self._promised_until = min(self._promised_until, now + guess_s)
        return min(guess_s, promised_s)

    def _piece_left_s(self, index: int) -> float | None:
        passed_s, share = self._clock() - self._begun_at.get(index, self._clock()), self._share(index)
        if share >= KNOWN_AFTER_SHARE:
            return passed_s * (1 - share) / share
        return max(self._complete_s / self._complete_pieces - passed_s, 0.0) if self._complete_pieces else None

    def _share(self, index: int) -> float:
        """Of a piece under way, how much is here: by the bytes that a character took so far."""
        measured = (
            self._complete_bytes / self._complete_characters
            if self._complete_characters and self._complete_bytes
            else 0.0
        )
        expected = self._characters[index] * (measured or self._usual_bytes)
        return min(self._bytes.get(index, 0) / expected, NEVER_COMPLETE) if expected else 0.0


def progress_line(progress: LongTextProgress, credits: int, width: int) -> str:
    """The share, the characters, the credits spent, and the time left where it is known; what fits into the width."""
    done, total = progress.characters, progress.total
    share = done / total if total else 1.0
    left = _time_left(progress.left_s)
    spent = counted(credits, "credit")
    return _widest(
        [
            [bar(share), f"{done:,} of {total:,} characters", spent, left],
            [f"{share:.0%}", f"{done:,} of {total:,} characters", spent, left],
            [f"{share:.0%}", f"{done:,}/{total:,}", spent, left],
            [f"{share:.0%}", spent, left],
            [f"{share:.0%}", left],
            [f"{share:.0%}"],
        ],
        width,
    )


def _widest(candidates: Sequence[Sequence[str]], width: int) -> str:
    lines = [" · ".join(filter(None, parts)) for parts in candidates]
    return next((line for line in lines if len(line) <= width), lines[-1])


def _time_left(left_s: float | None) -> str:
    if left_s is None:
        return ""
    return f"{left_s / 60:.0f} min left" if left_s >= LONG_S else f"{left_s:.0f} s left"
