"""`eleven models`, and what there is to know of one"""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from eleven_cli.commands import completed_by
from eleven_cli.commands.lookup.completion import MODELS_KEY
from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.errors import NotFound
from eleven_cli.parsing.command_line import first_word
from eleven_cli.suggestions import did_you_mean

if TYPE_CHECKING:
    from eleven_cli.api.models import Model

EXAMPLES = """eleven models
eleven models show eleven_flash_v2_5
eleven models --json | jq -r '.[].model_id'"""
COLUMNS = ("model id", "name", "languages", "limit", "cost", "abilities")
FEW = 3  # languages that are named on a terminal; more are counted


class ListOrShow(TyperGroup):
    """A group that lists without a command, and with the word "list"."""

    usage = ("[options] [show ID]",)
    other_words = ("list",)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        word, rest = first_word(args)
        return super().parse_args(ctx, rest if word in self.other_words else [word, *rest] if word else args)


app = typer.Typer(cls=ListOrShow, epilog=EXAMPLES, rich_markup_mode=None, invoke_without_command=True)


@app.callback()
def models(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List the models you can use, or show one.

    The columns: model id, name, languages, limit (characters in one request), cost (credits a character), abilities.
    """
    if ctx.invoked_subcommand is not None:
        return
    context: Context = ctx.obj
    found = _listed(context)
    if json:
        context.terminal.json(found)
    else:
        rows = (_row(model, counted=context.terminal.stdout_is_terminal) for model in found)
        context.terminal.rows(COLUMNS, rows, again=context.words)


@app.command()
def show(
    ctx: typer.Context,
    model_id: Annotated[
        str, typer.Argument(metavar="ID", help="The model.", autocompletion=completed_by("complete_model"))
    ],
    json: JsonFlag = False,
) -> None:
    """Show one model in detail."""
    context: Context = ctx.obj
    by_id = {model.model_id: model for model in _listed(context)}
    model = by_id.get(model_id)
    if model is None:
        raise NotFound(
            f"no model is called {model_id}{did_you_mean(model_id, by_id)}",
            hint="see the models: eleven models",
            code="model_not_found",
        )
    if json:
        context.terminal.json(model)
    else:
        context.terminal.facts(_details(model))


def _listed(context: Context) -> list["Model"]:
    from eleven_cli.api.models import list_models

    found = list_models(context.client)
    facts = {model.model_id: _facts(model) for model in found if not _transcribes(model)}
    context.account_cache.put(MODELS_KEY, facts)
    return found


def _transcribes(model: "Model") -> bool:
    return any(ability.startswith("stt") for ability in model.abilities)


def _facts(model: "Model") -> dict[str, object]:
    """What other commands want to know of it."""
    return {
        "character_limit": model.character_limit,
        "cost_factor": model.cost_factor,
        "abilities": model.abilities,
    }


def _row(model: "Model", *, counted: bool) -> tuple[str, ...]:
    """counted: for a person on 80 columns, so that many languages are given as a number."""
    limit, abilities = model.character_limit, " ".join(model.abilities)
    many = counted and len(model.languages) > FEW
    return (
        model.model_id,
        model.name,
        str(len(model.languages)) if many else " ".join(model.languages),
        "" if limit is None else f"{limit:,}" if counted else str(limit),
        "" if model.cost_factor is None else f"{model.cost_factor:g}",
        abilities.replace("speaker-", "") if counted else abilities,
    )


def _details(model: "Model") -> list[tuple[str, str]]:
    """Names and values, also of what is not there."""
    names = ("id", "name", "languages", "limit", "cost", "abilities")
    return [*zip(names, _row(model, counted=False), strict=True), ("description", model.description)]
