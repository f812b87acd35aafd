"""Agents: how to reach one (GET /v1/convai/conversation/get-signed-url)."""

from eleven_cli.api.client import Client
from eleven_cli.api.network.connector import socket_url
from eleven_cli.api.network.route import is_loopback_host
from eleven_cli.errors import ElevenError

CONVERSATION_PATH = "/v1/convai/conversation"


def signed_url(client: Client, agent_id: str) -> str:
    """An address that opens one conversation with the agent, private or not; good for 15 minutes."""
    answer = client.json("GET", f"{CONVERSATION_PATH}/get-signed-url", params={"agent_id": agent_id})
    url = answer.get("signed_url") if isinstance(answer, dict) else None
    if not isinstance(url, str):
        raise ElevenError("the service gave no address for the conversation")
    return checked_address(url)


def checked_address(url: str) -> str:
    """A WebSocket address that a conversation may be entrusted to: encrypted, or within this machine.

    It carries its own permission, and is not shown. Raises ElevenError for any other.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        scheme, host, whole = parts.scheme, parts.hostname or "", parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        scheme, host, whole = "", "", False
    if scheme not in ("ws", "wss") or not (host and whole and url.isprintable()) or " " in url:
        raise ElevenError("the service gave no usable address for the conversation", code="bad_address")
    if scheme == "ws" and not is_loopback_host(host):
        raise ElevenError(f"the service names an unencrypted address for the conversation: {host}", code="bad_address")
    return f"{scheme}:{url.partition(':')[2].partition('#')[0]}"


def public_url(base_url: str, agent_id: str) -> str:
    """The address of a public agent: no key, no signature."""
    return socket_url(base_url, CONVERSATION_PATH, {"agent_id": agent_id})
