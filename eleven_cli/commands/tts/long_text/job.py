"""LongTextJob: a text of many requests under way: where their audio is kept, what it costs, how it ends."""

from collections.abc import Iterator

from eleven_cli.api.tts import AudioChunk
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.cache.jobs import Job
from eleven_cli.commands.options import TOO_MUCH
from eleven_cli.commands.output.cached import audio_key
from eleven_cli.commands.tts.cost import check_budget
from eleven_cli.commands.tts.long_text.piece_fetcher import PieceFetcher
from eleven_cli.commands.tts.long_text.progress import LongTextProgress, progress_line
from eleven_cli.commands.tts.long_text.stitching import IDS, StitchedSynthesizer
from eleven_cli.commands.tts.plan import SpeechPlan
from eleven_cli.commands.tts.synthesizer import Synthesizer
from eleven_cli.errors import ElevenError, ExitStack, OutputClosed
from eleven_cli.parsing.pasting import shown, with_option
from eleven_cli.signals.handlers import ONE_PRESS_S
from eleven_cli.terminal import Progress
from eleven_cli.terminal.messages import counted

NOT_WORTH_SAYING_S = 2 * ONE_PRESS_S  # who is told to press again must not be taken for one who is still pressing
MOST_SHOWN = 2000
LIMIT = "--max-credits"


class LongTextJob:
    """The pieces of a long text under way, but for the parts that exist; a `with`.

    What has arrived is kept until `done()`. However else it ends, what is under way is waited for, as it is paid for;
    Ctrl+C meanwhile drops it.

    shown   the live line, which goes on while nothing comes
    """

    def __init__(self, plan: SpeechPlan, synthesizer: Synthesizer, shown: Progress) -> None:
        self._context, self._plan, self._shown = synthesizer.context, plan, shown
        self._terminal = self._context.terminal
        self._synthesizer, self._usage = synthesizer, synthesizer.usage
        self._texts = texts = plan.texts
        self._wanted = [number for part in plan.parts if not part.exists for number in part.numbers]
        self._job = Job(
            audio_key(self._context, {**synthesizer.facts(""), "texts": texts}),  # whatever holds them together
            about={"what": " ".join(plan.options.file) or "a text", "pieces": len(texts)},
        )
        self._stitched = StitchedSynthesizer(synthesizer, plan.parts, plan.options.stitch, self._job)
        self._opened = ExitStack()
        self._fetcher: PieceFetcher | None = None

    def __enter__(self) -> "LongTextJob":
        try:
            self._open()
        except BaseException as failed:
            self._end(failed)
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._end(error)

    def chunks(self, index: int) -> Iterator[AudioChunk]:
        """Gives the audio of the piece of that number; to be taken in order."""
        return self._under_way.chunks(index)

    def done(self) -> None:
        """Forgets what was kept: all of it has gone where it should."""
        self._job.discard()

    def line(self, width: int) -> str:
        """How far it is, in one line of so many cells."""
        return progress_line(self._progress, self._usage.spent, width)

    def _open(self) -> None:
        self._opened.enter_context(self._job)
        if not self._job.resumable:
            self._terminal.warn(f"{self._job.trouble}; an interrupted run cannot be continued")
        lengths = {index: len(self._texts[index]) for index in self._wanted}
        there = {index: lengths[index] for index in self._wanted if self._job.has(index)}
        check_budget(self._context, self._unpaid_credits(), self._plan.max_credits)
        if there:
            of_all = f"{sum(there.values()):,} of {counted(sum(lengths.values()), 'character')}"
            self._terminal.remark(f"continuing: {of_all} are done already")
        self._progress = LongTextProgress(lengths, there, self._plan.output.fmt.wire.bytes_per_second)
        self._fetcher = PieceFetcher(
            self._synthesize,
            self._job,
            wanted=self._wanted,
            progress=self._progress,
            tick=lambda: self._shown.update(self.line(self._terminal.live_width)),
            one_by_one=self._plan.options.stitch == IDS,
        )
        self._opened.enter_context(self._fetcher)
        self._fetcher.wait_for_the_first()

    @property
    def _under_way(self) -> PieceFetcher:
        assert self._fetcher is not None, "nothing is requested before it is entered"
        return self._fetcher

    def _synthesize(self, index: int) -> SpeechResponse:
        client = self._synthesizer.client.clone(on_notice=self._tell_of_a_piece, pause=self._under_way.pause)
        return self._stitched.synthesize(index, client, stopped=lambda: self._under_way.is_over)

    def _tell_of_a_piece(self, line: str) -> None:
        """That the service is busy is not told while other pieces come."""
        (self._terminal.trace if self._under_way.under_way > 1 else self._terminal.note)(line)

    def _unpaid_credits(self) -> int:
        return self._usage.estimate(self._stitched.unpaid_characters(self._wanted))

    def _end(self, error: BaseException | None) -> None:
        with self._opened:
            if error is None:
                return
            try:
                self._wait_for_what_is_under_way(error)
            except KeyboardInterrupt:
                pass  # the second: what is under way is dropped
            except SystemExit as ended:
                self._explain(ended)
                raise
            self._explain(error)

    def _wait_for_what_is_under_way(self, error: BaseException) -> None:
        fetcher = self._fetcher
        if fetcher is None:
            return
        fetcher.stop()
        if isinstance(error, SystemExit | GeneratorExit):
            return
        fetcher.wait(NOT_WORTH_SAYING_S)
        if fetcher.under_way and not isinstance(error, OutputClosed):
            left_s = self._progress.under_way_left_s
            time_left = f", about {left_s:.0f} s" if left_s is not None else ""
            pieces = counted(fetcher.under_way, "piece")
            self._terminal.note(
                f"finishing {pieces} under way{time_left}; Ctrl+C again drops the rest, which is paid for"
            )
        with self._terminal.progress() as self._shown:
            fetcher.wait()

    def _explain(self, error: BaseException) -> None:
        """Adds to the error what was spent, what is kept, and the command that resumes."""
        kept = [index for index in self._wanted if self._job.has(index)] if self._job.resumable else []
        has_spent = self._usage.requests > self._usage.from_cache
        if isinstance(error, OutputClosed) or not (kept or has_spent):
            return
        error.add_note(f"spent {self._usage.cost}" if has_spent else "nothing spent in this run")
        if kept:
            where = f"(in {self._job.folder.parent})"
            count = f"{len(kept)} of {len(self._wanted)} pieces are kept"
            error.add_note(f"{count}: the same command continues from there {where}")
        elif self._job.resumable:
            error.add_note("no piece was complete yet")
        is_too_much = getattr(error, "code", "") == TOO_MUCH
        command = self._command_that_goes_on(self._unpaid_credits() if is_too_much else None)
        if isinstance(error, ElevenError) and error.hint and not is_too_much:
            command = f"{error.hint}; then {command}"
        error.hint = command  # type: ignore[attr-defined]

    def _command_that_goes_on(self, max_credits: int | None) -> str:
        """The same command, ready to be pasted; with another limit where one is given."""
        words = self._context.words
        line = shown(words if max_credits is None else with_option(words, LIMIT, max_credits, "tts"), MOST_SHOWN)
        if not line:
            return "run the same command again"
        return f"send the same text to: {line}" if self._plan.options.reads_stdin else line
