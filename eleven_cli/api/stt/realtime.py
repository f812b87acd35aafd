"""Live transcription over sessions that are replaced when they are lost: audio in, transcripts out."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Self

from eleven_cli.api.client import Client
from eleven_cli.api.sockets.socket import AwakeClock, Socket
from eleven_cli.api.stt.commit_policy import LEAST_S, Asked, commit_policy
from eleven_cli.api.stt.events import (
    Committed,
    Edited,
    Event,
    FoundEntities,
    Partial,
    Redacted,
    ServiceWarning,
    SessionError,
    SessionStarted,
)
from eleven_cli.api.stt.held import HeldTranscript
from eleven_cli.api.stt.query import RealtimeOptions, check_rate, open_socket
from eleven_cli.api.stt.reconnection import Reconnector
from eleven_cli.api.stt.replay import ReplayBuffer
from eleven_cli.api.stt.session import CHUNK_S, GO_ON_AFTER, TranscriptionSession
from eleven_cli.errors import ElevenError, NetworkError

START_TIMEOUT_S = 15.0
ANSWER_TIMEOUT_S = 15.0
KEEPALIVE_S = 5.0  # the service leaves without a word after 15
KEEPALIVE_AUDIO_S = 0.02
DEFAULTS = RealtimeOptions()


class LiveTranscription:
    """One stream of sound, transcribed. A `with`; `send_audio`, `commit` and `finish` may be called from any thread.

    Iterating gives Partial and Committed, and None about every 50 ms while there is neither; it ends after `finish`
    when all has been answered. A connection that is lost is opened again, and hears again what was not committed.
    Where transcripts are redacted, each is given when its redacted text has come; Partial is as it was said.

    unredacted how many transcripts were left out, because their redacted text did not come
    rate       of the sound, 16-bit mono, in Hz: one of RATES
    on_notice  is told of reconnections and the service's warnings
    pause      waits; True when nothing is worth waiting for any more
    """

    def __init__(
        self,
        client: Client,
        options: RealtimeOptions = DEFAULTS,
        *,
        rate: int = 16_000,
        on_notice: Callable[[str], None] = lambda line: None,
        pause: Callable[[float], bool | None] = time.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Raises UsageError for a rate that the service does not take."""
        check_rate(rate)
        self._rate, self._on_notice, self._clock = rate, on_notice, clock or AwakeClock()
        self._follows, self.unredacted = options.follows, 0
        self._commits = commit_policy(options.commit_silence_s)
        self._connections = Reconnector(partial(open_socket, client, options, rate, pause), on_notice, pause)
        self._changing = threading.RLock()
        self._sound = ReplayBuffer(rate)
        self._session: TranscriptionSession | None = None
        self._finishing_at: float | None = None
        self._has_begun = self._has_been_of_use = False

    def __enter__(self) -> Self:
        """Raises what the service refused with, and NetworkError when it cannot be reached."""
        self._open(self._connections.first(), deque())
        return self

    def __exit__(self, *exc: object) -> None:
        self._now.socket.__exit__(*exc)

    @property
    def heard_s(self) -> float:
        """Seconds of audio so far."""
        return self._sound.seconds_of(self._sound.position)

    # in

    def send_audio(self, pcm: bytes) -> None:
        """Adds audio; ignored after `finish`."""
        with self._changing:
            if self._finishing_at is not None or not pcm:
                return
            self._take(pcm)
            heard_s, quiet_s = self._uncommitted_s, self._sound.quiet_s
            if self._commits.may_ask and self._commits.is_time(heard_s, quiet_s):
                self._ask_to_commit(is_partway=quiet_s < heard_s)

    def commit(self) -> None:
        """Ends the current transcript: what was said until now is committed."""
        with self._changing:
            if self._uncommitted_s > 0:
                self._take_silence(LEAST_S - self._uncommitted_s)
                self._ask_to_commit()

    def finish(self) -> None:
        """Ends the audio: the rest is committed, and the iteration ends when that was answered.

        Where the service commits by itself it is given the silence to do so: of a commit that is asked for while its
        own is pending, the answers could not be told apart, and what is left for it might be too short.
        """
        with self._changing:
            if self._finishing_at is not None:
                return
            if self._sound.position and (self._uncommitted_s > 0 or self._commits.detects):
                self._take_silence(self._commits.tail_s)
                self._ask_to_commit()
            self._finishing_at = self._clock()

    # out

    def __iter__(self) -> Iterator[Partial | Committed | None]:
        """Raises what the service refused with, and NetworkError when it cannot be reached any more."""
        while True:
            session = self._now
            for event in session.events():
                yield from self._answer(session, event)
                yield from self._completed(session, session.held.ready())
                if session.failed or self._is_done(session):
                    session.socket.close()
            yield from self._completed(session, session.held.given_up())
            if self._is_done(session):
                return
            self._go_on(session)

    def _answer(self, session: TranscriptionSession, event: Event | None) -> Iterator[Partial | Committed | None]:
        match event:
            case None:
                self._look_after(session)
                yield None
            case SessionStarted():
                with self._changing:
                    self._has_begun = True
                    session.begin(self._sound)
            case Partial() as partial if not session.is_echo(partial):
                yield partial
            case Committed(words=None) as committed:
                self._has_been_of_use = True
                self._take_answer(session, committed)
            case Committed() | FoundEntities() | Redacted() | Edited() as message:
                session.follow(message)
            case ServiceWarning(text=text):
                self._on_notice(f"the service warns: {text}")
            case SessionError() as failed:
                session.failed = failed

    def _take_answer(self, session: TranscriptionSession, committed: Committed) -> None:
        """Notes what an answer answers: that audio is done with, but for what is still to follow the answer."""
        with self._changing:
            unasked = self._commits.unasked(self._sound, session.asked)
            answers = session.asked.popleft() if unasked is None else Asked(unasked)
            self._sound.skip(answers.position)
            session.committed_at = max(session.committed_at, answers.position)
            session.answer(committed, answers, was_asked=unasked is None)

    def _completed(self, session: TranscriptionSession, held: Iterator[HeldTranscript]) -> Iterator[Committed]:
        """Gives transcripts that are complete, and forgets their audio. One that was not redacted is left out."""
        for transcript in held:
            with self._changing:
                self._sound.forget(transcript.answers.position)
            if not session.held.is_bare(transcript):
                yield transcript.complete()
                continue
            self.unredacted += 1
            self._on_notice("a transcript is left out: the service did not redact it in time")

    # the connection

    @property
    def _now(self) -> TranscriptionSession:
        if self._session is None:
            raise RuntimeError("a LiveTranscription is opened by its `with`")
        return self._session

    def _open(self, socket: Socket, asked: deque[Asked]) -> None:
        with self._changing:
            committed_at = self._session.committed_at if self._session is not None else 0
            self._session = TranscriptionSession(
                socket, self._rate, asked, committed_at, follows=self._follows, clock=self._clock
            )

    def _take(self, pcm: bytes) -> None:
        self._sound.append(pcm)
        if self._now.began:
            self._now.send(pcm)

    def _take_silence(self, seconds: float) -> None:
        for piece in self._sound.silence(seconds, CHUNK_S):
            self._take(piece)

    def _ask_to_commit(self, *, is_partway: bool = False) -> None:
        self._now.ask_to_commit(Asked(self._sound.position, is_partway))

    @property
    def _uncommitted_s(self) -> float:
        return self._sound.seconds_of(self._sound.position - self._now.committed_at)

    def _look_after(self, session: TranscriptionSession) -> None:
        now = self._clock()
        if not session.began and now - session.opened_at > START_TIMEOUT_S:
            late = f"the service did not begin within {START_TIMEOUT_S:.0f} s"
            if not self._has_begun:
                raise NetworkError(late, code="timeout")
            session.socket.drop(late)
        if session.began and self._finishing_at is None and now - session.sent_at > KEEPALIVE_S:
            self.send_audio(bytes(self._sound.bytes_of(KEEPALIVE_AUDIO_S)))

    def _is_done(self, session: TranscriptionSession) -> bool:
        if self._finishing_at is None or session.held:
            return False
        if self._commits.is_complete(session.asked, is_last_empty=session.is_last_empty):
            return session.began or self._sound.position == self._sound.start
        now, answered_after_s = self._clock(), session.answered_at - self._finishing_at
        linger_s = self._commits.linger_s(self._sound, session.asked, answered_after_s)
        if linger_s is not None and answered_after_s > 0:
            return now - session.answered_at > linger_s
        waited_since = max(session.opened_at, session.answered_at, self._finishing_at)
        if now - waited_since > ANSWER_TIMEOUT_S and session.socket.closed is None:
            raise NetworkError("the service did not confirm the last of the audio in time", code="timeout")
        return False

    def _go_on(self, lost: TranscriptionSession) -> None:
        """Opens a new session after one that was lost. Raises the error of the old one where that is pointless."""
        lost.socket.__exit__()
        made, error = lost.made_progress, self._reason(lost)
        with self._changing:
            lost.asked.extendleft(reversed(lost.held.unanswered))
            self._sound.rewind()
        socket = self._connections.again(error, made_progress=made, has_begun=self._has_begun, has_asked=lost.owes)
        self._open(socket, lost.asked)

    def _reason(self, lost: TranscriptionSession) -> ElevenError:
        """Gives the error that a session ended with. Raises it where another session would not help."""
        code, error = lost.end
        if not code or code in GO_ON_AFTER or (self._has_been_of_use and code == "rate_limited"):
            return error
        if lost.asked and self._commits.detects and self._commits.may_ask and self._finishing_at is None:
            self._commits.may_ask = False  # it may be that it wants to commit by itself alone
            lost.asked.clear()
            return error
        raise error
