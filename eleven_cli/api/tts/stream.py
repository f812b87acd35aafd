"""Narration: speech while its text is still being written (WebSocket /v1/text-to-speech/{voice_id}/stream-input)."""

import base64
import binascii
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.error_mapping import named
from eleven_cli.api.http.session import READ_GAP_S
from eleven_cli.api.json_fields import parsed
from eleven_cli.api.socket import ABNORMAL, NO_REFUSAL, Close, Socket
from eleven_cli.api.tts.audio_chunk import Alignment, AudioChunk, of_socket
from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.errors import ElevenError, NetworkError

TICK_S = 0.05
KEEPALIVE_S = 8.0  # the service hangs up after 20 s without a word
IDLE_TIMEOUT = "input_timeout_exceeded"
MOST_REOPENINGS = 3  # in a row without any progress
HEARD_SLACK_S = 0.1
FINAL_SLACK_S = 0.25
WINDOW = 3  # sentences that are sent before they are heard: those that a lost connection makes us pay for again
SLOW_S = 2.0  # where a service tells too little of what it has spoken, the next sentence is sent after so long
CHARACTERS_PER_S = 10.0  # what is surely spoken of a text in a second, where nothing else tells
PAUSES_S = (0.5, 1.0, 2.0)  # between the tries to connect
_TAG = re.compile(r"<[^<>]{0,200}>")


@dataclass(frozen=True)
class Finished:
    """Nothing more will come."""


@dataclass(frozen=True)
class Refused:
    """The service gives up. code: its own word for the reason, "" when it has none."""

    message: str
    code: str = ""


