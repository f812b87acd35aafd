"""The command tree on one screen, and the global options."""

from typing import Annotated

import typer

from eleven_cli import __version__
from eleven_cli.commands import auth, completion, config, models, sandbox, tts

app = typer.Typer(
    name="eleven",
    help="ElevenLabs' voice AI on the command line.",
    epilog="Without an account: eleven --sandbox tts 'Hello, world' > hello.mp3",
    rich_markup_mode=None,  # halves the time of help and usage errors
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command()(tts.tts)
app.command()(models.models)
app.add_typer(auth.app, name="auth")
app.add_typer(config.app, name="config")
app.command()(sandbox.sandbox)
app.command()(completion.completion)


def _show_version(ctx: typer.Context, wanted: bool) -> None:
    if wanted:
        ctx.obj.terminal.print(f"eleven {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="Use this profile of the settings file.")] = None,
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Talk to this server.")] = None,
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox",
            help="Use a local server with a synthetic voice: no key, no network, no credits.",
            envvar="ELEVEN_SANDBOX",
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the exchange with the service, and tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    ctx.obj.terminal.quiet, ctx.obj.terminal.debug = quiet, debug
    ctx.obj.configure(profile=profile, base_url=base_url, sandbox=sandbox)
