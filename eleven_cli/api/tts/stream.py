"""SpeechStream: speech while its text is still being written, over as many sockets as it takes."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Self

from eleven_cli.api.client import Client
from eleven_cli.api.http.session import READ_TIMEOUT_S
from eleven_cli.api.sockets.socket import AwakeClock, Socket
from eleven_cli.api.tts import AudioChunk
from eleven_cli.api.tts.session import FINAL_SLACK_S, KEEPALIVE_S, WINDOW, Sentences, SpeechSession
from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.api.tts.stream_messages import messages_for
from eleven_cli.api.tts.timestamps import duration_by_format
from eleven_cli.errors import ElevenError, NetworkError

MOST_REOPENINGS = 3  # in a row without any progress
PAUSES_S = (0.5, 1.0, 2.0)  # between the tries to connect


class SpeechStream:
    """Sends sentences, and gives their audio as it arrives. Used as a `with`, iterated once.

    `send_text`, `keep_alive` and `end` may be called from any thread; iterating reads. Few sentences are sent
    before they are heard. A connection that is lost, or that the service ends too early, is opened again with the first
    sentence whose audio had not begun. Raises NetworkError where that one is unknown, and after several connections
    without audio.

    request      the voice, the model and their settings; its text is not used
    duration_of  makes, for each socket, a function that gives the duration of its next audio in seconds; None measures
                 by the request's format
    allow        is called with the characters of each text before it is sent, or sent again; what it raises ends the
                 text there, and is raised when the rest has been heard
    on_notice    is called with a line about each reopening
    """

    def __init__(
        self,
        client: Client,
        request: SpeechRequest,
        *,
        duration_of: Callable[[], Callable[[bytes], float]] | None = None,
        allow: Callable[[int], None] = lambda characters: None,
        on_notice: Callable[[str], None] = lambda line: None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._client, self._messages, self._allow, self._on_notice = client, messages_for(request), allow, on_notice
        self._duration_of = duration_of or partial(duration_by_format, request.output_format)
        self._pause, self._clock = pause, clock or AwakeClock()
        self._changing = threading.RLock()
        self._sentences: Sentences = []
        self._ended = False
        self._forbidden: ElevenError | None = None
        self._current: SpeechSession | None = None
        self._cut_short: list[str] = []
        self._asked_at = 0.0

    def __enter__(self) -> Self:
        """Raises what the service refuses with, and NetworkError where it cannot be reached."""
        self._open(first=0, piece=0)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._current is not None:
            self._current.socket.__exit__(*exc)

    def send_text(self, text: str, *, complete: bool = True) -> None:
        """Sends a text to be spoken; `complete` if it is a whole sentence. Raises what `allow` has raised."""
        with self._changing:
            if self._forbidden is not None:
                raise self._forbidden
            self._sentences.append((text, complete))
            self._asked_at = self._clock()
            self._send_on()

    def keep_alive(self) -> None:
        """Keeps the connection open if nothing was sent for KEEPALIVE_S. Iterating does so, too."""
        with self._changing:
            if not self._ended:
                self._stream.keep_alive()

    def end(self) -> None:
        """Ends the text: no more sentences will come."""
        with self._changing:
            self._ended, self._asked_at = True, self._clock()
            self._send_on()

    @property
    def sentences(self) -> list[tuple[str, bool]]:
        """Every text so far, and whether it is a whole sentence."""
        with self._changing:
            return list(self._sentences)

    @property
    def sent_characters(self) -> int:
        """Characters that were sent on this connection."""
        with self._changing:
            stream = self._stream
            return sum(len(text) for text, _ in self._sentences[stream.first : stream.next_number])

    @property
    def spoken(self) -> str:
        """The sentences whose audio has begun, as far as is known."""
        with self._changing:
            return "".join(text for text, _ in self._sentences[: self._stream.first + self._stream.begun])

    def __iter__(self) -> Iterator[AudioChunk]:
        """The chunks as they come, until all have. Raises what the service refused with, and NetworkError."""
        fruitless, is_heard = 0, False
        while True:
            stream = self._stream
            for chunk in stream.chunks():
                if chunk is None:
                    self._tick(stream)
                    continue
                with self._changing:
                    self._send_on()
                is_heard = True
                yield chunk
            if self._is_through(stream):
                break
            fruitless = fruitless + 1 if self._was_fruitless(stream) else 0
            if stream.error is not None and not stream.was_idle:
                from eleven_cli.api.error_mapping import error_from_code

                raise error_from_code(stream.error.code, stream.error.message)
            if not self._reopen(stream, last_try=fruitless > MOST_REOPENINGS):
                break
        if self._forbidden is not None:
            raise self._forbidden
        if self._sentences and not is_heard:
            raise ElevenError("the service sent no audio", code="no_audio")
        if self._cut_short:
            raise NetworkError(f"the connection was lost in the middle of: {self._cut_short[0]!r}", code="cut_short")

    @property
    def _stream(self) -> SpeechSession:
        if self._current is None:
            raise RuntimeError("a SpeechStream is opened by its `with`")
        return self._current

    def _open(self, *, first: int, piece: int) -> None:
        duration_of = self._duration_of()
        socket = self._connected()
        with self._changing:
            self._current = SpeechSession(
                socket,
                self._messages,
                self._sentences,
                first=first,
                piece=piece,
                window=WINDOW if piece == 0 else 1,  # what was lost once may be lost again: it grows with what is heard
                duration_of=duration_of,
                clock=self._clock,
            )
            self._current.open()
            self._send_on()

    def _connect(self) -> Socket:
        return self._client.socket_to(self._messages.path, self._messages.query)

    def _connected(self) -> Socket:
        """Opens a socket; tries again where that may help."""
        for pause_s in PAUSES_S:
            try:
                return self._connect()
            except ElevenError as failed:
                if not failed.may_pass:
                    raise
                self._on_notice(f"{failed.message.rstrip('.')}; trying again in {pause_s:g} s")
                self._pause(pause_s)
        return self._connect()

    def _send_on(self) -> None:
        """Sends the texts that there is room for; the caller holds the lock."""
        stream = self._current
        if stream is None:
            return
        while stream.is_open and stream.next_number < len(self._sentences) and stream.has_room:
            try:
                self._allow(len(self._sentences[stream.next_number][0]))
            except ElevenError as forbidden:
                self._forbidden, self._ended = forbidden, True
                del self._sentences[stream.next_number :]
                break
            stream.send_next()
        if stream.is_open and self._ended and stream.next_number == len(self._sentences):
            stream.end()
            if not stream.sent:
                stream.socket.close()  # nothing is to come, and not every service says so

    def _tick(self, stream: SpeechSession) -> None:
        """Keeps an idle connection alive, and closes it once the server has been silent for too long."""
        self.keep_alive()
        with self._changing:
            stream.make_room()
            self._send_on()
            is_owed = stream.is_ended or stream.begun < stream.sent or not stream.is_complete
        if is_owed and self._clock() - max(stream.received_at, self._asked_at) > READ_TIMEOUT_S:
            stream.socket.close()

    def _is_through(self, stream: SpeechSession) -> bool:
        """Whether all of the text had been spoken when the stream ended."""
        with self._changing:
            if stream.is_ended and not stream.sent and stream.error is None:
                return True
            if not (stream.is_final and stream.is_ended):
                return False
            if not stream.received:
                return stream.pending_chars == 0
            return not stream.aligned or (stream.pending_chars == 0 and stream.misses_s <= FINAL_SLACK_S)

    def _was_fruitless(self, stream: SpeechSession) -> bool:
        """Whether nothing was spoken on it although there was something to speak, or it ended immediately."""
        with self._changing:
            waited = stream.was_idle and self._clock() - stream.opened_at >= KEEPALIVE_S
            return not stream.begun and not (waited and stream.pending_chars == 0)

    def _reopen(self, lost: SpeechSession, *, last_try: bool) -> bool:
        """Continues with what the lost connection did not speak; False if there is nothing left."""
        why = lost.why.rstrip(".")
        if not lost.knows_begun or last_try:
            raise self._lost(why)
        with self._changing:
            next_one = lost.first + lost.begun
            last = self._sentences[next_one - 1][0].strip() if lost.begun else ""
            is_all = self._ended and next_one == len(self._sentences) and bool(lost.begun)
        if last and not lost.is_complete:
            self._cut_short.append(last)
            self._on_notice(f"{why}; the end of {last!r} is missing")
        if is_all:
            return False
        with self._changing:
            again = sum(len(text) for text, _ in self._sentences[next_one : lost.next_number])
        unheard = f"; {again:,} characters that were not heard are sent and counted again" if again else ""
        self._on_notice(f"{why}; connecting again{unheard}")
        try:
            self._open(first=next_one, piece=lost.piece + 1)
        except ElevenError as failed:
            raise self._lost(f"{why}; {failed.message}") from failed
        return True

    def _lost(self, why: str) -> NetworkError:
        error = NetworkError(why, code="connection_lost")
        if spoken := self.spoken.strip():
            error.add_note(f"spoken until then: {spoken!r}")
        return error
