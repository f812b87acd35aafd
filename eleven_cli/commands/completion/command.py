"""`eleven completion`"""

from enum import StrEnum
from pathlib import PurePath
from typing import Annotated

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.errors import UsageError

EXAMPLES = """eleven completion --install
eleven completion --install zsh >> ~/.zshrc
eleven completion bash > /etc/bash_completion.d/eleven"""


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(
    ctx: typer.Context,
    shell: Annotated[
        Shell | None, typer.Argument(help="The shell it is for. Default with --install: yours.", show_default=False)
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="Write it where bash, zsh or fish looks for it, and say where.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Print a shell's completion script, or install it.

    With --install one file is written. Start-up files are left alone: a line that yours needs, if any, is printed on
    stdout, so that >> adds it.
    """
    context: Context = ctx.obj
    if install:
        _install(context, shell or _shell_of(context), json)
        return
    if shell is None:
        said = "eleven completion needs a SHELL: bash, zsh, fish or powershell"
        raise UsageError(said, hint="eleven completion bash")
    from eleven_cli.commands.completion.scripts import SCRIPTS

    if json:
        context.terminal.json({"shell": shell, "script": SCRIPTS[shell]})
    else:
        context.terminal.text(SCRIPTS[shell])


def _shell_of(context: Context) -> Shell:
    """The user's shell. Raises UsageError where that is another one, or unknown."""
    path = context.environ.get("SHELL", "")
    name = PurePath(path).name.replace("pwsh", "powershell")
    if name in list(Shell):
        return Shell(name)
    why = f"SHELL is {path}" if path else "SHELL is not set"
    raise UsageError(f"cannot tell which shell it is for: {why}", hint="name it: eleven completion --install bash")


def _install(context: Context, shell: Shell, json: bool) -> None:
    from eleven_cli.commands.completion.install import Home, install

    done = install(shell, Home(context.environ))
    said = f"wrote {done.file}" if done.is_new else f"{done.file} is up to date"
    if json:
        context.terminal.json({"shell": shell, "file": str(done.file), "written": done.is_new,
                               "startup_file": done.startup or None, "line": done.line or None})  # fmt: skip
    elif not done.line:
        context.terminal.note(f"{said}; {shell} reads it when it starts")
    else:
        context.terminal.note(f"{said}; {shell} reads it as soon as {done.startup} ends with this line:")
        context.terminal.print(done.line)
