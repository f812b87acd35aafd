"""Live transcription: what is being said, as text, while it is being said."""

from typing import NamedTuple

from eleven_cli.api.scribe import LiveTranscription
from eleven_cli.api.scribe_events import Committed, Partial, Word
from eleven_cli.audio.microphone import ONLY_ZEROS, ZEROS_TOLERATED_S
from eleven_cli.audio.pump import Pump
from eleven_cli.commands.stt.hearing import RATE, Ears, FromMicrophone
from eleven_cli.context import Context
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
    as_json     every event as a JSON line, on stdout instead of the text
    """

    model: str | None = None
    language: str | None = None
    keyterms: tuple[str, ...] = ()
    manual: bool = False
    silence_s: float | None = None
    tuning: tuple[tuple[str, str], ...] = ()
    timed: bool = False
    as_json: bool = False


def transcribe(context: Context, wish: LiveWish, ears: Ears) -> None:
    """Print what is said, until the sound ends or Ctrl+C: then what was said by then is printed, too."""
    context.terminal.refuse_closed_stdout()
    terminal, client, over = context.terminal, context.client, GracefulStop()
    transcription = LiveTranscription(
        lambda: client.socket_to(PATH, query(wish)),
        RATE,
        by_itself=None if wish.manual else (wish.silence_s or SILENCE_S),
        timed=wish.timed,
        tell=terminal.warn,
        pause=over.wait,
    )
    with ears, transcription, over:
        if isinstance(ears, FromMicrophone):
            terminal.note(f"listening: speak now ({'Enter ends a line, ' if wish.manual else ''}Ctrl+C stops)")
        _Dictation(terminal, wish, transcription, over).run(ears)
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
        self, terminal: Terminal, wish: LiveWish, transcription: LiveTranscription, over: GracefulStop
    ) -> None:
        self._terminal, self._wish, self._transcription, self._over = terminal, wish, transcription, over
        self._warned = False

    def run(self, ears: Ears) -> None:
        """Until the sound ends. Raises what became of the microphone after what it had heard is printed."""
        pump = Pump(ears, self._transcription.hear, done=self._transcription.finish)
        with self._terminal.status() as status, self._terminal.keys() as keys:
            pump.start()
            for event in self._transcription:
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

    def _look_after(self, ears: Ears) -> None:
        if not self._warned and isinstance(ears, FromMicrophone) and ears.zeros_s >= ZEROS_TOLERATED_S:
            self._warned = True
            self._terminal.warn(ONLY_ZEROS)

    def _show(self, event: Partial | Committed | None, status: Progress) -> None:
        match event:
            case Partial(text=text):
                status.update(text, keep_end=True)  # the end is what changes
                self._event("partial", text)
            case Committed():
                status.update("")
                self._line(event)

    def _line(self, committed: Committed) -> None:
        if not committed.text.strip():
            return
        if self._wish.as_json:
            words = None if committed.words is None else [_word(word) for word in committed.words]
            self._event("committed", committed.text, language=committed.language, words=words)
        else:
            self._terminal.print(committed.text.strip())

    def _event(self, kind: str, text: str, **more: object) -> None:
        if self._wish.as_json:
            given = {name: value for name, value in more.items() if value is not None}
            self._terminal.json_line({"type": kind, "text": text, **given})


def _word(word: Word) -> dict[str, object]:
    facts = {"text": word.text, "type": word.kind, "start": word.start_s, "end": word.end_s, "speaker": word.speaker}
    return {name: value for name, value in facts.items() if value is not None}
