"""Live transcription: what is being said, as text, while it is being said."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from eleven_cli.api.scribe import LiveTranscription
from eleven_cli.api.scribe_events import Committed, Partial, Word
from eleven_cli.audio.pump import Pump
from eleven_cli.commands.stt.hearing import RATE, Ears, FromMicrophone
from eleven_cli.context import Context
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
    terminal, client, over = context.terminal, context.client, threading.Event()

    def pause(pause_s: float) -> None:
        over.wait(pause_s)

    transcription = LiveTranscription(
        lambda: client.socket_to(PATH, query(wish)),
        RATE,
        by_itself=None if wish.manual else (wish.silence_s or SILENCE_S),
        timed=wish.timed,
        tell=terminal.warn,
        pause=pause,
    )
    with ears, transcription, asked_for(over):
        if isinstance(ears, FromMicrophone):
            terminal.note(f"listening: speak now; {'Enter ends a line, ' if wish.manual else ''}Ctrl+C the end")
        _Dictation(terminal, wish, transcription, over).run(ears)


@contextmanager
def asked_for(over: threading.Event) -> Iterator[None]:
    """Ctrl+C sets it, and breaks nothing off in the middle; a second one ends everything, as ever."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: over.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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
        self, terminal: Terminal, wish: LiveWish, transcription: LiveTranscription, over: threading.Event
    ) -> None:
        self._terminal, self._wish, self._transcription, self._over = terminal, wish, transcription, over

    def run(self, ears: Ears) -> None:
        """Until the sound ends. Raises what became of the microphone after what it had heard is printed."""
        pump = Pump(ears, self._transcription.hear, done=self._transcription.finish)
        with self._terminal.status() as status, self._terminal.keys() as keys:
            pump.start()
            for event in self._transcription:
                if self._over.is_set():
                    ears.close()
                    self._transcription.finish()
                elif self._wish.manual and ENTER & set(keys.poll()):
                    self._transcription.commit()
                self._show(event, status)
        ears.close()
        pump.join_or_raise()

    def _show(self, event: Partial | Committed | None, status: Progress) -> None:
        match event:
            case Partial(text=text):
                status.update(_end_of(text, self._terminal.width))
                self._event("partial", text)
            case Committed():
                status.update("")
                self._line(event)

    def _line(self, committed: Committed) -> None:
        if self._wish.as_json:
            words = None if committed.words is None else [_word(word) for word in committed.words]
            self._event("committed", committed.text, language=committed.language, words=words)
        elif committed.text.strip():
            self._terminal.print(committed.text.strip())

    def _event(self, kind: str, text: str, **more: object) -> None:
        if self._wish.as_json:
            given = {name: value for name, value in more.items() if value is not None}
            self._terminal.json_line({"type": kind, "text": text, **given})


def _end_of(text: str, width: int) -> str:
    """What fits on a line: the end, which is what changes."""
    return text if len(text) < width else f"…{text[2 - width :]}"


def _word(word: Word) -> dict[str, object]:
    facts = {"text": word.text, "type": word.kind, "start": word.start_s, "end": word.end_s, "speaker": word.speaker}
    return {name: value for name, value in facts.items() if value is not None}
