"""`/v1/text-to-dialogue/stream-input`: several voices speak a dialogue that is still being written."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket

from ..accounts.account import SESSIONS, Account
from ..http.problems import Problem
from ..http.query import is_true
from ..sockets.handshake import Handshake, deny
from ..sockets.json_socket import JsonSocket
from ..sound.formats import Format
from ..speech import rules
from ..speech.request import DEFAULT_FORMAT
from ..speech.speech_encoder import SpeechEncoder
from ..speech.synthesis_spec import model_spec
from ..speech.timed_audio import TimedAudio
from ..voices.models import DIALOGUE_SOCKET_MODEL, Model, find_model
from .buffer import DialogueBuffer
from .dialogue_messages import DialogueInit, read_dialogue_init, read_dialogue_message
from .errors import DIALOGUE_ERRORS
from .speech_query import IDLE_TIMEOUT_S, check_query
from .streaming import alignment, send_parts, speak_while_receiving, with_flush

NAMES = ("chars", "char_start_times_ms", "char_durations_ms")
DialogueTurn = tuple[str, str]  # voice id and text; both empty for a flush


class DialogueSocket:
    """The endpoint. A session takes one of the account's slots from its first message to its end."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake

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
        account = account or self._handshake.by_first_message(client.query_params, first)
        query = DialogueQuery(client.query_params, first, account)
        async with account.slots(SESSIONS).hold():
            await _DialogueSession(socket, account, query).run()


class DialogueQuery:
    """What query and first message ask for, checked. Raises SchemaError or Problem."""

    def __init__(self, query: QueryParams, first: dict[str, Any], account: Account) -> None:
        check_query(query)
        self.model: Model = find_model(query.get("model_id") or DIALOGUE_SOCKET_MODEL)
        rules.check_dialogue_model(self.model)
        self.format: Format = rules.check_format(query.get("output_format") or DEFAULT_FORMAT, streamed=True)
        self.language_code = query.get("language_code")
        rules.check_language(self.language_code, self.model)
        self.sync_alignment = is_true(query, "sync_alignment")
        self.init: DialogueInit = read_dialogue_init(first, self.model)
        self.voices = {voice_id: rules.check_voice(voice_id, account) for voice_id in self.init.voices}
        rules.check_plan(self.format.name, account)


class _DialogueSession:
    """One session from the second message on."""

    def __init__(self, socket: JsonSocket, account: Account, query: DialogueQuery) -> None:
        self._socket, self._account, self._query = socket, account, query
        self._buffer = DialogueBuffer()
        self._encoder = SpeechEncoder(query.format)

    async def run(self) -> None:
        try:
            await speak_while_receiving(self._turns(), self._speak)
            for part in self._encoder.finish():
                await self._send(part, True)
        finally:
            self._encoder.close()
        await self._socket.send({"is_final": True})

    async def _turns(self) -> AsyncIterator[DialogueTurn]:
        closing = False
        while not closing:
            message = read_dialogue_message(await self._socket.receive(), self._query.init)
            closing = message.close
            for line in message.lines:
                for turn in self._buffer.add(line.text, line.voice_id, new_turn=line.new_turn):
                    yield turn
            if message.flush or closing:
                for turn in self._buffer.flush():
                    yield turn
            if message.flush:
                yield "", ""

    async def _speak(self, turn: DialogueTurn) -> None:
        voice_id, text = turn
        if not text:
            await send_parts(with_flush((), self._encoder), self._send)
            return await self._socket.send({"is_final_audio_for_turn": True})
        model, voice = self._query.model, self._query.voices[voice_id]
        rules.check_text(text, model)
        self._account.charge(rules.price_text("dialogue", text, model, voice))
        query, stability = self._query, self._query.init.stability
        spec = model_spec(text, model, voice, query.format, query.language_code, stability=stability)
        await send_parts(self._encoder.synthesize(spec), self._send)

    async def _send(self, part: TimedAudio, is_last: bool) -> None:
        audio = base64.b64encode(part.audio).decode("ascii")
        times = alignment(part, NAMES) if self._query.sync_alignment else None
        await self._socket.send({"audio": audio, "alignment": times, "is_final": None})
