"""A session of the speech socket: what is received is spoken by one voice, from its first text to its end."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, NamedTuple

from ..accounts.account import Account
from ..accounts.slots import SharedSlot
from ..dictionaries.pronunciation import Alias
from ..history.keeping import SessionKeeper
from ..history.store import SPEECH, Asked
from ..sockets.json_socket import Message
from ..sound.text_segments import Markup
from ..speech import rules
from ..speech.speech_encoder import SpeechEncoder
from ..speech.synthesis_spec import SynthesisSpec, model_spec
from ..speech.timed_audio import TimedAudio
from .buffer import TextBuffer
from .speech_messages import SpeechInit, TextMessage
from .speech_query import SpeechQuery
from .streaming import alignment, send_parts, speak_while_receiving, with_flush

NAMES = ("chars", "charStartTimesMs", "charDurationsMs")
Send = Callable[[Message], Awaitable[None]]


class SpeechTurn(NamedTuple):
    """A text to be spoken; `ends` when the client flushed, so that nothing is held back."""

    text: str
    ends: bool


class SpeechSession:
    """One session; `send` takes its messages, and it holds the `slot` of its connection while it speaks."""

    def __init__(self, send: Send, account: Account, slot: SharedSlot, query: SpeechQuery, init: SpeechInit) -> None:
        self._slot = slot
        self._send_message, self._account, self._query, self._init = send, account, query, init
        self._buffer = TextBuffer(init.schedule, auto=query.auto_mode)
        self._aliases: tuple[Alias, ...] = ()
        self._encoder = SpeechEncoder(query.format)
        settings = {**query.voice.settings, **init.settings}
        asked = Asked(SPEECH, None, query.model.model_id, query.voice, query.format, settings)
        self._keeper = SessionKeeper(account, asked, logged=query.logged)

    async def run(self, messages: AsyncIterator[TextMessage]) -> None:
        """Speaks the texts; where there are no more messages, what is left of them, and sends the final message."""
        try:
            self._aliases = rules.find_aliases(self._init.dictionaries, self._account)
            await speak_while_receiving(self._turns(messages), self._speak)
            for part in self._encoder.finish():
                await self._send(part, False)
        finally:
            self._encoder.close()
            self._keeper.keep()
        await self._send_message({**_EMPTY, "isFinal": True})

    def discard(self) -> None:
        """Forgets the text that is buffered."""
        self._buffer.flush()

    async def _turns(self, messages: AsyncIterator[TextMessage]) -> AsyncIterator[SpeechTurn]:
        """Gives each text when enough of it has been received."""
        async for message in messages:
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
        self._account.check_credits(charge)
        async with self._slot.hold():
            self._account.charge(charge)
            self._keeper.spoken(self._query.voice, turn.text, charge.credits)
            parts = self._encoder.synthesize(self._spec(turn.text))
            if turn.ends:
                await send_parts(with_flush(parts, self._encoder), self._send_last)
            else:
                await send_parts(parts, self._send)

    def _spec(self, text: str) -> SynthesisSpec:
        query, init = self._query, self._init
        voice, language = query.voice, query.language_code
        spec = model_spec(
            text,
            query.model,
            voice,
            query.format,
            language,
            speed=init.speed,
            stability=init.stability,
            aliases=self._aliases,
        )
        return spec if query.reads_tags else replace(spec, markup=Markup.NONE)

    async def _send_last(self, part: TimedAudio, is_last: bool) -> None:
        await self._send(part, False, **({"is_final_audio_for_turn": True} if is_last else {}))

    async def _send(self, part: TimedAudio, is_last: bool, **more: Any) -> None:
        self._keeper.heard(part.audio)
        message: Message = {**_EMPTY, "audio": base64.b64encode(part.audio).decode("ascii"), **more}
        if self._query.sync_alignment:
            message["normalizedAlignment"] = alignment(part, NAMES, normalized=True)
            message["alignment"] = alignment(part, NAMES)
        await self._send_message(message)


_EMPTY: Message = {"audio": None, "isFinal": None, "normalizedAlignment": None, "alignment": None}
