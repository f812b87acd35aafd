"""Groups of commands that list something where no command is named."""

from typing import Any

from typer.core import TyperGroup

from eleven_cli.parsing.command_line import first_word


class ListOrCommand(TyperGroup):
    """A group that lists, with or without the word, unless a command is named."""

    usage = ("[options]", "[command …]")
    other_words = ("list",)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        word, rest = first_word(args)
        return super().parse_args(ctx, rest if word in self.other_words else args)
