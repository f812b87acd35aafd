"""The `talk` command: checks its options, runs the call and reports its outcome."""

from typing import TYPE_CHECKING

import typer

from eleven_cli.commands.lookup.agents import agent_to_call, only_agent
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.lookup.voice_candidates import voice_id_of
from eleven_cli.commands.output.existing import keeps_existing
from eleven_cli.commands.talk import options as opt
from eleven_cli.commands.talk import setup
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.commands.talk.call import Converse

SANDBOX_AGENT = "agent_sandbox_chat"


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
    language = checked_language(language, regions=True)
    values, commands = setup.variables(var or []), setup.tools(tool or [])
    converse = _converse_by(context, text, echo.value, words)
    context.terminal.refuse_closed_stdout()
    if voice is not None:  # the service is asked last
        voice = voice_id_of(context, voice, has_key=not no_auth and context.api_key is not None)
    override = setup.override(text=text, first_message=first_message, prompt=prompt, language=language, voice=voice)
    options = setup.TalkOptions(
        agent_id=_chosen_agent(context, agent_id, is_public=no_auth),
        override=override,
        variables=values,
        user_id=user_id,
        tools=commands,
        as_json=json,
        transcript=transcript,
        latency=latency,
        max_duration_s=max_duration,
        is_public=no_auth,
        is_text=text,
    )
    if prompt is not None:
        context.terminal.warn("--prompt replaces the agent's own prompt and removes its tools")
    from eleven_cli.commands.talk.call import report, run_call

    report(context.terminal, run_call(context, options, converse))


def _check_files(terminal: Terminal, files: dict[str, str | None], *, text: bool, input: str | None) -> None:
    """Refuses to overwrite the input, and to write two outputs to one file."""
    if (transcript := files["--transcript"]) and is_stdout(transcript):
        raise UsageError("standard output is for the conversation", hint="for every event as JSON there: --json")
    stdin = terminal.stdin_number
    said = ("the text", stdin) if text else ("the recording", stdin if input == "-" else input)
    refuse_overlap([said], {**files, STANDARD_OUTPUT: terminal.stdout_number})


def _is_given(ctx: typer.Context, option: str) -> bool:
    source = ctx.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _chosen_agent(context: Context, option: str | None, *, is_public: bool) -> str:
    if chosen := option or context.config.value("agent_id"):
        return agent_to_call(context, chosen) if not is_public else chosen
    if context.config.sandbox:
        context.terminal.note(f"agent: {SANDBOX_AGENT}; choose with --agent-id ID")
        return SANDBOX_AGENT
    if agent_id := None if is_public else only_agent(context):
        return agent_id
    raise UsageError("no agent chosen", hint="eleven talk --agent-id NAME; see your agents: eleven agents")


def _converse_by(context: Context, text: bool, echo: str, words: dict[str, str | None]) -> "Converse":
    """Chooses text or voice; for voice, devices and files are checked before dialling."""
    if text:
        from eleven_cli.commands.talk.by_text import TextTalk

        return TextTalk(context.terminal)
    from eleven_cli.audio.call.call_audio import CallAudioOptions, check
    from eleven_cli.commands.talk.by_voice import VoiceCall

    call = CallAudioOptions(**words, echo=echo, stdin=context.terminal.stdin_bytes)
    check(call)
    return lambda session: VoiceCall(session, call).run()
