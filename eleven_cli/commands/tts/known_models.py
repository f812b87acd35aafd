"""What was remembered of the models when they were listed the last time."""

from typing import Any

from eleven_cli.api.models import DEFAULT_MODEL, LEAST_LIMIT, documented_limit
from eleven_cli.commands.lookup.completion import MODELS_FACT
from eleven_cli.context import Context


def known_model(context: Context, model: str | None) -> dict[str, Any]:
    """What is remembered of a model, or nothing."""
    listed = context.memory.get(MODELS_FACT)
    known = listed.get(model or DEFAULT_MODEL) if isinstance(listed, dict) else None
    return known if isinstance(known, dict) else {}


def limit_of(context: Context, model: str | None) -> int:
    """Characters in one request: as documented; of models that are not, as the service said the last time."""
    if (documented := documented_limit(model)) is not None:
        return documented
    limit = known_model(context, model).get("character_limit")
    return limit if isinstance(limit, int) and limit > 0 else LEAST_LIMIT
