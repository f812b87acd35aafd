"""`/v1/text-to-speech/{voice_id}/stream-input`: one voice speaks a text that is still being written.

`…/multi-stream-input` has several such sessions in one connection, its contexts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from starlette.websockets import WebSocket

from ..accounts.account import Account
from ..accounts.slots import SharedSlot
from ..http.problems import Problem, SchemaError
from ..sockets.handshake import Handshake, deny
from ..sockets.json_socket import JsonSocket, Message
from .contexts import IDS, ContextMessage, Contexts, Inbox, read_context_message, side_by_side, with_ids
from .errors import SPEECH_ERRORS
from .speech_messages import (
    SpeechInit,
    TextMessage,
    context_text,
    is_keepalive,
    read_speech_init,
    read_text_message,
)
from .speech_query import SpeechQuery, idle_timeout_s, read_speech_query
from .speech_session import SpeechSession


class SpeechSocket:
    """The endpoints. A wrong key or voice is refused in the handshake, without an explanation, like the service does.

    multi  whether the connection has contexts
    """

    def __init__(self, handshake: Handshake, *, multi: bool = False) -> None:
        self._handshake, self._run = handshake, self._contexts if multi else self._session

    async def serve(self, client: WebSocket) -> None:
        try:
            account = self._handshake.by_key(client.headers)
            if account is not None:
                account.voices.find(client.path_params["voice_id"])
        except Problem as problem:
            return await deny(client, problem, explained=False)
        await client.accept()
        socket = JsonSocket(client, SPEECH_ERRORS, idle_timeout_s(client.query_params))
        await socket.run(self._run(client, socket, account))

    async def _session(self, client: WebSocket, socket: JsonSocket, account: Account | None) -> None:
        first = await socket.receive()
        init = read_speech_init(first)
        account = self._handshake.by_first_message(account, client.query_params, first)
        query = read_speech_query(client.path_params["voice_id"], client.query_params, account)
        slot = SharedSlot(account.slots(query.model.group))
        await SpeechSession(socket.send, account, slot, query, init).run(_texts(socket, init))

    async def _contexts(self, client: WebSocket, socket: JsonSocket, account: Account | None) -> None:
        first = await socket.receive()
        message = read_context_message(first)
        account = self._handshake.by_first_message(account, client.query_params, first)
        query = read_speech_query(client.path_params["voice_id"], client.query_params, account)
        async with side_by_side() as tasks:
            contexts: Contexts[SpeechInit, TextMessage] = Contexts(tasks, idle_timeout_s(client.query_params))
            speakers = _SpeechContexts(socket, account, query, contexts)
            while not message.close_socket:
                speakers.take(message)
                message = read_context_message(await socket.receive())
            contexts.close_all()


async def _texts(socket: JsonSocket, init: SpeechInit) -> AsyncIterator[TextMessage]:
    """Gives the messages of a session that is the only one; an empty text ends it."""
    while (message := read_text_message(await socket.receive(), init)).text:
        yield message


class _SpeechContexts:
    """Gives each context its messages."""

    def __init__(
        self, socket: JsonSocket, account: Account, query: SpeechQuery, contexts: Contexts[SpeechInit, TextMessage]
    ) -> None:
        self._socket, self._account, self._query, self._contexts = socket, account, query, contexts
        self._slot = SharedSlot(account.slots(query.model.group))  # a connection counts once, whatever its contexts

    def take(self, message: ContextMessage) -> None:
        """Takes a message: it closes its context, or opens it, or goes on with it."""
        context_id = message.context_id or ""
        try:
            body = context_text(message.body)
            if message.close_context:
                return self._contexts.close(context_id)
            inbox = self._contexts.find(context_id)
            if inbox is None:
                if message.context_id is None and is_keepalive(body):
                    return  # keeps the connection alive, and opens nothing
                inbox = self._open(message.context_id, read_speech_init(body, any_text=True))
            inbox.put(read_text_message(body, inbox.init))
        except (Problem, SchemaError) as error:
            raise with_ids(error, SPEECH_ERRORS, _ids(message.context_id)) from None

    def _open(self, context_id: str | None, init: SpeechInit) -> Inbox[SpeechInit, TextMessage]:
        ids = _ids(context_id)

        async def send(sent: Message) -> None:
            await self._socket.send({**sent, "is_final": sent["isFinal"], **ids})

        async def run(inbox: Inbox[SpeechInit, TextMessage]) -> None:
            session = SpeechSession(send, self._account, self._slot, self._query, inbox.init)
            try:
                await session.run(inbox.messages(session.discard))
            except Problem as problem:
                raise with_ids(problem, SPEECH_ERRORS, ids) from None

        return self._contexts.open(context_id or "", init, run)


def _ids(context_id: str | None) -> dict[str, Any]:
    """Names a context in both spellings: clients read one or the other."""
    return dict.fromkeys(IDS, context_id)
