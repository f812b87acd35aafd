"""`eleven agents`: the agents of the account."""

from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.parsing.list_group import ListOrCommand
from eleven_cli.terminal.text import iso_time

if TYPE_CHECKING:
    from eleven_cli.api.agents.directory import Agent, AgentDetails

EXAMPLES = """eleven agents
eleven agents show "Pizza line"
eleven talk --agent-id "Pizza line"
eleven help talk"""
SHOW_EXAMPLES = """eleven agents show "Pizza line"
eleven agents show agent_123 --json | jq -r .prompt"""
COLUMNS = ("name", "id", "created", "last call", "tags")
NONE = "this account has no agents; make one: https://elevenlabs.io/app/agents"

app = typer.Typer(cls=ListOrCommand, epilog=EXAMPLES, rich_markup_mode=None, invoke_without_command=True)
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="The agent's name or id.",
        autocompletion=completed_by("complete_agent"),
        show_default=False,
    ),
]


@app.callback()
def agents(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List the agents of your account, or show one.

    The columns: name, id, created, last call, tags. eleven talk --agent-id takes a name, too.
    """
    if ctx.invoked_subcommand is not None:
        return
    from eleven_cli.commands.lookup.agents import fetch_agents

    context: Context = ctx.obj
    found = fetch_agents(context)
    if not found:
        context.terminal.note(NONE)
    if json:
        context.terminal.json(found)
    elif found:
        context.terminal.rows(COLUMNS, map(_row, found), again=context.words)


@app.command(epilog=SHOW_EXAMPLES)
def show(ctx: typer.Context, name: Name, json: JsonFlag = False) -> None:
    """Show one agent in detail: its words, its voice, its variables."""
    from eleven_cli.api.agents.directory import agent_details
    from eleven_cli.commands.lookup.agents import resolve_agent

    context: Context = ctx.obj
    agent = agent_details(context.client, resolve_agent(context, name))
    if json:
        context.terminal.json(agent)
    else:
        context.terminal.facts(_details(agent))


def _row(agent: "Agent") -> tuple[str, ...]:
    created, called = iso_time(agent.created_at)[:10], iso_time(agent.called_at)
    return agent.name, agent.agent_id, created, called, " ".join(agent.tags)


def _details(agent: "AgentDetails") -> list[tuple[str, str]]:
    """Names and values, also of what is not there."""
    access = {True: "private: a key is needed", False: "public", None: ""}[agent.is_private]
    return [
        ("name", agent.name),
        ("id", agent.agent_id),
        ("access", access),
        ("language", agent.language),
        ("by text only", "yes" if agent.text_only else ""),
        ("first message", agent.first_message),
        ("prompt", agent.prompt),
        ("language model", agent.llm),
        ("voice", agent.voice_id),
        ("voice model", agent.voice_model),
        ("variables", " ".join(agent.variables)),
        ("tags", " ".join(agent.tags)),
        ("created", iso_time(agent.created_at)),
    ]
