"""`eleven completion`"""

from enum import StrEnum
from typing import Annotated

import typer


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(
    ctx: typer.Context, shell: Annotated[Shell, typer.Argument(help="The shell it is for.", show_default=False)]
) -> None:
    """Print a shell's completion script.

    bash: eleven completion bash > ~/.local/share/bash-completion/completions/eleven
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    script = get_completion_script(prog_name="eleven", complete_var="_ELEVEN_COMPLETE", shell=shell.value)
    ctx.obj.terminal.text(script)
