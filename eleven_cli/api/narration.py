"""Narration: speech while its text is still being written (WebSocket /v1/text-to-speech/{voice_id}/stream-input)."""

import base64
import binascii
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.failures import named
from eleven_cli.api.http import READ_GAP_S
from eleven_cli.api.socket import ABNORMAL, NO_REFUSAL, Close, Socket
from eleven_cli.api.sound import Alignment, Sound, of_socket
from eleven_cli.api.speech import Manner
from eleven_cli.errors import ElevenError, NetworkError

TICK_S = 0.05
KEEPALIVE_S = 8.0  # the service hangs up after 20 s without a word
IDLE_TIMEOUT = "input_timeout_exceeded"
MOST_REOPENINGS = 3  # in a row without any sound
HEARD_SLACK_S = 0.1
PAUSES_S = (0.5, 1.0, 2.0)  # between the tries to connect
BUSY = (429, 503)


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

    `say`, `keep_alive` and `end` may be called from any thread; whoever iterates reads. Should the connection be lost,
    it is opened again with the first sentence whose sound had not begun; where that cannot be known, NetworkError.

    connect     opens a socket
    seconds_of  how long some audio sounds, of one stream: made anew for each socket
    tell        is told of reopenings
    """

    def __init__(
        self,
        connect: Callable[[], Socket],
        voice_settings: dict[str, float | bool],
        seconds_of: Callable[[], Callable[[bytes], float]],
        *,
        tell: Callable[[str], None] = lambda line: None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect, self._seconds_of, self._tell = connect, seconds_of, tell
        self._pause, self._clock = pause, clock
        self._first_message = {"text": " ", **({"voice_settings": voice_settings} if voice_settings else {})}
        self._changing = threading.RLock()
        self._said: list[tuple[str, bool]] = []
        self._ended = False
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
        """Speak it as soon as possible; `whole` when it is a complete sentence."""
        with self._changing:
            self._said.append((text, whole))
            self._asked_at = self._clock()
            self._send(text, whole=whole)

    def keep_alive(self) -> None:
        """Say that there is more to come, if nothing was said for KEEPALIVE_S. Iterating does it, too."""
        with self._changing:
            if self._clock() - self._sent_at >= KEEPALIVE_S and not self._ended:
                self._post({"text": " "})

    def end(self) -> None:
        """There is no more text."""
        with self._changing:
            self._ended, self._asked_at = True, self._clock()
            self._post({"text": ""})

    @property
    def spoken(self) -> str:
        """The sentences whose sound has begun, as far as is known."""
        assert self._session is not None
        with self._changing:
            return "".join(text for text, _ in self._said[: self._session.first + self._session.begun(self._texts)])

    def __iter__(self) -> Iterator[Sound]:
        """Sound as it comes, until all of it has. Raises what the service refused with, and NetworkError."""
        silent_reopenings = 0
        while True:
            session = self._session
            assert session is not None
            for sound in session.sounds():
                if sound is None:
                    self._look_after(session)
                else:
                    yield sound
            if session.finished:
                break
            idle = session.failed is not None and session.failed.code == IDLE_TIMEOUT
            patient = idle and self._clock() - session.opened_at >= KEEPALIVE_S
            silent_reopenings = 0 if session.heard_s or patient else silent_reopenings + 1
            if session.failed is not None and not idle:
                raise self._refusal(session.failed)
            self._reopen(session, last_try=silent_reopenings > MOST_REOPENINGS)
        if self._broken_off:
            raise NetworkError(f"the connection was lost in the middle of: {self._broken_off[0]!r}", code="cut_short")

    @property
    def _socket(self) -> Socket:
        assert self._session is not None
        return self._session.socket

    @property
    def _texts(self) -> list[str]:
        assert self._session is not None
        return [text for text, _ in self._said[self._session.first :]]

    def _open(self, *, first: int, piece: int) -> None:
        socket = self._connected()
        with self._changing:
            self._session = _Session(socket, first, piece, self._seconds_of(), self._clock)
            self._post(self._first_message)
            for text, whole in self._said[first:]:
                self._send(text, whole=whole)
            if self._ended:
                self._post({"text": ""})

    def _connected(self) -> Socket:
        """An open socket, tried for some times where that may help."""
        for pause_s in PAUSES_S:
            try:
                return self._connect()
            except ElevenError as failed:
                if not isinstance(failed, NetworkError) and failed.status not in BUSY:
                    raise
                self._tell(f"{failed.message.rstrip('.')}; trying again in {pause_s:g} s")
                self._pause(pause_s)
        return self._connect()

    def _send(self, text: str, *, whole: bool) -> None:
        message: dict[str, Any] = {"text": f"{text.strip()} "}
        self._post(message if whole else {**message, "flush": True})

    def _post(self, message: dict[str, Any]) -> None:
        """Where the network takes nothing any more, whoever reads finds the end."""
        self._sent_at = self._clock()
        try:
            self._socket.send(message)
        except NetworkError:
            self._socket.close()

    def _look_after(self, session: "_Session") -> None:
        """While nothing comes: say that we are here, and notice that nobody is there."""
        self.keep_alive()
        with self._changing:
            owed = self._ended or session.begun(self._texts) < len(self._texts) or not session.heard_whole
        if owed and self._clock() - max(session.heard_at, self._asked_at) > READ_GAP_S:
            session.socket.close()

    def _reopen(self, lost: "_Session", *, last_try: bool) -> None:
        why = (lost.failed.message if lost.failed else lost.why).rstrip(".")
        if (lost.heard_s and not lost.aligned) or last_try:
            raise self._lost(why)
        with self._changing:
            said = self._texts
            begun, ended = lost.begun(said), self._ended
        if begun and not lost.heard_whole:
            self._broken_off.append(said[begun - 1].strip())
            self._tell(f"{why}; the end of {said[begun - 1].strip()!r} is missing")
        if begun == len(said) and ended and begun:
            lost.finished = True
            return
        self._tell(f"{why}; connecting again")
        try:
            self._open(first=lost.first + begun, piece=lost.piece + 1)
        except ElevenError as failed:
            raise self._lost(f"{why}; {failed.message}") from failed

    def _lost(self, why: str) -> NetworkError:
        error = NetworkError(why, code="connection_lost")
        if spoken := self.spoken.strip():
            error.add_note(f"spoken until then: {spoken!r}")
        return error

    def _refusal(self, failed: Refused) -> ElevenError:
        return named(failed.code, failed.message)


def narrate(
    client: Client,
    manner: Manner,
    seconds_of: Callable[[], Callable[[bytes], float]],
    *,
    tell: Callable[[str], None] = lambda line: None,
) -> Narration:
    """A narration in this manner, by a model that speaks live."""
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
    return Narration(lambda: client.socket_to(path, query), dict(manner.voice_settings), seconds_of, tell=tell)


class _Session:
    """One socket of a narration.

    first        the number of the first sentence that was said on it
    aligned      characters without blanks whose sound has begun
    heard_s      seconds of sound that came, the last of it at `heard_at`
    heard_whole  whether all the sound came that was announced by the last alignment
    failed       what the service gave up with
    finished     whether it said that nothing more will come
    """

    def __init__(
        self,
        socket: Socket,
        first: int,
        piece: int,
        seconds_of: Callable[[bytes], float],
        clock: Callable[[], float],
    ) -> None:
        self.socket, self.first, self.piece = socket, first, piece
        self._seconds_of, self._clock = seconds_of, clock
        self.opened_at = self.heard_at = clock()
        self.aligned = 0
        self.heard_s = self._announced_s = 0.0
        self.failed: Refused | None = None
        self.finished = False

    def sounds(self) -> Iterator[Sound | None]:
        """Sound as it comes, None about every 50 ms while there is none, until the socket has ended."""
        for message in self.socket.messages(TICK_S):
            if message is None:
                yield None
                continue
            for event in decode(message):
                match event:
                    case Sound() as sound:
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
    def why(self) -> str:
        close = self.socket.closed or Close(ABNORMAL)
        return "the connection was lost" + (f": {close.reason}" if close.reason and close.code != ABNORMAL else "")

    @property
    def heard_whole(self) -> bool:
        return self.heard_s >= self._announced_s - HEARD_SLACK_S

    def begun(self, texts: list[str]) -> int:
        """How many of the texts, the first ones said here, have begun to sound."""
        count, characters = 0, 0
        for text in texts:
            if characters >= self.aligned:
                break
            count += 1
            characters += _weight(text)
        return count

    def _placed(self, sound: Sound) -> Sound:
        """The times, which count from this message's audio, counted from the session's beginning."""
        alignment = sound.alignment.moved(self.heard_s) if sound.alignment else None
        if alignment is not None:
            self.aligned += _weight("".join(alignment.characters))
            self._announced_s = max([self._announced_s, *alignment.ends_s])
        self.heard_s += self._seconds_of(sound.data)
        self.heard_at = self._clock()
        return Sound(sound.data, alignment, self.piece)


def decode(message: str | bytes) -> Iterator[Sound | Finished | Refused]:
    """What a message of the socket says; nothing for one that says nothing to us."""
    try:
        value = json.loads(message)
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


def _sound(audio: str, alignment: Alignment | None) -> Sound | Refused:
    try:
        return Sound(base64.b64decode(audio, validate=True), alignment)
    except (binascii.Error, ValueError):
        return Refused("the service sent something that is not audio", "bad_audio")


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _weight(text: str) -> int:
    return sum(not character.isspace() for character in text)
