"""What an agent learns from the answer of a webhook tool: all of it, some of it, or only that it failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..http.requests_log import json_or_none

_NOTHING = object()


def filtered(text: str, response_filter: Any) -> str:
    """Gives what a tool's settings let through of its answer."""
    mode = response_filter.get("mode") if isinstance(response_filter, Mapping) else None
    if mode == "hide_all":
        return ""
    value = json_or_none(text)
    if mode != "allow" or not isinstance(value, dict | list):
        return text
    found = {path: at_path(value, path) for path in response_filter.get("filters") or []}
    return json.dumps({path: one for path, one in found.items() if one is not _NOTHING})


def assigned(text: str, assignments: Any) -> dict[str, Any]:
    """Gives the dynamic variables that an answer sets."""
    value = json_or_none(text)
    wanted = [one for one in assignments or [] if isinstance(one, Mapping)]
    found = {str(one.get("dynamic_variable")): at_path(value, str(one.get("value_path"))) for one in wanted}
    return {name: one for name, one in found.items() if isinstance(one, str | int | float)}


def at_path(value: Any, path: str) -> Any:
    """Gives what stands at a path such as `data.0.id`."""
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return value


def named_call(text: str, names: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
    """Gives the tool that a caller names, as `look_up` or "look up", and its parameters from an object in the text.

    So tools are tried without a language model.
    """
    words = text.casefold()
    name = next(
        (name for name in names if name.casefold() in words or name.casefold().replace("_", " ") in words), None
    )
    if name is None:
        return None
    given = json_or_none(text[text.find("{") : text.rfind("}") + 1])
    return name, given if isinstance(given, dict) else {}
