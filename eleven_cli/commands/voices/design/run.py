"""The run of `eleven voices design` and `remix`: previews are made, presented, and one of them is kept."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.commands.output.listing import BEGINS_ANEW
from eleven_cli.commands.voices.design.keep import kept, remember_designs
from eleven_cli.commands.voices.listing import COLUMNS, row
from eleven_cli.context import Context

if TYPE_CHECKING:
    from eleven_cli.api.client import Client
    from eleven_cli.api.voices.design import Designed, DesignRequest, VoicePreview
    from eleven_cli.api.voices.voice import Voice
    from eleven_cli.commands.voices.design.previews import PreviewPlan

PREVIEW_COLUMNS = ("preview", "id", "seconds", "language", "file")


class PreviewOptions(NamedTuple):
    """What is done with the previews."""

    keep: str | None
    keep_description: str
    no_clobber: bool
    as_json: bool


def make(
    context: Context,
    plan: "PreviewPlan",
    request: "DesignRequest",
    ask: "Callable[[Client, DesignRequest], Designed]",
    options: PreviewOptions,
) -> None:
    """Make previews with `ask`, present them, keep the one that is chosen, and report."""
    from eleven_cli.commands.output.progress import waiting
    from eleven_cli.commands.voices.design.previews import choose, keep_command, paid_for, present

    terminal = context.terminal
    spoken = "of its own" if request.text is None else f"of {len(request.text):,} characters"
    terminal.remark(f"three previews with a text {spoken}: they cost credits, keeping one costs none")
    with waiting(terminal):
        designed = ask(context.client, request)
    with paid_for(designed.previews, options.keep):
        remember_designs(context, designed.previews, options.keep_description)
        previews = [_with_audio(context, plan, preview) for preview in designed.previews]
        sounding = present(context, plan, previews, no_clobber=options.no_clobber)
        voice = None
        if options.keep is not None and (one := choose(context, plan, previews, sounding, options.keep)):
            voice = kept(context, one.generated_voice_id, options.keep, options.keep_description)
    _report(context, plan, designed, previews, voice, options)
    if voice is None:
        keep = f"keep one: {keep_command(previews[0].generated_voice_id, options.keep)}"
        terminal.remark(BEGINS_ANEW if context.config.sandbox else keep)


def _report(
    context: Context,
    plan: "PreviewPlan",
    designed: "Designed",
    previews: "list[VoicePreview]",
    voice: "Voice | None",
    options: PreviewOptions,
) -> None:
    from eleven_cli.commands.output.figures import with_warnings

    files = [plan.file(number) if preview.audio else None for number, preview in enumerate(previews, 1)]
    if options.as_json:
        entries = [
            {
                "generated_voice_id": preview.generated_voice_id,
                "duration_s": preview.duration_s,
                "language": preview.language,
                "media_type": preview.media_type,
                "has_audio": bool(preview.audio),
                "file": file,
            }
            for preview, file in zip(previews, files, strict=True)
        ]
        facts = {"description": options.keep_description, "text": designed.text, "credits": designed.credits}
        context.terminal.json(with_warnings(context.terminal, {"previews": entries, **facts, "kept": voice}))
    elif voice is not None:
        context.terminal.rows(COLUMNS, [row(voice)])
    else:
        rows = enumerate(zip(previews, files, strict=True), 1)
        context.terminal.rows(PREVIEW_COLUMNS, [_row(number, preview, file) for number, (preview, file) in rows])


def _row(number: int, preview: "VoicePreview", file: str | None) -> tuple[str, ...]:
    seconds = "" if preview.duration_s is None else f"{preview.duration_s:.1f}"
    return str(number), preview.generated_voice_id, seconds, preview.language or "", file or ""


def _with_audio(context: Context, plan: "PreviewPlan", preview: "VoicePreview") -> "VoicePreview":
    """A preview that came without its audio, with it, where the service still has it."""
    from dataclasses import replace

    from eleven_cli.api.voices.design import preview_audio
    from eleven_cli.errors import ElevenError

    if preview.audio or plan.fmt.codec != "mp3" or not (plan.play or plan.template):
        return preview
    try:
        return replace(preview, audio=preview_audio(context.client, preview.generated_voice_id))
    except ElevenError:
        return preview
