"""A text of many requests: where its pieces are kept, what they cost, how far it is, and how it ends."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from eleven_cli.api.tts.audio_chunk import AudioChunk
from eleven_cli.api.tts.speech import SpeechResponse, StitchContext
from eleven_cli.cache.audio import key
from eleven_cli.cache.jobs import Job
from eleven_cli.commands.output.counting import counted
from eleven_cli.commands.tts import budget, cost, ending
from eleven_cli.commands.tts.advance import Advance
from eleven_cli.commands.tts.advance_line import advance_line
from eleven_cli.commands.tts.bill import Bill
from eleven_cli.commands.tts.pieces import Pieces
from eleven_cli.commands.tts.plan import Part
from eleven_cli.commands.tts.stitching import IDS, known_by, neighbours
from eleven_cli.commands.tts.synthesis import Synthesizer
from eleven_cli.commands.tts.wish import Wish
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, ReaderLeft
from eleven_cli.signals import ONE_PRESS_S

NOT_WORTH_SAYING_S = 2 * ONE_PRESS_S  # who is told to press again must not be taken for one who is still pressing

IDS_REFUSED = (400, 404, 409, 422)


class LongText:
    """The pieces of a long text under way, those whose numbers are `wanted`; a `with`.

    What has arrived is kept until `done()`. However else it ends, what is under way is waited for, as it is paid for;
    Ctrl+C meanwhile drops it.

    tick   is called some times a second while nothing comes
    """

    def __init__(
        self,
        context: Context,
        wish: Wish,
        asking: Synthesizer,
        parts: Sequence[Part],
        wanted: Sequence[int],
        bill: Bill,
        tick: Callable[[], None],
    ) -> None:
        self._context, self._terminal = context, context.terminal
        self._wish, self._asking, self._parts, self._bill = wish, asking, parts, bill
        self._texts = texts = [text for part in parts for text in part.texts]
        self._wanted, self._tick = wanted, tick
        self._factor = cost.factor_of(context, wish.manner.model_id)
        self._characters = sum(len(texts[number]) for number in self._wanted)
        self._job = Job(
            key({**asking.facts(""), "texts": texts}),  # whatever holds them together
            about={"what": " ".join(wish.files) or "a text", "pieces": len(texts)},
        )
        self._unknown_ids: set[str] = set()
        self._opened = ExitStack()
        self._pieces: Pieces | None = None

    def __enter__(self) -> "LongText":
        try:
            self._open()
        except BaseException as failed:
            self._end(failed)
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._end(error)

    def sounds(self, index: int) -> Iterator[AudioChunk]:
        """Of the piece of that number; in order."""
        return self._under_way.sounds(index)

    def done(self) -> None:
        """All of it has gone where it should."""
        self._job.discard()

    def line(self, width: int) -> str:
        """How far it is, in one line of so many cells."""
        return advance_line(self._advance, self._bill.spent, width)

    def _open(self) -> None:
        self._opened.enter_context(self._job)
        if not self._job.resumable:
            self._terminal.warn(f"{self._job.trouble}; a run that is broken off cannot be continued")
        there = {index: len(self._texts[index]) for index in self._wanted if self._job.has(index)}
        budget.check(self._context, cost.estimate(self._to_be_paid(), self._factor), self._wish.max_credits)
        if there:
            shown = f"{sum(there.values()):,} of {counted(self._characters, 'character')}"
            self._terminal.remark(f"continuing: {shown} are there already")
        lengths = {index: len(self._texts[index]) for index in self._wanted}
        self._advance = Advance(lengths, there, self._wish.outlets.fmt.wire.bytes_per_second)
        self._pieces = Pieces(
            self._texts,
            self._ask,
            self._job,
            wanted=self._wanted,
            advance=self._advance,
            tick=lambda: self._tick(),
            one_by_one=self._wish.stitch == IDS,
        )
        self._opened.enter_context(self._pieces)
        self._pieces.wait_for_the_first()

    @property
    def _under_way(self) -> Pieces:
        assert self._pieces is not None, "nothing is asked for before it is entered"
        return self._pieces

    def _end(self, error: BaseException | None) -> None:
        with self._opened:
            if error is None:
                return
            try:
                self._wait_for_what_is_under_way(error)
            except KeyboardInterrupt:
                pass  # the second: what is under way is dropped
            except SystemExit as ended:
                self._report(ended)
                raise
            self._report(error)

    def _wait_for_what_is_under_way(self, error: BaseException) -> None:
        pieces = self._pieces
        if pieces is None:
            return
        pieces.stop()
        if isinstance(error, SystemExit | GeneratorExit):
            return
        pieces.wait(NOT_WORTH_SAYING_S)
        if pieces.under_way and not isinstance(error, ReaderLeft):
            left_s = self._advance.under_way_left_s
            time_left = f", about {left_s:.0f} s" if left_s is not None else ""
            pieces_there = counted(pieces.under_way, "piece")
            self._terminal.note(f"finishing {pieces_there} under way{time_left}; Ctrl+C drops what is not here yet")
        with self._terminal.progress() as progress:
            self._tick = lambda: progress.update(self.line(self._terminal.live_width))
            pieces.wait()

    def _report(self, error: BaseException) -> None:
        kept = [index for index in self._wanted if self._job.has(index)] if self._job.resumable else []
        spent = ending.spent(self._bill)
        if isinstance(error, ReaderLeft) or not (kept or spent):
            return
        said = [spent or "nothing spent in this run"]
        if kept:
            where = f"(in {self._job.folder.parent})"
            said.append(
                f"{len(kept)} of {len(self._wanted)} pieces are kept: the same command continues from there {where}"
            )
        elif self._job.resumable:
            said.append("no piece was whole yet")
        ending.add_words(error, said, self._command(error))

    def _command(self, error: BaseException) -> str:
        most = None
        if getattr(error, "code", "") == cost.TOO_MUCH:
            most = cost.estimate(self._to_be_paid(), self._factor)
        return ending.command_that_goes_on(self._context.words, text_from_stdin=self._wish.reads_stdin, most=most)

    def _ask(self, index: int) -> SpeechResponse:
        client = self._asking.client.twin(tell=self._say_of_a_piece, pause=self._under_way.pause)
        asking = replace(self._asking, client=client, stopped=lambda: self._under_way.is_over)
        beside = self._beside(index)
        try:
            return asking.synthesize(self._texts[index], beside, self._known_by(index))
        except ElevenError as refused:
            if not beside.previous_request_ids or refused.status not in IDS_REFUSED:
                raise
        self._unknown_ids.update(beside.previous_request_ids)
        return asking.synthesize(self._texts[index], self._beside(index), self._known_by(index))

    def _say_of_a_piece(self, line: str) -> None:
        """That the service is busy concerns nobody while other pieces come."""
        (self._terminal.trace if self._under_way.under_way > 1 else self._terminal.note)(line)

    def _to_be_paid(self) -> int:
        """Characters of which neither the job nor the cache has the sound."""
        missing = [index for index in self._wanted if not self._job.has(index)]
        kept = (self._asking.is_cached(self._texts[index], cache_context=self._known_by(index)) for index in missing)
        return sum(len(self._texts[index]) for index, there in zip(missing, kept, strict=True) if not there)

    def _beside(self, index: int) -> StitchContext:
        model, stitch = self._asking.request.model_id, self._wish.stitch
        return neighbours(self._parts, index, model, stitch, self._job, self._unknown_ids)

    def _known_by(self, index: int) -> dict[str, object]:
        return known_by(self._parts, index, self._asking.request.model_id, self._wish.stitch, self._job)
