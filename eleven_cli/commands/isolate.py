"""`eleven isolate`: speech without what else is heard."""

from pathlib import PurePath
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import options as shared
from eleven_cli.commands.options import AudioFile, InputFormat, Mic
from eleven_cli.context import Context
from eleven_cli.errors import UsageError

if TYPE_CHECKING:
    from eleven_cli.commands.output import OutputPlan

EXAMPLES = """eleven isolate noisy.wav -o clean.mp3
eleven isolate --mic default -o clean.mp3"""
Output = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE.mp3", help="Write there; - is stdout.")]
EXAMPLE = "eleven isolate noisy.wav -o clean.mp3, or speak: eleven isolate --mic default"


def isolate(
    ctx: typer.Context,
    file: AudioFile = None,
    output: Output = None,
    play: shared.Play = None,
    input_format: InputFormat = None,
    mic: Mic = None,
    no_clobber: shared.NoClobber = False,
    stats: shared.Stats = False,
    json: shared.StatsJson = False,
) -> None:
    """Remove background noise from a recording.

    The speech that is left is played on a terminal, and written as it arrives to a pipe or to -o FILE, as MP3.

    The service takes up to an hour and 500 MB. More is cut at silences and joined again: WAV, raw PCM and MP3, and
    FLAC where the audio extra is installed.
    """
    from eleven_cli.api.audio import isolation
    from eleven_cli.commands.input.microphone import audio_or_recording
    from eleven_cli.commands.output.audio_transform import AudioTransform, tell
    from eleven_cli.commands.output.existing import keeps_existing
    from eleven_cli.commands.output.figures import check_report

    context: Context = ctx.obj
    terminal = context.terminal
    terminal.quiet = terminal.quiet or json  # each stream is to hold one JSON value
    plan = _plan(output, play, on_terminal=terminal.stdout_is_terminal)
    check_report(terminal, plan, as_json=json)
    if keeps_existing(terminal, plan.file, no_clobber=no_clobber, as_json=json):
        return
    most_s, most_bytes = isolation.MOST_S, isolation.MOST_BYTES
    opening = audio_or_recording(
        terminal, file, mic, input_format, most_bytes=most_bytes, output=plan.file, example=EXAMPLE
    )
    with opening as audio:
        transform = AudioTransform(
            context,
            plan,
            lambda content, sent: isolation.isolate(context.client, content, audio.file_format, sent=sent),
        )
        transform.run(audio, most_s, most_bytes, no_clobber=no_clobber)
    tell(terminal, transform, stats=stats, as_json=json)


def _plan(output: str | None, play: bool | None, *, on_terminal: bool) -> "OutputPlan":
    """Where it goes. Raises UsageError for a file of another kind."""
    from eleven_cli.api.audio.isolation import OUTPUT_FORMAT
    from eleven_cli.commands.output import plan_output
    from eleven_cli.files.sinks import refuse_folder

    refuse_folder(output)
    suffix = PurePath(output or "").suffix.lower()
    if suffix not in ("", ".mp3"):
        named = quote(str(PurePath(output or "").with_suffix(".mp3")))
        hint = f"-o {named}, or: eleven isolate FILE | ffmpeg -i - {quote(output or '')}"
        raise UsageError(f"the service isolates to MP3 only, not to {suffix}", hint=hint)
    return plan_output(output, OUTPUT_FORMAT, play, on_terminal=on_terminal)
