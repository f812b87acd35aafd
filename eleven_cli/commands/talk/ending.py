"""What is said when a conversation has ended, whatever the way."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType

from eleven_cli.api.agents.conversation import end_in_words, failure_of
from eleven_cli.commands.talk.session import Session
from eleven_cli.errors import ElevenError
from eleven_cli.terminal import Terminal


class Ending:
    """A `with` around dialling and conversing. On leaving it says on stderr what is known: the conversation's id, how
    long it took, and why it ended; a failure is raised. Ctrl+C is a good end, once.

    session      the conversation, once there is one
    interrupted  whether Ctrl+C was pressed
    """

    def __init__(self, terminal: Terminal, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal, self._clock = terminal, clock
        self.session: Session | None = None
        self.interrupted = False

    def __enter__(self) -> "Ending":
        self._started_at = self._clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if isinstance(error, KeyboardInterrupt):
            return self._hung_up()
        if self.session is not None:
            self._tell_of(self.session)
            failure = error or _failure(self.session)
            self._tell_why("" if failure else _why(self.session))
            if error is None and failure is not None:
                raise failure
        return False

    @property
    def failure(self) -> ElevenError | None:
        """What went wrong in the conversation, if anything did."""
        return None if self.session is None else _failure(self.session)

    def _hung_up(self) -> bool:
        """Ctrl+C while it connects; the second one, while we hang up, is not ours to explain."""
        if self.interrupted:
            return False
        if self.session is not None:
            self._tell_of(self.session)
        self._tell_why("you hung up")
        return True

    def _tell_of(self, session: Session) -> None:
        if session.conversation.started is not None:
            self._terminal.note(f"Conversation ID: {session.conversation.started.conversation_id}")
        if session.show_latency:
            to_answer = "" if session.latencies_ms else " to the answer"
            self._terminal.figures(latency_in_words(session.latencies_ms or session.answers_ms, to_answer))

    def _tell_why(self, why: str) -> None:
        took_s = self._clock() - self._started_at
        self._terminal.note(f"ended after {took_s:.0f} s" + (f": {why}" if why else ""))


def latency_in_words(measured_ms: Sequence[float], to_what: str = "") -> str:
    """The line of --latency."""
    from statistics import median

    if not measured_ms:
        return "Latency: not measured"
    if len(measured_ms) == 1:
        return f"Latency: {measured_ms[0]:.0f}ms{to_what}"
    return f"Latency: {median(measured_ms):.0f}ms median, {max(measured_ms):.0f}ms worst of {len(measured_ms)}{to_what}"


def _failure(session: Session) -> ElevenError | None:
    conversation = session.conversation
    failure = failure_of(conversation.end, conversation.failed)
    if failure is None and conversation.started is None and not conversation.end.by_us:
        return ElevenError("the agent hung up before the conversation began", code="not_started")
    return failure


def _why(session: Session) -> str:
    end = session.conversation.end
    if end.by_us:
        return session.why or "you hung up"
    return f"the agent hung up: {end_in_words(end, session.conversation.failed)}"
