"""`eleven voices`, as a list and as a group of commands."""

from typing import Any

import typer
from typer.core import TyperGroup

from eleven_cli.commands.voices import changes, clone, library
from eleven_cli.commands.voices.listing import voices
from eleven_cli.commands.voices.preview import preview
from eleven_cli.commands.voices.show import show
from eleven_cli.parsing.command_line import first_word

EXAMPLES = """eleven voices british
eleven voices --language de --gender female
eleven voices show Imogen
eleven voices preview Imogen"""


class SearchOrCommand(TyperGroup):
    """A group whose first word is a search unless it is the name of a command, or "list", which it does anyway.

    After -- it always is a search.
    """

    usage = ("[options]", "[SEARCH…] | command …")
    sections = {  # noqa: RUF012
        "Your voices": ("show", "preview", "edit", "settings", "delete"),
        "The Voice Library": ("library", "add"),
        "Voices of your own": ("design", "keep", "remix", "clone"),
    }

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        word, rest = first_word(args)
        if word not in self.commands:
            ctx.allow_interspersed_args = True
            return super().parse_args(ctx, rest if word == "list" else args)
        ctx.meta["command"] = True
        return super().parse_args(ctx, [word, *rest])

    def get_params(self, ctx: Any) -> list[Any]:
        """Before a command there is no search."""
        params = super().get_params(ctx)
        return [param for param in params if param.name != "search"] if "command" in ctx.meta else params


app = typer.Typer(cls=SearchOrCommand, epilog=EXAMPLES, rich_markup_mode=None, invoke_without_command=True)
app.callback()(voices)
app.command()(show)
app.command()(preview)
app.command(epilog=library.LIBRARY_EXAMPLES)(library.library)
app.command(epilog=library.ADD_EXAMPLES)(library.add)
app.command(epilog=clone.EXAMPLES)(clone.clone)
app.command(epilog=changes.EDIT_EXAMPLES)(changes.edit)
app.command(epilog=changes.SETTINGS_EXAMPLES)(changes.settings)
app.command(epilog=changes.DELETE_EXAMPLES)(changes.delete)
