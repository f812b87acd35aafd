"""The settings of an agent that callers may override, and their paths in the JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# The names are unique in all sections.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "first_message": ("agent", "first_message"),
    "language": ("agent", "language"),
    "max_conversation_duration_message": ("agent", "max_conversation_duration_message"),
    "prompt": ("agent", "prompt", "prompt"),
    "llm": ("agent", "prompt", "llm"),
    "tool_ids": ("agent", "prompt", "tool_ids"),
    "native_mcp_server_ids": ("agent", "prompt", "native_mcp_server_ids"),
    "knowledge_base": ("agent", "prompt", "knowledge_base"),
    "model_id": ("tts", "model_id"),
    "voice_id": ("tts", "voice_id"),
    "supported_voices": ("tts", "supported_voices"),
    "stability": ("tts", "stability"),
    "speed": ("tts", "speed"),
    "similarity_boost": ("tts", "similarity_boost"),
    "pronunciation_dictionary_locators": ("tts", "pronunciation_dictionary_locators"),
    "keywords": ("asr", "keywords"),
    "message": ("turn", "soft_timeout_config", "message"),
    "text_only": ("conversation", "text_only"),
    "max_duration_seconds": ("conversation", "max_duration_seconds"),
}
ALL = frozenset(FIELDS)
TEXTS = (
    "first_message", "language", "max_conversation_duration_message", "prompt", "llm", "model_id", "voice_id",
    "message",
)  # fmt: skip
LISTS = (
    "tool_ids", "native_mcp_server_ids", "knowledge_base", "supported_voices", "pronunciation_dictionary_locators",
    "keywords",
)  # fmt: skip
NUMBERS = ("stability", "speed", "similarity_boost", "max_duration_seconds")


def overridden_fields(override: Mapping[str, Any]) -> dict[str, Any]:
    """Gives the fields that an override sets, by name; null and unknown fields are ignored."""
    found = {name: _at(override, path) for name, path in FIELDS.items()}
    if found["text_only"] is None:
        found["text_only"] = override.get("text_only")  # where the service's Python SDK puts it
    return {name: value for name, value in found.items() if value is not None}


def section_of_wrong_type(override: Mapping[str, Any]) -> str | None:
    """Gives the first section of an override that is neither an object nor null."""
    sections = dict.fromkeys(path[:depth] for path in FIELDS.values() for depth in range(1, len(path)))
    return next((".".join(path) for path in sections if not isinstance(_at(override, path), Mapping | None)), None)


def field_of_wrong_type(fields: Mapping[str, Any]) -> str | None:
    """Gives the first field whose value has the wrong type."""
    for name, value in fields.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        wrong = (
            (name in TEXTS and not isinstance(value, str))
            or (name in LISTS and not isinstance(value, list))
            or (name in NUMBERS and not number)
            or (name == "text_only" and not isinstance(value, bool))
        )
        if wrong:
            return name
    return None


def override_flags(allowed: Iterable[str]) -> dict[str, Any]:
    """Gives the allowed overrides as the tree of booleans in an agent's settings."""
    allowed = frozenset(allowed)
    tree: dict[str, Any] = {}
    for name, (*sections, leaf) in FIELDS.items():
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[leaf] = name in allowed
    return tree


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(step)
    return tree
