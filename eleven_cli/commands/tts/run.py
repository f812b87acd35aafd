"""The run of `eleven tts`: from a plan to audio where it should go, and what that took."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING

from eleven_cli.api.tts.speech import AudioChunk
from eleven_cli.commands.lookup.voice_candidates import voice_candidates
from eleven_cli.commands.output.audio import Meter, copy, open_sinks
from eleven_cli.commands.tts.plan import Part, SpeechPlan
from eleven_cli.commands.tts.report import Usage
from eleven_cli.commands.tts.synthesis import Synthesizer
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError
from eleven_cli.terminal import Progress, Terminal

if TYPE_CHECKING:
    from eleven_cli.audio.sinks import Sink
    from eleven_cli.commands.input.arriving import SentenceFeed
    from eleven_cli.text.spoken.form import Said, SpokenForm
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
        return _Run(context, plan).run()
    except ElevenError as refused:
        from eleven_cli.commands.lookup.models import explain_model

        explain_model(context, refused, "eleven tts", plan.request.model_id)
        if plan.request.audio_effects is not None:
            from eleven_cli.commands.tts.effects import explain_effects

            explain_effects(refused)
        raise


class _Run:
    def __init__(self, context: Context, plan: SpeechPlan) -> None:
        self._context, self._terminal, self._plan = context, context.terminal, plan
        self._meter = Meter(plan.output.fmt.wire)
        self._usage = Usage(self._meter, self._estimate, plan.max_credits)
        self._progress: Progress | None = None
        self._progress_line: Callable[[int], str] | None = None
        self._done: Callable[[], None] = lambda: None
        self._form: SpokenForm | None = None  # of live text
        self._feed = self._sentence_feed() if plan.is_live else None

    def run(self) -> Usage:
        _ = self._context.client  # without a key nothing is opened
        streams: Sequence[Chunks] = ()
        with self._time_to_end(), ExitStack() as opened:
            for number, part in enumerate(self._plan.parts):
                if part.exists:
                    self._terminal.note(f"{part.output.file} exists, and is left alone")
                    continue
                with (
                    open_sinks(part.output, self._terminal, no_clobber=self._plan.options.no_clobber) as sinks,
                    _open_subtitles(self._terminal, part, self._plan) as write_subtitles,
                    self._terminal.progress() as self._progress,
                ):
                    streams = streams or self._start(opened)
                    write_subtitles(self._deliver(streams[number], part, sinks, self._progress))
            self._done()
        return self._usage

    def _deliver(self, chunks: Chunks, part: Part, sinks: "list[Sink]", progress: Progress) -> "Iterable[TimedText]":
        """Write the audio of a part as it comes; gives when each of its characters is heard, where that is wanted."""
        timings: Callable[[], Iterable[TimedText]] = tuple
        audio: Iterator[bytes] = (chunk.data for chunk in chunks if chunk.data)
        if part.subtitles is not None or len(part.texts) != 1:
            from eleven_cli.commands.tts.subtitles import Assembly

            pieces = None if self._plan.is_live else len(part.texts)
            assembly = Assembly(self._plan.output.fmt.wire, pieces=pieces)
            audio, timings = assembly.audio(chunks), assembly.timings
        with self._playing(part, progress) as line:
            copy(self._meter.watch(audio, progress, line), *sinks)
        said = self._form.said if self._form is not None else part.said
        return timings() if said is None else _as_written(timings(), said)

    def _start(self, opened: ExitStack) -> Sequence[Chunks]:
        """The chunks of each part; returns when the service has accepted the first request."""
        for candidate in voice_candidates(self._context, self._plan.options.voice):
            with candidate as voice_id:
                self._usage.voice_id = voice_id
                self._meter.start()
                return self._start_with(self._synthesizer(voice_id), opened)
        raise AssertionError("the last candidate's refusal is raised")

    def _start_with(self, synthesizer: Synthesizer, opened: ExitStack) -> Sequence[Chunks]:
        if self._feed is not None:
            return [self._live(synthesizer, self._feed, opened)]
        texts = self._plan.texts
        if len(texts) > 1:
            return self._long_text(synthesizer, opened)
        if self._plan.max_credits is not None and not synthesizer.is_cached(texts[0]):
            from eleven_cli.commands.tts.cost import check_budget

            check_budget(self._context, self._estimate(len(texts[0])), self._plan.max_credits)
        response = opened.enter_context(synthesizer.synthesize(texts[0]))
        return [iter(response)]

    def _synthesizer(self, voice_id: str) -> Synthesizer:
        return Synthesizer(
            context=self._context,
            client=self._context.client,
            request=self._plan.request._replace(voice_id=voice_id),
            usage=self._usage,
            timed=self._plan.options.subtitles is not None,
            caches=self._plan.options.cache,
        )

    def _live(self, synthesizer: Synthesizer, feed: "SentenceFeed", opened: ExitStack) -> Chunks:
        from eleven_cli.api.tts.reconnecting_stream import open_speech_stream
        from eleven_cli.commands.tts.live import speak_live
        from eleven_cli.commands.tts.synthesis import stream_durations

        open_stream = partial(
            open_speech_stream,
            synthesizer.client,
            synthesizer.request,
            partial(stream_durations, self._plan.output.fmt.wire),
            allow=self._usage.send,
            on_notice=self._terminal.warn,
        )
        has_socket = synthesizer.request.audio_effects is None  # no socket takes effects
        return speak_live(opened, open_stream if has_socket else None, synthesizer.synthesize, feed, self._usage)

    def _long_text(self, synthesizer: Synthesizer, opened: ExitStack) -> Sequence[Chunks]:
        from eleven_cli.commands.tts.long_text import LongTextJob

        job = LongTextJob(self._context, self._plan, synthesizer, tick=self._show_progress)
        self._progress_line = job.line
        opened.enter_context(job)
        self._done = job.done
        return [chain.from_iterable(map(job.chunks, part.numbers)) for part in self._plan.parts]

    def _time_to_end(self) -> AbstractContextManager[object]:
        """The first Ctrl+C leaves time for what is under way of a long text; anything else it ends at once."""
        if len(self._plan.texts) <= 1:
            return nullcontext()
        from eleven_cli.signals.graceful_stop import GracefulStop

        return GracefulStop(raises=True)

    def _playing(self, part: Part, progress: Progress) -> AbstractContextManager[Callable[[], str] | None]:
        """While the audio is on its way; gives what the live line says, which is seen on a terminal only."""
        if not self._terminal.stderr_is_terminal:
            return nullcontext()
        from eleven_cli.commands.output.progress import playing

        return playing(self._meter, part.output, self._terminal, progress, self._progress_line)

    def _show_progress(self) -> None:
        if self._progress is not None and self._progress_line is not None:
            self._progress.update(self._progress_line(self._terminal.live_width))

    def _sentence_feed(self) -> "SentenceFeed":
        """What stdin gives, from now on. The clock starts with the first sentence."""
        from eleven_cli.commands.input.arriving import SentenceFeed, sentences

        def warn(note: str) -> None:
            self._terminal.warn(f"stdin: {note}")

        is_markdown = bool(self._plan.options.markdown)
        clean: Callable[[str], str] = str
        if is_markdown:
            from eleven_cli.text.markdown.stream import Cleaner

            clean = Cleaner().feed
        if self._plan.rules is not None:
            form = self._plan.rules.form()
            self._form = form if self._plan.options.subtitles is None else form.remember()
        given = sentences(self._terminal.arriving(), clean, markdown=is_markdown, form=self._form, warn=warn)
        return SentenceFeed(given, self._meter.start)

    def _estimate(self, characters: int) -> int:
        from eleven_cli.commands.tts.cost import estimate

        return estimate(characters, self._credits_per_character)

    @cached_property
    def _credits_per_character(self) -> float:
        from eleven_cli.commands.tts.cost import factor_of

        return factor_of(self._context, self._plan.request.model_id)


def _as_written(timings: "Iterable[TimedText]", said: "Said") -> "Iterable[TimedText]":
    from eleven_cli.text.spoken.restoring import restored

    return restored(timings, said)


@contextmanager
def _open_subtitles(
    terminal: Terminal, part: Part, plan: SpeechPlan
) -> "Iterator[Callable[[Iterable[TimedText]], object]]":
    """What writes them, or nothing."""
    if part.subtitles is None:
        yield lambda timings: None
        return
    from eleven_cli.commands.tts import subtitles

    options = plan.options
    with subtitles.opened(terminal, part.subtitles, options.subtitles_format, no_clobber=options.no_clobber) as write:
        yield write
