"""Parses and checks the options of `talk` before dialling: overrides, variables, tools. Pure but for `PATH`."""

import math
import shlex
import shutil
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from eleven_cli.errors import UsageError

TEXT_ONLY = "text_only"


class TalkOptions(NamedTuple):
    """The parsed options, checked as far as possible without dialling.

    override   `conversation_config_override` as the API nests it
    tools      the command of each client tool
    is_public  whether the agent is called without the key
    is_text    whether the conversation is by text
    """

    agent_id: str
    override: dict[str, Any]
    variables: dict[str, str]
    user_id: str | None
    tools: dict[str, list[str]]
    as_json: bool
    transcript: str | None
    latency: bool
    max_duration_s: float | None
    is_public: bool
    is_text: bool


def override(
    *, text: bool, first_message: str | None, prompt: str | None, language: str | None, voice: str | None
) -> dict[str, Any]:
    """`conversation_config_override` as the API nests it; only what was given."""
    agent: dict[str, Any] = _given(first_message=first_message, language=language)
    if prompt is not None:
        agent["prompt"] = {"prompt": prompt}
    parts = {"agent": agent, "tts": _given(voice_id=voice), "conversation": {TEXT_ONLY: True} if text else {}}
    return {name: part for name, part in parts.items() if part}


def asks_only_for_text(override: Mapping[str, Any]) -> bool:
    """Tells whether an override asks for nothing but a conversation by text."""
    return override == {"conversation": {TEXT_ONLY: True}}


def without_text_only(override: Mapping[str, Any]) -> dict[str, Any]:
    """An override without its request for text."""
    return {name: part for name, part in override.items() if name != "conversation"}


def variables(words: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` words as a map. Raises UsageError for a word without a name or a `=`."""
    return dict(_pair(word, "--var NAME=VALUE", "--var customer=Ana") for word in words)


def tools(words: Iterable[str]) -> dict[str, list[str]]:
    """`NAME=COMMAND` words as a map to argument lists. Raises UsageError for commands that are not there."""
    return {
        name: _command(name, command)
        for name, command in (_pair(word, "--tool NAME=COMMAND", "--tool now=date") for word in words)
    }


def check_combination(*, text: bool, of_sound: Mapping[str, object]) -> None:
    """Refuses options about sound in a conversation by text."""
    given = [name for name, value in of_sound.items() if value]
    if text and given:
        raise UsageError(f"--{given[0]} cannot be used with --text")


def check_duration(seconds: float | None) -> None:
    """Raises UsageError for nan and inf."""
    if seconds is not None and not math.isfinite(seconds):
        raise UsageError("--max-duration takes a number of seconds", hint="without it there is no limit")


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _pair(word: str, usage: str, example: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name.strip() or not equals:
        raise UsageError(f'{usage.split()[0]} takes {usage.split()[1]}, not "{word}"', hint=f"for example: {example}")
    return name.strip(), value


def _command(name: str, command: str) -> list[str]:
    try:
        argv = shlex.split(command)
    except ValueError as broken:
        raise UsageError(f"cannot read the command of --tool {name}: {broken}") from broken
    if not argv:
        raise UsageError(f"--tool {name} has no command", hint="for example: --tool now=date")
    if shutil.which(argv[0]) is None:
        raise UsageError(f"command not found for --tool {name}: {argv[0]}")
    return argv
