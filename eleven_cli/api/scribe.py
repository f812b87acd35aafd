"""Live transcription: sound in, words out, while they are being spoken (WebSocket /v1/speech-to-text/realtime)."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from eleven_cli.api import scribe_events as wire
from eleven_cli.api.failures import of_words
from eleven_cli.api.scribe_events import Committed, Failed, Partial, Started, Warned
from eleven_cli.api.socket import Socket
from eleven_cli.errors import AuthError, ElevenError, LimitError, NetworkError

TICK_S = 0.05
SAMPLE_BYTES = 2
START_TIMEOUT_S = 15.0
ANSWER_TIMEOUT_S = 15.0
KEEPALIVE_S = 5.0  # the service leaves without a word after 15
KEEPALIVE_AUDIO_S = 0.02
LEAST_COMMIT_S = 0.4  # a commit of less than 0.3 s ends the session
CHUNK_S = 0.5
QUIET_COMMIT_S, LATEST_COMMIT_S = 22.0, 30.0  # the service commits by itself after 36 s, wherever that is
KEPT_S = 120.0
TIMES_FOLLOW_S = 1.0  # how long a transcript waits for the same one with times, which comes after 15 ms
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
GO_ON_AFTER = {"session_time_limit_exceeded", "insufficient_audio_activity", "transcriber_error", "resource_exhausted"}
REFUSED_BECAUSE = {"auth_error": AuthError, "quota_exceeded": LimitError, "rate_limited": LimitError}


class LiveTranscription:
    """One stream of sound, transcribed. `hear`, `commit` and `finish` may be called from any thread.

    Iterating gives Partial and Committed, and None about every 50 ms while there is neither; it ends after `finish`
    when all has been answered. A connection that is lost is opened again, and hears again what was not committed.

    connect    opens a socket
    rate       of the sound, 16-bit mono, in Hz
    by_itself  after how much silence, in seconds, the service commits by itself; None when it waits to be told
    timed      whether transcripts come with the times of their words
    tell       is told of reconnections and the service's warnings
    """

    def __init__(
        self,
        connect: Callable[[], Socket],
        rate: int,
        *,
        by_itself: float | None,
        timed: bool,
        tell: Callable[[str], None] = lambda line: None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect, self._rate, self._by_itself, self._timed = connect, rate, by_itself, timed
        self._tell, self._pause, self._clock = tell, pause, clock
        self._changing = threading.RLock()
        self._kept = bytearray()  # what was heard since the last transcript that is certain
        self._position = 0  # bytes heard in all
        self._session: _Session | None = None
        self._finishing_at: float | None = None
        self._failures = 0

    def __enter__(self) -> "LiveTranscription":
        self._open(deque())
        return self

    def __exit__(self, *exc: object) -> None:
        self._now.socket.__exit__(*exc)

    # in

    def hear(self, pcm: bytes) -> None:
        """Some more sound. Nothing after `finish`."""
        with self._changing:
            if self._finishing_at is None and pcm:
                self._take(pcm)
                if self._by_itself is None:
                    self._commit_in_time(pcm)

    def commit(self) -> None:
        """What was said until now is a transcript of its own."""
        with self._changing:
            if self._uncommitted_s > 0:
                self._take(bytes(self._bytes_of(max(LEAST_COMMIT_S - self._uncommitted_s, 0))))
                self._ask_to_commit()

    def finish(self) -> None:
        """There is no more sound: the rest is committed, and when it was answered the iteration ends."""
        with self._changing:
            if self._finishing_at is None:
                if self._position and (self._uncommitted_s > 0 or self._by_itself is not None):
                    self._take(bytes(self._bytes_of(LEAST_COMMIT_S)))
                    self._ask_to_commit()
                self._finishing_at = self._clock()

    # out

    def __iter__(self) -> Iterator[Partial | Committed | None]:
        """Raises what the service refused with, and NetworkError when it cannot be reached any more."""
        while True:
            session = self._now
            for message in session.socket.messages(TICK_S):
                yield from self._answer(session, message)
                if self._is_done(session):
                    session.socket.close()
                    return
            if not self._is_done(session):
                self._go_on(session)

    def _answer(self, session: "_Session", message: str | bytes | None) -> Iterator[Partial | Committed | None]:
        if message is None:
            self._look_after(session)
            yield session.overdue(self._clock())
            return
        match wire.decode(message):
            case Started():
                self._begin(session)
            case Partial() as partial if not session.is_echo(partial):
                yield partial
            case Committed() as committed:
                yield from self._certain(session, committed)
            case Warned(text=text):
                self._tell(f"the service warns: {text}")
            case Failed() as failed:
                session.failed = failed

    def _certain(self, session: "_Session", committed: Committed) -> Iterator[Committed]:
        """A transcript, once: it comes twice where times were asked for."""
        if committed.words is None:
            self._forget_what_is_certain(session)
            session.committed = committed.text
            if self._timed:
                session.held, session.held_at = committed, self._clock()
                return
        elif session.held is None:
            return  # waited for too long
        else:
            session.held = None
        words = None if committed.words is None else tuple(word.moved(session.start_s) for word in committed.words)
        yield committed._replace(words=words)

    def _forget_what_is_certain(self, session: "_Session") -> None:
        with self._changing:
            if session.asked:
                certain = session.asked.popleft()
            else:  # by itself: what came after the silence was not said yet
                certain = self._position - self._bytes_of(self._by_itself or 0)
            del self._kept[: max(certain - (self._position - len(self._kept)), 0)]
            session.committed_at = max(session.committed_at, certain)

    # the connection

    @property
    def _now(self) -> "_Session":
        assert self._session is not None
        return self._session

    def _open(self, asked: "deque[int]") -> None:
        socket = self._connect()
        with self._changing:
            self._session = _Session(socket, self._clock(), asked)

    def _begin(self, session: "_Session") -> None:
        """The service listens: it gets what was kept, and is asked for what was not answered."""
        with self._changing:
            first = at = self._position - len(self._kept)
            session.start_s = first / SAMPLE_BYTES / self._rate
            session.committed_at, session.began = max([first, *session.asked]), True
            for end in session.asked:
                self._send_kept(at - first, end - first)
                session.socket.send(wire.chunk(b"", self._rate, commit=True))
                at = end
            self._send_kept(at - first, self._position - first)

    def _send_kept(self, start: int, end: int) -> None:
        step = self._bytes_of(CHUNK_S)
        for at in range(start, end, step):
            self._send(bytes(self._kept[at : min(at + step, end)]))

    def _take(self, pcm: bytes) -> None:
        self._kept += pcm
        del self._kept[: max(len(self._kept) - self._bytes_of(KEPT_S), 0)]
        self._position += len(pcm)
        if self._now.began:
            self._send(pcm)

    def _send(self, pcm: bytes) -> None:
        self._now.sent_at = self._clock()
        self._now.socket.send(wire.chunk(pcm, self._rate))

    def _commit_in_time(self, pcm: bytes) -> None:
        """Before the service does it by itself, and better where it is quiet."""
        if self._uncommitted_s >= LATEST_COMMIT_S or (self._uncommitted_s >= QUIET_COMMIT_S and _is_quiet(pcm)):
            self._ask_to_commit()

    def _ask_to_commit(self) -> None:
        self._now.asked.append(self._position)
        self._now.committed_at = self._position
        if self._now.began:
            self._now.socket.send(wire.chunk(b"", self._rate, commit=True))

    @property
    def _uncommitted_s(self) -> float:
        return (self._position - self._now.committed_at) / SAMPLE_BYTES / self._rate

    def _look_after(self, session: "_Session") -> None:
        now = self._clock()
        if not session.began and now - session.opened_at > START_TIMEOUT_S:
            raise NetworkError(f"the service did not begin within {START_TIMEOUT_S:.0f} s", code="timeout")
        if session.began and self._finishing_at is None and now - session.sent_at > KEEPALIVE_S:
            self.hear(bytes(self._bytes_of(KEEPALIVE_AUDIO_S)))

    def _is_done(self, session: "_Session") -> bool:
        if self._finishing_at is None:
            return False
        if not session.asked and session.held is None and (session.began or not self._kept):
            return True
        if self._clock() - self._finishing_at > ANSWER_TIMEOUT_S:
            raise NetworkError("the service did not answer the last of it in time", code="timeout")
        return False

    def _go_on(self, lost: "_Session") -> None:
        """A new connection after the old one has ended, unless there is a reason against it."""
        if lost.failed is not None and lost.failed.code not in GO_ON_AFTER:
            raise _refusal(lost.failed)
        why = lost.failed.message if lost.failed else "the connection was lost"
        self._failures = 0 if lost.began else self._failures + 1
        if self._failures >= len(PAUSES_S):
            raise NetworkError(why, code="connection_lost")
        self._tell(f"{why}; connecting again")
        for pause_s in PAUSES_S:
            try:
                self._open(lost.asked)
            except NetworkError as failed:
                error = failed
                self._pause(pause_s)
            else:
                return
        raise error

    def _bytes_of(self, seconds: float) -> int:
        return int(seconds * self._rate) * SAMPLE_BYTES


class _Session:
    """One socket. Times are by the transcription's clock, positions in bytes of all that was heard.

    start_s       where its sound begins, in seconds of all
    asked         positions at which commits were asked for and not answered
    committed_at  up to where a commit was asked for or answered
    held          a transcript that waits for its times
    """

    def __init__(self, socket: Socket, opened_at: float, asked: deque[int]) -> None:
        self.socket, self.opened_at, self.sent_at = socket, opened_at, opened_at
        self.began = False
        self.start_s = self.held_at = 0.0
        self.asked = asked
        self.committed_at = 0
        self.committed = ""
        self.held: Committed | None = None
        self.failed: Failed | None = None

    def is_echo(self, partial: Partial) -> bool:
        """Whether it only repeats what was committed just now."""
        last, self.committed = self.committed, ""
        return bool(last) and partial.text.strip() == last.strip()

    def overdue(self, now: float) -> Committed | None:
        """A transcript whose times do not come."""
        if self.held is None or now - self.held_at < TIMES_FOLLOW_S:
            return None
        held, self.held = self.held, None
        return held


def _refusal(failed: Failed) -> ElevenError:
    kind = REFUSED_BECAUSE.get(failed.code) or of_words(frozenset([failed.code])) or ElevenError
    hint = "check the key: eleven auth status" if kind is AuthError else ""
    return kind(f"{failed.message.rstrip('.')} ({failed.code})", code=failed.code, hint=hint)


def _is_quiet(pcm: bytes, level: int = 500) -> bool:
    return max(map(abs, memoryview(pcm[: len(pcm) & ~1]).cast("h")), default=0) < level
