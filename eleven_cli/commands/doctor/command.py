"""`eleven doctor`: whether the program can work here, and what to do where it cannot."""

from typing import Annotated

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context

EXAMPLES = """eleven doctor
eleven doctor --fix
eleven doctor > report.txt
eleven doctor --json | jq .faults"""
Fix = Annotated[bool, typer.Option("--fix", help="Make the settings file private again; nothing else is changed.")]


def doctor(ctx: typer.Context, fix: Fix = False, json: JsonFlag = False) -> None:
    """Check installation, settings, key, network, voices and sound.

    It costs nothing. The report ends with what is wrong, and a way out of each; keys and your home folder are masked,
    so that it can be pasted into an issue.

    Exits with 0 if eleven can work here, else with the code of the first error.
    """
    from eleven_cli.commands.doctor.checks import diagnose
    from eleven_cli.commands.doctor.report import show

    context: Context = ctx.obj
    found = diagnose(context, fix=fix)
    show(context.terminal, found, context.environ, as_json=json)
    if found.exit_code:
        raise typer.Exit(found.exit_code)