class Narration:
    """Sentences in, their sound out, over as many sockets as it takes.

    `say`, `keep_alive` and `end` may be called from any thread; whoever iterates reads. Few sentences are sent before
    they are heard. Should the connection be lost, or the service end it too early, it is opened again with the first
    sentence whose sound had not begun; where that cannot be known, or nothing is heard on several connections in a
    row, NetworkError.

    connect     opens a socket
    duration_of  how long some audio sounds, of one stream: made anew for each socket
    allow       is told of the characters of each text before it is sent, the first time and again; what it raises ends
                the speech there, and is raised when the rest has been heard
    tell        is told of reopenings
    """

    def __init__(
        self,
        connect: Callable[[], Socket],
        voice_settings: dict[str, float | bool],
        duration_of: Callable[[], Callable[[bytes], float]],
        *,
        allow: Callable[[int], None] = lambda characters: None,
        tell: Callable[[str], None] = lambda line: None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect, self._seconds_of, self._allow, self._tell = connect, duration_of, allow, tell
        self._pause, self._clock = pause, clock
        self._first_message = {"text": " ", **({"voice_settings": voice_settings} if voice_settings else {})}
        self._changing = threading.RLock()
        self._said: list[tuple[str, bool]] = []
        self._ended = False
        self._forbidden: ElevenError | None = None
        self._session: _Session | None = None
        self._broken_off: list[str] = []
        self._sent_at = self._asked_at = 0.0

    def __enter__(self) -> "Narration":
        self._open(first=0, piece=0)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._session is not None:
            self._session.socket.__exit__(*exc)

    def say(self, text: str, *, whole: bool = True) -> None:
        """Speak it as soon as possible; `whole` when it is a complete sentence. Raises what forbids it."""
        with self._changing:
            if self._forbidden is not None:
                raise self._forbidden
            self._said.append((text, whole))
            self._asked_at = self._clock()
            self._send_on()

    def keep_alive(self) -> None:
        """Say that there is more to come, if nothing was said for KEEPALIVE_S. Iterating does it, too."""
        with self._changing:
            if self._clock() - self._sent_at >= KEEPALIVE_S and not self._ended:
                self._post({"text": " "})

    def end(self) -> None:
        """There is no more text."""
        with self._changing:
            self._ended, self._asked_at = True, self._clock()
            self._send_on()

    @property
    def spoken(self) -> str:
        """The sentences whose sound has begun, as far as is known."""
        with self._changing:
            return "".join(text for text, _ in self._said[: self._open_session.first + self._open_session.begun])

    def __iter__(self) -> Iterator[AudioChunk]:
        """Sound as it comes, until all of it has. Raises what the service refused with, and NetworkError."""
        fruitless = 0
        while True:
            session = self._open_session
            for sound in session.sounds():
                if sound is None:
                    self._look_after(session)
                    continue
                with self._changing:
                    self._send_on()
                yield sound
            if self._is_through(session):
                break
            fruitless = fruitless + 1 if self._was_fruitless(session) else 0
            if session.failed is not None and not session.was_idle:
                raise self._refusal(session.failed)
            if not self._reopen(session, last_try=fruitless > MOST_REOPENINGS):
                break
        if self._forbidden is not None:
            raise self._forbidden
        if self._broken_off:
            raise NetworkError(f"the connection was lost in the middle of: {self._broken_off[0]!r}", code="cut_short")

    @property
    def _open_session(self) -> "_Session":
        assert self._session is not None
        return self._session

    def _open(self, *, first: int, piece: int) -> None:
        socket = self._connected()
        with self._changing:
            window = WINDOW if piece == 0 else 1  # what was lost once may be lost again: it grows with what is heard
            self._session = _Session(socket, self._said, first, piece, window, self._seconds_of(), self._clock)
            self._post(self._first_message)
            self._send_on()

    def _connected(self) -> Socket:
        """An open socket, tried for some times where that may help."""
        for pause_s in PAUSES_S:
            try:
                return self._connect()
            except ElevenError as failed:
                if not failed.may_pass:
                    raise
                self._tell(f"{failed.message.rstrip('.')}; trying again in {pause_s:g} s")
                self._pause(pause_s)
        return self._connect()

    def _send_on(self) -> None:
        """Send what may be sent by now; whoever calls has the lock."""
        session = self._session
        if session is None:
            return
        while session.is_open and session.first + session.sent < len(self._said) and session.has_room:
            text, whole = self._said[session.first + session.sent]
            try:
                self._allow(len(text))
            except ElevenError as forbidden:
                self._forbidden, self._ended = forbidden, True
                del self._said[session.first + session.sent :]
                break
            session.sent += 1
            message: dict[str, Any] = {"text": f"{text.strip()} "}
            self._post(message if whole else {**message, "flush": True})
        if session.is_open and self._ended and session.first + session.sent == len(self._said):
            session.told_end = True
            self._post({"text": ""})

    def _post(self, message: dict[str, Any]) -> None:
        """Where the network takes nothing any more, whoever reads finds the end."""
        self._sent_at = self._clock()
        socket = self._open_session.socket
        try:
            socket.send(message)
        except NetworkError:
            socket.close()

    def _look_after(self, session: "_Session") -> None:
        """While nothing comes: say that we are here, and notice that nobody is there."""
        self.keep_alive()
        with self._changing:
            session.make_room()
            self._send_on()
            owed = session.told_end or session.begun < session.sent or not session.heard_whole
        if owed and self._clock() - max(session.heard_at, self._asked_at) > READ_GAP_S:
            session.socket.close()

    def _is_through(self, session: "_Session") -> bool:
        """Whether nothing more is to be spoken, now that the service has said that nothing more will come."""
        with self._changing:
            if not (session.finished and session.told_end):
                return False
            if not session.heard:
                return session.owed == 0
            return not session.aligned or (session.owed == 0 and session.misses_s <= FINAL_SLACK_S)

    def _was_fruitless(self, session: "_Session") -> bool:
        """Whether nothing was spoken on it although there was something to speak, or it ended at once."""
        with self._changing:
            waited = session.was_idle and self._clock() - session.opened_at >= KEEPALIVE_S
            return not session.begun and not (waited and session.owed == 0)

    def _reopen(self, lost: "_Session", *, last_try: bool) -> bool:
        """Go on with what was not spoken on that one; False when there is nothing."""
        why = lost.why.rstrip(".")
        if (lost.heard and not lost.aligned) or last_try:
            raise self._lost(why)
        with self._changing:
            next_one = lost.first + lost.begun
            last = self._said[next_one - 1][0].strip() if lost.begun else ""
            is_all = self._ended and next_one == len(self._said) and bool(lost.begun)
        if last and not lost.heard_whole:
            self._broken_off.append(last)
            self._tell(f"{why}; the end of {last!r} is missing")
        if is_all:
            return False
        self._tell(f"{why}; connecting again")
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

    def _refusal(self, failed: Refused) -> ElevenError:
        return named(failed.code, failed.message)


def narrate(
    client: Client,
    manner: SpeechRequest,
    duration_of: Callable[[], Callable[[bytes], float]],
    *,
    allow: Callable[[int], None] = lambda characters: None,
    tell: Callable[[str], None] = lambda line: None,
) -> Narration:
    """A narration in this manner, by a model that speaks live; `allow` and `tell` as there."""
    from urllib.parse import quote

    path = f"/v1/text-to-speech/{quote(manner.voice_id, safe='')}/stream-input"
    chosen = {
        "model_id": manner.model_id,
        "output_format": manner.output_format,
        "language_code": manner.language_code,
        "seed": manner.seed,
        "apply_text_normalization": manner.apply_text_normalization,
        "auto_mode": "true",  # every message is a sentence, and spoken as it comes
        "sync_alignment": "true",  # which tells what has been spoken, should the connection be lost
    }
    query = {name: str(value) for name, value in chosen.items() if value is not None}
    settings = dict(manner.voice_settings)
    return Narration(lambda: client.socket_to(path, query), settings, duration_of, allow=allow, tell=tell)


class _Session:
    """One socket of a narration.

    first        the number of the first sentence that was said on it
    sent         how many were
    begun        how many of these have begun to sound
    told_end     whether it was told that there is no more text
    aligned      letters and digits whose sound has begun
    heard        whether sound came: `heard_s` seconds of it, the last at `heard_at`
    failed       what the service gave up with
    finished     whether it said that nothing more will come
    """

    def __init__(
        self,
        socket: Socket,
        said: list[tuple[str, bool]],
        first: int,
        piece: int,
        window: int,
        duration_of: Callable[[bytes], float],
        clock: Callable[[], float],
    ) -> None:
        self.socket, self.first, self.piece = socket, first, piece
        self._said, self._window = said, window
        self._seconds_of, self._clock = duration_of, clock
        self.opened_at = self.heard_at = self._widened_at = clock()
        self.sent = self.aligned = 0
        self.told_end = self.finished = False
        self.heard, self.heard_s, self._announced_s = False, 0.0, 0.0
        self.failed: Refused | None = None
        self._widened = 0
        self._by_times, self._by_length = _Progress(), _Progress()

    @property
    def is_open(self) -> bool:
        """Whether more may be said on it."""
        return not self.told_end and not self.finished and self.failed is None and self.socket.closed is None

    @property
    def begun(self) -> int:
        return self._by_times.moved(self.aligned, self._said_here)

    @property
    def has_room(self) -> bool:
        """Whether one more sentence may be sent before others are heard."""
        begun = self.begun if self.aligned else self._by_length.moved(self._surely_spoken, self._said_here)
        return self.sent - begun < min(self._window + begun, WINDOW) + self._widened

    def make_room(self) -> None:
        """While nothing comes: a service that has spoken without telling what is not waited for any longer."""
        now = self._clock()
        if self.heard and self.sent > self.begun and now - max(self.heard_at, self._widened_at) >= SLOW_S:
            self._widened, self._widened_at = self._widened + 1, now

    @property
    def owed(self) -> int:
        """Characters of what was sent whose sound has not begun; without times, of all of it while none came."""
        if self.heard and not self.aligned:
            return 0
        return sum(_weight(text) for text, _ in self._said_here(self.begun, self.sent))

    def sounds(self) -> Iterator[AudioChunk | None]:
        """Sound as it comes, None about every 50 ms while there is none, until the socket has ended."""
        for message in self.socket.messages(TICK_S):
            if message is None:
                yield None
                continue
            for event in decode(message):
                match event:
                    case AudioChunk() as sound:
                        yield self._placed(sound)
                    case Finished():
                        self.finished = True
                        return
                    case Refused() as failed:
                        self.failed = failed
        close = self.socket.closed or Close(ABNORMAL)
        if self.failed is None and close.code not in NO_REFUSAL:
            self.failed = Refused(close.reason or f"the service closed the connection with code {close.code}")

    @property
    def was_idle(self) -> bool:
        """Whether the service gave up because it had nothing to speak."""
        return self.failed is not None and self.failed.code == IDLE_TIMEOUT

    @property
    def why(self) -> str:
        """How it ended, in words."""
        if self.failed is not None:
            return self.failed.message
        if self.finished:
            return "the service ended the speech too early"
        close = self.socket.closed or Close(ABNORMAL)
        return "the connection was lost" + (f": {close.reason}" if close.reason else "")

    @property
    def misses_s(self) -> float:
        """How much sound is missing of what was announced by the times."""
        return self._announced_s - self.heard_s

    @property
    def heard_whole(self) -> bool:
        return self.misses_s <= HEARD_SLACK_S

    @property
    def _surely_spoken(self) -> int:
        return int(self.heard_s * CHARACTERS_PER_S)

    def _said_here(self, start: int, end: int | None = None) -> list[tuple[str, bool]]:
        """Some of the sentences that were sent on this one."""
        return self._said[self.first + start : self.first + (self.sent if end is None else end)]

    def _placed(self, sound: AudioChunk) -> AudioChunk:
        """The times, which count from this message's audio, counted from the session's beginning."""
        alignment = sound.alignment.moved(self.heard_s) if sound.alignment else None
        if alignment is not None:
            self.aligned += _weight("".join(alignment.characters))
            self._announced_s = max([self._announced_s, *alignment.ends_s])
        self.heard_s += self._seconds_of(sound.data)
        self.heard, self.heard_at = True, self._clock()
        return AudioChunk(sound.data, alignment, self.piece)


def decode(message: str | bytes) -> Iterator[AudioChunk | Finished | Refused]:
    """What a message of the socket says; nothing for one that says nothing to us."""
    try:
        value = parsed(message)
    except (ValueError, RecursionError):
        return
    if not isinstance(value, dict):
        return
    audio = value.get("audio")
    if isinstance(audio, str) and audio:
        yield _sound(audio, of_socket(value.get("alignment")))
    elif value.get("message") or value.get("error"):
        yield Refused(_word(value.get("message")) or _word(value.get("error")), _word(value.get("error")))
    if value.get("isFinal") is True or value.get("is_final") is True:
        yield Finished()


def _sound(audio: str, alignment: Alignment | None) -> AudioChunk | Refused:
    try:
        return AudioChunk(base64.b64decode(audio, validate=True), alignment)
    except (binascii.Error, ValueError):
        return Refused("the service sent something that is not audio", "bad_audio")


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


class _Progress:
    """How many texts have begun when so many of their characters have: counted on, not anew each time."""

    def __init__(self) -> None:
        self._texts = self._characters = 0

    def moved(self, characters: int, texts_from: Callable[[int], list[tuple[str, bool]]]) -> int:
        """The number of them by now; `texts_from(n)` are the texts after the first n."""
        if self._characters < characters:
            for text, _ in texts_from(self._texts):
                if self._characters >= characters:
                    break
                self._texts += 1
                self._characters += _weight(text)
        return self._texts


def _weight(text: str) -> int:
    """Letters and digits, which are in a text and in its times alike: marks and tags may be in one of them only."""
    return sum(map(str.isalnum, _TAG.sub("", text)))
