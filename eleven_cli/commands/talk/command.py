"""The `talk` command: from its options to an open conversation, and what is said when it has ended."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from eleven_cli.commands.talk import options as opt
from eleven_cli.commands.talk import setup
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, ElevenError, NotFound, UsageError

if TYPE_CHECKING:
    from eleven_cli.api.conversation import Conversation
    from eleven_cli.api.socket import Socket
    from eleven_cli.commands.talk.session import Session


SANDBOX_AGENT = "agent_sandbox_chat"


class Wish(NamedTuple):
    """What was asked for, checked as far as it can be without dialling."""

    agent_id: str
    initiation: dict[str, Any]
    tools: dict[str, list[str]]
    as_json: bool
    transcript: str | None
    latency: bool
    max_duration_s: float | None
    public: bool


def talk(
    ctx: typer.Context,
    agent_id: opt.Agent = None,
    text: opt.Text = False,
    input: opt.Input = None,
    output: opt.Output = None,
    record: opt.Record = None,
    transcript: opt.Transcript = None,
    json: opt.JsonEvents = False,
    mic: opt.Mic = None,
    speaker: opt.Speaker = None,
    echo: opt.EchoMode = opt.Echo.AUTO,
    var: opt.Vars = None,
    first_message: opt.FirstMessage = None,
    prompt: opt.Prompt = None,
    language: opt.Language = None,
    voice: opt.Voice = None,
    user_id: opt.UserId = None,
    tool: opt.Tools = None,
    latency: opt.Latency = False,
    max_duration: opt.MaxDuration = None,
    no_auth: opt.NoAuth = False,
) -> None:
    """Talk with an agent: by voice, by text, or with files.

    What is said goes to stdout as "User: …" and "Agent: …". Ctrl+C hangs up. On a terminal, in a call by voice:
    m mutes, i interrupts the agent, t types a line, q hangs up.
    """
    from eleven_cli import __version__
    from eleven_cli.api.events import initiation

    context: Context = ctx.obj
    words = {"input": input, "output": output, "record": record, "mic": mic, "speaker": speaker}
    setup.check_combination(text=text, of_sound=words)
    said = setup.override(text=text, first_message=first_message, prompt=prompt, language=language, voice=voice)
    wish = Wish(
        agent_id=_chosen_agent(context, agent_id),
        initiation=initiation(
            override=said, variables=setup.variables(var or []), user_id=user_id, version=__version__
        ),
        tools=setup.tools(tool or []),
        as_json=json,
        transcript=transcript,
        latency=latency,
        max_duration_s=max_duration,
        public=no_auth,
    )
    if prompt is not None:
        context.terminal.warn("--prompt replaces the agent's own prompt, and with it the agent's tools are lost")
    _call(context, wish, _manner(context, text, echo.value, words))


def _chosen_agent(context: Context, option: str | None) -> str:
    agent_id = option or context.config.value("agent_id")
    if not agent_id and context.config.sandbox:
        context.terminal.note(f"agent: {SANDBOX_AGENT}; choose with --agent-id ID")
        return SANDBOX_AGENT
    if not agent_id:
        raise UsageError("no agent chosen", hint="--agent-id ID, or: eleven config set agent_id ID")
    return agent_id


def _manner(context: Context, text: bool, echo: str, words: dict[str, str | None]) -> Callable[["Session"], None]:
    """How to converse; for a call by voice, devices and files are looked at before dialling."""
    if text:
        from eleven_cli.commands.talk.by_text import converse_by_text

        return converse_by_text
    from eleven_cli.audio.call import CallSetup, check
    from eleven_cli.commands.talk.by_voice import VoiceCall

    call = CallSetup(**words, echo=echo, stdin=context.terminal.stdin_bytes)
    check(call)
    return lambda session: VoiceCall(session, call).run()


def _call(context: Context, wish: Wish, converse: Callable[["Session"], None]) -> None:
    """Dial, converse, and say how it ended. Ctrl+C hangs up; a second one, while we do, is one too many."""
    from eleven_cli.api.conversation import Conversation
    from eleven_cli.commands.talk.session import Session
    from eleven_cli.commands.talk.tools import Tools
    from eleven_cli.commands.talk.transcript import Transcript

    terminal = context.terminal
    show_typed = not terminal.stdin_is_terminal
    started = time.monotonic()
    try:
        with (
            Transcript(terminal, as_json=wish.as_json, file=wish.transcript, show_typed=show_typed) as transcript,
            Conversation(_dialled(context, wish), wish.initiation) as conversation,
            Tools(wish.tools, lambda call, result, bad: conversation.answer_tool(call, result, is_error=bad)) as tools,
        ):
            session = Session(terminal, conversation, transcript, tools, wish.latency)
            session.max_duration(wish.max_duration_s)
            try:
                converse(session)
            except KeyboardInterrupt:
                session.hang_up("you hung up")
    except KeyboardInterrupt:
        return
    _sum_up(session, time.monotonic() - started)


def _dialled(context: Context, wish: Wish) -> "Socket":
    """An open socket: by a signed address where a key is in reach, else as a public agent."""
    from eleven_cli.api.agents import public_url, signed_url

    anonymous = wish.public or context.api_key is None
    client = context.client_with("") if anonymous else context.client
    try:
        if not anonymous:
            return client.socket(signed_url(client, wish.agent_id))
        return client.socket(public_url(client.base_url, wish.agent_id))
    except AuthError as refused:
        if anonymous:
            refused.hint = "a private agent needs a key: eleven auth login"
        raise
    except NotFound as unknown:
        unknown.hint = unknown.hint or "see your agents on the website, and mind the region of the key"
        raise


def _sum_up(session: "Session", took_s: float) -> None:
    """The last words on stderr; raises what the end amounts to."""
    from eleven_cli.api.conversation import failure_of

    conversation = session.conversation
    if conversation.started is not None:
        session.terminal.note(f"Conversation ID: {conversation.started.conversation_id}")
    if session.show_latency and session.latencies_ms:
        middle = sorted(session.latencies_ms)[len(session.latencies_ms) // 2]
        session.terminal.note(f"Latency: {middle:.0f}ms in the middle of {len(session.latencies_ms)}")
    error = failure_of(conversation.end, conversation.failed)
    if error is None and conversation.started is None and not conversation.end.by_us:
        error = ElevenError("the agent hung up before the conversation began", code="not_started")
    if error is not None:
        raise error
    session.terminal.note(f"ended after {took_s:.0f} s: {session.why or _their_reason(conversation)}")


def _their_reason(conversation: "Conversation") -> str:
    said = (conversation.failed.message if conversation.failed else "") or conversation.end.reason
    return f"the agent hung up ({said})" if said else "the agent hung up"
