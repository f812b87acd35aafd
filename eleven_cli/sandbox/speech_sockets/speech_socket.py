"""`/v1/text-to-speech/{voice_id}/stream-input`: one voice speaks a text that is still being written."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, NamedTuple

from starlette.websockets import WebSocket

from ..accounts.account import Account
from ..http.problems import Problem
from ..sockets.handshake import Handshake, deny
from ..sockets.json_socket import JsonSocket
from ..sound.text_segments import Markup
from ..speech import rules
from ..speech.speech_encoder import SpeechEncoder
from ..speech.synthesis_spec import SynthesisSpec, model_spec
from ..speech.timed_audio import TimedAudio
from .buffer import TextBuffer
from .errors import SPEECH_ERRORS
from .speech_messages import SpeechInit, read_speech_init, read_text_message
from .speech_query import SpeechQuery, idle_timeout_s, read_speech_query
from .streaming import alignment, send_parts, speak_while_receiving, with_flush

NAMES = ("chars", "charStartTimesMs", "charDurationsMs")


class SpeechTurn(NamedTuple):
    """A text to be spoken; `ends` when the client flushed, so that nothing is held back."""

    text: str
    ends: bool


class SpeechSocket:
    """The endpoint. A wrong key or voice is refused in the handshake, without an explanation, like the service does."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake

    async def serve(self, client: WebSocket) -> None:
        try:
            account = self._handshake.by_key(client.headers)
            if account is not None:
                account.voices.find(client.path_params["voice_id"])
        except Problem as problem:
            return await deny(client, problem, explained=False)
        await client.accept()
        socket = JsonSocket(client, SPEECH_ERRORS, idle_timeout_s(client.query_params))
        await socket.run(self._session(client, socket, account))

    async def _session(self, client: WebSocket, socket: JsonSocket, account: Account | None) -> None:
        first = await socket.receive()
        init = read_speech_init(first)
        account = account or self._handshake.by_first_message(client.query_params, first)
        query = read_speech_query(client.path_params["voice_id"], client.query_params, account)
        await _SpeechSession(socket, account, query, init).run()


class _SpeechSession:
    """One session from the second message on."""

    def __init__(self, socket: JsonSocket, account: Account, query: SpeechQuery, init: SpeechInit) -> None:
        self._socket, self._account, self._query, self._init = socket, account, query, init
        self._buffer = TextBuffer(init.schedule, auto=query.auto_mode)
        self._encoder = SpeechEncoder(query.format)

    async def run(self) -> None:
        try:
            await speak_while_receiving(self._turns(), self._speak)
            for part in self._encoder.finish():
                await self._send(part, False)
        finally:
            self._encoder.close()
        await self._socket.send({**_EMPTY, "isFinal": True})

    async def _turns(self) -> AsyncIterator[SpeechTurn]:
        """Gives each text when enough of it has been received; ends with the client's last message."""
        while (message := read_text_message(await self._socket.receive(), self._init)).text:
            text = self._buffer.add(message.text, attempt=message.attempt)
            if message.flush:
                text += self._buffer.flush()
            if text or message.flush:
                yield SpeechTurn(text, message.flush)
        if text := self._buffer.flush():
            yield SpeechTurn(text, False)

    async def _speak(self, turn: SpeechTurn) -> None:
        if not turn.text:
            return await send_parts(with_flush((), self._encoder), self._send_last)
        model = self._query.model
        rules.check_text(turn.text, model)
        charge = rules.price_text("tts", turn.text, model, self._query.voice)
        generation = await self._account.begin(model.group, charge)
        parts = self._encoder.synthesize(self._spec(turn.text))
        try:
            if turn.ends:
                await send_parts(with_flush(parts, self._encoder), self._send_last)
            else:
                await send_parts(parts, self._send)
        finally:
            generation.end(finished=False)

    def _spec(self, text: str) -> SynthesisSpec:
        query, init = self._query, self._init
        voice, language = query.voice, query.language_code
        spec = model_spec(text, query.model, voice, query.format, language, speed=init.speed, stability=init.stability)
        return spec if query.reads_tags else replace(spec, markup=Markup.NONE)

    async def _send_last(self, part: TimedAudio, is_last: bool) -> None:
        await self._send(part, False, **({"is_final_audio_for_turn": True} if is_last else {}))

    async def _send(self, part: TimedAudio, is_last: bool, **more: Any) -> None:
        message: dict[str, Any] = {**_EMPTY, "audio": base64.b64encode(part.audio).decode("ascii"), **more}
        if self._query.sync_alignment:
            message["normalizedAlignment"] = alignment(part, NAMES, normalized=True)
            message["alignment"] = alignment(part, NAMES)
        await self._socket.send(message)


_EMPTY: dict[str, Any] = {"audio": None, "isFinal": None, "normalizedAlignment": None, "alignment": None}
