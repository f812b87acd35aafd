"""The `talk` command: from its options to an open conversation, and what is said when it has ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.lookup.voice_candidates import voice_id_of
from eleven_cli.commands.output.report import keeps_existing
from eleven_cli.commands.talk import options as opt
from eleven_cli.commands.talk import setup
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, NotFound, UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.api.socket import Socket
    from eleven_cli.commands.talk.ending import Ending
    from eleven_cli.commands.talk.session import Session
    from eleven_cli.commands.talk.transcript import Transcript

Manner = Callable[["Session"], None]


SANDBOX_AGENT = "agent_sandbox_chat"


class Wish(NamedTuple):
    """What was asked for, checked as far as it can be without dialling."""

    agent_id: str
    override: dict[str, Any]
    variables: dict[str, str]
    user_id: str | None
    tools: dict[str, list[str]]
    as_json: bool
    transcript: str | None
    latency: bool
    max_duration_s: float | None
    public: bool
    is_typed: bool


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
    no_clobber: opt.NoClobber = False,
) -> None:
    """Talk with an agent by voice, by text, or with files.

    What is said goes to stdout as "User: …" and "Agent: …". Ctrl+C hangs up. On a terminal, in a call by voice:
    m mutes, i interrupts the agent, t types a line, q hangs up.
    """
    context: Context = ctx.obj
    words = {"input": input, "output": output, "record": record, "mic": mic, "speaker": speaker}
    setup.check_combination(text=text, of_sound={**words, "echo": echo if _is_given(ctx, "echo") else None})
    setup.check_duration(max_duration)
    files = {"--output": output, "--record": record, "--transcript": transcript}
    if keeps_existing(context.terminal, *files.values(), no_clobber=no_clobber, as_json=json):
        return
    _check_files(context.terminal, files, text=text, input=input)
    if voice is not None:
        voice = voice_id_of(context, voice, has_key=not no_auth and context.api_key is not None)
    language = checked_language(language, regions=True)
    override = setup.override(text=text, first_message=first_message, prompt=prompt, language=language, voice=voice)
    wish = Wish(
        agent_id=_chosen_agent(context, agent_id),
        override=override,
        variables=setup.variables(var or []),
        user_id=user_id,
        tools=setup.tools(tool or []),
        as_json=json,
        transcript=transcript,
        latency=latency,
        max_duration_s=max_duration,
        public=no_auth,
        is_typed=text,
    )
    if prompt is not None:
        context.terminal.warn("--prompt replaces the agent's own prompt and removes its tools")
    _call(context, wish, _manner(context, text, echo.value, words))


def _check_files(terminal: Terminal, files: dict[str, str | None], *, text: bool, input: str | None) -> None:
    """Refuse to write over what is read, and two things into one file."""
    if (transcript := files["--transcript"]) and is_stdout(transcript):
        raise UsageError("standard output is for the conversation", hint="for every event as JSON there: --json")
    stdin = terminal.stdin_number
    said = ("the text", stdin) if text else ("the recording", stdin if input == "-" else input)
    refuse_overlap([said], {**files, STANDARD_OUTPUT: terminal.stdout_number})


def _is_given(ctx: typer.Context, option: str) -> bool:
    source = ctx.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _chosen_agent(context: Context, option: str | None) -> str:
    agent_id = option or context.config.value("agent_id")
    if not agent_id and context.config.sandbox:
        context.terminal.note(f"agent: {SANDBOX_AGENT}; choose with --agent-id ID")
        return SANDBOX_AGENT
    if not agent_id:
        raise UsageError("no agent chosen", hint="--agent-id ID, or: eleven config set agent_id ID")
    return agent_id


def _manner(context: Context, text: bool, echo: str, words: dict[str, str | None]) -> Manner:
    """How to converse; for a call by voice, devices and files are looked at before dialling."""
    if text:
        from eleven_cli.commands.talk.by_text import TextTalk

        return TextTalk(context.terminal)
    from eleven_cli.audio.call.call_audio import CallAudioOptions, check
    from eleven_cli.commands.talk.by_voice import VoiceCall

    call = CallAudioOptions(**words, echo=echo, stdin=context.terminal.stdin_bytes)
    check(call)
    return lambda session: VoiceCall(session, call).run()


def _call(context: Context, wish: Wish, converse: Manner) -> None:
    """Dial, converse, and say how it ended. An agent that does not let callers ask for text may do text all the same,
    if that is how it is set up: it is called a second time without being asked."""
    from eleven_cli.commands.talk.ending import Ending
    from eleven_cli.commands.talk.transcript import Transcript

    terminal = context.terminal
    terminal.refuse_closed_stdout()
    show_typed = not (wish.is_typed and terminal.stdin_is_terminal and terminal.stdout_is_terminal)
    with (
        Ending(terminal) as ending,
        Transcript(terminal, as_json=wish.as_json, file=wish.transcript, show_typed=show_typed) as transcript,
    ):
        _converse(context, wish, converse, transcript, ending)
        if ending.session is not None and _refuses_to_be_asked_for_text(ending.session, wish):
            terminal.trace("the agent refuses the override text_only: calling again without it")
            plain = wish._replace(override=setup.without_text_only(wish.override))
            _converse(context, plain, converse, transcript, ending)
        if (failure := ending.failure) is not None:
            raise failure


def _converse(context: Context, wish: Wish, converse: Manner, transcript: "Transcript", ending: "Ending") -> None:
    """One conversation. Ctrl+C hangs up."""
    from eleven_cli import __version__
    from eleven_cli.api.agents.conversation import Conversation
    from eleven_cli.api.agents.events import initiation
    from eleven_cli.commands.talk.session import Session
    from eleven_cli.commands.talk.tools import Tools

    def answer(call: str, result: str, is_error: bool) -> None:
        conversation.answer_tool(call, result, is_error=is_error)

    first = initiation(override=wish.override, variables=wish.variables, user_id=wish.user_id, version=__version__)
    with (
        Conversation(_dialled(context, wish), first) as conversation,
        Tools(wish.tools, answer, environ=context.environ) as tools,
    ):
        ending.session = session = Session(context.terminal, conversation, transcript, tools, wish.latency)
        session.max_duration(wish.max_duration_s)
        try:
            converse(session)
        except KeyboardInterrupt:
            ending.interrupted = True
            session.hang_up("you hung up")


def _refuses_to_be_asked_for_text(session: "Session", wish: Wish) -> bool:
    from eleven_cli.api.agents.conversation import end_in_words, refuses_override

    end, failed = session.conversation.end, session.conversation.failed
    if session.anything_said or "conversation" not in wish.override or not refuses_override(end, failed):
        return False
    return setup.asks_only_for_text(wish.override) or setup.TEXT_ONLY in end_in_words(end, failed)


def _dialled(context: Context, wish: Wish) -> "Socket":
    """An open socket: by a signed address where a key is in reach, else as a public agent."""
    from eleven_cli.api.agents.addresses import public_url, signed_url
    from eleven_cli.api.agents.conversation import NO_AGENT_HINT

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
        unknown.hint = unknown.hint or NO_AGENT_HINT
        raise
