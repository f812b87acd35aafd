"""The run of `talk`: dials, converses, gives the outcome of the call, and reports it."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from eleven_cli.api.agents.conversation import Conversation, end_in_words, refuses_override
from eleven_cli.commands.talk import setup
from eleven_cli.commands.talk.session import CallSession
from eleven_cli.commands.talk.setup import TalkOptions
from eleven_cli.commands.talk.tools import Tools
from eleven_cli.commands.talk.transcript import Transcript
from eleven_cli.context import Context
from eleven_cli.terminal import Terminal

Converse = Callable[[CallSession], None]
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


def run_call(context: Context, options: TalkOptions, converse: Converse) -> CallOutcome:
    """Dials, and converses until either side hangs up. Raises nothing: what breaks a call off is in its outcome.

    An agent that does not let callers ask for text may do text all the same, if that is how it is set up: it is called
    a second time without being asked.
    """
    terminal, started_at = context.terminal, time.monotonic()
    show_typed = not (options.is_text and terminal.stdin_is_terminal and terminal.stdout_is_terminal)
    session, error = None, None
    try:
        with Transcript(
            terminal, as_json=options.as_json, file=options.transcript, show_typed=show_typed
        ) as transcript:
            session = _session(context, options, transcript)
            _converse(session, converse, options)
            if _refuses_to_be_asked_for_text(session, options):
                terminal.trace("the agent refuses the override text_only: calling again without it")
                plain = options._replace(override=setup.without_text_only(options.override))
                session = _session(context, plain, transcript)
                _converse(session, converse, plain)
            if (failure := session.conversation.failure) is not None:
                raise failure  # the transcript is to know that it is not all of it
    except BaseException as stopped:
        error = stopped
    if session is not None and not session.conversation.is_called:
        session = None
    return _outcome_of(session, error, time.monotonic() - started_at)


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


def _session(context: Context, options: TalkOptions, transcript: Transcript) -> CallSession:
    """By a signed address where a key is in reach, else as to a public agent."""
    anonymous = options.is_public or context.api_key is None
    conversation = Conversation(
        context.client_with("") if anonymous else context.client,
        options.agent_id,
        override=options.override,
        variables=options.variables,
        user_id=options.user_id,
    )

    def answer(call: str, result: str, is_error: bool) -> None:
        conversation.answer_tool(call, result, is_error=is_error)

    tools = Tools(options.tools, answer, environ=context.environ)
    return CallSession(context.terminal, conversation, transcript, tools, options.latency)


def _converse(session: CallSession, converse: Converse, options: TalkOptions) -> None:
    """One conversation. Ctrl+C hangs up."""
    with session.conversation, session.tools:
        session.max_duration(options.max_duration_s)
        try:
            converse(session)
        except KeyboardInterrupt:
            session.interrupted = True
            session.hang_up(YOU_HUNG_UP)


def _refuses_to_be_asked_for_text(session: CallSession, options: TalkOptions) -> bool:
    end, failed = session.conversation.end, session.conversation.failed
    if session.anything_said or "conversation" not in options.override or not refuses_override(end, failed):
        return False
    return setup.asks_only_for_text(options.override) or setup.TEXT_ONLY in end_in_words(end, failed)


def _outcome_of(session: CallSession | None, error: BaseException | None, took_s: float) -> CallOutcome:
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


def _latency(session: CallSession) -> str:
    """Of the connection, as the service measured it; where it did not, of the answers."""
    to_answer = "" if session.latencies_ms else " to the answer"
    return _latency_in_words(session.latencies_ms or session.answers_ms, to_answer)


def _latency_in_words(measured_ms: Sequence[float], to_what: str = "") -> str:
    """The line of --latency."""
    from statistics import median

    if not measured_ms:
        return "Latency: not measured"
    if len(measured_ms) == 1:
        return f"Latency: {measured_ms[0]:.0f}ms{to_what}"
    return f"Latency: {median(measured_ms):.0f}ms median, {max(measured_ms):.0f}ms worst of {len(measured_ms)}{to_what}"


def _why(session: CallSession) -> str:
    end = session.conversation.end
    if end.by_us:
        return session.why or YOU_HUNG_UP
    return f"the agent hung up: {end_in_words(end, session.conversation.failed)}"
