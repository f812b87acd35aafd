"""`/v1/speech-to-text/realtime`: live sound is put into words, with all the habits the service was measured to have."""

from __future__ import annotations

import asyncio
import math
import secrets
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket

from ..accounts.account import LIVE_TRANSCRIPTS, Account
from ..accounts.ledger import Charge
from ..hearing.transcription import Word
from ..http.problems import Problem
from ..sockets.handshake import Handshake
from ..sockets.json_socket import Disconnected, JsonSocket
from ..sound.acoustics import ulaw_to_pcm
from ..transcripts.languages import short_code, spoken_by
from ..transcripts.request import CREDITS_PER_MINUTE
from ..transcripts.words import entries, text_of
from .messages import ERRORS, error, read_chunk
from .query import Terms, read_terms
from .uncommitted import Hearing

IDLE_TIMEOUT_S = 15.5
SLICE_S = 0.1  # what is heard at a time
FIRST_PARTIAL_S, PARTIAL_S = 2.0, 0.5
LEAST_COMMIT_S, MOST_COMMIT_S = 0.3, 35.8
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
        terms = read_terms(client.query_params)
        async with account.slots(LIVE_TRANSCRIPTS).hold():
            session = _Session(socket, account, terms)
            try:
                await session.run()
            finally:
                session.stop()

    def _account(self, client: WebSocket) -> Account:
        try:
            return self._handshake.by_token_or_key(client.query_params.get("token"), client.headers)
        except Problem as problem:
            message = UNAUTHENTICATED if problem.http_status == 401 else str(problem)
            raise error("auth_error", message, reason="") from None


class _Session:
    """One session, from `session_started` to the end."""

    def __init__(self, socket: JsonSocket, account: Account, terms: Terms) -> None:
        self._socket, self._account, self._terms = socket, account, terms
        self._hearing = Hearing(terms)
        self._sample_bytes = 1 if terms.audio_format.startswith("ulaw") else 2
        self._heard_s = self._committed_s = self._partial_s = 0.0
        self._partial = ""
        self._guess: asyncio.Task[None] | None = None

    async def run(self) -> None:
        await self._send("session_started", session_id=secrets.token_hex(16), config=self._terms.config())
        if not self._terms.switches["enable_logging"]:
            message = "enable_logging=false is only for enterprise customers; this session is logged."
            await self._send("warning", warning=message)
        is_first = True
        while True:
            received = await self._socket.receive()
            chunk = read_chunk(received, self._terms.rate, self._sample_bytes, is_first=is_first)
            is_first = False
            await self._hear(chunk.audio)
            if chunk.commit:
                await self._commit_asked()

    def stop(self) -> None:
        if self._guess is not None:
            self._guess.cancel()
        self._hearing.stop()
        with suppress(Problem):
            self._charge()

    async def _send(self, kind: str, **fields: Any) -> None:
        await self._socket.send({"message_type": kind, **fields})

    async def _hear(self, audio: bytes) -> None:
        size = round(self._terms.rate * SLICE_S) * self._sample_bytes
        for start in range(0, len(audio), size):
            piece = audio[start : start + size]
            self._hearing.feed(ulaw_to_pcm(piece) if self._sample_bytes == 1 else piece)
            self._heard_s += len(piece) / self._sample_bytes / self._terms.rate
            over = self._terms.by_itself and self._hearing.is_over()
            if over or self._heard_s - self._committed_s >= MOST_COMMIT_S:
                await self._commit()
            self._guess_now_and_then()
            await asyncio.sleep(0)

    async def _commit_asked(self) -> None:
        new_s = self._heard_s - self._committed_s
        if new_s < LEAST_COMMIT_S - 1e-6:
            message = (
                f"Commit request ignored: only {new_s:.2f}s of uncommitted audio. "
                f"You need at least {LEAST_COMMIT_S}s of uncommitted audio before committing."
            )
            raise error("commit_throttled", message)
        await self._commit()

    async def _commit(self) -> None:
        self._drop_guess()
        said = await self._hearing.commit()
        self._charge()
        text = text_of(said)
        await self._send("committed_transcript", text=text)
        if self._terms.timed:
            await asyncio.sleep(TIMES_AFTER_S)
            await self._send("committed_transcript_with_timestamps", text=text, **self._times(said))
        if self._terms.entities:
            await self._send("committed_transcript_entities", text=text, entities=[])
        if text:
            await asyncio.sleep(ECHO_AFTER_S)
            await self._send("partial_transcript", text=text)

    def _times(self, said: list[Word]) -> dict[str, Any]:
        detected = self._terms.language or spoken_by([word.voice for word in said])
        language = short_code(detected) if self._terms.switches["include_language_detection"] else None
        words = entries(said) if self._terms.switches["include_timestamps"] else None
        return {"language_code": language, "words": words}

    def _charge(self) -> None:
        """Charge what was heard since the last commit."""
        new_s, self._committed_s = self._heard_s - self._committed_s, self._heard_s
        credits = math.ceil(new_s / 60 * CREDITS_PER_MINUTE)
        if credits:
            self._account.charge(Charge("stt", self._terms.model_id, "", 0, credits))

    def _guess_now_and_then(self) -> None:
        """A partial transcript while somebody speaks; the next one is not begun before the last one is done."""
        due = self._heard_s >= max(FIRST_PARTIAL_S, self._partial_s + PARTIAL_S)
        if due and self._hearing.speaking and (self._guess is None or self._guess.done()):
            self._partial_s = self._heard_s
            self._guess = asyncio.ensure_future(self._tell_so_far())

    async def _tell_so_far(self) -> None:
        text = text_of(await self._hearing.so_far())
        if text and text != self._partial:
            self._partial = text
            with suppress(Disconnected):
                await self._send("partial_transcript", text=text)

    def _drop_guess(self) -> None:
        self._partial = ""
        if self._guess is not None:
            self._guess.cancel()
            self._guess = None
