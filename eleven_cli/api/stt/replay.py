"""Audio of a live transcription that may have to be sent again, and its pauses. Pure.

Positions are in bytes of all that was heard, 16-bit mono.
"""

from collections import deque
from collections.abc import Iterator

SAMPLE_BYTES = 2
SLICE_S = 0.02
INAUDIBLE, SOFT = 100, 500  # of 32,767
RECENT_S = 5.0  # by which is judged what is quiet
CONTRAST = 2.0  # between the loudest and the quietest of it, where pauses can be told from speech
QUIET_SHARE = 0.08  # of what lies between them
LEAST_PAUSE_S = 0.15  # what is shorter happens within words
KEPT_S = 300.0


class ReplayBuffer:
    """Keeps the audio since `forget`, at most KEPT_S of it.

    position   how much was heard in all
    start      where what may have to be sent again begins
    """

    def __init__(self, rate: int) -> None:
        self.position = self.start = 0
        self._kept_from = 0  # before `start` where `rewind` may still be wanted
        self._rate = rate
        self._kept = bytearray()
        self._recent: deque[int] = deque(maxlen=round(RECENT_S / SLICE_S))
        self._quiet_since: int | None = None
        self._pauses: deque[tuple[int, int]] = deque()  # maximal, those that are over, in order

    def append(self, pcm: bytes) -> None:
        """Adds audio."""
        step = self.bytes_of(SLICE_S)
        for at in range(0, len(pcm), step):
            self._listen(pcm[at : at + step])
        self._kept += pcm
        self.forget(self.position - self.bytes_of(KEPT_S))

    def forget(self, until: int) -> None:
        """Drops the audio before that position."""
        self.skip(until)
        size = min(max(until - self._kept_from, 0), len(self._kept))
        del self._kept[:size]
        self._kept_from += size
        while self._pauses and self._pauses[0][1] <= self._kept_from:
            self._pauses.popleft()

    def skip(self, until: int) -> None:
        """Takes the audio before that position for done, and keeps it until it is forgotten."""
        self.start = max(self.start, min(until, self._kept_from + len(self._kept)))

    def rewind(self) -> None:
        """Takes nothing for done that was not forgotten."""
        self.start = self._kept_from

    def between(self, first: int, end: int, step_s: float) -> Iterator[bytes]:
        """Gives what is kept between two positions, in pieces."""
        step = self.bytes_of(step_s)
        for at in range(max(first, self.start) - self._kept_from, end - self._kept_from, step):
            yield bytes(self._kept[at : min(at + step, end - self._kept_from)])

    def silence(self, seconds: float, step_s: float) -> Iterator[bytes]:
        """Gives so many seconds of silence, in pieces."""
        left, step = self.bytes_of(max(seconds, 0)), self.bytes_of(step_s)
        for at in range(0, left, step):
            yield bytes(min(step, left - at))

    def pauses(self, least_s: float) -> Iterator[tuple[int, float]]:
        """The pauses of so many seconds and more that something was heard before: where each begins, and its length."""
        newest = [(self._quiet_since, self.position)] if self._quiet_since is not None else []
        for first, end in (*self._pauses, *newest):
            if first > self.start and self.seconds_of(end - first) >= least_s:
                yield first, self.seconds_of(end - first)

    @property
    def can_be_quiet(self) -> bool:
        """Whether there are pauses to be found, and not too much noise."""
        return any(end > self.start for _, end in self._pauses) or self._quiet_since is not None

    @property
    def is_quiet(self) -> bool:
        """Whether all that is kept is quiet."""
        return self._quiet_since is not None and self._quiet_since <= self.start

    @property
    def quiet_s(self) -> float:
        """Seconds of the pause at the end."""
        return 0.0 if self._quiet_since is None else self.seconds_of(self.position - self._quiet_since)

    def bytes_of(self, seconds: float) -> int:
        return int(seconds * self._rate) * SAMPLE_BYTES

    def seconds_of(self, size: int) -> float:
        return size / SAMPLE_BYTES / self._rate

    def _listen(self, piece: bytes) -> None:
        samples = memoryview(piece[: len(piece) & ~1]).cast("h")
        quiet = not samples or self._is_quiet(max(max(samples), -min(samples)))
        if quiet and self._quiet_since is None:
            self._quiet_since = self.position
        elif not quiet and self._quiet_since is not None:
            if self.seconds_of(self.position - self._quiet_since) >= LEAST_PAUSE_S:
                self._pauses.append((self._quiet_since, self.position))
            self._quiet_since = None
        self.position += len(piece)

    def _is_quiet(self, level: int) -> bool:
        """Whether a slice whose loudest sample is this one is a pause, after all that was heard lately."""
        self._recent.append(level)
        softest, loudest = min(self._recent), max(self._recent)
        if loudest < CONTRAST * softest or loudest <= INAUDIBLE:
            return level <= SOFT
        return level <= max(INAUDIBLE, softest + QUIET_SHARE * (loudest - softest))
