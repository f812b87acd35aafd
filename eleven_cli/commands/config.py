"""`eleven config`: the settings file."""

from typing import Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.parsing.pasting import shown
from eleven_cli.settings import KEYS
from eleven_cli.settings.config import Config, Setting
from eleven_cli.settings.values import checked, masked, no_value

HOW_TO_FIND = {"api_key": "eleven auth login", "voice": "eleven voices", "model": "eleven models"}
EXAMPLES = """eleven config set voice Imogen
eleven config get voice
eleven config unset voice
eleven --profile work config set model eleven_flash_v2_5"""
app = typer.Typer(
    help=f"Show and change the settings.\n\nThey are {', '.join(KEYS)}.",
    epilog=EXAMPLES,
    rich_markup_mode=None,
    no_args_is_help=True,
)
KeyArgument = Annotated[
    str, typer.Argument(metavar="KEY", help="The setting's name.", autocompletion=lambda: KEYS, show_default=False)
]


@app.command("list")
def list_(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List every setting in force and where its value comes from."""
    from eleven_cli.settings.editing import in_vain

    found = {key: _in_force(ctx.obj.config, key) for key in KEYS}
    settings = {key: setting for key, setting in found.items() if setting is not None}
    if why := in_vain(ctx.obj.config, "region"):
        ctx.obj.terminal.warn(f"region has no effect: {why}")
    if json:
        ctx.obj.terminal.json({key: setting._asdict() for key, setting in settings.items()})
    else:
        rows = ((key, setting.value, setting.source) for key, setting in settings.items())
        ctx.obj.terminal.rows(("setting", "value", "source"), rows, again=ctx.obj.words)


@app.command()
def get(ctx: typer.Context, key: KeyArgument) -> None:
    """Print the value in force of one setting; an API key is masked. Exits with 1 when it is not set."""
    setting = _in_force(ctx.obj.config, _known(key))
    if setting is None:
        raise ElevenError(f"{key} is not set", hint=HOW_TO_FIND.get(key, "eleven config list"))
    ctx.obj.terminal.print(setting.value)


@app.command("set")
def set_(
    ctx: typer.Context,
    key: KeyArgument,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="VALUE",
            help="What to set it to.",
            autocompletion=completed_by("complete_setting"),
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write a setting to the file. With --profile, into that profile. For the API key, use: eleven auth login."""
    name, equals, rest = key.partition("=")
    if _known(name) == "api_key":
        seen = "everyone on this machine can see a key on the command line"
        given = value or rest
        raise UsageError(seen if given else "a key is never given on the command line", hint="eleven auth login")
    if equals and value is None:
        raise UsageError("a setting and its value are separate words", hint=shown(["config", "set", name, rest]))
    if value is None:
        raise no_value(_known(key))
    if key == "base_url":
        from eleven_cli.api.network.connector import checked_base_url

        value = checked_base_url(value)
    from eleven_cli.settings import editing

    context: Context = ctx.obj
    config = context.config
    gone = editing.set_value(config, key, value)
    used = f" (used with --profile {config.profile})" if config.profile else ""
    context.terminal.note(f"{key} = {checked(key, value)}, in {config.level} of {config.path}{used}")
    if gone:
        context.terminal.note(f"removed {gone.source} = {gone.value}: {key} replaces it")
    if not config.profile and (own := editing.profiles_with_their_own(config, key)):
        context.terminal.note(f"not used with --profile {' or '.join(own)}, which has its own {key}")
    if why := editing.in_vain(config, key):
        context.terminal.warn(f"{key} has no effect now: {why}")


@app.command()
def unset(ctx: typer.Context, key: KeyArgument) -> None:
    """Remove a setting from the file."""
    from eleven_cli.settings.editing import unset_value

    if not unset_value(ctx.obj.config, _known(key)):
        ctx.obj.terminal.note(f"{key} was not set in {ctx.obj.config.path}")
    else:
        ctx.obj.terminal.note(f"removed {key} from {ctx.obj.config.level} of {ctx.obj.config.path}")
        if left := ctx.obj.config.get(key):
            ctx.obj.terminal.note(f"{key} is still set in {left.source}")


@app.command()
def path(ctx: typer.Context) -> None:
    """Print where the settings file is."""
    ctx.obj.terminal.print(str(ctx.obj.config.path))


def _in_force(config: Config, key: str) -> Setting | None:
    if key == "base_url":
        return config.base_url
    setting = config.get(key)
    if setting is not None and key == "api_key":
        return Setting(masked(setting.value), setting.source)
    return setting


def _known(key: str) -> str:
    checked(key, {"region": "us", "retries": "1", "timeout": "1", "max_credits": "1"}.get(key, "x"))
    return key
