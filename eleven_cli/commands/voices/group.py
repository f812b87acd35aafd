"""`eleven voices`, as a list and as a group of commands."""

from typing import Any

import typer
from typer.core import TyperGroup

from eleven_cli.commands.voices import changes, clone, library
from eleven_cli.commands.voices.design.command import DESIGN_EXAMPLES, REMIX_EXAMPLES, design, remix
from eleven_cli.commands.voices.design.command import GROUPS as DESIGN_GROUPS
from eleven_cli.commands.voices.design.keep import EXAMPLES as KEEP_EXAMPLES
from eleven_cli.commands.voices.design.keep import keep
from eleven_cli.commands.voices.listing import voices
from eleven_cli.commands.voices.preview import preview
from eleven_cli.commands.voices.show import show
from eleven_cli.parsing.command_line import first_word

EXAMPLES = """eleven voices british
eleven voices --language de --gender female
eleven voices show Imogen
eleven voices preview Imogen
eleven voices design "an old sailor, gruff and kind" --keep Sailor
eleven help voices"""
GROUPS = {"design": DESIGN_GROUPS, "remix": DESIGN_GROUPS}


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
app.command("show")(show)
app.command("preview")(preview)
app.command("design", epilog=DESIGN_EXAMPLES)(design)
app.command("keep", epilog=KEEP_EXAMPLES)(keep)
app.command("remix", epilog=REMIX_EXAMPLES)(remix)
app.command("clone", epilog=clone.EXAMPLES)(clone.clone)
app.command("library", epilog=library.LIBRARY_EXAMPLES)(library.library)
app.command("add", epilog=library.ADD_EXAMPLES)(library.add)
app.command("edit", epilog=changes.EDIT_EXAMPLES)(changes.edit)
app.command("settings", epilog=changes.SETTINGS_EXAMPLES)(changes.settings)
app.command("delete", epilog=changes.DELETE_EXAMPLES)(changes.delete)
