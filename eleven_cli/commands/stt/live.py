"""Live transcription: the run of `stt --live`."""

from collections.abc import Sequence
from shlex import join

from eleven_cli.api.stt.events import Committed, Partial
from eleven_cli.api.stt.query import RealtimeOptions, open_socket
from eleven_cli.api.stt.realtime import LiveTranscription
from eleven_cli.audio.devices.microphone import ONLY_ZEROS, ZEROS_TOLERATED_S
from eleven_cli.commands.output.report import keeps_existing
from eleven_cli.commands.output.text import TextOutput
from eleven_cli.commands.output.text_format import TextFormat, TextTarget
from eleven_cli.commands.stt.live_output import output_of
from eleven_cli.commands.stt.live_source import RATE, LiveSource, MicrophoneSource, open_source
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.pump import Pump
from eleven_cli.signals import GracefulStop
from eleven_cli.terminal import Progress, Terminal

ENTER = {"\n", "\r"}


def transcribe_live(
    context: Context,
    options: RealtimeOptions,
    target: TextTarget,
    files: Sequence[str],
    mic: str | None,
    input_format: str | None,
    *,
    no_clobber: bool,
) -> int:
    """Transcribes a microphone, a pipe or a file. Gives the exit code: not 0 after a signal other than Ctrl+C."""
    if len(files) > 1:
        raise UsageError(f"--live takes one file, not {len(files)}", hint=f"eleven stt {join(files)}")
    if keeps_existing(context.terminal, target.file, no_clobber=no_clobber):
        return 0
    file = files[0] if files else None
    with open_source(context.terminal, file, mic, input_format, output=target.file, since=context.since) as source:
        written = TextOutput(context.terminal, target.file, no_clobber=no_clobber)
        return _transcribe(context, options, target.format, source, written)


def _transcribe(
    context: Context, options: RealtimeOptions, format: TextFormat, source: LiveSource, written: TextOutput
) -> int:
    """Writes what is said until the sound ends, or Ctrl+C: then also what was said by then. Gives the exit code."""
    terminal, over = context.terminal, GracefulStop()
    with written:  # a target that cannot be written is reported before a missing key
        client = context.client
        transcription = LiveTranscription(
            lambda: open_socket(client, options, RATE, over.wait),
            RATE,
            by_itself=options.commit_silence_s,
            timed=options.timed,
            on_notice=terminal.warn,
            pause=over.wait,
        )
        with source, transcription, over:
            if isinstance(source, MicrophoneSource):
                terminal.note(f"listening: speak now ({'Enter ends a line, ' if options.manual else ''}Ctrl+C stops)")
            _Dictation(terminal, transcription, over, written, format, is_manual=options.manual).run(source)
        return over.exit_code


class _Dictation:
    """Carries audio from its source to the transcription, and transcripts to the output."""

    def __init__(
        self,
        terminal: Terminal,
        transcription: LiveTranscription,
        over: GracefulStop,
        written: TextOutput,
        format: TextFormat,
        *,
        is_manual: bool,
    ) -> None:
        self._terminal, self._transcription, self._over = terminal, transcription, over
        self._is_manual = is_manual
        self._is_stdout, self._output = written.is_stdout, output_of(format, written)
        self._warned = False

    def run(self, source: LiveSource) -> None:
        """Runs until the sound ends. An error of the source is raised after all that was heard is written."""
        pump = Pump(source, self._transcription.send_audio, done=self._transcription.finish)
        with self._terminal.status() as status, self._terminal.keys() as keys:
            pump.start()
            for event in self._transcription:
                if self._is_stdout:
                    self._terminal.refuse_lost_stdout()
                if self._over.deadline_passed:
                    return
                if self._over.is_set():
                    source.close()
                    self._transcription.finish()
                elif self._is_manual and ENTER & set(keys.poll()):
                    self._transcription.commit()
                self._look_after(source)
                self._show(event, status)
        source.close()
        pump.join_or_raise()
        self._output.finish()

    def _look_after(self, source: LiveSource) -> None:
        if not self._warned and isinstance(source, MicrophoneSource) and source.zeros_s >= ZEROS_TOLERATED_S:
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
        """Where the text goes to a file, shows it to the speaker as well."""
        if not self._is_stdout and self._terminal.stderr_is_terminal:
            self._terminal.note(line)
