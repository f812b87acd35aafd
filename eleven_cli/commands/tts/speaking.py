"""Speaking what was wished for: the way from words to audio, whichever way it is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING

from eleven_cli.api.models import speaks_live
from eleven_cli.api.tts.audio_chunk import AudioChunk
from eleven_cli.audio.sinks import Sink, copy
from eleven_cli.commands.input.text import EXAMPLE
from eleven_cli.commands.lookup.voice_candidates import with_voice
from eleven_cli.commands.output.audio import opened
from eleven_cli.commands.output.meter import Meter
from eleven_cli.commands.output.position import playing
from eleven_cli.commands.tts import budget, cost
from eleven_cli.commands.tts.assembly import Assembly
from eleven_cli.commands.tts.bill import Bill
from eleven_cli.commands.tts.outputs import Output, outputs_for
from eleven_cli.commands.tts.plan import Part, sources
from eleven_cli.commands.tts.synthesis import Synthesizer
from eleven_cli.commands.tts.wish import Wish
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Progress, Terminal

if TYPE_CHECKING:
    from eleven_cli.commands.tts.arriving_text import Utterance
    from eleven_cli.text.subtitles import Timed


class Speaking:
    """One run of `eleven tts`. `parts` are what is to be spoken; None when it is still being written.

    wish    what was wished for
    bill    what was asked for
    outputs where it goes, known when it runs
    meter   what came
    factor  credits a character
    """

    def __init__(self, context: Context, wish: Wish, parts: Sequence[Part] | None) -> None:
        self._context, self.wish, self._parts = context, wish, parts
        self._terminal = context.terminal
        self._progress_line: Callable[[int], str] | None = None
        self._progress: Progress | None = None
        self.outputs: Sequence[Output] = ()
        self._done: Callable[[], None] = lambda: None
        self.bill = Bill(lambda characters: cost.estimate(characters, self.factor), wish.max_credits)
        self.meter = Meter(wish.outlets.fmt.wire)
        self._utterances = self._checked(_arriving(context, wish)) if parts is None else iter(())

    @cached_property
    def factor(self) -> float:
        return cost.factor_of(self._context, self.wish.manner.model_id)

    def run(self) -> bool:
        """Speak it all, to where it shall go; False where all is there already. Raises what went wrong."""
        outputs = self.outputs = outputs_for(self.wish, self._parts, sources(self._terminal, self.wish))
        if all(output.there for output in outputs):
            all_of_them = (
                f"all {len(outputs)} chapters exist, and are" if len(outputs) > 1 else "the chapter exists, and is"
            )
            self._terminal.note(f"{all_of_them} left alone")
            return False
        _ = self._context.client  # without a key nothing is opened
        started: list[Iterator[AudioChunk]] = []
        with self._time_to_end(), ExitStack() as opening:
            for number, output in enumerate(outputs):
                if output.there:
                    self._terminal.note(f"{output.outlets.file} exists, and is left alone")
                    continue
                with (
                    opened(output.outlets, self._terminal, no_clobber=self.wish.no_clobber) as sinks,
                    _subtitles(self._terminal, output.subtitles, self.wish) as write_subtitles,
                    self._terminal.progress() as progress,
                ):
                    self._progress = progress
                    if not started:
                        start = partial(self._start, opening, outputs)
                        started = with_voice(self._context, self.wish.voice, start)
                    assembly = self._carry(started[number], output, sinks, progress)
                    write_subtitles(assembly.timings())
            self._done()
        return True

    def _carry(self, sounds: Iterator[AudioChunk], output: Output, sinks: list[Sink], progress: Progress) -> Assembly:
        assembly = Assembly(self.wish.outlets.fmt.wire, pieces=output.pieces, timed=output.subtitles is not None)
        with playing(self.meter, output.outlets, self._terminal, progress, self._progress_line) as line:
            copy(self.meter.watch(assembly.audio(sounds), progress, line), *sinks)
        return assembly

    def _start(self, opening: ExitStack, outputs: Sequence[Output], voice_id: str) -> list[Iterator[AudioChunk]]:
        """The sound for each output, by this voice; returns when the service has accepted the first request."""
        self.bill.voice_id = voice_id
        self.meter.start()
        asking = self._asking(voice_id)
        if self._parts is None:
            return [self._live(opening, asking)]
        texts = [text for part in self._parts for text in part.texts]
        if len(texts) > 1:
            left = [part for part, output in zip(self._parts, outputs, strict=False) if not output.there]
            wanted = [number for part in left for number in part.numbers]
            return self._piece_by_piece(opening, asking, self._parts, wanted)
        if self.wish.max_credits is not None and not asking.is_cached(texts[0]):
            budget.check(self._context, cost.estimate(len(texts[0]), self.factor), self.wish.max_credits)
        return [iter(opening.enter_context(asking.synthesize(texts[0])))]

    def _asking(self, voice_id: str) -> Synthesizer:
        cache = None
        if self.wish.cache:
            from eleven_cli.cache.audio import AudioCache

            cache = AudioCache()
        config = self._context.config
        server = "sandbox" if config.sandbox else config.base_url.value
        return Synthesizer(
            client=self._context.client,
            server=server,
            request=self.wish.manner._replace(voice_id=voice_id),
            usage=self.bill,
            timed=self.wish.subtitles is not None,
            cache=cache,
            warn=self._terminal.warn,
            waiting=partial(self._terminal.note, "another process is making the same audio; waiting for it"),
        )

    def _live(self, opening: ExitStack, asking: Synthesizer) -> Iterator[AudioChunk]:
        from eleven_cli.api.tts.stream import narrate
        from eleven_cli.commands.tts.live import live
        from eleven_cli.commands.tts.synthesis import stream_durations

        tell, clock = self._terminal.warn, partial(stream_durations, self.wish.outlets.fmt.wire)
        socket = partial(narrate, asking.client, asking.request, clock, allow=self.bill.send, tell=tell)
        has_socket = speaks_live(asking.request.model_id)
        return live(
            opening,
            socket if has_socket else None,
            asking.synthesize,
            self._utterances,
            self.bill,
            give_back=self._say_again,
        )

    def _piece_by_piece(
        self, opening: ExitStack, asking: Synthesizer, parts: Sequence[Part], wanted: Sequence[int]
    ) -> list[Iterator[AudioChunk]]:
        from eleven_cli.commands.tts.long_text import LongText

        long_text = LongText(self._context, self.wish, asking, parts, wanted, self.bill, self._show)
        self._progress_line = long_text.line
        opening.enter_context(long_text)
        self._done = long_text.done
        return [chain.from_iterable(map(long_text.sounds, part.numbers)) for part in parts]

    def _time_to_end(self) -> AbstractContextManager[object]:
        """The first Ctrl+C leaves time for what is under way of a long text; anything else it ends at once."""
        from eleven_cli.signals import GracefulStop

        is_long = sum(len(part.texts) for part in self._parts or ()) > 1
        return GracefulStop(raises=True) if is_long else nullcontext()

    def _show(self) -> None:
        if self._progress is not None and self._progress_line is not None:
            self._progress.update(self._progress_line(self._terminal.live_width))

    def _say_again(self, utterance: "Utterance") -> None:
        """It was refused: by another voice it may be spoken."""
        self._utterances = chain([utterance], self._utterances)

    def _checked(self, utterances: "Iterable[Utterance | None]") -> "Iterator[Utterance | None]":
        """The same; the clock starts with the first. Raises UsageError when there was none."""
        said = False
        for utterance in utterances:
            if utterance is not None and not said:
                self.meter.start()
                said = True
            yield utterance
        if not said:
            raise UsageError("the text is empty", hint=EXAMPLE)


@contextmanager
def _subtitles(terminal: Terminal, path: str | None, wish: Wish) -> "Iterator[Callable[[Iterable[Timed]], None]]":
    """What writes them, or nothing."""
    if path is None:
        yield lambda timings: None
        return
    from eleven_cli.commands.tts import subtitle_file

    with subtitle_file.opened(terminal, path, wish.subtitles_format, no_clobber=wish.no_clobber) as write:
        yield write


def _arriving(context: Context, wish: Wish) -> "Iterator[Utterance | None]":
    """What stdin gives, from now on."""
    from eleven_cli.commands.tts.arriving_text import utterances
    from eleven_cli.text.markdown.stream import Cleaner

    def tell(note: str) -> None:
        context.terminal.warn(f"stdin: {note}")

    clean = Cleaner().feed if wish.markdown else str
    return utterances(context.terminal.arriving(), clean, markdown=bool(wish.markdown), tell=tell)
