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
from ..speech import rules
from ..speech.speech import job_by
from ..speech.speech_encoder import Part, Recording
from ..voices.voice_data import find_voice
from .buffer import Buffer
from .errors import SPEECH_ERRORS
from .speech_messages import Init, read_init, read_text
from .speech_query import Wanted, granted, idle_s
from .streaming import alignment, flushed, sent, spoken_while_read

NAMES = ("chars", "charStartTimesMs", "charDurationsMs")


class Turn(NamedTuple):
    """A text to be spoken; `ends` when the client said that nothing follows for the moment."""

    text: str
    ends: bool


class SpeechSocket:
    """The endpoint. A wrong key or voice is refused in the handshake, without a word, as the service does it."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake

    async def serve(self, client: WebSocket) -> None:
        try:
            account = self._handshake.by_key(client.headers)
            if account is not None:
                find_voice(client.path_params["voice_id"])
        except Problem as problem:
            return await deny(client, problem, explained=False)
        await client.accept()
        socket = JsonSocket(client, SPEECH_ERRORS, idle_s(client.query_params))
        await socket.run(self._session(client, socket, account))

    async def _session(self, client: WebSocket, socket: JsonSocket, account: Account | None) -> None:
        first = await socket.receive()
        init = read_init(first)
        account = account or self._handshake.by_first_message(client.query_params, first)
        wanted = granted(client.path_params["voice_id"], client.query_params, account)
        await _Session(socket, account, wanted, init).run()


class _Session:
    """One session from the second message on."""

    def __init__(self, socket: JsonSocket, account: Account, wanted: Wanted, init: Init) -> None:
        self._socket, self._account, self._wanted, self._init = socket, account, wanted, init
        self._buffer = Buffer(init.schedule, auto=wanted.auto_mode)
        self._recording = Recording(wanted.format)
        sound = {"speed": init.speed, "stability": init.stability}
        job = job_by(wanted.model, wanted.voice, wanted.format, wanted.language_code, **sound)
        self._job = replace(job, ssml=job.ssml and wanted.reads_tags)

    async def run(self) -> None:
        try:
            await spoken_while_read(self._turns(), self._speak)
            for part in self._recording.finish():
                await self._send(part, False)
        finally:
            self._recording.close()
        await self._socket.send({**_EMPTY, "isFinal": True})

    async def _turns(self) -> AsyncIterator[Turn]:
        """What is to be spoken, as soon as enough of it has come; ends with the client's last message."""
        while (message := read_text(await self._socket.receive(), self._init)).text:
            text = self._buffer.add(message.text, attempt=message.attempt)
            if message.flush:
                text += self._buffer.flush()
            if text or message.flush:
                yield Turn(text, message.flush)
        if text := self._buffer.flush():
            yield Turn(text, False)

    async def _speak(self, turn: Turn) -> None:
        if not turn.text:
            return await sent(flushed((), self._recording), self._send_last)
        model = self._wanted.model
        rules.check_text(turn.text, model)
        work = rules.work("tts", turn.text, model, self._wanted.voice)
        generation = await self._account.begin(model.group, work)
        parts = self._recording.say(replace(self._job, text=turn.text))
        try:
            if turn.ends:
                await sent(flushed(parts, self._recording), self._send_last)
            else:
                await sent(parts, self._send)
        finally:
            generation.end(finished=False)

    async def _send_last(self, part: Part, is_last: bool) -> None:
        await self._send(part, False, **({"is_final_audio_for_turn": True} if is_last else {}))

    async def _send(self, part: Part, is_last: bool, **more: Any) -> None:
        message: dict[str, Any] = {**_EMPTY, "audio": base64.b64encode(part.audio).decode("ascii"), **more}
        if self._wanted.sync_alignment:
            message["normalizedAlignment"] = alignment(part, NAMES, heard=True)
            message["alignment"] = alignment(part, NAMES)
        await self._socket.send(message)


_EMPTY: dict[str, Any] = {"audio": None, "isFinal": None, "normalizedAlignment": None, "alignment": None}
