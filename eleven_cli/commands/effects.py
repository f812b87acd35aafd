"""`eleven effects`: what can be done to speech."""

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context

EXAMPLES = """eleven effects
eleven effects --json | jq '.[].id'
eleven tts "Hello" --effect phone
eleven help effects"""
COLUMNS = ("kind", "id", "name", "description")


def effects(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List the audio effects of speech: filters, rooms, backgrounds.

    The kinds are the options of eleven tts that take them: --effect, --room and --background.
    """
    from eleven_cli.commands.lookup.effects import fetch_effects

    context: Context = ctx.obj
    found = fetch_effects(context)
    if json:
        context.terminal.json([effect._asdict() for effect in found])
    else:
        context.terminal.rows(COLUMNS, found, again=context.words)
