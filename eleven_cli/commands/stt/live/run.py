"""Live transcription: the run of `stt --live`."""

from collections.abc import Sequence
from shlex import join

from eleven_cli.api.stt.realtime import LiveTranscription
from eleven_cli.commands.lookup.completion import STT_LIVE_MODELS
from eleven_cli.commands.lookup.models import explaining_models
from eleven_cli.commands.output.existing import keeps_existing
from eleven_cli.commands.output.text import TextOutput
from eleven_cli.commands.output.text_format import TextFormat, TextTarget
from eleven_cli.commands.stt.live.dictation import Dictation
from eleven_cli.commands.stt.live.options import LiveOptions
from eleven_cli.commands.stt.live.source import LiveSource, MicrophoneSource, open_source
from eleven_cli.commands.stt.live.wav import RATE
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.signals.graceful_stop import GracefulStop


def transcribe_live(
    context: Context,
    options: LiveOptions,
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
    file, model = files[0] if files else None, options.realtime.model_id
    with (
        explaining_models(context, "eleven stt --live", model, STT_LIVE_MODELS),
        open_source(context.terminal, file, mic, input_format, output=target.file, since=context.since) as source,
    ):
        written = TextOutput(context.terminal, target.file, no_clobber=no_clobber)
        options = options.for_source(is_microphone=isinstance(source, MicrophoneSource))
        return _transcribe(context, options, target.format, source, written)


def _transcribe(
    context: Context, options: LiveOptions, format: TextFormat, source: LiveSource, written: TextOutput
) -> int:
    """Writes what is said until the sound ends, or Ctrl+C: then also what was said by then. Gives the exit code."""
    terminal, over = context.terminal, GracefulStop()
    with written:  # a target that cannot be written is reported before a missing key
        transcription = LiveTranscription(
            context.client, options.realtime, rate=RATE, on_notice=terminal.warn, pause=over.wait
        )
        with source, transcription, over:
            if isinstance(source, MicrophoneSource):
                terminal.note(f"listening: speak now ({'Enter ends a line, ' if options.by_enter else ''}Ctrl+C stops)")
            return Dictation(terminal, transcription, over, written, format, options).run(source)
