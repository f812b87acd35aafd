"""PieceFetcher: requests the pieces of a long text in parallel, keeps them as they arrive, and gives them in order."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from eleven_cli.api.tts import Alignment, AudioChunk
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.cache.jobs import Job
from eleven_cli.cache.piece import TICK_S, Piece
from eleven_cli.commands.tts.long_text.progress import LongTextProgress
from eleven_cli.condition import Condition
from eleven_cli.errors import ElevenError, LimitError

UNKNOWN_LIMIT = 2  # what the smallest plan allows
MOST_REQUESTS = 20  # whatever the service allows
AHEAD = 4  # times as many pieces may be requested before their turn as may be at once
TOO_MANY = 429
MODEST_S = 30.0  # how long after a refusal the lower number of requests is kept


class PieceFetcher:
    """The audio of each piece in its turn, while others are under way. A `with`.

    synthesize requests one of them, and returns when the service has accepted
    job        where they are kept; those that it has are not requested
    wanted     the numbers of those to be given; the others are not requested
    progress   is told of all that arrives
    tick       is called some times a second while nothing comes
    one_by_one whether each needs what became of the one before
    """

    def __init__(
        self,
        synthesize: Callable[[int], SpeechResponse],
        job: Job,
        *,
        wanted: Sequence[int],
        progress: LongTextProgress,
        tick: Callable[[], None] = lambda: None,
        one_by_one: bool = False,
    ) -> None:
        self._synthesize, self._job = synthesize, job
        self._progress, self._tick = progress, tick
        self._changed = Condition()
        self._arriving: dict[int, Piece] = {}
        self._requested: set[int] = set()
        self._numbers = wanted
        self._again: list[int] = []
        self._next = self._turn = self._under_way = 0
        self._allowed, self._most = 1, 1 if one_by_one else None
        self._workers: list[threading.Thread] = []
        self._modest_until = 0.0
        self._error: Exception | None = None
        self._over = False

    def __enter__(self) -> "PieceFetcher":
        with self._changed:  # where no signal can break the start of a thread
            self._grow()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Requests nothing more; running requests continue."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    @property
    def is_over(self) -> bool:
        """Whether no more is requested."""
        return self._over

    @property
    def under_way(self) -> int:
        """How many have been requested and are not here yet."""
        return self._under_way

    def wait(self, most_s: float = float("inf")) -> None:
        """Waits until nothing is under way, after `stop()`; no longer than that."""
        until = time.monotonic() + most_s
        with self._changed:
            while self._under_way and time.monotonic() < until:
                self._changed.wait(min(TICK_S, most_s))
                self._tick()

    def pause(self, pause_s: float) -> None:
        """Wait before another try. Raises ElevenError as soon as no more is to be requested."""
        with self._changed:
            if self._changed.wait_for(lambda: self._over, pause_s):
                raise ElevenError("cancelled before the service accepted a piece of the text", code="given_up")

    def chunks(self, index: int) -> Iterator[AudioChunk]:
        """Gives the audio of the piece of that number; pieces must be taken in order."""
        with self._changed:
            self._turn = self._numbers.index(index)
            self._changed.notify_all()
        piece = self._begun(index)
        for chunk in self._job.read(index) if piece is None else piece.follow(self._tick):
            yield AudioChunk(chunk, piece=index)
        with self._changed:
            self._arriving.pop(index, None)
        if alignment := _alignment(self._job.facts(index)):
            yield AudioChunk(b"", alignment, index)

    def wait_for_the_first(self) -> None:
        """Waits until something arrives. Raises the service's refusal."""
        self._begun(self._numbers[0])

    def _begun(self, index: int) -> Piece | None:
        """The piece while it arrives; None when it is whole. Waits for its beginning; raises why there is none."""
        with self._changed:
            while not self._job.has(index):
                if index in self._arriving:
                    return self._arriving[index]
                if (
                    self._error is not None and index not in self._requested
                ):  # another's failure is no reason to drop it
                    raise self._error
                self._changed.wait(TICK_S)
                self._tick()
        return None

    def _grow(self) -> None:
        """As many workers as there may be requests at once, and no more than there are pieces for."""
        while len(self._workers) < min(self._allowed, self._under_way + self._left) and not self._over:
            worker = threading.Thread(target=self._work, daemon=True)
            self._workers.append(worker)
            worker.start()

    @property
    def _left(self) -> int:
        """Pieces that are still to be requested, counted up to as many as matter."""
        missing = (number for number in self._numbers[self._next :] if not self._job.has(number))
        return len(self._again) + sum(1 for _ in islice(missing, MOST_REQUESTS))

    def _work(self) -> None:
        try:
            while (index := self._taken()) is not None:
                self._fetch(index)
        except Exception as failed:
            with self._changed:
                self._error = self._error or failed
                self._changed.notify_all()

    def _taken(self) -> int | None:
        """The next piece to request; None when there is nothing more for this worker to do."""
        with self._changed:
            while not (self._over or self._error):
                if self._under_way < self._allowed and (index := self._wanted()) is not None:
                    self._under_way += 1
                    self._requested.add(index)
                    return index
                if self._next >= len(self._numbers) and not self._again and not self._under_way:
                    return None
                self._changed.wait()
        return None

    def _wanted(self) -> int | None:
        if self._again:
            return self._again.pop(0)
        while self._next < len(self._numbers) and self._job.has(self._numbers[self._next]):
            self._next += 1
        if self._next >= min(len(self._numbers), self._turn + AHEAD * self._allowed):
            return None
        self._next += 1
        return self._numbers[self._next - 1]

    def _fetch(self, index: int) -> None:
        self._progress.begin(index)
        try:
            # the place for it is there before it is paid for
            with self._job.piece(index) as piece, self._synthesize(index) as response:
                self._allow(response.concurrency_limit)
                self._keep(index, piece, response)
        except LimitError as refused:
            if not self._make_do_with_less(index, refused):
                raise
        finally:
            self._progress.end(index, is_complete=self._job.has(index))
            with self._changed:
                self._under_way -= 1
                self._requested.discard(index)
                self._changed.notify_all()

    def _keep(self, index: int, piece: Piece, response: SpeechResponse) -> None:
        alignments: list[Alignment] = []
        with self._changed:
            self._arriving[index] = piece
            self._changed.notify_all()
        for chunk in response:
            piece.write(chunk.data)
            self._progress.add(index, len(chunk.data))
            alignments += filter(None, [chunk.alignment])
        piece.finish({"request_id": response.request_id, "at": time.time(), "alignments": alignments})

    def _allow(self, concurrency_limit: int | None) -> None:
        with self._changed:
            if time.monotonic() >= self._modest_until:
                self._allowed = self._most or min(max(concurrency_limit or UNKNOWN_LIMIT, 1), MOST_REQUESTS)
            self._grow()
            self._changed.notify_all()

    def _make_do_with_less(self, index: int, refused: LimitError) -> bool:
        """Too many at once, perhaps because of another program: whether this one can wait for the others."""
        with self._changed:
            if refused.status != TOO_MANY or self._under_way < 2:
                return False
            self._allowed = self._under_way - 1
            self._modest_until = time.monotonic() + MODEST_S
            self._again.append(index)
            return True


def _alignment(facts: dict[str, Any]) -> Alignment | None:
    """What was kept of a piece's timings, as one."""
    kept = facts.get("alignments") or []
    if not kept:
        return None
    columns = zip(*kept, strict=True)
    characters, starts_s, ends_s = (tuple(value for part in column for value in part) for column in columns)
    return Alignment(characters, starts_s, ends_s)
