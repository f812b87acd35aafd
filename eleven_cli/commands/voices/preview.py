"""`eleven voices preview`: how a voice sounds."""

from pathlib import PurePath
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands.options import NoClobber, Play
from eleven_cli.commands.voices.named import Name, called
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, UsageError

if TYPE_CHECKING:
    from eleven_cli.api.voices.library import LibraryVoice
    from eleven_cli.api.voices.voice import Voice


def preview(
    ctx: typer.Context,
    name: Name,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the MP3 there; - is stdout.")
    ] = None,
    play: Play = None,
    no_clobber: NoClobber = False,
) -> None:
    """Play a voice's free sample.

    A name that your account does not have is looked up in the Voice Library. On a terminal the sample is heard; into
    a pipe, or with --output, it is written as an MP3. It costs no credits. The id of a preview that voices design made
    plays that preview once more.
    """
    from eleven_cli.api.network.route import is_loopback
    from eleven_cli.api.voices.samples import sample
    from eleven_cli.commands.output import plan_output
    from eleven_cli.commands.output.audio import copy, open_sinks
    from eleven_cli.commands.output.existing import keeps_existing

    context: Context = ctx.obj
    terminal = context.terminal
    _refuse_other_formats(output)
    if keeps_existing(terminal, output, no_clobber=no_clobber):
        return
    plan = plan_output(output, "mp3", play, on_terminal=terminal.stdout_is_terminal)
    with open_sinks(plan, terminal, no_clobber=no_clobber) as sinks:
        if made := _made_by_design(context, name):
            return copy([made], *sinks)
        url = _sample_of(_own_or_shared(context, name))
        here = is_loopback(context.client.base_url)
        with sample(url, on_this_machine=here, trace=terminal.trace, environ=context.environ) as audio:
            copy(audio, *sinks)


def _made_by_design(context: Context, name: str) -> bytes:
    """The audio of a preview that an earlier run made; nothing for another voice, and one that was kept since."""
    from eleven_cli.api.voices.design import preview_audio
    from eleven_cli.commands.voices.design.keep import is_remembered

    try:
        return preview_audio(context.client, name.strip()) if is_remembered(context, name.strip()) else b""
    except NotFound:
        return b""


def _own_or_shared(context: Context, name: str) -> "Voice | LibraryVoice":
    """The voice of the account, or else of the library. Raises NotFound."""
    from eleven_cli.commands.lookup.library import find_in_library
    from eleven_cli.commands.lookup.names import AMBIGUOUS

    try:
        return called(context, name, "preview")
    except NotFound as unknown:
        if unknown.code == AMBIGUOUS:
            raise
        try:
            return find_in_library(context, name, "preview")
        except NotFound as absent:
            raise (absent if absent.code == AMBIGUOUS else unknown) from None


def _sample_of(voice: "Voice | LibraryVoice") -> str:
    if not voice.preview_url:
        hint = f"hear it for some credits: eleven tts Hello --voice {voice.voice_id}"
        raise NotFound(f"{voice.name} has no sample", hint=hint, code="no_sample")
    return voice.preview_url


def _refuse_other_formats(output: str | None) -> None:
    from eleven_cli.files.descriptors import is_stdout
    from eleven_cli.files.sinks import refuse_folder

    refuse_folder(output)
    suffix = PurePath(output or "").suffix.lower()
    if output and not is_stdout(output) and suffix not in ("", ".mp3"):
        hint = f"name the file {quote(str(PurePath(output).with_suffix('.mp3')))}"
        raise UsageError(f"samples are MP3, not {suffix}: {output}", hint=hint)
