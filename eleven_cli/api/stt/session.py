"""One socket of a live transcription."""

from collections import deque
from collections.abc import Callable, Collection, Iterator

from eleven_cli.api.error_mapping import error_class_for
from eleven_cli.api.sockets.socket import ABNORMAL, NO_REFUSAL, Close, Socket
from eleven_cli.api.stt.commit_policy import LEAST_S, Asked
from eleven_cli.api.stt.events import Committed, Event, FollowUp, Partial, SessionError, chunk, decode
from eleven_cli.api.stt.held import HeldTranscripts
from eleven_cli.api.stt.replay import ReplayBuffer
from eleven_cli.errors import AuthError, ElevenError, LimitError, NetworkError

TICK_S = 0.05
CHUNK_S = 0.5  # of audio in a message
PROGRESS_AFTER_S = 30.0  # a connection that lasted this long counts as progress
GO_ON_AFTER = {
    "session_time_limit_exceeded", "insufficient_audio_activity", "transcriber_error", "resource_exhausted",
    "commit_throttled",
}  # fmt: skip
REFUSED_BECAUSE = {"auth_error": AuthError, "quota_exceeded": LimitError, "rate_limited": LimitError}


class TranscriptionSession:
    """Sends audio over one socket and reads its events; tracks which commits were answered, and what is to follow.

    Times are of the transcription's clock, positions count the bytes of all audio.

    start_s        where its audio begins, in seconds of all audio
    asked          commits that were requested and not answered
    committed_at   the position up to which a commit was requested or answered
    held           transcripts that are not complete
    answered_at    when the last transcript came;  is_last_empty  whether nothing was said in it
    """

    def __init__(
        self,
        socket: Socket,
        rate: int,
        asked: deque[Asked],
        committed_at: int,
        *,
        follows: Collection[type[FollowUp]],
        clock: Callable[[], float],
    ) -> None:
        self._rate, self._clock = rate, clock
        self.socket, self.opened_at = socket, clock()
        self.sent_at = self.opened_at
        self.began = self._has_result = False
        self.is_last_empty = True
        self.start_s, self.answered_at = 0.0, float("-inf")
        self.asked = asked
        self.committed_at = committed_at
        self.committed = ""
        self.held = HeldTranscripts(follows, clock)
        self.failed: SessionError | None = None

    def begin(self, sound: ReplayBuffer) -> None:
        """Sends the audio of the buffer, with the commits that were not answered."""
        at = sound.start
        self.start_s, self.began = sound.seconds_of(at), True
        for asked in list(self.asked):
            if asked.position - at < sound.bytes_of(LEAST_S):
                self.asked.remove(asked)
                continue
            self._send_kept(sound, at, asked.position)
            self.send(b"", commit=True)
            at = asked.position
        self.committed_at = at
        self._send_kept(sound, at, sound.position)

    def send(self, pcm: bytes, *, commit: bool = False) -> None:
        """Sends audio; or, with `commit`, asks to commit what was sent."""
        self.sent_at = self._clock()
        try:
            self.socket.send(chunk(pcm, self._rate, commit=commit))
        except NetworkError as stalled:
            self.socket.drop(stalled.message)

    def ask_to_commit(self, commit: Asked) -> None:
        """Requests this commit; before the session has begun, only notes it."""
        self.asked.append(commit)
        self.committed_at = commit.position
        if self.began:
            self.send(b"", commit=True)

    def events(self) -> Iterator[Event | None]:
        """Gives each event, and None about every 50 ms while there is none."""
        for message in self.socket.messages(TICK_S):
            yield None if message is None else decode(message)

    def answer(self, committed: Committed, answers: Asked, *, was_asked: bool) -> None:
        """Takes a transcript, with what it answers."""
        self._has_result = True
        self.committed, self.answered_at = committed.text, self._clock()
        self.is_last_empty = not committed.text.strip()
        self.held.add(committed._replace(is_partway=answers.is_partway), answers, was_asked=was_asked)

    def follow(self, message: FollowUp) -> None:
        """Takes what follows a transcript; moves its times to those of all audio."""
        self._has_result = True
        if isinstance(message, Committed) and message.words is not None:
            message = message._replace(words=tuple(word.moved(self.start_s) for word in message.words))
        self.held.follow(message)

    def is_echo(self, partial: Partial) -> bool:
        """Tells whether a partial only repeats the last committed transcript."""
        last, self.committed = self.committed, ""
        return bool(last) and partial.text.strip() == last.strip()

    @property
    def made_progress(self) -> bool:
        """Whether it has transcribed something, or lasted long enough."""
        return self._has_result or self._clock() - self.opened_at > PROGRESS_AFTER_S

    @property
    def owes(self) -> bool:
        """Whether a transcript was asked for on it that has not come."""
        return self.began and bool(self.asked)

    def _send_kept(self, sound: ReplayBuffer, first: int, end: int) -> None:
        for piece in sound.between(first, end, CHUNK_S):
            self.send(piece)

    @property
    def end(self) -> tuple[str, ElevenError]:
        """How it ended: the service's error code, "" for a lost connection, and the error to raise."""
        failed, close = self.failed, self.socket.closed or Close(ABNORMAL)
        if failed is None and close.code in NO_REFUSAL:
            why = f": {close.reason}" if close.reason else ""
            return "", NetworkError(f"the connection was lost{why}", code="connection_lost")
        failed = failed or SessionError(f"closed_{close.code}", close.reason or "the service closed the connection")
        return failed.code, _refusal(failed)


def _refusal(failed: SessionError) -> ElevenError:
    kind = REFUSED_BECAUSE.get(failed.code) or error_class_for(frozenset([failed.code])) or ElevenError
    hint = "check the key: eleven auth status" if kind is AuthError else ""
    return kind(f"{failed.message.rstrip('.')} ({failed.code})", code=failed.code, hint=hint)
