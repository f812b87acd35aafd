"""`eleven models`"""

from typing import TYPE_CHECKING

import typer

from eleven_cli.commands.lookup.completion import MODELS_FACT
from eleven_cli.commands.options import JsonFlag

if TYPE_CHECKING:
    from eleven_cli.api.models import Model

EXAMPLES = """eleven models
eleven models --json | jq -r '.[].model_id'"""
COLUMNS = ("model id", "name", "languages", "limit", "cost", "abilities")


def models(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List the models you can use.

    The columns: model id, name, languages, limit (characters in one request), cost (credits a character), abilities.
    """
    from eleven_cli.api.models import list_models

    found = list_models(ctx.obj.client)
    ctx.obj.memory.put(MODELS_FACT, {model.model_id: _facts(model) for model in found})
    if json:
        ctx.obj.terminal.json(found)
    else:
        ctx.obj.terminal.rows(COLUMNS, map(_row, found))


def _facts(model: "Model") -> dict[str, object]:
    """What other commands want to know of it."""
    return {
        "character_limit": model.character_limit,
        "cost_factor": model.cost_factor,
        "abilities": model.abilities,
    }


def _row(model: "Model") -> tuple[str, ...]:
    return (
        model.model_id,
        model.name,
        " ".join(model.languages),
        "" if model.character_limit is None else str(model.character_limit),
        "" if model.cost_factor is None else f"{model.cost_factor:g}",
        " ".join(model.abilities),
    )
