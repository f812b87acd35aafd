"""`/v1/text-to-dialogue/stream-input`: several voices speak a dialogue that is still being written.

`…/multi-stream-input` has several such sessions in one connection, its contexts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.websockets import WebSocket

from ..accounts.account import Account
from ..accounts.plans import SESSIONS
from ..http.problems import Problem, SchemaError, invalid_parameter
from ..sockets.handshake import Handshake, deny
from ..sockets.json_socket import JsonSocket, Message
from .contexts import Contexts, Inbox, read_context_message, side_by_side, with_ids
from .dialogue_messages import ONLY_FIRST, DialogueInit, DialogueMessage, read_dialogue_message
from .dialogue_session import DialogueQuery, DialogueSession
from .errors import DIALOGUE_ERRORS
from .speech_query import IDLE_TIMEOUT_S


class DialogueSocket:
    """The endpoints. A connection takes one of the account's slots from its first message to its end.

    multi  whether the connection has contexts
    """

    def __init__(self, handshake: Handshake, *, multi: bool = False) -> None:
        self._handshake, self._run = handshake, _run_contexts if multi else _run_session

    async def serve(self, client: WebSocket) -> None:
        try:
            account = self._handshake.by_key(client.headers)
        except Problem as problem:
            return await deny(client, problem, explained=False)
        await client.accept()
        socket = JsonSocket(client, DIALOGUE_ERRORS, IDLE_TIMEOUT_S)
        await socket.run(self._session(client, socket, account))

    async def _session(self, client: WebSocket, socket: JsonSocket, account: Account | None) -> None:
        first = await socket.receive()
        account = self._handshake.by_first_message(account, client.query_params, first)
        query = DialogueQuery(client.query_params)
        await self._run(socket, account, query, first)


async def _run_session(socket: JsonSocket, account: Account, query: DialogueQuery, first: Message) -> None:
    session = DialogueSession(socket.send, account, query, first)
    async with account.slots(SESSIONS).hold():
        await session.run(_lines(socket, session.init))


async def _lines(socket: JsonSocket, init: DialogueInit) -> AsyncIterator[DialogueMessage]:
    """Gives the messages of a session that is the only one; the one that closes it is the last."""
    closing = False
    while not closing:
        message = read_dialogue_message(await socket.receive(), init)
        closing = message.close
        yield message


async def _run_contexts(socket: JsonSocket, account: Account, query: DialogueQuery, first: Message) -> None:
    async with account.slots(SESSIONS).hold(), side_by_side() as tasks:
        contexts = _DialogueContexts(socket, account, query, Contexts(tasks))
        message = first
        while not contexts.take(message):
            message = await socket.receive()


class _DialogueContexts:
    """Gives each context its messages."""

    def __init__(
        self,
        socket: JsonSocket,
        account: Account,
        query: DialogueQuery,
        contexts: Contexts[DialogueInit, DialogueMessage],
    ) -> None:
        self._socket, self._account, self._query, self._contexts = socket, account, query, contexts

    def take(self, message: Message) -> bool:
        """Takes a message; tells whether it is the last."""
        about = read_context_message(message)
        if about.close_socket:
            self._contexts.close_all()
            return True
        context_id = about.context_id
        if context_id is None:
            raise invalid_parameter("context_id", "Every message must name its context.")
        try:
            self._give(context_id, message)
        except (Problem, SchemaError) as error:
            raise with_ids(error, DIALOGUE_ERRORS, {"context_id": context_id}) from None
        if about.close_context:
            self._contexts.close(context_id)
        return False

    def _give(self, context_id: str, message: Message) -> None:
        if message.get("voices") is not None:
            if self._contexts.is_running(context_id):
                raise invalid_parameter("voices", f"The context '{context_id}' has its voices already.")
            self._open(context_id, message)
            message = {name: value for name, value in message.items() if name not in ONLY_FIRST}
        if inbox := self._contexts.find(context_id):
            inbox.put(read_dialogue_message(message, inbox.init))
        elif not message.get("close_context"):
            raise invalid_parameter("voices", f"The first message of the context '{context_id}' must name its voices.")

    def _open(self, context_id: str, first: Message) -> None:
        async def send(sent: Message) -> None:
            await self._socket.send({**sent, "context_id": context_id})

        session = DialogueSession(send, self._account, self._query, first)

        async def run(inbox: Inbox[DialogueInit, DialogueMessage]) -> None:
            try:
                await session.run(inbox.messages(lambda: None))
            except Problem as problem:
                raise with_ids(problem, DIALOGUE_ERRORS, {"context_id": context_id}) from None

        self._contexts.open(context_id, session.init, run)
