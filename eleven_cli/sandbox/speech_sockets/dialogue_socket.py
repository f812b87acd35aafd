"""`/v1/text-to-dialogue/stream-input`: several voices speak a dialogue that is still being written."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket

from ..accounts.account import SESSIONS, Account
from ..http.problems import Problem
from ..http.validate import TRUE
from ..sockets.handshake import Handshake, deny
from ..sockets.json_socket import JsonSocket
from ..sound.codecs import Format
from ..speech import rules
from ..speech.request import DEFAULT_FORMAT
from ..speech.speech import job_by
from ..speech.speech_encoder import Part, Recording
from ..voices.models import DIALOGUE_SOCKET_MODEL, Model, find_model
from .buffer import DialogueBuffer
from .dialogue_messages import Opening, read_opening, read_said
from .errors import DIALOGUE_ERRORS
from .speech_query import IDLE_S, check_query
from .streaming import alignment, flushed, sent, spoken_while_read

NAMES = ("chars", "char_start_times_ms", "char_durations_ms")
Turn = tuple[str, str]  # voice id and text; empty for the end of a turn


class DialogueSocket:
    """The endpoint. An open session takes one of the account's session places from the first message to the end."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake

    async def serve(self, client: WebSocket) -> None:
        try:
            account = self._handshake.by_key(client.headers)
        except Problem as problem:
            return await deny(client, problem, explained=False)
        await client.accept()
        socket = JsonSocket(client, DIALOGUE_ERRORS, IDLE_S)
        await socket.run(self._session(client, socket, account))

    async def _session(self, client: WebSocket, socket: JsonSocket, account: Account | None) -> None:
        first = await socket.receive()
        account = account or self._handshake.by_first_message(client.query_params, first)
        terms = Terms(client.query_params, first, account)
        places = account.places(SESSIONS)
        await places.take()
        try:
            await _Session(socket, account, terms).run()
        finally:
            places.give_back()


class Terms:
    """What query and first message ask for, once it is granted; raises Malformed or Problem."""

    def __init__(self, query: QueryParams, first: dict[str, Any], account: Account) -> None:
        check_query(query)
        self.model: Model = find_model(query.get("model_id") or DIALOGUE_SOCKET_MODEL)
        rules.check_dialogue_model(self.model)
        self.format: Format = rules.check_format(query.get("output_format") or DEFAULT_FORMAT, streamed=True)
        self.language_code = query.get("language_code")
        rules.check_language(self.language_code, self.model)
        self.sync_alignment = query.get("sync_alignment", "false").lower() in TRUE
        self.opening: Opening = read_opening(first, self.model)
        self.voices = {voice_id: rules.check_voice(voice_id, account) for voice_id in self.opening.voices}
        rules.check_plan(self.format.name, account)


class _Session:
    """One session from the second message on."""

    def __init__(self, socket: JsonSocket, account: Account, terms: Terms) -> None:
        self._socket, self._account, self._terms = socket, account, terms
        self._buffer = DialogueBuffer()
        self._recording = Recording(terms.format)

    async def run(self) -> None:
        try:
            await spoken_while_read(self._turns(), self._speak)
            for part in self._recording.finish():
                await self._send(part, True)
        finally:
            self._recording.close()
        await self._socket.send({"is_final": True})

    async def _turns(self) -> AsyncIterator[Turn]:
        closing = False
        while not closing:
            said = read_said(await self._socket.receive(), self._terms.opening)
            closing = said.close
            for line in said.lines:
                for turn in self._buffer.add(line.text, line.voice_id, new_turn=line.new_turn):
                    yield turn
            if said.flush or closing:
                for turn in self._buffer.flush():
                    yield turn
            if said.flush:
                yield "", ""

    async def _speak(self, turn: Turn) -> None:
        voice_id, text = turn
        if not text:
            await sent(flushed((), self._recording), self._send)
            return await self._socket.send({"is_final_audio_for_turn": True})
        model, voice = self._terms.model, self._terms.voices[voice_id]
        rules.check_text(text, model)
        self._account.charge(rules.work("dialogue", text, model, voice))
        stability = self._terms.opening.stability
        job = job_by(model, voice, self._terms.format, self._terms.language_code, stability=stability)
        await sent(self._recording.say(replace(job, text=text)), self._send)

    async def _send(self, part: Part, is_last: bool) -> None:
        audio = base64.b64encode(part.audio).decode("ascii")
        times = alignment(part, NAMES) if self._terms.sync_alignment else None
        await self._socket.send({"audio": audio, "alignment": times, "is_final": None})
