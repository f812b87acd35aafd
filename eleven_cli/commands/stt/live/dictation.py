"""Carries audio from its source to a live transcription, and its transcripts to the output."""

from eleven_cli.api.stt.events import Committed, Partial
from eleven_cli.api.stt.realtime import LiveTranscription
from eleven_cli.audio.devices.microphone import ONLY_ZEROS, ZEROS_TOLERATED_S
from eleven_cli.audio.endpointing import Endpointer
from eleven_cli.audio.pcm import frame_bytes, level_db
from eleven_cli.commands.output.text import TextOutput
from eleven_cli.commands.output.text_format import TextFormat
from eleven_cli.commands.stt.live.options import LiveOptions
from eleven_cli.commands.stt.live.output import output_of
from eleven_cli.commands.stt.live.source import LiveSource, MicrophoneSource
from eleven_cli.commands.stt.live.utterance import Utterance
from eleven_cli.commands.stt.live.wav import RATE
from eleven_cli.errors import ElevenError
from eleven_cli.pump import Pump
from eleven_cli.signals.graceful_stop import GracefulStop
from eleven_cli.signals.handlers import INTERRUPTED
from eleven_cli.terminal import Progress, Terminal

ENTER = {"\n", "\r"}
HEARD = "…"  # in place of words that nobody may read
SPOKEN_S = 0.1  # what the service takes for speech, too


class Dictation:
    """One run of `stt --live`: until the sound ends, `over` is set, or with `once` the utterance has ended."""

    def __init__(
        self,
        terminal: Terminal,
        transcription: LiveTranscription,
        over: GracefulStop,
        written: TextOutput,
        format: TextFormat,
        options: LiveOptions,
    ) -> None:
        self._terminal, self._transcription, self._over, self._options = terminal, transcription, over, options
        self._is_stdout, self._output = written.is_stdout, output_of(format, written)
        self._endpointer = Endpointer(options.silence_s, SPOKEN_S)
        self._utterance = Utterance(options.timeout_s) if options.once else None
        self._partial = ""
        self._warned = False

    def run(self, source: LiveSource) -> int:
        """Runs to its end; gives the exit code, not 0 after a signal other than Ctrl+C. An error of the source is
        raised after all that was heard is written; with `once`, it is one if nothing was said."""
        pump = Pump(source, self._listen, done=self._end_of_sound)
        with self._terminal.status() as status, self._terminal.keys() as keys:
            pump.start()
            for event in self._transcription:
                if self._is_stdout:
                    self._terminal.refuse_lost_stdout()
                if self._over.deadline_passed:
                    return self._over.exit_code
                if self._over.is_set() or self._is_late():
                    source.close()
                    self._transcription.finish()
                elif self._options.by_enter and ENTER & set(keys.poll()):
                    self._transcription.commit()
                self._look_after(source)
                self._take(event, status)
                if self._utterance is not None and (self._utterance.is_over or self._transcription.unredacted):
                    break
        source.close()
        return self._ended(pump) if self._utterance is None else self._ended_once(pump, self._utterance)

    def _ended(self, pump: Pump) -> int:
        pump.join_or_raise()
        return self._finished()

    def _finished(self) -> int:
        self._output.finish()
        if count := self._transcription.unredacted:
            raise _not_redacted(count)
        return self._over.exit_code

    def _ended_once(self, pump: Pump, utterance: Utterance) -> int:
        if utterance.whole is not None:
            self._write(utterance.whole)
            if utterance.is_over:  # what became of the rest of the sound does not matter
                return self._finished()
            return self._ended(pump)
        pump.join_or_raise()
        if count := self._transcription.unredacted:
            raise _not_redacted(count)
        if self._over.is_set():
            return self._over.exit_code or INTERRUPTED
        raise utterance.nothing_said

    def _listen(self, pcm: bytes) -> None:
        """Passes audio on; if nothing else ends a line, the end of speech does."""
        self._transcription.send_audio(pcm)
        size = frame_bytes(RATE)
        for at in range(0, len(pcm), size):
            if self._endpointer.ends_with(level_db(pcm[at : at + size])):
                self._endpointer.restart()
                if self._options.commit is None:
                    self._transcription.commit()

    def _end_of_sound(self) -> None:
        """The rest is transcribed, but for what comes after the one utterance that was wanted."""
        if self._utterance is None or not self._utterance.is_over:
            self._transcription.finish()

    def _is_late(self) -> bool:
        return self._utterance is not None and self._utterance.is_late(
            is_audible=self._endpointer.has_spoken, is_understood=bool(self._partial.strip())
        )

    def _look_after(self, source: LiveSource) -> None:
        if not self._warned and isinstance(source, MicrophoneSource) and source.zeros_s >= ZEROS_TOLERATED_S:
            self._warned = True
            self._terminal.warn(ONLY_ZEROS)

    def _take(self, event: Partial | Committed | None, status: Progress) -> None:
        match event:
            case Partial(text=text):
                self._partial = text
                if self._options.realtime.redact:  # it is as it was said
                    status.update(HEARD if text.strip() else "")
                    return
                status.update(text, keep_end=True)  # the end is what changes
                self._output.partial(text)
            case Committed():
                self._partial = ""
                status.update("")
                if self._utterance is not None:
                    self._utterance.add(event)
                elif event.text.strip():
                    self._write(event)

    def _write(self, said: Committed) -> None:
        """Writes a transcript; where the text goes to a file, the speaker sees it as well."""
        self._output.committed(said, self._transcription.heard_s)
        if not self._is_stdout and self._terminal.stderr_is_terminal:
            self._terminal.note(said.text.strip())


def _not_redacted(count: int) -> ElevenError:
    transcripts = "a transcript, which is" if count == 1 else f"{count} transcripts, which are"
    return ElevenError(f"the service did not redact {transcripts} left out", code="not_redacted")
