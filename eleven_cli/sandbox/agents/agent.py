"""The settings of an agent: its voice, its replies, and what callers may override."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..outgoing.webhooks import Webhook

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
END_CALL = "end_call"
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

    A `tool` is called first, the caller's or a webhook tool of the agent, and `text` may contain its `{{result}}`;
    `on_error` replaces the text when it failed.
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

    `fallback` is the response when no reply matches and there is no `custom_llm`. `hangs_up` ends the call after the
    first message or, if that is interrupted, after the first response.

    tools          tools of every kind, as the service stores their settings
    custom_llm     the model that is asked when no reply matches, as the service stores its settings; `prompt` is its
                   system prompt, and `temperature` is sent unless it is None
    webhook        what is told of the agent's calls, where it is no webhook of the workspace
    after_calls    the settings of webhooks after a call, as the service stores them
    """

    agent_id: str
    name: str
    branch_id: str = ""
    version_id: str = ""
    first_message: str = ""
    fallback: str = ""
    replies: tuple[Reply, ...] = ()
    voice_id: str = DEFAULT_VOICE
    speed: float = 1.0
    stability: float = 0.5
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
    llm_timeout_s: float = 20.0
    chunk_s: float = 0.5
    prompt: str = ""
    temperature: float | None = 0.0
    tools: tuple[Mapping[str, Any], ...] = ()
    custom_llm: Mapping[str, Any] | None = None
    webhook: Webhook | None = None
    after_calls: Mapping[str, Any] = field(default_factory=dict)

    @property
    def client_events(self) -> tuple[str, ...]:
        return (*DEFAULT_EVENTS, *(event for event in MORE_EVENTS if event in self.events))

    @property
    def undescribed_tools(self) -> list[str]:
        """The names of the caller's tools of which nothing else is known."""
        named = (reply.tool for reply in self.replies if reply.tool and self.tool(reply.tool) is None)
        return list(dict.fromkeys(named))

    def tool(self, name: str) -> Mapping[str, Any] | None:
        """Gives the settings of the tool with the name, if there is one."""
        return next((tool for tool in self.tools if tool.get("name") == name), None)

    def needed_variables(self, first_message: str) -> list[str]:
        """Gives the dynamic variables that the caller has to provide for this first message."""
        texts = [first_message, self.fallback, self.prompt]
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
