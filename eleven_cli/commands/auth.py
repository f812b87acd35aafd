"""`eleven auth`: the API key."""

from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.api_key import masked, mended_api_key
from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, NetworkError, NotFound, PermissionMissing, UsageError

if TYPE_CHECKING:
    from eleven_cli.api.client import Client

app = typer.Typer(help="Store, show and remove the API key.", rich_markup_mode=None, no_args_is_help=True)

WHERE_KEYS_ARE = "https://elevenlabs.io/app/settings/api-keys"


@app.command()
def login(
    ctx: typer.Context,
    check: Annotated[bool, typer.Option(help="Ask the service whether it knows the key.")] = True,
) -> None:
    """Store an API key in the settings file: typed without showing it, or read from stdin.

    A key that is restricted to some of the service is as good as any other.
    """
    context: Context = ctx.obj
    _refuse_in_the_sandbox(context)
    context.config.new_profile = True
    key, taken = mended_api_key(_asked_for(context))
    context.terminal.hide(key)
    if taken:
        context.terminal.note(f"taken off the key: {' and '.join(taken)}")
    if check:
        _check(context, context.client_with(key))
    context.config.set("api_key", key)
    context.terminal.note(f"stored {masked(key)} in {context.config.path}")
    in_force = context.config.get("api_key")
    if in_force and in_force.value != key:
        context.terminal.warn(f"{in_force.source} holds another key, and that one is used")


@app.command()
def status(ctx: typer.Context, json: JsonFlag = False) -> None:
    """Show the key's last 4 characters, where it comes from, and the server. Exits with 3 without a key."""
    context: Context = ctx.obj
    key, server = context.checked_api_key, context.config.base_url
    found = {"key": masked(key.value), "source": key.source, "server": server.value, "profile": context.config.profile}
    if json:
        context.terminal.json(found)
    else:
        context.terminal.rows(("", ""), [(name, value) for name, value in found.items() if value])


@app.command()
def logout(ctx: typer.Context) -> None:
    """Remove the API key from the settings file."""
    context: Context = ctx.obj
    _refuse_in_the_sandbox(context)
    if not context.config.unset("api_key"):
        context.terminal.note(f"no key was stored in {context.config.path}")
    else:
        context.terminal.note(f"removed the key from {context.config.path}")
    if left := context.config.get("api_key"):
        context.terminal.warn(f"a key is still in {left.source}")


def _refuse_in_the_sandbox(context: Context) -> None:
    if context.config.sandbox:
        raise UsageError("the sandbox needs no key")


def _asked_for(context: Context) -> str:
    if context.terminal.can_ask:
        try:
            return context.terminal.ask_secret(f"API key (from {WHERE_KEYS_ARE}): ")
        except EOFError:
            raise UsageError("no key was given") from None
    if context.terminal.stdin_is_terminal:
        raise UsageError("cannot ask for the key here", hint="eleven auth login < FILE")
    from eleven_cli.text.decoding import decoded

    return decoded(context.terminal.read(), "stdin")


def _check(context: Context, client: "Client") -> None:
    """Refuse a key that the service does not know; one that may only not list models is a good key."""
    from eleven_cli.api.models import list_models

    try:
        list_models(client)
    except PermissionMissing:
        context.terminal.note("the key is restricted; that is fine")
    except NetworkError as failed:
        context.terminal.warn(f"the key could not be checked: {failed.message}")
    except (AuthError, NotFound) as refused:
        refused.hint = f"copy the key again from {WHERE_KEYS_ARE}, and mind its region"
        raise
