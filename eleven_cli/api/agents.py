"""Agents: how to reach one (GET /v1/convai/conversation/get-signed-url)."""

from eleven_cli.api.client import Client, socket_url
from eleven_cli.errors import ElevenError

CONVERSATION_PATH = "/v1/convai/conversation"


def signed_url(client: Client, agent_id: str) -> str:
    """An address that opens one conversation with the agent, private or not; good for 15 minutes."""
    answer = client.json("GET", f"{CONVERSATION_PATH}/get-signed-url", params={"agent_id": agent_id})
    url = answer.get("signed_url") if isinstance(answer, dict) else None
    if not isinstance(url, str) or not url.startswith(("ws://", "wss://")):
        raise ElevenError("the service gave no address for the conversation")
    return url


def public_url(base_url: str, agent_id: str) -> str:
    """The address of a public agent: no key, no signature."""
    return socket_url(base_url, CONVERSATION_PATH, {"agent_id": agent_id})
