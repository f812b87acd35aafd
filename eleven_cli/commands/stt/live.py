"""Live transcription: what is being said, as text, while it is being said."""

from collections.abc import Sequence
from shlex import join
from typing import NamedTuple

from eleven_cli.api.stt.events import Committed, Partial
from eleven_cli.api.stt.realtime import LiveTranscription
from eleven_cli.audio.devices.microphone import ONLY_ZEROS, ZEROS_TOLERATED_S
from eleven_cli.commands.output.report import keeps_existing
from eleven_cli.commands.output.text import TextOutput
from eleven_cli.commands.output.text_format import TextFormat, TextTarget
from eleven_cli.commands.stt.hearing import RATE, Ears, FromMicrophone, ears_for
from eleven_cli.commands.stt.live_output import output_of
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.pump import Pump
from eleven_cli.signals import GracefulStop
from eleven_cli.terminal import Progress, Terminal

PATH = "/v1/speech-to-text/realtime"
MODEL = "scribe_v2_realtime"
SILENCE_S = 1.5  # the service's own
ENTER = {"\n", "\r"}


class LiveWish(NamedTuple):
    """manual   commits are asked for with Enter, not made by the service after a silence
    silence_s   how long that silence is
    tuning      further parameters of the service's voice activity detection, by their names there
    timed       whether the times of words are wanted
    format      what is written
    """

    model: str | None = None
    language: str | None = None
    keyterms: tuple[str, ...] = ()
    manual: bool = False
    silence_s: float | None = None
    tuning: tuple[tuple[str, str], ...] = ()
    timed: bool = False
    format: TextFormat = TextFormat.TEXT


def transcribe_live(
    context: Context,
    wish: LiveWish,
    place: TextTarget,
    files: Sequence[str],
    mic: str | None,
    input_format: str | None,
    *,
    no_clobber: bool,
) -> None:
    """Write down what a microphone, a pipe or a file gives."""
    if len(files) > 1:
        raise UsageError(f"--live takes one file, not {len(files)}", hint=f"eleven stt {join(files)}")
    if keeps_existing(context.terminal, place.file, no_clobber=no_clobber):
        return
    file = files[0] if files else None
    with ears_for(context.terminal, file, mic, input_format, output=place.file, since=context.since) as ears:
        transcribe(context, wish, ears, TextOutput(context.terminal, place.file, no_clobber=no_clobber))


def transcribe(context: Context, wish: LiveWish, ears: Ears, written: TextOutput) -> None:
    """Write what is said, until the sound ends or Ctrl+C: then what was said by then is written, too."""
    terminal, over = context.terminal, GracefulStop()
    with written:  # a place that cannot be written is told before a key that is missing
        client = context.client
        transcription = LiveTranscription(
            lambda: client.socket_to(PATH, query(wish), pause=over.wait),
            RATE,
            by_itself=None if wish.manual else (wish.silence_s or SILENCE_S),
            timed=wish.timed,
            tell=terminal.warn,
            pause=over.wait,
        )
        with ears, transcription, over:
            if isinstance(ears, FromMicrophone):
                terminal.note(f"listening: speak now ({'Enter ends a line, ' if wish.manual else ''}Ctrl+C stops)")
            _Dictation(terminal, wish, transcription, over, written).run(ears)
        if over.exit_code:
            raise SystemExit(over.exit_code)


def query(wish: LiveWish) -> list[tuple[str, str]]:
    """The parameters of the socket: only what was chosen."""
    chosen = [
        ("model_id", wish.model or MODEL),
        ("audio_format", f"pcm_{RATE}"),
        ("commit_strategy", "manual" if wish.manual else "vad"),
        ("vad_silence_threshold_secs", None if wish.manual or wish.silence_s is None else f"{wish.silence_s:g}"),
        ("language_code", wish.language),
        ("include_timestamps", "true" if wish.timed else None),
        *wish.tuning,
        *(("keyterms", term) for term in wish.keyterms),
    ]
    return [(name, value) for name, value in chosen if value is not None]


class _Dictation:
    """Sound in, lines out."""

    def __init__(
        self,
        terminal: Terminal,
        wish: LiveWish,
        transcription: LiveTranscription,
        over: GracefulStop,
        written: TextOutput,
    ) -> None:
        self._terminal, self._wish, self._transcription, self._over = terminal, wish, transcription, over
        self._is_stdout, self._output = written.is_stdout, output_of(wish.format, written)
        self._warned = False

    def run(self, ears: Ears) -> None:
        """Until the sound ends. Raises what became of the microphone after what it had heard is written."""
        pump = Pump(ears, self._transcription.hear, done=self._transcription.finish)
        with self._terminal.status() as status, self._terminal.keys() as keys:
            pump.start()
            for event in self._transcription:
                if self._is_stdout:
                    self._terminal.refuse_lost_stdout()
                if self._over.deadline_passed:
                    return
                if self._over.is_set():
                    ears.close()
                    self._transcription.finish()
                elif self._wish.manual and ENTER & set(keys.poll()):
                    self._transcription.commit()
                self._look_after(ears)
                self._show(event, status)
        ears.close()
        pump.join_or_raise()
        self._output.finish()

    def _look_after(self, ears: Ears) -> None:
        if not self._warned and isinstance(ears, FromMicrophone) and ears.zeros_s >= ZEROS_TOLERATED_S:
            self._warned = True
            self._terminal.warn(ONLY_ZEROS)

    def _show(self, event: Partial | Committed | None, status: Progress) -> None:
        match event:
            case Partial(text=text):
                status.update(text, keep_end=True)  # the end is what changes
                self._output.partial(text)
            case Committed() if event.text.strip():
                status.update("")
                self._output.committed(event, self._transcription.heard_s)
                self._let_see(event.text.strip())
            case Committed():
                status.update("")

    def _let_see(self, line: str) -> None:
        """Where a file gets the text, whoever speaks still sees it."""
        if not self._is_stdout and self._terminal.stderr_is_terminal:
            self._terminal.note(line)
