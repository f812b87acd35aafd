"""One socket of a live transcription: what it is asked for, what it has said, and how it ended."""

from collections import deque
from collections.abc import Iterator

from eleven_cli.api.error_mapping import error_class_for
from eleven_cli.api.socket import ABNORMAL, NO_REFUSAL, Close, Socket
from eleven_cli.api.stt.events import Committed, Partial, SessionError
from eleven_cli.errors import AuthError, ElevenError, LimitError, NetworkError

TIMES_FOLLOW_S = 1.0  # how long a transcript waits for the same one with times, which comes after 15 ms
IN_TROUBLE = (500, 502, 504)  # one that is busy was waited for before it was given up
GO_ON_AFTER = {
    "session_time_limit_exceeded", "insufficient_audio_activity", "transcriber_error", "resource_exhausted",
    "commit_throttled",
}  # fmt: skip
REFUSED_BECAUSE = {"auth_error": AuthError, "quota_exceeded": LimitError, "rate_limited": LimitError}


class TranscriptionSession:
    """One socket. Times are by the transcription's clock, positions in bytes of all that was heard.

    start_s        where its sound begins, in seconds of all
    asked          positions at which commits were asked for and not answered
    committed_at   up to where a commit was asked for or answered
    held           transcripts that wait for their times, each with when it came
    answered_at    when the last transcript came;  is_last_empty  whether nothing was said in it
    """

    def __init__(self, socket: Socket, opened_at: float, asked: deque[int], committed_at: int) -> None:
        self.socket, self.opened_at, self.sent_at = socket, opened_at, opened_at
        self.began = self.is_of_use = False
        self.is_last_empty = True
        self.start_s, self.answered_at = 0.0, float("-inf")
        self.asked = asked
        self.committed_at = committed_at
        self.committed = ""
        self.held: deque[tuple[float, Committed]] = deque()
        self.failed: SessionError | None = None

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

    @property
    def end(self) -> tuple[str, ElevenError]:
        """How it ended: the service's word for it, "" where the connection was only lost, and what to say of it."""
        failed, close = self.failed, self.socket.closed or Close(ABNORMAL)
        if failed is None and close.code in NO_REFUSAL:
            why = f": {close.reason}" if close.reason else ""
            return "", NetworkError(f"the connection was lost{why}", code="connection_lost")
        failed = failed or SessionError(f"closed_{close.code}", close.reason or "the service closed the connection")
        return failed.code, _refusal(failed)


def may_pass(failed: ElevenError) -> bool:
    """Whether another try to connect may succeed."""
    return failed.may_pass or failed.status in IN_TROUBLE


def _refusal(failed: SessionError) -> ElevenError:
    kind = REFUSED_BECAUSE.get(failed.code) or error_class_for(frozenset([failed.code])) or ElevenError
    hint = "check the key: eleven auth status" if kind is AuthError else ""
    return kind(f"{failed.message.rstrip('.')} ({failed.code})", code=failed.code, hint=hint)
