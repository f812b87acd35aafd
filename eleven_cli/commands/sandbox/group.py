"""`eleven sandbox`, as a server and as a group of commands."""

from typing import ClassVar

import typer
from typer.core import TyperGroup

from eleven_cli.commands.sandbox import command, replay

GROUPS = {"replay": replay.GROUPS}


class ServerOrCommand(TyperGroup):
    """A group that serves where no command is named."""

    usage = ("[options]", "[command …]")
    groups: ClassVar = command.GROUPS


app = typer.Typer(cls=ServerOrCommand, epilog=command.EXAMPLES, rich_markup_mode=None, invoke_without_command=True)
app.callback()(command.sandbox)
app.command("replay", epilog=replay.EXAMPLES)(replay.replay)
