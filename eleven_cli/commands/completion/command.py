"""`eleven completion`"""

from enum import StrEnum
from typing import Annotated

import typer

EXAMPLES = """eleven completion bash > ~/.local/share/bash-completion/completions/eleven
eleven completion zsh > ~/.zfunc/_eleven
eleven completion fish > ~/.config/fish/completions/eleven.fish"""


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(
    ctx: typer.Context, shell: Annotated[Shell, typer.Argument(help="The shell it is for.", show_default=False)]
) -> None:
    """Print a shell's completion script."""
    from eleven_cli.commands.completion.scripts import SCRIPTS

    ctx.obj.terminal.text(SCRIPTS[shell])
