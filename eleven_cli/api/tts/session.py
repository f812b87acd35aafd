"""SpeechSession: one socket of a SpeechStream, and what of the text has been spoken on it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from eleven_cli.api.sockets.socket import ABNORMAL, NO_REFUSAL, Close, Socket
from eleven_cli.api.tts import AudioChunk
from eleven_cli.api.tts.stream_messages import Final, ServerError, StreamMessages, TurnEnd, decode
from eleven_cli.errors import NetworkError

TICK_S = 0.05
KEEPALIVE_S = 8.0  # the service hangs up after 20 s without a word
IDLE_TIMEOUT = "input_timeout_exceeded"
COMPLETE_SLACK_S = 0.1
FINAL_SLACK_S = 0.25
WINDOW = 3  # sentences that are sent before they are heard: those that a lost connection makes us pay for again
SLOW_S = 2.0  # where a service tells too little of what it has spoken, the next sentence is sent after so long
CHARACTERS_PER_S = 10.0  # what is surely spoken of a text in a second, where nothing else tells
_TAG = re.compile(r"<[^<>]{0,200}>|\[[^\[\]]{0,200}\]")

Sentences = list[tuple[str, bool]]
"""Texts, and whether each is a complete sentence."""


class SpeechSession:
    """Sends sentences over one socket and reads their audio. Threads that share it hold a lock.

    messages     those of the socket's protocol
    sentences    all of the text so far; it grows, and belongs to the stream
    first        the number of the first sentence that is sent on it
    piece        how many connections the stream had before
    sent         how many sentences were sent
    begun        how many of these have begun to be heard
    is_ended     whether the end of the text was sent
    aligned      letters and digits whose audio has begun
    turns        how many flushed texts the service has called complete
    received     whether audio came: `received_s` seconds of it, the last at `received_at`
    error        the service's, None without one
    is_final     whether the service has ended the stream
    sent_at      when something was last sent
    """

    def __init__(
        self,
        socket: Socket,
        messages: StreamMessages,
        sentences: Sentences,
        *,
        first: int,
        piece: int,
        window: int,
        duration_of: Callable[[bytes], float],
        clock: Callable[[], float],
    ) -> None:
        self.socket, self.first, self.piece = socket, first, piece
        self._messages, self._sentences, self._window = messages, sentences, window
        self._duration_of, self._clock = duration_of, clock
        self.sent_at = 0.0
        self.opened_at = self.received_at = self._widened_at = clock()
        self.sent = self.aligned = self.turns = 0
        self.is_ended = self.is_final = False
        self.received, self.received_s, self._announced_s = False, 0.0, 0.0
        self._in_turn = False
        self.error: ServerError | None = None
        self._widened = 0
        self._by_times, self._by_length = _SpokenCounter(), _SpokenCounter()

    def open(self) -> None:
        """Sends the first message."""
        self._send(self._messages.first)

    def send_next(self) -> None:
        """Sends the next sentence."""
        text, complete = self._sentences[self.next_number]
        self.sent += 1
        for message in self._messages.text(text, complete):
            self._send(message)

    def keep_alive(self) -> None:
        """Keeps the connection open if nothing was sent for KEEPALIVE_S."""
        if self._clock() - self.sent_at >= KEEPALIVE_S:
            self._send(self._messages.keep_alive)

    def end(self) -> None:
        """Tells the service that there is no more text."""
        self.is_ended = True
        self._send(self._messages.end)

    @property
    def next_number(self) -> int:
        """The number of the next sentence to be sent."""
        return self.first + self.sent

    @property
    def is_open(self) -> bool:
        """Whether more may be sent on it."""
        return not self.is_ended and not self.is_final and self.error is None and self.socket.closed is None

    @property
    def begun(self) -> int:
        if self.aligned:
            return self._by_times.moved(self.aligned, self._sent_sentences)
        return min(self.turns + self._in_turn, self.sent) if self.turns else 0

    @property
    def knows_begun(self) -> bool:
        """Whether `begun` says of all audio that came whose it is."""
        return bool(self.aligned or self.turns or not self.received)

    @property
    def has_room(self) -> bool:
        """Whether one more sentence may be sent before others are heard."""
        begun = (
            self.begun
            if self.aligned or self.turns
            else self._by_length.moved(self._surely_spoken, self._sent_sentences)
        )
        return self.sent - begun < min(self._window + begun, WINDOW) + self._widened

    def make_room(self) -> None:
        """Stops waiting for a service that has spoken without saying what; to be called while nothing comes."""
        now = self._clock()
        if self.received and self.sent > self.begun and now - max(self.received_at, self._widened_at) >= SLOW_S:
            self._widened, self._widened_at = self._widened + 1, now

    @property
    def pending_chars(self) -> int:
        """Characters of what was sent whose audio has not begun; without times, of all of it while none came."""
        if not self.knows_begun:
            return 0
        return sum(_letters(text) for text, _ in self._sent_sentences(self.begun, self.sent))

    def chunks(self) -> Iterator[AudioChunk | None]:
        """The chunks as they come, None about every 50 ms while there is none, until the socket has ended."""
        for message in self.socket.messages(TICK_S):
            if message is None:
                yield None
                continue
            for event in decode(message):
                match event:
                    case AudioChunk() as chunk:
                        yield self._placed(chunk)
                    case TurnEnd():
                        self.turns, self._in_turn = self.turns + 1, False
                    case Final():
                        self.is_final = True
                        return
                    case ServerError() as error:
                        self.error = error
                        self.socket.close()  # not every service hangs up after its last word
                        return
        close = self.socket.closed or Close(ABNORMAL)
        if self.error is None and close.code not in NO_REFUSAL:
            self.error = ServerError(close.reason or f"the service closed the connection with code {close.code}")

    @property
    def was_idle(self) -> bool:
        """Whether the service gave up because it had nothing to speak."""
        return self.error is not None and self.error.code == IDLE_TIMEOUT

    @property
    def why(self) -> str:
        """How it ended, in words."""
        if self.error is not None:
            return self.error.message
        if self.is_final:
            return "the service ended the speech too early"
        close = self.socket.closed or Close(ABNORMAL)
        return "the connection was lost" + (f": {close.reason}" if close.reason else "")

    @property
    def misses_s(self) -> float:
        """Seconds of audio that the times announced, and that did not come."""
        return self._announced_s - self.received_s

    @property
    def is_complete(self) -> bool:
        return self.misses_s <= COMPLETE_SLACK_S if self.aligned or not self.turns else not self._in_turn

    @property
    def _surely_spoken(self) -> int:
        return int(self.received_s * CHARACTERS_PER_S)

    def _sent_sentences(self, start: int, end: int | None = None) -> Sentences:
        """Some of the sentences that were sent on this one."""
        return self._sentences[self.first + start : self.first + (self.sent if end is None else end)]

    def _placed(self, chunk: AudioChunk) -> AudioChunk:
        """The times, which count from this message's audio, counted from the beginning of the stream."""
        alignment = chunk.alignment.moved(self.received_s) if chunk.alignment else None
        if alignment is not None:
            self.aligned += _letters("".join(alignment.characters))
            self._announced_s = max([self._announced_s, *alignment.ends_s])
        self.received_s += self._duration_of(chunk.data)
        self.received, self.received_at, self._in_turn = True, self._clock(), True
        return AudioChunk(chunk.data, alignment, self.piece)

    def _send(self, message: dict[str, Any]) -> None:
        """A failed send is ignored here; the reader reports the closed connection."""
        self.sent_at = self._clock()
        try:
            self.socket.send(message)
        except NetworkError:
            self.socket.close()


class _SpokenCounter:
    """How many texts have begun when so many of their characters have: counted on, not from the beginning each time."""

    def __init__(self) -> None:
        self._texts = self._characters = 0

    def moved(self, characters: int, texts_from: Callable[[int], Sentences]) -> int:
        """The number of them by now; `texts_from(n)` are the texts after the first n."""
        if self._characters < characters:
            for text, _ in texts_from(self._texts):
                if self._characters >= characters:
                    break
                self._texts += 1
                self._characters += _letters(text)
        return self._texts


def _letters(text: str) -> int:
    """Letters and digits, which are in a text and in its times alike: marks and tags may be in one of them only."""
    return sum(map(str.isalnum, _TAG.sub("", text)))
