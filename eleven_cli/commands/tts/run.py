"""The run of `eleven tts`: from a plan to audio where it should go, and what that took."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import TYPE_CHECKING

from eleven_cli.api.tts import AudioChunk
from eleven_cli.api.tts.speech import DIALOGUE_CHARACTERS, speaks_only_in_dialogues
from eleven_cli.commands.lookup.voice_candidates import voice_candidates
from eleven_cli.commands.output.audio import copy, open_sinks
from eleven_cli.commands.tts.plan import Part, SpeechPlan
from eleven_cli.commands.tts.synthesizer import Synthesizer, Usage
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, ExitStack
from eleven_cli.terminal import Progress

if TYPE_CHECKING:
    from eleven_cli.audio.sinks import Sink
    from eleven_cli.commands.input.arriving import SentenceFeed
    from eleven_cli.commands.tts.long_text.job import LongTextJob
    from eleven_cli.commands.tts.subtitles import SubtitlesWriter
    from eleven_cli.text.subtitles import TimedText

Chunks = Iterator[AudioChunk]


def run(context: Context, plan: SpeechPlan) -> Usage | None:
    """Carries out the plan; None where all of it is there already, which is said. Raises what went wrong."""
    if all(part.exists for part in plan.parts):
        count = len(plan.parts)
        all_of_them = f"all {count} chapters exist, and are" if count > 1 else "the chapter exists, and is"
        context.terminal.note(f"{all_of_them} left alone")
        return None
    try:
        return _whole_run(context, plan)
    except ElevenError as refused:
        from eleven_cli.commands.lookup.models import explain_model

        explain_model(context, refused, "eleven tts", plan.request.model_id)
        if plan.request.audio_effects is not None:
            from eleven_cli.commands.tts.request import explain_effects

            explain_effects(refused)
        raise


def _whole_run(context: Context, plan: SpeechPlan) -> Usage:
    """Carries it out; once more in dialogues, where the model is refused before anything was paid for."""
    run = _Run(context, plan)
    try:
        return run.run()
    except ElevenError as refused:
        if plan.is_live or run.has_begun or not speaks_only_in_dialogues(plan.request, refused):
            raise
    return _Run(context, _in_dialogues(plan)).run()


def _in_dialogues(plan: SpeechPlan) -> SpeechPlan:
    """The same with requests for dialogues, which take less of a text."""
    from eleven_cli.text.splitting import pieces

    parts: list[Part] = []
    for part in plan.parts:
        texts = [piece for text in part.texts for piece in pieces(text, DIALOGUE_CHARACTERS)]
        parts.append(part._replace(texts=tuple(texts), first=parts[-1].numbers.stop if parts else 0))
    return plan._replace(request=plan.request._replace(in_dialogue=True), parts=parts)


class _Run:
    """What the steps of a run have in common; what one of them finds out it returns."""

    def __init__(self, context: Context, plan: SpeechPlan) -> None:
        self._context, self._terminal, self._plan = context, context.terminal, plan
        self._usage = Usage(context, plan)

    @property
    def has_begun(self) -> bool:
        """Whether the service has accepted a request."""
        return self._usage.requests > 0

    def run(self) -> Usage:
        feed, form = None, None
        if self._plan.is_live:
            from eleven_cli.commands.tts.live import live_sentences

            feed, form = live_sentences(self._terminal, self._plan, self._usage.meter.start)
        _ = self._context.client  # without a key nothing is opened
        streams: Sequence[Chunks] = ()
        job: LongTextJob | None = None
        with self._time_to_end(), ExitStack() as opened, self._terminal.progress() as progress:
            for number, part in enumerate(self._plan.parts):
                if part.exists:
                    self._terminal.note(f"{part.output.file} exists, and is left alone")
                    continue
                with self._sinks(part) as sinks, self._subtitles(part) as write_subtitles:
                    if not streams:
                        streams, job = self._start(feed, progress, opened)
                    timings = self._deliver(streams[number], part, sinks, progress, job)
                    if write_subtitles is not None:
                        write_subtitles(timings, part.said if form is None else form.said)
            if job is not None:
                job.done()
        return self._usage

    def _start(
        self, feed: "SentenceFeed | None", progress: Progress, opened: ExitStack
    ) -> "tuple[Sequence[Chunks], LongTextJob | None]":
        """The chunks of each part, and the job of a long text; returns when the service has accepted the first request.

        feed   of live text
        """
        for candidate in voice_candidates(self._context, self._plan.options.voice):
            with candidate as voice_id:
                self._usage.voice_id = voice_id
                self._usage.meter.start()
                synthesizer = self._synthesizer(voice_id)
                if feed is not None:
                    from eleven_cli.commands.tts.live import speak_live

                    return [speak_live(synthesizer, feed, opened)], None
                if len(self._plan.texts) > 1:
                    return self._long_text(synthesizer, progress, opened)
                return [self._one_request(synthesizer, self._plan.texts[0], opened)], None
        raise AssertionError("the last candidate's refusal is raised")

    def _synthesizer(self, voice_id: str) -> Synthesizer:
        return Synthesizer(
            context=self._context,
            client=self._context.client,
            request=self._plan.request._replace(voice_id=voice_id),
            usage=self._usage,
            timed=self._plan.options.subtitles is not None,
            caches=self._plan.options.cache,
        )

    def _one_request(self, synthesizer: Synthesizer, text: str, opened: ExitStack) -> Chunks:
        if self._plan.max_credits is not None and not synthesizer.is_cached(text):
            from eleven_cli.commands.tts.cost import check_budget

            check_budget(self._context, self._usage.estimate(len(text)), self._plan.max_credits)
        return iter(opened.enter_context(synthesizer.synthesize(text)))

    def _long_text(
        self, synthesizer: Synthesizer, progress: Progress, opened: ExitStack
    ) -> "tuple[Sequence[Chunks], LongTextJob]":
        from eleven_cli.commands.tts.long_text.job import LongTextJob

        job = opened.enter_context(LongTextJob(self._plan, synthesizer, progress))
        return [chain.from_iterable(map(job.chunks, part.numbers)) for part in self._plan.parts], job

    def _deliver(
        self, chunks: Chunks, part: Part, sinks: "list[Sink]", progress: Progress, job: "LongTextJob | None"
    ) -> "Iterable[TimedText]":
        """Write the audio of a part as it comes; gives when each of its characters is heard, where that is wanted."""
        timings: Callable[[], Iterable[TimedText]] = tuple
        audio: Iterator[bytes] = (chunk.data for chunk in chunks if chunk.data)
        meter = self._usage.meter
        if part.subtitles is not None or len(part.texts) != 1:
            from eleven_cli.commands.tts.subtitles import Assembly

            assembly = Assembly(meter.fmt, pieces=None if self._plan.is_live else len(part.texts))
            audio, timings = assembly.audio(chunks), assembly.timings
        with self._playing(part, progress, job) as line:
            copy(meter.watch(audio, progress, line), *sinks)
        return timings()

    def _time_to_end(self) -> AbstractContextManager[object]:
        """The first Ctrl+C leaves time for what is under way of a long text; anything else it ends at once."""
        if len(self._plan.texts) <= 1:
            return nullcontext()
        from eleven_cli.signals.graceful_stop import GracefulStop

        return GracefulStop(raises=True)

    def _playing(
        self, part: Part, progress: Progress, job: "LongTextJob | None"
    ) -> AbstractContextManager[Callable[[], str] | None]:
        """While the audio is on its way; gives what the live line says, which is seen on a terminal only."""
        if not self._terminal.stderr_is_terminal:
            return nullcontext()
        from eleven_cli.commands.output.progress import playing

        return playing(self._usage.meter, part.output, self._terminal, progress, None if job is None else job.line)

    def _sinks(self, part: Part) -> "AbstractContextManager[list[Sink]]":
        return open_sinks(part.output, self._terminal, no_clobber=self._plan.options.no_clobber)

    def _subtitles(self, part: Part) -> "AbstractContextManager[SubtitlesWriter | None]":
        """What writes them; None without any."""
        if part.subtitles is None:
            return nullcontext()
        from eleven_cli.commands.tts import subtitles

        options = self._plan.options
        return subtitles.opened(self._terminal, part.subtitles, options.subtitles_format, no_clobber=options.no_clobber)
