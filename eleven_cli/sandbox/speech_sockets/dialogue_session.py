"""A session of the dialogue socket: several voices speak the lines that are received."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..history.keeping import SessionKeeper
from ..history.store import SPEECH, Asked
from ..http.query import is_true
from ..sockets.json_socket import Message
from ..sound.formats import Format
from ..speech import rules
from ..speech.request import DEFAULT_FORMAT
from ..speech.speech_encoder import SpeechEncoder
from ..speech.synthesis_spec import model_spec
from ..speech.timed_audio import TimedAudio
from ..voices.models import DIALOGUE_SOCKET_MODEL, Model, find_model
from .buffer import DialogueBuffer
from .dialogue_messages import DialogueInit, DialogueMessage, read_dialogue_init
from .speech_query import check_query
from .streaming import alignment, send_parts, speak_while_receiving, with_flush

NAMES = ("chars", "char_start_times_ms", "char_durations_ms")
DialogueTurn = tuple[str, str]  # voice id and text; both empty for a flush


class DialogueQuery:
    """What the query asks for, checked. Raises SchemaError or Problem."""

    def __init__(self, query: QueryParams) -> None:
        check_query(query)
        self.model: Model = find_model(query.get("model_id") or DIALOGUE_SOCKET_MODEL)
        rules.check_dialogue_model(self.model)
        self.format: Format = rules.check_format(query.get("output_format") or DEFAULT_FORMAT, streamed=True)
        self.language_code = query.get("language_code")
        rules.check_language(self.language_code, self.model)
        self.sync_alignment = is_true(query, "sync_alignment")


class DialogueSession:
    """One session, from its first message, which names the voices; `send` takes its messages.

    Raises SchemaError or Problem for a first message that is invalid or not granted.
    """

    def __init__(
        self, send: Callable[[Message], Awaitable[None]], account: Account, query: DialogueQuery, first: Message
    ) -> None:
        self._send_message, self._account, self._query = send, account, query
        self.init: DialogueInit = read_dialogue_init(first, query.model)
        self._aliases = rules.find_aliases(self.init.dictionaries, account)
        self._voices = {voice_id: rules.check_voice(voice_id, account) for voice_id in self.init.voices}
        rules.check_plan(query.format.name, account)
        self._buffer = DialogueBuffer()
        asked = Asked(SPEECH, None, query.model.model_id, self._voices[self.init.voices[0]], query.format)
        self._keeper = SessionKeeper(account, asked, lines=True)

    async def run(self, messages: AsyncIterator[DialogueMessage]) -> None:
        """Speaks the lines; where there are no more messages, what is left of them, and sends the final message."""
        encoder = SpeechEncoder(self._query.format)
        try:
            await speak_while_receiving(self._turns(messages), lambda turn: self._speak(turn, encoder))
            for part in encoder.finish():
                await self._send(part, True)
        finally:
            encoder.close()
            self._keeper.keep()
        await self._send_message({"is_final": True})

    async def _turns(self, messages: AsyncIterator[DialogueMessage]) -> AsyncIterator[DialogueTurn]:
        async for message in messages:
            for line in message.lines:
                for turn in self._buffer.add(line.text, line.voice_id, new_turn=line.new_turn):
                    yield turn
            if message.flush:
                for turn in self._buffer.flush():
                    yield turn
                yield "", ""
        for turn in self._buffer.flush():
            yield turn

    async def _speak(self, turn: DialogueTurn, encoder: SpeechEncoder) -> None:
        voice_id, text = turn
        if not text:
            await send_parts(with_flush((), encoder), self._send)
            return await self._send_message({"is_final_audio_for_turn": True})
        query, model, voice = self._query, self._query.model, self._voices[voice_id]
        rules.check_text(text, model)
        charge = rules.price_text("dialogue", text, model, voice)
        self._account.charge(charge)
        self._keeper.spoken(voice, text, charge.credits)
        stability, aliases = self.init.stability, self._aliases
        spec = model_spec(text, model, voice, query.format, query.language_code, stability=stability, aliases=aliases)
        await send_parts(encoder.synthesize(spec), self._send)

    async def _send(self, part: TimedAudio, is_last: bool) -> None:
        self._keeper.heard(part.audio)
        audio = base64.b64encode(part.audio).decode("ascii")
        times = alignment(part, NAMES) if self._query.sync_alignment else None
        await self._send_message({"audio": audio, "alignment": times, "is_final": None})
