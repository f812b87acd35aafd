"""What can happen in a conversation with tools: the client's own, the service's, and those of MCP servers."""

from dataclasses import dataclass, field
from typing import Any

from eleven_cli.api.agents.events import Event


@dataclass(frozen=True)
class ToolCalled(Event):
    """The agent wants a client tool to be run."""

    TYPE, WRAPPER = "client_tool_call", "client_tool_call"
    tool_name: str = ""
    tool_call_id: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    event_id: int | None = None
    expects_response: bool = True


@dataclass(frozen=True)
class ToolRequested(Event):
    """The agent has begun to use a tool of any kind."""

    TYPE, WRAPPER = "agent_tool_request", "agent_tool_request"
    tool_name: str = ""
    tool_call_id: str = ""
    tool_type: str = ""
    event_id: int | None = None


@dataclass(frozen=True)
class ToolAnswered(Event):
    """A tool of any kind has been run, such as `end_call`."""

    TYPE, WRAPPER = "agent_tool_response", "agent_tool_response"
    tool_name: str = ""
    tool_call_id: str = ""
    tool_type: str = ""
    is_error: bool = False
    is_called: bool = False
    status: str = ""
    event_id: int | None = None


@dataclass(frozen=True)
class ToolAnsweredInFull(ToolAnswered):
    """The same with what the tool gave, cut where `truncated`."""

    TYPE, WRAPPER = "agent_tool_response_full_payload", "agent_tool_response_full_payload"
    full_tool_result: str = ""
    truncated: bool = False
    is_blocked: bool = False


@dataclass(frozen=True)
class McpToolCalled(Event):
    """state: loading, awaiting_approval, success or failure."""

    TYPE, WRAPPER = "mcp_tool_call", "mcp_tool_call"
    service_id: str = ""
    tool_call_id: str = ""
    tool_name: str = ""
    tool_description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    error_message: str = ""


@dataclass(frozen=True)
class McpConnected(Event):
    """The servers of tools that the agent can use, as the service lists them."""

    TYPE, WRAPPER = "mcp_connection_status", "mcp_connection_status"
    integrations: list[Any] = field(default_factory=list)
