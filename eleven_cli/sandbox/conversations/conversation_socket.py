"""The conversation socket's door: who is let in, and to which agent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket

from ..accounts.account import Accounts
from ..agents.agent import Agent
from ..agents.directory import Directory
from ..agents.routes import READ
from ..agents.signatures import Signatures, new_conversation_id
from ..http.problems import Problem
from .conversation import Conversation
from .events import Ended, Ending, Link
from .session import INITIATION, session

SUBPROTOCOL = "convai"
REFUSED = 3000
Abort = Callable[[Any], None]


class Entrance:
    """The endpoint. `abort` cuts the TCP connection of a client's address."""

    def __init__(self, accounts: Accounts, directory: Directory, signatures: Signatures, abort: Abort) -> None:
        self._accounts, self._directory, self._signatures, self._abort = accounts, directory, signatures, abort

    async def converse(self, socket: WebSocket) -> None:
        """One conversation from handshake to close. Who may not come in gets an HTTP error instead of a socket."""
        try:
            agent_id, conversation_id = self._admit(socket)
        except Problem as problem:
            await socket.send_denial_response(problem.response(str(socket.scope["trace_id"])))
            return
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
        link = Link(socket, lambda: self._abort(socket.scope["client"]))
        await link.end(await _conversation(link, self._directory.get(agent_id), conversation_id))

    def _admit(self, socket: WebSocket) -> tuple[str, str]:
        query = socket.query_params
        agent_id, signature = query.get("agent_id", ""), query.get("conversation_signature")
        has_key = "xi-api-key" in socket.headers
        if has_key:
            self._accounts.identify(socket.headers, READ)
        if signature is not None:
            found = self._signatures.admit(signature)
            if found is None or agent_id not in ("", found.agent_id):
                raise Problem(403, "forbidden", "The signature is unknown, used up, too old, or of another agent.")
            return found.agent_id, found.conversation_id or new_conversation_id()
        agent = self._directory.get(agent_id)
        if agent is not None and agent.private and not has_key:
            raise Problem(403, "forbidden", f"The agent '{agent_id}' is private: it needs a signed URL.")
        return agent_id, new_conversation_id()


async def _conversation(link: Link, agent: Agent | None, conversation_id: str) -> Ending:
    if agent is None:
        return Ending(REFUSED, "There is no agent with this id.")
    try:
        first = await asyncio.wait_for(link.receive(), agent.idle_s)
        initiated = first.get("type") == INITIATION
        granted = session(agent, conversation_id, first if initiated else {})
    except TimeoutError:
        return Ending(1002, "Nothing came from the caller for too long.", "transport_receive_timeout")
    except Ended as ended:
        return ended.ending
    link.allow(granted.events)
    return await Conversation(link, granted).run(None if initiated else first)
