"""The agents of an account (GET /v1/convai/agents, GET /v1/convai/agents/{agent_id})."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client, path_to
from eleven_cli.api.json_fields import object_of, text_of, unix_time
from eleven_cli.api.paging import each_entry
from eleven_cli.errors import ElevenError

PATH = "/v1/convai/agents"
PAGE_SIZE = 100


@dataclass(frozen=True)
class Agent:
    """One agent, as it is listed. created_at, called_at: seconds since 1970, None when unknown or never."""

    agent_id: str
    name: str
    tags: list[str]
    created_at: int | None
    called_at: int | None


@dataclass(frozen=True)
class AgentDetails:
    """One agent, as its own answer describes it; what that does not tell is "", None or empty.

    is_private   whether a conversation needs a key
    variables    the names of its dynamic variables
    """

    agent_id: str
    name: str
    language: str
    first_message: str
    prompt: str
    llm: str
    voice_id: str
    voice_model: str
    is_private: bool | None
    text_only: bool | None
    variables: list[str]
    tags: list[str]
    created_at: int | None


def each_agent(client: Client, search: str = "") -> Iterator[Agent]:
    """All that are not archived, page after page; with `search` those that the service finds by it."""
    query: dict[str, str | int] = {"page_size": PAGE_SIZE, **({"search": search} if search else {})}
    fields = {"listed": "agents", "by": "agent_id", "token": "next_cursor", "sent_as": "cursor"}
    for entry in each_entry(client, PATH, query, **fields, kind="agents"):
        if entry.get("archived") is not True:
            yield _agent(entry)


def agent_details(client: Client, agent_id: str) -> AgentDetails:
    """The agent with this id. Raises NotFound."""
    answer = client.json("GET", path_to(PATH, agent_id, "agent"))
    if not isinstance(answer, dict) or not text_of(answer.get("agent_id")):
        raise ElevenError("the service sent something that is not an agent")
    config, settings = object_of(answer.get("conversation_config")), object_of(answer.get("platform_settings"))
    agent, voice = object_of(config.get("agent")), object_of(config.get("tts"))
    prompt = object_of(agent.get("prompt"))
    variables = object_of(object_of(agent.get("dynamic_variables")).get("dynamic_variable_placeholders"))
    return AgentDetails(
        agent_id=answer["agent_id"],
        name=text_of(answer.get("name")) or answer["agent_id"],
        language=text_of(agent.get("language")),
        first_message=text_of(agent.get("first_message")),
        prompt=text_of(prompt.get("prompt")),
        llm=text_of(prompt.get("llm")),
        voice_id=text_of(voice.get("voice_id")),
        voice_model=text_of(voice.get("model_id")),
        is_private=_truth(object_of(settings.get("auth")).get("enable_auth")),
        text_only=_truth(object_of(config.get("conversation")).get("text_only")),
        variables=list(variables),
        tags=_texts(answer.get("tags")),
        created_at=unix_time(object_of(answer.get("metadata")).get("created_at_unix_secs")),
    )


def _agent(entry: dict[str, Any]) -> Agent:
    return Agent(
        agent_id=entry["agent_id"],
        name=text_of(entry.get("name")) or entry["agent_id"],
        tags=_texts(entry.get("tags")),
        created_at=unix_time(entry.get("created_at_unix_secs")),
        called_at=unix_time(entry.get("last_call_time_unix_secs")),
    )


def _texts(value: Any) -> list[str]:
    return [text for text in value if text_of(text)] if isinstance(value, list) else []


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
