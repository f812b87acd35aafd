"""`/v1/speech-to-text/realtime`: transcribes live audio, with the timing that was measured at the service."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket

from ..accounts.account import Account
from ..accounts.ledger import Charge
from ..accounts.plans import LIVE_TRANSCRIPTS
from ..hearing.transcription import Word
from ..http.problems import Problem
from ..sockets.handshake import Handshake
from ..sockets.json_socket import Disconnected, JsonSocket
from ..sound.companding import ulaw_to_pcm
from ..state.entropy import new_hex
from ..transcripts.edits import edited
from ..transcripts.entities import find_entities, redact
from ..transcripts.languages import main_language, short_code
from ..transcripts.words import join_words, without_fillers, word_entries
from .messages import ERRORS, read_chunk, realtime_error
from .query import RealtimeQuery, read_realtime_query
from .uncommitted import UncommittedAudio

IDLE_TIMEOUT_S = 15.5
SLICE_S = 0.1  # audio that is processed at a time
PARTIAL_S = 0.5
MIN_COMMIT_S, MAX_COMMIT_S = 0.3, 35.8
TIMES_AFTER_S, ECHO_AFTER_S = 0.015, 0.01
UNAUTHENTICATED = "You must be authenticated to use this endpoint."


class RealtimeSocket:
    """The endpoint. It accepts every client; one without access gets an error message and a normal close."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake

    async def serve(self, client: WebSocket) -> None:
        await client.accept()
        socket = JsonSocket(client, ERRORS, IDLE_TIMEOUT_S)
        await socket.run(self._session(client, socket))

    async def _session(self, client: WebSocket, socket: JsonSocket) -> None:
        account = self._account(client)
        query = read_realtime_query(client.query_params)
        async with account.slots(LIVE_TRANSCRIPTS).hold():
            session = _RealtimeSession(socket, account, query)
            try:
                await session.run()
            finally:
                session.stop()

    def _account(self, client: WebSocket) -> Account:
        try:
            return self._handshake.by_token_or_key(client.query_params.get("token"), client.headers)
        except Problem as problem:
            message = UNAUTHENTICATED if problem.http_status == 401 else str(problem)
            raise realtime_error("auth_error", message, reason="") from None


class _RealtimeSession:
    """One session, from `session_started` to the end."""

    def __init__(self, socket: JsonSocket, account: Account, query: RealtimeQuery) -> None:
        self._socket, self._account, self._query = socket, account, query
        self._uncommitted = UncommittedAudio(query)
        self._sample_bytes = 1 if query.audio_format.startswith("ulaw") else 2
        self._received_s = self._committed_s = self._partial_s = 0.0
        self._partial = ""
        self._partial_task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        await self._send("session_started", session_id=new_hex(), config=self._query.config())
        if not self._query.switches["enable_logging"]:
            message = "enable_logging=false is only for enterprise customers; this session is logged."
            await self._send("warning", warning=message)
        is_first = True
        while True:
            received = await self._socket.receive()
            chunk = read_chunk(received, self._query.rate, self._sample_bytes, is_first=is_first)
            is_first = False
            await self._process(chunk.audio)
            if chunk.commit:
                await self._commit_on_request()

    def stop(self) -> None:
        if self._partial_task is not None:
            self._partial_task.cancel()
        self._uncommitted.stop()
        with suppress(Problem):
            self._charge()

    async def _send(self, kind: str, **fields: Any) -> None:
        await self._socket.send({"message_type": kind, **fields})

    async def _process(self, audio: bytes) -> None:
        size = round(self._query.rate * SLICE_S) * self._sample_bytes
        for start in range(0, len(audio), size):
            piece = audio[start : start + size]
            self._uncommitted.feed(ulaw_to_pcm(piece) if self._sample_bytes == 1 else piece)
            self._received_s += len(piece) / self._sample_bytes / self._query.rate
            over = self._query.commits_by_vad and self._uncommitted.is_over()
            if over or self._received_s - self._committed_s >= MAX_COMMIT_S:
                await self._commit()
            self._maybe_send_partial()
            await asyncio.sleep(0)

    async def _commit_on_request(self) -> None:
        new_s = self._received_s - self._committed_s
        if new_s < MIN_COMMIT_S - 1e-6:
            message = (
                f"Commit request ignored: only {new_s:.2f}s of uncommitted audio. "
                f"You need at least {MIN_COMMIT_S}s of uncommitted audio before committing."
            )
            raise realtime_error("commit_throttled", message)
        await self._commit()

    async def _commit(self) -> None:
        self._cancel_partial()
        words = self._wanted(await self._uncommitted.commit())
        self._charge()
        text = join_words(words)
        await self._send("committed_transcript", text=text)
        if self._query.timed:
            await asyncio.sleep(TIMES_AFTER_S)
            await self._send("committed_transcript_with_timestamps", text=text, **self._times(words))
        if self._query.entities:
            entities = [entity.body for entity in find_entities(text, self._query.entities)]
            await self._send("committed_transcript_entities", text=text, entities=entities)
        if text:
            await asyncio.sleep(ECHO_AFTER_S)
            await self._send("partial_transcript", text=text)
        await self._send_changed(text, words)

    async def _send_changed(self, text: str, words: list[Word]) -> None:
        """Sends what else was to be made of a transcript: that takes the service a moment longer than the rest."""
        if self._query.redacted:
            found = find_entities(text, self._query.redacted)
            redacted = join_words(redact(words, found, self._query.redaction_mode))
            await self._send("redacted_transcript", text=text, redacted_text=redacted)
        if self._query.edit is not None:
            await self._send("edited_transcript", text=text, edited_text=edited(text, self._query.edit))

    def _wanted(self, words: list[Word]) -> list[Word]:
        return without_fillers(words) if self._query.switches["no_verbatim"] else words

    def _times(self, words: list[Word]) -> dict[str, Any]:
        detected = self._query.language or main_language(words)
        language = short_code(detected) if self._query.switches["include_language_detection"] else None
        entries = word_entries(words) if self._query.switches["include_timestamps"] else None
        return {"language_code": language, "words": entries}

    def _charge(self) -> None:
        """Charges the audio received since the last commit."""
        new_s, self._committed_s = self._received_s - self._committed_s, self._received_s
        credits = self._query.credits(new_s)
        if credits:
            self._account.charge(Charge("stt", self._query.model_id, "", 0, credits))

    def _maybe_send_partial(self) -> None:
        """Starts a partial transcript while somebody speaks, unless one is being made."""
        due = self._received_s >= max(self._query.first_partial_s, self._partial_s + PARTIAL_S)
        if due and self._uncommitted.speaking and (self._partial_task is None or self._partial_task.done()):
            self._partial_s = self._received_s
            self._partial_task = asyncio.ensure_future(self._send_partial())

    async def _send_partial(self) -> None:
        text = join_words(self._wanted(await self._uncommitted.so_far()))
        if text and text != self._partial:
            self._partial = text
            with suppress(Disconnected):
                await self._send("partial_transcript", text=text)

    def _cancel_partial(self) -> None:
        self._partial = ""
        if self._partial_task is not None:
            self._partial_task.cancel()
            self._partial_task = None
