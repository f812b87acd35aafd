"""Checks the settings of an agent, as far as the sandbox reads them, and makes the agent that they describe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..agents.agent import MORE_EVENTS, Agent
from ..agents.overrides import FIELDS
from ..http.problems import invalid_parameter
from ..http.validate import Checker, truth
from ..sound.formats import LIVE_FORMATS
from ..state.store import Record
from ..voices.models import LANGUAGES

Settings = Mapping[str, Any]
Check = Callable[[Checker, str, Any], object]
NO_MODEL = "You said: {{text}}. There is no language model here: describe replies in a file, or name a custom LLM."


def _format(check: Checker, name: str, value: Any) -> None:
    check.one_of(name, value, LIVE_FORMATS)


def _object(check: Checker, name: str, value: Any) -> object:
    return check.object(name, value)


def _objects(check: Checker, name: str, value: Any) -> None:
    check.list_of(name, value, Checker.object)


def _between(low: float, high: float) -> Check:
    return lambda check, name, value: check.number(name, value, low, high)


_CHECKS: Mapping[tuple[str, ...], Check] = {
    ("conversation_config", "agent", "first_message"): Checker.string,
    ("conversation_config", "agent", "language"): Checker.string,
    ("conversation_config", "agent", "dynamic_variables", "dynamic_variable_placeholders"): _object,
    ("conversation_config", "agent", "prompt", "prompt"): Checker.string,
    ("conversation_config", "agent", "prompt", "llm"): Checker.string,
    ("conversation_config", "agent", "prompt", "temperature"): Checker.number,
    ("conversation_config", "agent", "prompt", "tool_ids"): Checker.strings,
    ("conversation_config", "agent", "prompt", "tools"): _objects,
    ("conversation_config", "agent", "prompt", "knowledge_base"): _objects,
    ("conversation_config", "agent", "prompt", "custom_llm", "url"): Checker.string,
    ("conversation_config", "tts", "voice_id"): Checker.string,
    ("conversation_config", "tts", "agent_output_audio_format"): _format,
    ("conversation_config", "tts", "stability"): _between(0.0, 1.0),
    ("conversation_config", "tts", "similarity_boost"): _between(0.0, 1.0),
    ("conversation_config", "tts", "speed"): _between(0.7, 1.2),
    ("conversation_config", "asr", "user_input_audio_format"): _format,
    ("conversation_config", "conversation", "text_only"): Checker.boolean,
    ("conversation_config", "conversation", "max_duration_seconds"): Checker.integer,
    ("conversation_config", "conversation", "client_events"): Checker.strings,
    ("platform_settings", "auth", "enable_auth"): Checker.boolean,
    ("platform_settings", "archived"): Checker.boolean,
    ("platform_settings", "overrides", "conversation_config_override"): _object,
    ("platform_settings", "workspace_overrides", "webhooks"): _object,
}


def check_agent(body: dict[str, Any], *, new: bool) -> None:
    """Checks the body of a request. Raises SchemaError, and Problem (400) for an unknown language."""
    check = Checker("body")
    if new:
        check.required(body, "conversation_config")
    check.optional(body, "name", Checker.string)
    check.optional(body, "tags", Checker.strings)
    check.optional(body, "workflow", Checker.object)
    for path, each in _CHECKS.items():
        _check_at(check, body, path, each)
    check.finish()
    language = at(body, "conversation_config", "agent", "language")
    if language is not None and language not in LANGUAGES:
        raise invalid_parameter("language", f"Agents do not speak the language '{language}'.")


def _check_at(check: Checker, body: Any, path: tuple[str, ...], each: Check) -> None:
    """Checks what is at the path; an object on the way that is none is told of once."""
    name, *deeper = path
    if body.get(name) is None:
        return
    if not deeper:
        each(check, name, body[name])
    elif isinstance(body[name], dict):
        _check_at(check.within(name), body[name], tuple(deeper), each)
    elif not any(fault["loc"] == [check.where, *check.inside, name] for fault in check.faults):
        check.object(name, body[name])


def at(settings: Any, *path: str) -> Any:
    """Gives what is at the path; None where there is nothing."""
    for name in path:
        settings = settings.get(name) if isinstance(settings, Mapping) else None
    return settings


def merged(settings: Settings, changes: Settings) -> dict[str, Any]:
    """Gives the settings with the changes; those of an object that are not named stay."""
    result = dict(settings)
    for name, change in changes.items():
        old = result.get(name)
        result[name] = merged(old, change) if isinstance(old, Mapping) and isinstance(change, Mapping) else change
    return result


def agent_of(record: Record, base: Agent, tools: Iterable[Settings]) -> Agent:
    """Gives the agent of a record; what it does not say is as `base` has it. `tools` are those that it names by id."""
    config, platform = record["conversation_config"], record["platform_settings"]
    prompt = at(config, "agent", "prompt") or {}
    given = {
        "first_message": at(config, "agent", "first_message"),
        "language": at(config, "agent", "language"),
        "variables": _variables(at(config, "agent", "dynamic_variables", "dynamic_variable_placeholders")),
        "prompt": prompt.get("prompt"),
        "custom_llm": prompt.get("custom_llm") if prompt.get("llm", "custom-llm") == "custom-llm" else None,
        "voice_id": at(config, "tts", "voice_id"),
        "speed": at(config, "tts", "speed"),
        "stability": at(config, "tts", "stability"),
        "output_format": at(config, "tts", "agent_output_audio_format"),
        "input_format": at(config, "asr", "user_input_audio_format"),
        "text_only": _truth(at(config, "conversation", "text_only")),
        "max_duration_s": at(config, "conversation", "max_duration_seconds"),
        "events": _events(at(config, "conversation", "client_events")),
        "private": _truth(at(platform, "auth", "enable_auth")),
        "overrides": _overrides(at(platform, "overrides", "conversation_config_override")),
        "after_calls": at(platform, "workspace_overrides", "webhooks"),
    }
    said = {name: value for name, value in given.items() if value is not None}
    if "temperature" in prompt:
        said["temperature"] = prompt["temperature"]
    if every := (*(prompt.get("tools") or ()), *tools, *_built_in(prompt.get("built_in_tools"))):
        said["tools"] = every
    return replace(base, agent_id=record["agent_id"], name=record["name"], tags=tuple(record["tags"]), **said)


def _built_in(tools: Any) -> list[Settings]:
    """Gives the system's tools that are switched on, by their names."""
    named = tools.items() if isinstance(tools, Mapping) else ()
    return [{**tool, "type": "system", "name": name} for name, tool in named if isinstance(tool, Mapping)]


def _truth(value: Any) -> bool | None:
    return None if value is None else truth(value)


def _variables(placeholders: Settings | None) -> dict[str, str] | None:
    return None if placeholders is None else {name: str(value) for name, value in placeholders.items()}


def _events(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names) & frozenset(MORE_EVENTS)


def _overrides(flags: Settings | None) -> frozenset[str] | None:
    return None if flags is None else frozenset(name for name, path in FIELDS.items() if at(flags, *path) is True)
