"""`eleven conversations`: what was said with the agents of the account."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.options import After, Before, JsonFlag, Limit, NoClobber, Play, Yes, moment
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, UsageError
from eleven_cli.parsing.list_group import ListOrCommand
from eleven_cli.terminal.text import iso_time

if TYPE_CHECKING:
    from eleven_cli.api.agents.records import ConversationSummary

EXAMPLES = """eleven conversations
eleven conversations --agent "Pizza line" --after 2026-11-01 --limit 20
eleven conversations show last
eleven help talk"""
SHOW_EXAMPLES = """eleven conversations show last
eleven conversations show conv_123 -o call.srt"""
AUDIO_EXAMPLES = """eleven conversations audio last
eleven conversations audio conv_123 -o call.mp3"""
DELETE_EXAMPLES = """eleven conversations delete conv_123
eleven conversations delete conv_123 --yes"""
FEEDBACK_EXAMPLES = """eleven conversations feedback last like
eleven conversations feedback conv_123 none"""
COLUMNS = ("id", "agent", "started", "seconds", "messages", "status", "title")
LAST, NO_FEEDBACK = "last", "none"

app = typer.Typer(cls=ListOrCommand, epilog=EXAMPLES, rich_markup_mode=None, invoke_without_command=True)
Id = Annotated[
    str, typer.Argument(metavar="ID", help="The conversation's id; last is the newest one.", show_default=False)
]
Output = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")]


@app.callback()
def conversations(
    ctx: typer.Context,
    agent: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only those with this agent.", autocompletion=completed_by("complete_agent")),
    ] = None,
    after: After = None,
    before: Before = None,
    limit: Limit = None,
    json: JsonFlag = False,
) -> None:
    """List the conversations with your agents, or show one.

    The newest first. The columns: id, agent, started, seconds, messages, status, title.
    """
    if ctx.invoked_subcommand is not None:
        return
    from eleven_cli.api.agents.records import PAGE_SIZE, each_conversation
    from eleven_cli.commands.output.listing import BEGINS_ANEW, show_listed

    context: Context = ctx.obj
    since, until = moment(after, "--after"), moment(before, "--before")
    agent_id = ""
    if agent is not None:
        from eleven_cli.commands.lookup.agents import resolve_agent

        agent_id = resolve_agent(context, agent)
    size = min(limit or PAGE_SIZE, PAGE_SIZE)
    found = each_conversation(context.client, agent_id=agent_id, after=since, before=until, page_size=size)
    entries, again = islice(found, limit), context.words
    if not show_listed(context.terminal, COLUMNS, entries, _row, size=size, as_json=json, again=again):
        context.terminal.note("no conversations" + (" that fit" if agent or after or before else ""))
        if context.config.sandbox:
            context.terminal.remark(BEGINS_ANEW)


@app.command(epilog=SHOW_EXAMPLES)
def show(
    ctx: typer.Context,
    conversation_id: Id,
    output: Output = None,
    no_clobber: NoClobber = False,
    json: JsonFlag = False,
) -> None:
    """Show what was said in a conversation.

    As lines; with -o as a file of text, subtitles (.srt, .vtt) or the service's own JSON, which --json prints.
    """
    from eleven_cli.api.agents.records import conversation_log
    from eleven_cli.commands.conversations.transcript import nothing_said, write_transcript
    from eleven_cli.commands.output.existing import keeps_existing
    from eleven_cli.commands.output.text import TextOutput
    from eleven_cli.commands.output.text_format import TextFormat, chosen_text_format, text_target

    context: Context = ctx.obj
    formats = (TextFormat.TEXT, TextFormat.JSON, TextFormat.SRT, TextFormat.VTT)
    word = chosen_text_format(None, output, as_json=json, in_lines=False)
    target = text_target(output, word, formats, example="call")
    if keeps_existing(context.terminal, target.file, no_clobber=no_clobber):
        return
    with TextOutput(context.terminal, target.file, no_clobber=no_clobber) as written:
        log = conversation_log(context.client, _resolved(context, conversation_id))
        write_transcript(log, written, target.format)
    if not log.turns and target.format != "json":
        context.terminal.note(nothing_said(log))
    seconds = "" if log.duration_s is None else f"{log.duration_s:g} s"
    facts = [log.agent, iso_time(log.started_at), seconds, log.status]
    context.terminal.remark(" · ".join(filter(None, [target.file, *facts])))


@app.command(epilog=AUDIO_EXAMPLES)
def audio(
    ctx: typer.Context, conversation_id: Id, output: Output = None, play: Play = None, no_clobber: NoClobber = False
) -> None:
    """Play or write the sound of a conversation.

    On a terminal it is heard; into a pipe, or with --output, it is written as an MP3.
    """
    from eleven_cli.api.agents.records import conversation_audio
    from eleven_cli.commands.output import plan_output
    from eleven_cli.commands.output.audio import copy, open_sinks
    from eleven_cli.commands.output.existing import keeps_existing

    context: Context = ctx.obj
    terminal = context.terminal
    plan = plan_output(output, None if output and output.lower().endswith(".mp3") else "mp3", play,
                       on_terminal=terminal.stdout_is_terminal)  # fmt: skip
    if keeps_existing(terminal, output, no_clobber=no_clobber):
        return
    with (
        open_sinks(plan, terminal, no_clobber=no_clobber) as sinks,
        conversation_audio(context.client, _resolved(context, conversation_id)) as response,
    ):
        copy((chunk.data for chunk in response if chunk.data), *sinks)


@app.command(epilog=DELETE_EXAMPLES)
def delete(
    ctx: typer.Context,
    conversation_id: Id,
    yes: Yes = False,
    json: JsonFlag = False,
) -> None:
    """Delete a conversation, for good.

    You are asked on a terminal; elsewhere --yes is needed.
    """
    from eleven_cli.api.agents.records import delete_conversation
    from eleven_cli.commands.input.confirmation import confirmed_deletion, report_deletion

    context: Context = ctx.obj
    found = confirmed_deletion(context, "conversation", lambda: _resolved(context, conversation_id), yes=yes)
    delete_conversation(context.client, found)
    report_deletion(context, "conversation_id", found, as_json=json)


def _feedback_words() -> list[str]:
    from eleven_cli.api.agents.records import FEEDBACK

    return [*FEEDBACK, NO_FEEDBACK]


@app.command(epilog=FEEDBACK_EXAMPLES)
def feedback(
    ctx: typer.Context,
    conversation_id: Id,
    word: Annotated[
        str,
        typer.Argument(
            metavar="WORD", help="like, dislike or none.", autocompletion=_feedback_words, show_default=False
        ),
    ],
    json: JsonFlag = False,
) -> None:
    """Tell whether a conversation was good; none takes it back."""
    from eleven_cli.api.agents.records import FEEDBACK, send_feedback

    context: Context = ctx.obj
    if word not in (*FEEDBACK, NO_FEEDBACK):
        hint = "eleven conversations feedback last like"
        raise UsageError(f'feedback is like, dislike or none, not "{word}"', hint=hint)
    found = _resolved(context, conversation_id)
    sent = None if word == NO_FEEDBACK else word
    send_feedback(context.client, found, sent)
    if json:
        context.terminal.json({"conversation_id": found, "feedback": sent})
    else:
        context.terminal.remark(f"{found}: {word}")


def _resolved(context: Context, word: str) -> str:
    """The id; of "last" that of the newest conversation. Raises NotFound without any."""
    if not word.strip():
        raise UsageError("the conversation's id is empty", hint="see them: eleven conversations")
    if word.strip() != LAST:
        return word.strip()
    from eleven_cli.api.agents.records import each_conversation
    from eleven_cli.commands.output.listing import BEGINS_ANEW

    newest = next(each_conversation(context.client, page_size=1), None)
    if newest is None:
        hint = BEGINS_ANEW if context.config.sandbox else "eleven talk --agent-id NAME"
        raise NotFound("there are no conversations", hint=hint, code="conversation_not_found")
    return newest.conversation_id


def _row(found: "ConversationSummary") -> tuple[str, ...]:
    seconds, messages = ("" if number is None else str(number) for number in (found.duration_s, found.messages))
    started = iso_time(found.started_at)
    return found.conversation_id, found.agent, started, seconds, messages, found.status, found.title
