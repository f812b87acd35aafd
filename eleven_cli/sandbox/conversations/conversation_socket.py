"""`/v1/convai/conversation`: a conversation with an agent, from the handshake to the close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.websockets import WebSocket

from ..agents.agent import Agent
from ..agents.directory import AgentDirectory
from ..agents.signatures import Signatures, new_conversation_id
from ..conversation_records.record import ConversationRecord, ConversationRecords
from ..conversation_records.sound import CallSound
from ..http.problems import Problem
from ..outgoing.outbox import Outbox
from ..sockets.handshake import Handshake, deny
from ..sockets.json_socket import CLOSE_INTERNAL, CLOSE_NORMAL, Disconnected, JsonSocket, SessionEnd
from .conversation import Conversation
from .events import ERRORS, ConnectionDropped, EventSender
from .messages import INITIATION, check_message
from .session import configure_session

SUBPROTOCOL = "convai"
CLOSE_NO_AGENT = 3000
Abort = Callable[[Any], None]


@contextmanager
def _ended(record: ConversationRecord, outbox: Outbox) -> Iterator[None]:
    """Records how the conversation ends, and tells its webhook."""
    try:
        yield
    except SessionEnd as end:
        record.end(end.reason, None if end.code == CLOSE_NORMAL else end.code)
        raise
    except Disconnected:
        record.end("The caller ended the call.")
        raise
    except BaseException:
        record.end("The connection was lost.", CLOSE_INTERNAL)
        raise
    finally:
        outbox.post_call.ended(record)


class ConversationSocket:
    """The endpoint. A client without access gets an HTTP error instead of a socket.

    `abort` cuts the TCP connection of a client's address.
    """

    def __init__(
        self,
        handshake: Handshake,
        directory: AgentDirectory,
        signatures: Signatures,
        records: ConversationRecords,
        outbox: Outbox,
        abort: Abort,
    ) -> None:
        self._handshake, self._directory, self._signatures = handshake, directory, signatures
        self._records, self._outbox, self._abort = records, outbox, abort

    async def serve(self, client: WebSocket) -> None:
        try:
            agent_id, branch_id, conversation_id = self._admit(client)
        except Problem as problem:
            return await deny(client, problem, explained=True)
        await client.accept(SUBPROTOCOL if SUBPROTOCOL in client.scope["subprotocols"] else None)
        agent = self._directory.get(agent_id, branch_id)
        socket = JsonSocket(client, ERRORS, agent.idle_s if agent else None)
        await socket.run(self._session(client, socket, agent, conversation_id))

    async def _session(self, client: WebSocket, socket: JsonSocket, agent: Agent | None, conversation_id: str) -> None:
        if agent is None:
            raise SessionEnd(CLOSE_NO_AGENT, "There is no agent with this id.")
        first = await socket.receive()
        initiated = first.get("type") == INITIATION
        data = first if initiated else {}
        check_message(data, INITIATION)
        agent = self._on_branch(agent, data.get("branch_id"))
        config = configure_session(agent, conversation_id, data, self._handshake.accounts.find_voice)
        record = ConversationRecord(conversation_id, agent, config.text_only, data.get("user_id"), config.variables)
        record.sound = None if config.text_only else CallSound(agent.input_format, agent.output_format)
        self._records.add(record)
        events = EventSender(socket, config.events, record)
        try:
            with _ended(record, self._outbox):
                await Conversation(socket, events, config, self._outbox).run(None if initiated else first)
        except ConnectionDropped:
            self._abort(client.scope["client"])
            raise Disconnected from None
        finally:
            self._records.keep(record)
            asyncio.get_running_loop().run_in_executor(None, self._records.keep_sound, record)

    def _on_branch(self, agent: Agent, branch_id: str | None) -> Agent:
        """Gives the agent as on the branch that its caller names, if any. Raises SessionEnd (3000) without it."""
        if not branch_id or branch_id == agent.branch_id:
            return agent
        found = self._directory.get(agent.agent_id, branch_id)
        if found is None:
            raise SessionEnd(CLOSE_NO_AGENT, "There is no branch with this id.")
        return found

    def _admit(self, client: WebSocket) -> tuple[str, str, str]:
        """Gives the ids of agent, branch and conversation: of a signed URL, else of a public agent or by a key."""
        query = client.query_params
        agent_id, signature = query.get("agent_id", ""), query.get("conversation_signature")
        account = self._handshake.by_key(client.headers)
        if signature is not None:
            found = self._signatures.redeem(signature)
            if found is None or agent_id not in ("", found.agent_id):
                raise Problem(403, "forbidden", "The signature is unknown, used up, too old, or of another agent.")
            branch_id = found.branch_id or query.get("branch_id", "")
            return found.agent_id, branch_id, found.conversation_id or new_conversation_id()
        agent = self._directory.get(agent_id)
        if agent is not None and agent.private and account is None:
            raise Problem(403, "forbidden", f"The agent '{agent_id}' is private: it needs a signed URL.")
        return agent_id, query.get("branch_id", ""), new_conversation_id()
