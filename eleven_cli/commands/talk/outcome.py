"""How a call ended, and what is said of it."""

from collections.abc import Sequence
from typing import NamedTuple

from eleven_cli.api.agents.conversation import end_in_words
from eleven_cli.commands.talk.session import CallSession
from eleven_cli.terminal import Terminal

YOU_HUNG_UP = "you hung up"


class CallOutcome(NamedTuple):
    """How a call ended.

    conversation_id  None where the conversation did not begin
    why              who hung up, and why; "" after a failure
    latency          the line of --latency, "" where it was not asked for
    error            what is raised when the rest was said; None after a good end
    is_worth_a_word  whether there was a conversation to speak of
    """

    took_s: float
    conversation_id: str | None = None
    why: str = ""
    latency: str = ""
    error: BaseException | None = None
    is_worth_a_word: bool = True


def outcome_of(session: CallSession | None, error: BaseException | None, took_s: float) -> CallOutcome:
    """Decides how a call ended, from its conversation, if there was one, and from what broke it off, if anything did.

    The first Ctrl+C is a good end, also while it connects; the second one, while we hang up, is not explained.
    """
    if isinstance(error, KeyboardInterrupt):
        if session is not None and session.interrupted:
            return CallOutcome(took_s, error=error, is_worth_a_word=False)
        error, why = None, YOU_HUNG_UP
    elif session is None:
        return CallOutcome(took_s, error=error, is_worth_a_word=False)
    else:
        why = _why(session) if error is None else ""
    if session is None:
        return CallOutcome(took_s, why=why)
    latency = _latency(session) if session.show_latency else ""
    return CallOutcome(took_s, session.conversation.conversation_id, why, latency, error)


def report(terminal: Terminal, outcome: CallOutcome) -> None:
    """Says on stderr what is known of a call: its id, its latency, how long it took and why it ended.

    Raises the error that it ended with.
    """
    if outcome.conversation_id is not None:
        terminal.note(f"Conversation ID: {outcome.conversation_id}")
    if outcome.latency:
        terminal.figures(outcome.latency)
    if outcome.is_worth_a_word:
        terminal.note(f"ended after {outcome.took_s:.0f} s" + (f": {outcome.why}" if outcome.why else ""))
    if outcome.error is not None:
        raise outcome.error


def latency_in_words(measured_ms: Sequence[float], to_what: str = "") -> str:
    """The line of --latency."""
    from statistics import median

    if not measured_ms:
        return "Latency: not measured"
    if len(measured_ms) == 1:
        return f"Latency: {measured_ms[0]:.0f}ms{to_what}"
    return f"Latency: {median(measured_ms):.0f}ms median, {max(measured_ms):.0f}ms worst of {len(measured_ms)}{to_what}"


def _latency(session: CallSession) -> str:
    """Of the connection, as the service measured it; where it did not, of the answers."""
    to_answer = "" if session.latencies_ms else " to the answer"
    return latency_in_words(session.latencies_ms or session.answers_ms, to_answer)


def _why(session: CallSession) -> str:
    end = session.conversation.end
    if end.by_us:
        return session.why or YOU_HUNG_UP
    return f"the agent hung up: {end_in_words(end, session.conversation.failed)}"
