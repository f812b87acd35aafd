"""A text of many requests: where its pieces are kept, what they cost, and how far it is."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from eleven_cli.api.sound import Sound
from eleven_cli.api.speech import Neighbours
from eleven_cli.cache.audio import key
from eleven_cli.cache.jobs import Job
from eleven_cli.commands.bars import bar
from eleven_cli.commands.meter import Meter
from eleven_cli.commands.tts import cost
from eleven_cli.commands.tts.asking import Answer, Asking
from eleven_cli.commands.tts.bill import Bill
from eleven_cli.commands.tts.pieces import Pieces
from eleven_cli.commands.tts.plan import Part
from eleven_cli.commands.tts.stitching import IDS, known_by, neighbours
from eleven_cli.commands.tts.wish import Wish
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError


class LongText:
    """The pieces of a long text under way, those whose numbers are `wanted`; a `with`.

    What has arrived is kept until `done()`.
    """

    def __init__(
        self, context: Context, wish: Wish, asking: Asking, parts: Sequence[Part], wanted: Sequence[int], bill: Bill
    ) -> None:
        self._terminal, self._wish, self._asking, self._parts = context.terminal, wish, asking, parts
        self._texts = texts = [text for part in parts for text in part.texts]
        self._wanted = wanted
        self._factor = cost.factor_of(context, wish.manner.model_id)
        self._characters = sum(len(texts[number]) for number in self._wanted)
        self._job = Job(
            key({**asking.facts(""), "texts": texts, "stitch": wish.stitch}),
            about={"what": " ".join(wish.files) or "a text", "pieces": len(texts)},
        )
        self._pieces = Pieces(texts, self._ask, self._job, wanted=self._wanted, one_by_one=wish.stitch == IDS)
        self._opened = ExitStack()

    def __enter__(self) -> "LongText":
        with ExitStack() as opening:
            opening.enter_context(self._job)
            if not self._job.resumable:
                self._terminal.warn(f"{self._job.trouble}; a run that is broken off cannot be continued")
            there = sum(len(self._texts[index]) for index in self._wanted if self._job.has(index))
            if self._wish.max_credits is not None:
                cost.check(cost.estimate(self._to_be_paid(), self._factor), self._wish.max_credits)
            if there:
                self._terminal.note(f"continuing: {there:,} of {self._characters:,} characters are there already")
            self._there = there
            opening.enter_context(self._pieces)
            self._pieces.wait_for_the_first()
            self._opened = opening.pop_all()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._opened.__exit__(kind, error, trace)
        kept = sum(map(self._job.has, self._wanted)) if error is not None and self._job.resumable else 0
        if not kept:
            return
        said = f"{kept} of {len(self._wanted)} pieces are kept: the same command continues from there"
        if isinstance(error, ElevenError):
            error.add_note(said)
        else:
            self._terminal.note(said)

    def sounds(self, index: int) -> Iterator[Sound]:
        """Of the piece of that number; in order."""
        return self._pieces.sounds(index)

    def done(self) -> None:
        """All of it has gone where it should."""
        self._job.discard()

    def line(self, meter: Meter) -> str:
        """How far it is, in one line."""
        done = min(self._pieces.done, self._characters)
        spent = cost.estimate(max(done - self._there, 0), self._factor)
        figures = f"{done:,} of {self._characters:,} characters · {spent:,} credits · {meter.audio_s:,.0f} s of audio"
        return f"{bar(done / self._characters)} {figures}{self._time_left(meter, done)}"

    def _time_left(self, meter: Meter, done: int) -> str:
        fresh = done - self._there
        if fresh <= 0:
            return ""
        left_s = meter.since_start_s * (self._characters - done) / fresh
        return f" · {left_s / 60:.0f} min left" if left_s >= 90 else f" · {left_s:.0f} s left"

    def _ask(self, index: int) -> Answer:
        asking = self._asking._replace(client=self._asking.client.twin(tell=self._terminal.trace))
        return asking.ask(self._texts[index], self._beside(index), self._known_by(index))

    def _to_be_paid(self) -> int:
        """Characters of which neither the job nor the cache has the sound."""
        missing = [index for index in self._wanted if not self._job.has(index)]
        kept = (self._asking.is_kept(self._texts[index], known_by=self._known_by(index)) for index in missing)
        return sum(len(self._texts[index]) for index, there in zip(missing, kept, strict=True) if not there)

    def _beside(self, index: int) -> Neighbours:
        return neighbours(self._parts, index, self._asking.manner.model_id, self._wish.stitch, self._job)

    def _known_by(self, index: int) -> dict[str, object]:
        return known_by(self._parts, index, self._asking.manner.model_id, self._wish.stitch, self._job)
