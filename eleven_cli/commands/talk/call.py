"""The run of `talk`: dials, converses, and gives the outcome."""

import time
from collections.abc import Callable

from eleven_cli.api.agents.conversation import Conversation, end_in_words, refuses_override
from eleven_cli.commands.talk import setup
from eleven_cli.commands.talk.outcome import YOU_HUNG_UP, CallOutcome, outcome_of
from eleven_cli.commands.talk.session import CallSession
from eleven_cli.commands.talk.setup import TalkOptions
from eleven_cli.commands.talk.tools import Tools
from eleven_cli.commands.talk.transcript import Transcript
from eleven_cli.context import Context

Converse = Callable[[CallSession], None]


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
    return outcome_of(session, error, time.monotonic() - started_at)


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
