"""The settings of an agent: its voice, its replies, and what callers may override."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_FORMAT = "pcm_16000"
DEFAULT_VOICE = "q30UQ9qvtBNcrAki3LpZ"
DEFAULT_EVENTS = (
    "conversation_initiation_metadata",
    "ping",
    "audio",
    "interruption",
    "user_transcript",
    "tentative_user_transcript",
    "agent_response",
    "agent_response_correction",
    "client_tool_call",
    "agent_tool_response",
)
MORE_EVENTS = (
    "vad_score",
    "agent_chat_response_part",
    "agent_response_complete",
    "agent_tool_request",
    "context_usage",
)
DROP, MUTE = "drop", "silence"
ERROR_CODES = (1000, 1002, 1008, 1011)
VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
BUILT_IN_VARIABLES = frozenset({"text", "result", "context"})
SYSTEM = "system__"


@dataclass(frozen=True)
class ScriptedFailure:
    """A failure that a reply causes: an error event and a close, or (`kind`) a cut connection or silence."""

    code: int = 1002
    error_type: str = ""
    message: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Reply:
    """What the agent does when the caller's words match `pattern`.

    A `tool` is called first, and `text` may contain its `{{result}}`; `on_error` replaces the text when it failed.
    """

    pattern: re.Pattern[str]
    text: str = ""
    tool: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    on_error: str = "That did not work: {{result}}"
    ends: bool = False
    failure: ScriptedFailure | None = None

    def texts(self) -> Iterator[str]:
        """Gives every text that may contain variables."""
        yield self.text
        if self.tool:
            yield self.on_error
            yield from _strings(self.parameters)


@dataclass(frozen=True)
class Agent:
    """One agent. Times are in seconds; `events` are client events besides the default ones.

    `fallback` is the response when no reply matches. `hangs_up` ends the call after the first message or, if that is
    interrupted, after the first response.
    """

    agent_id: str
    name: str
    first_message: str = ""
    fallback: str = ""
    replies: tuple[Reply, ...] = ()
    voice_id: str = DEFAULT_VOICE
    language: str = "en"
    output_format: str = DEFAULT_FORMAT
    input_format: str = DEFAULT_FORMAT
    private: bool = False
    text_only: bool = False
    hangs_up: bool = False
    overrides: frozenset[str] = frozenset({"text_only"})
    variables: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    idle_s: float = 60.0
    max_duration_s: float = 600.0
    tool_timeout_s: float = 20.0
    chunk_s: float = 0.5

    @property
    def client_events(self) -> tuple[str, ...]:
        return (*DEFAULT_EVENTS, *(event for event in MORE_EVENTS if event in self.events))

    @property
    def tools(self) -> list[str]:
        return list(dict.fromkeys(reply.tool for reply in self.replies if reply.tool))

    def needed_variables(self, first_message: str) -> list[str]:
        """Gives the dynamic variables that the caller has to provide for this first message."""
        texts = [first_message, self.fallback]
        needed = [name for text in texts for name in VARIABLE.findall(text)]
        for reply in self.replies:
            own = reply.pattern.groupindex
            needed += [name for text in reply.texts() for name in VARIABLE.findall(text) if name not in own]
        return [
            name for name in dict.fromkeys(needed) if name not in BUILT_IN_VARIABLES and not name.startswith(SYSTEM)
        ]


def fill(text: str, values: Mapping[str, object]) -> str:
    """Replaces every `{{name}}` that has a value."""
    return VARIABLE.sub(lambda found: _shown(values[found[1]]) if found[1] in values else found[0], text)


def fill_all(value: Any, values: Mapping[str, object]) -> Any:
    """Replaces `{{name}}` in every string of a JSON value."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {name: fill_all(one, values) for name, one in value.items()}
    if isinstance(value, list):
        return [fill_all(one, values) for one in value]
    return value


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
