"""The run of `talk`: dials, converses, and gives the outcome."""

import time
from collections.abc import Callable

from eleven_cli import __version__
from eleven_cli.api.agents.addresses import public_url, signed_url
from eleven_cli.api.agents.conversation import NO_AGENT_HINT, Conversation, end_in_words, refuses_override
from eleven_cli.api.agents.messages import initiation
from eleven_cli.api.sockets.socket import Socket
from eleven_cli.commands.talk import setup
from eleven_cli.commands.talk.outcome import YOU_HUNG_UP, CallOutcome, failure_in, outcome_of
from eleven_cli.commands.talk.session import CallSession
from eleven_cli.commands.talk.setup import TalkOptions
from eleven_cli.commands.talk.tools import Tools
from eleven_cli.commands.talk.transcript import Transcript
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, NotFound

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
            session = _dial(context, options, transcript)
            _converse(session, converse, options)
            if _refuses_to_be_asked_for_text(session, options):
                terminal.trace("the agent refuses the override text_only: calling again without it")
                plain = options._replace(override=setup.without_text_only(options.override))
                session = _dial(context, plain, transcript)
                _converse(session, converse, plain)
            if (failure := failure_in(session)) is not None:
                raise failure  # the transcript is to know that it is not all of it
    except BaseException as stopped:
        error = stopped
    return outcome_of(session, error, time.monotonic() - started_at)


def _dial(context: Context, options: TalkOptions, transcript: Transcript) -> CallSession:
    first = initiation(
        override=options.override, variables=options.variables, user_id=options.user_id, version=__version__
    )
    conversation = Conversation(_open_socket(context, options), first)

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


def _open_socket(context: Context, options: TalkOptions) -> Socket:
    """By a signed address where a key is in reach, else as to a public agent."""
    anonymous = options.is_public or context.api_key is None
    client = context.client_with("") if anonymous else context.client
    try:
        if not anonymous:
            return client.socket(signed_url(client, options.agent_id))
        return client.socket(public_url(client.base_url, options.agent_id))
    except AuthError as refused:
        if anonymous:
            refused.hint = "a private agent needs a key: eleven auth login"
        raise
    except NotFound as unknown:
        unknown.hint = unknown.hint or NO_AGENT_HINT
        raise


def _refuses_to_be_asked_for_text(session: CallSession, options: TalkOptions) -> bool:
    end, failed = session.conversation.end, session.conversation.failed
    if session.anything_said or "conversation" not in options.override or not refuses_override(end, failed):
        return False
    return setup.asks_only_for_text(options.override) or setup.TEXT_ONLY in end_in_words(end, failed)
