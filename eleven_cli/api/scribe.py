"""Live transcription: sound in, words out, while they are being spoken (WebSocket /v1/speech-to-text/realtime)."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from eleven_cli.api import scribe_events as wire
from eleven_cli.api.failures import of_words
from eleven_cli.api.scribe_events import Committed, Failed, Partial, Started, Warned
from eleven_cli.api.scribe_sound import Sound
from eleven_cli.api.socket import ABNORMAL, Close, Socket
from eleven_cli.errors import AuthError, ElevenError, LimitError, NetworkError

TICK_S = 0.05
START_TIMEOUT_S = 15.0
ANSWER_TIMEOUT_S = 15.0
KEEPALIVE_S = 5.0  # the service leaves without a word after 15
KEEPALIVE_AUDIO_S = 0.02
PING_S, DEAD_S = 15.0, 45.0  # a peer that has not even answered a ping for so long is gone
LEAST_COMMIT_S = 0.4  # a commit of less than 0.3 s ends the session
CHUNK_S = 0.5
GAP_S, SHORT_GAP_S = 0.2, 0.06  # the former between words, rather than within one
GAP_COMMIT_S, SHORT_GAP_COMMIT_S, LATEST_COMMIT_S = 22.0, 28.0, 34.0  # the service does after 35.8 s, wherever that is
SILENT_COMMIT_S = 15.0  # so that speech which begins then has room before it is cut
OWN_COMMIT_S = 35.8
VAD_SLACK_S = 0.2  # by how much the service may take a pause for longer than we do
VAD_END_S = 1.0  # of silence at the end, beyond what makes the service commit by itself
LINGER_S = 1.0  # for another answer, where nobody can tell whether there is one to come
TIMES_FOLLOW_S = 1.0  # how long a transcript waits for the same one with times, which comes after 15 ms
OF_USE_AFTER_S = 30.0  # a connection that held so long was not in vain
FIRST_PAUSES_S = (0.5, 1.0, 2.0)
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # before each try to connect again
BUSY = (429, 500, 502, 503, 504)
GO_ON_AFTER = {
    "session_time_limit_exceeded", "insufficient_audio_activity", "transcriber_error", "resource_exhausted",
    "commit_throttled",
}  # fmt: skip
NO_REFUSAL = (1000, 1001, 1005, ABNORMAL, 1011, 1012, 1013)  # as close codes
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
    pause      waits; True when nothing is worth waiting for any more
    """

    def __init__(
        self,
        connect: Callable[[], Socket],
        rate: int,
        *,
        by_itself: float | None,
        timed: bool,
        tell: Callable[[str], None] = lambda line: None,
        pause: Callable[[float], bool | None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect, self._rate, self._by_itself, self._timed = connect, rate, by_itself, timed
        self._tell, self._pause, self._clock = tell, pause, clock
        self._changing = threading.RLock()
        self._sound = Sound(rate)
        self._session: _Session | None = None
        self._finishing_at: float | None = None
        self._failures = 0  # connections in a row that were of no use
        self._has_begun = self._has_been_of_use = False
        self._may_ask = True  # to commit in time where the service commits by itself, too

    def __enter__(self) -> "LiveTranscription":
        """Raises what the service refused with, and NetworkError when it cannot be reached."""
        for pause_s in FIRST_PAUSES_S:
            try:
                self._open(deque())
            except ElevenError as failed:
                if not _may_pass(failed):
                    raise
                self._tell(f"{failed.message}; trying again in {pause_s:g} s")
                self._pause(pause_s)
            else:
                return self
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
                if self._is_time_to_commit():
                    self._ask_to_commit()

    def commit(self) -> None:
        """What was said until now is a transcript of its own."""
        with self._changing:
            if self._uncommitted_s > 0:
                self._take_silence(LEAST_COMMIT_S - self._uncommitted_s)
                self._ask_to_commit()

    def finish(self) -> None:
        """There is no more sound: the rest is committed, and when it was answered the iteration ends.

        Where the service commits by itself it is given the silence to do so: of a commit that is asked for while its
        own is under way, nobody could tell the answers apart, and what is left for it might be too short.
        """
        with self._changing:
            if self._finishing_at is not None:
                return
            if self._sound.position and (self._uncommitted_s > 0 or self._by_itself is not None):
                self._take_silence(LEAST_COMMIT_S if self._by_itself is None else self._by_itself + VAD_END_S)
                self._ask_to_commit()
            self._finishing_at = self._clock()

    # out

    def __iter__(self) -> Iterator[Partial | Committed | None]:
        """Raises what the service refused with, and NetworkError when it cannot be reached any more."""
        while True:
            session = self._now
            for message in session.socket.messages(TICK_S):
                yield from self._answer(session, message)
                if session.failed or self._is_done(session):
                    session.socket.close()
            yield from session.given_up()
            if self._is_done(session):
                return
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
                self._has_been_of_use = session.is_of_use = True
                yield from self._certain(session, committed)
            case Warned(text=text):
                self._tell(f"the service warns: {text}")
            case Failed() as failed:
                session.failed = failed

    def _certain(self, session: "_Session", committed: Committed) -> Iterator[Committed]:
        """A transcript, once: it comes twice where times were asked for."""
        if committed.words is None:
            self._forget_what_is_certain(session)
            session.committed, session.answered_at = committed.text, self._clock()
            session.is_last_empty = not committed.text.strip()
            if self._timed:
                session.held.append((self._clock(), committed))
                return
        elif not session.waits_for(committed):
            return  # it was waited for for too long
        words = None if committed.words is None else tuple(word.moved(session.start_s) for word in committed.words)
        yield committed._replace(words=words)

    def _forget_what_is_certain(self, session: "_Session") -> None:
        with self._changing:
            by_itself = self._committed_by_itself(session)
            certain = session.asked.popleft() if by_itself is None else by_itself
            self._sound.forget(certain)
            session.committed_at = max(session.committed_at, certain)

    def _committed_by_itself(self, session: "_Session") -> int | None:
        """Up to where, if it was not asked to: after a pause, or when there was too much."""
        sound, asked = self._sound, session.asked
        if self._by_itself is not None:
            pause = sound.pause(max(self._by_itself - VAD_SLACK_S, GAP_S))
            commit = sound.position if pause is None else pause + sound.bytes_of(self._by_itself)
            if commit < (asked[0] if asked else sound.position):
                return commit
        if asked:
            return None
        if sound.seconds_of(sound.position - sound.start) >= OWN_COMMIT_S:
            return sound.start + sound.bytes_of(OWN_COMMIT_S)
        return sound.position - sound.bytes_of(self._by_itself or 0)

    # the connection

    @property
    def _now(self) -> "_Session":
        assert self._session is not None
        return self._session

    def _open(self, asked: "deque[int]") -> None:
        socket = self._connect()
        with self._changing:
            committed_at = self._session.committed_at if self._session is not None else 0
            self._session = _Session(socket, self._clock(), asked, committed_at)

    def _begin(self, session: "_Session") -> None:
        """The service listens: it gets what was kept, and is asked for what was not answered."""
        with self._changing:
            at = self._sound.start
            session.start_s = self._sound.seconds_of(at)
            session.began = self._has_begun = True
            for end in list(session.asked):
                if end - at < self._sound.bytes_of(LEAST_COMMIT_S):
                    session.asked.remove(end)
                    continue
                self._send_kept(at, end)
                self._send(b"", commit=True)
                at = end
            session.committed_at = at
            self._send_kept(at, self._sound.position)

    def _send_kept(self, first: int, end: int) -> None:
        for piece in self._sound.between(first, end, CHUNK_S):
            self._send(piece)

    def _take(self, pcm: bytes) -> None:
        self._sound.hear(pcm)
        if self._now.began:
            self._send(pcm)

    def _take_silence(self, seconds: float) -> None:
        silence = bytes(self._sound.bytes_of(max(seconds, 0)))
        for at in range(0, len(silence), self._sound.bytes_of(CHUNK_S)):
            self._take(silence[at : at + self._sound.bytes_of(CHUNK_S)])

    def _send(self, pcm: bytes, *, commit: bool = False) -> None:
        self._now.sent_at = self._clock()
        try:
            self._now.socket.send(wire.chunk(pcm, self._rate, commit=commit))
        except NetworkError as stalled:
            self._now.socket.drop(stalled.message)

    def _is_time_to_commit(self) -> bool:
        """Before the service does it by itself, and better where it is quiet; but not where it is about to."""
        heard_s, quiet_s = self._uncommitted_s, self._sound.quiet_s
        if self._by_itself is not None and not self._may_ask:
            return False
        least_s = GAP_S if heard_s < SHORT_GAP_COMMIT_S else SHORT_GAP_S
        in_gap = quiet_s >= least_s and (self._by_itself is None or quiet_s < self._by_itself / 2)
        return (
            heard_s >= LATEST_COMMIT_S
            or (heard_s >= GAP_COMMIT_S and in_gap)
            or (quiet_s >= heard_s >= SILENT_COMMIT_S)
        )

    def _ask_to_commit(self) -> None:
        self._now.asked.append(self._sound.position)
        self._now.committed_at = self._sound.position
        if self._now.began:
            self._send(b"", commit=True)

    @property
    def _uncommitted_s(self) -> float:
        return self._sound.seconds_of(self._sound.position - self._now.committed_at)

    def _look_after(self, session: "_Session") -> None:
        now = self._clock()
        if not session.began and now - session.opened_at > START_TIMEOUT_S:
            raise NetworkError(f"the service did not begin within {START_TIMEOUT_S:.0f} s", code="timeout")
        if session.began and self._finishing_at is None and now - session.sent_at > KEEPALIVE_S:
            self.hear(bytes(self._sound.bytes_of(KEEPALIVE_AUDIO_S)))
        if now - session.pinged_at > PING_S:
            session.pinged_at = now
            session.socket.ping()
        if session.socket.silent_s > DEAD_S:
            session.socket.drop("the service does not answer any more")

    def _is_done(self, session: "_Session") -> bool:
        if self._finishing_at is None or session.held:
            return False
        if not session.asked and (self._by_itself is None or session.is_last_empty):
            return session.began or self._sound.position == self._sound.start
        now, waited_since = self._clock(), max(session.opened_at, session.answered_at, self._finishing_at)
        if self._by_itself is not None and session.answered_at > self._finishing_at:
            return now - session.answered_at > LINGER_S + session.answered_at - self._finishing_at
        if now - waited_since > ANSWER_TIMEOUT_S and session.socket.closed is None:
            raise NetworkError("the service did not answer the last of it in time", code="timeout")
        return False

    def _go_on(self, lost: "_Session") -> None:
        """A new connection after the old one has ended, unless there is a reason against it."""
        lost.socket.__exit__()
        error = self._reason(lost)
        if lost.is_of_use or self._clock() - lost.opened_at > OF_USE_AFTER_S:
            self._failures = 0
        most = len(PAUSES_S) if self._has_begun else len(FIRST_PAUSES_S) + 1
        if self._failures < most:
            self._tell(f"{error.message}; connecting again")
        while self._failures < most:
            pause_s = PAUSES_S[self._failures]
            self._failures += 1
            if pause_s and self._pause(pause_s):
                break
            try:
                return self._open(lost.asked)
            except ElevenError as failed:
                if not _may_pass(failed):
                    raise
                error = failed
        raise error

    def _reason(self, lost: "_Session") -> ElevenError:
        """What to say when it does not go on. Raises it where it cannot."""
        failed, close = lost.failed, lost.socket.closed or Close(ABNORMAL)
        if failed is None and close.code in NO_REFUSAL:
            why = close.reason if close.by_us or close.code != ABNORMAL else ""
            return NetworkError(f"the connection was lost{why and f': {why}'}", code="connection_lost")
        failed = failed or Failed(f"closed_{close.code}", close.reason or "the service closed the connection")
        refusal = _refusal(failed)
        if failed.code in GO_ON_AFTER or (self._has_been_of_use and failed.code == "rate_limited"):
            return refusal
        if lost.asked and self._by_itself is not None and self._may_ask and self._finishing_at is None:
            self._may_ask = False  # it may be that it wants to commit by itself alone
            lost.asked.clear()
            return refusal
        raise refusal


class _Session:
    """One socket. Times are by the transcription's clock, positions in bytes of all that was heard.

    start_s        where its sound begins, in seconds of all
    asked          positions at which commits were asked for and not answered
    committed_at   up to where a commit was asked for or answered
    held           transcripts that wait for their times, each with when it came
    answered_at    when the last transcript came;  is_last_empty  whether nothing was said in it
    """

    def __init__(self, socket: Socket, opened_at: float, asked: deque[int], committed_at: int) -> None:
        self.socket, self.opened_at, self.sent_at, self.pinged_at = socket, opened_at, opened_at, opened_at
        self.began = self.is_of_use = False
        self.is_last_empty = True
        self.start_s, self.answered_at = 0.0, float("-inf")
        self.asked = asked
        self.committed_at = committed_at
        self.committed = ""
        self.held: deque[tuple[float, Committed]] = deque()
        self.failed: Failed | None = None

    def is_echo(self, partial: Partial) -> bool:
        """Whether it only repeats what was committed just now."""
        last, self.committed = self.committed, ""
        return bool(last) and partial.text.strip() == last.strip()

    def waits_for(self, timed: Committed) -> bool:
        """Whether a transcript with this text waits for its times, which it no longer does."""
        for waiting in self.held:
            if waiting[1].text.strip() == timed.text.strip():
                self.held.remove(waiting)
                return True
        return False

    def overdue(self, now: float) -> Committed | None:
        """A transcript whose times do not come."""
        if not self.held or now - self.held[0][0] < TIMES_FOLLOW_S:
            return None
        return self.held.popleft()[1]

    def given_up(self) -> Iterator[Committed]:
        """All whose times will not come any more."""
        while self.held:
            yield self.held.popleft()[1]


def _may_pass(failed: ElevenError) -> bool:
    """Whether another try to connect may succeed."""
    return failed.status in BUSY or (isinstance(failed, NetworkError) and failed.code != "tls_error")


def _refusal(failed: Failed) -> ElevenError:
    kind = REFUSED_BECAUSE.get(failed.code) or of_words(frozenset([failed.code])) or ElevenError
    hint = "check the key: eleven auth status" if kind is AuthError else ""
    return kind(f"{failed.message.rstrip('.')} ({failed.code})", code=failed.code, hint=hint)
