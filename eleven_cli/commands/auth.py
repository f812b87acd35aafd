"""`eleven auth`: the API key."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.settings.values import COPY_AGAIN, WHERE_KEYS_ARE, WITHOUT_VOICES, masked, mended_api_key

if TYPE_CHECKING:
    from eleven_cli.api.account.permissions import Permissions
    from eleven_cli.api.client import Client

MOST_KEY_BYTES = 4096
EXAMPLES = """eleven auth login
eleven auth status"""
app = typer.Typer(
    help="Store, show and remove the API key.", epilog=EXAMPLES, rich_markup_mode=None, no_args_is_help=True
)


@app.command()
def login(
    ctx: typer.Context,
    check: Annotated[bool, typer.Option(help="Ask the service whether it knows the key.")] = True,
) -> None:
    """Store an API key in the settings file.

    Type it (it is not shown), or pass it on stdin. A restricted key is as good as any other if it may do two
    things: Text to Speech, and Voices: Read. The service is asked what the key may do, which costs nothing.
    """
    context: Context = ctx.obj
    _refuse_in_the_sandbox(context)
    context.config.new_profile = True
    key, taken = mended_api_key(_asked_for(context))
    context.terminal.redact(key)
    if taken:
        context.terminal.note(f"removed from the key: {' and '.join(taken)}")
    if check:
        _check(context, context.client_with(key))
    from eleven_cli.settings.editing import set_value

    set_value(context.config, "api_key", key)
    context.terminal.note(f"stored {masked(key)} in {context.config.path}")
    in_force = context.config.get("api_key")
    if in_force and in_force.value != key:
        context.terminal.warn(f"{in_force.source} holds another key, and that one is used")


@app.command()
def status(
    ctx: typer.Context,
    check: Annotated[bool, typer.Option(help="Ask the service what the key may do.")] = True,
    json: JsonFlag = False,
) -> None:
    """Show which key is used, and what it may do.

    It shows the key's last 4 characters, where it comes from, the server, and its permissions. Asking costs nothing.
    Exits with 3 without a key, or where the service refuses it.
    """
    context: Context = ctx.obj
    key, server = context.checked_api_key, context.config.base_url
    found = {"key": masked(key.value), "source": key.source, "server": server.value, "profile": context.config.profile}
    asked = _asked_what_it_may(context) if check and not context.config.sandbox else None
    if json:
        context.terminal.json({**found, "permissions": asked.may if asked else None})
    else:
        context.terminal.facts([*found.items(), *(_said(asked.may).items() if asked else ())])
    if asked:
        _raise_if_refused(asked)
    if asked and asked.may["voices_read"] is False:
        context.terminal.warn(WITHOUT_VOICES)


def _asked_what_it_may(context: Context) -> "Permissions":
    from eleven_cli.api.account.permissions import permissions

    asked = permissions(context.client)
    if asked.failed:
        context.terminal.warn(f"the key was not checked: {asked.failed.message}")
    return asked


@app.command()
def logout(ctx: typer.Context) -> None:
    """Remove the API key from the settings file."""
    context: Context = ctx.obj
    _refuse_in_the_sandbox(context)
    from eleven_cli.settings.editing import unset_value

    if not unset_value(context.config, "api_key"):
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
        raise UsageError("cannot ask for the key: stderr is not a terminal", hint="eleven auth login < FILE")
    from eleven_cli.text.decoding import decoded

    return decoded(context.terminal.read(MOST_KEY_BYTES), "stdin")


def _raise_if_refused(found: "Permissions") -> None:
    if found.refused:
        found.refused.hint = COPY_AGAIN
        raise found.refused


def _check(context: Context, client: "Client") -> None:
    """Say what a key may do. Raises AuthError for one that the service does not know."""
    from eleven_cli.api.account.permissions import permissions

    found = permissions(client)
    _raise_if_refused(found)
    if found.failed and not any(found.may.values()):
        context.terminal.warn(f"the key could not be checked: {found.failed.message}")
    context.terminal.note(f"permissions: {'; '.join(f'{name} {said}' for name, said in _said(found.may).items())}")
    if found.may["voices_read"] is False:
        context.terminal.warn(WITHOUT_VOICES)


def _said(may: Mapping[str, bool | None]) -> dict[str, str]:
    """Yes or no of each permission, in the order of their use; speech itself cannot be tried free of charge."""
    words = {True: "yes", False: "no", None: "not checked"}
    return {"text_to_speech": words[None], **{name: words[answer] for name, answer in may.items()}}
