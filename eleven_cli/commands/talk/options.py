"""The options of `eleven talk`, as types: their names, ranges and help."""

from enum import StrEnum
from typing import Annotated

import typer

from eleven_cli.commands import completed_by

EXAMPLES = """eleven talk --agent-id "Pizza line"
echo "Hello" | eleven talk --text
eleven talk --input question.wav --output answer.wav
eleven help talk"""
GROUPS = {
    "Agent": ("agent_id", "var", "first_message", "prompt", "language", "voice", "user_id", "tool", "no_auth"),
    "Input and output": ("text", "input", "output", "mic", "speaker", "echo"),
    "Records and reports": ("record", "transcript", "json", "latency", "no_clobber"),
}


class Echo(StrEnum):
    AUTO = "auto"
    AEC = "aec"
    GATE = "gate"
    OFF = "off"


def _wav(name: str, help: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar="FILE.wav", help=help)
    return option


Agent = Annotated[
    str | None,
    typer.Option(
        "--agent-id",
        metavar="NAME",
        help="The agent to talk to: its name or id.",
        autocompletion=completed_by("complete_agent"),
    ),
]
Text = Annotated[bool, typer.Option("--text", help="Talk by text, typed or from a pipe; needs no sound device.")]
Input = Annotated[str | None, _wav("--input", "Play this file to the agent instead of the microphone; - is stdin.")]
Output = Annotated[str | None, _wav("--output", "Write the agent's voice to a file instead of playing it.")]
Record = Annotated[str | None, _wav("--record", "Record both sides: you left, the agent right.")]
Transcript = Annotated[
    str | None, typer.Option("--transcript", metavar="FILE.jsonl", help="Write every event there, as JSON lines.")
]
JsonEvents = Annotated[bool, typer.Option("--json", help="Print every event as a JSON line instead of the text.")]
Mic = Annotated[str | None, typer.Option(metavar="NAME", help="The microphone: its number or a part of its name.")]
Speaker = Annotated[str | None, typer.Option(metavar="NAME", help="The speaker: its number or a part of its name.")]
EchoMode = Annotated[
    Echo, typer.Option("--echo", help="What keeps the agent from hearing itself; off is for headphones.")
]
Vars = Annotated[list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="A dynamic variable; repeatable.")]
FirstMessage = Annotated[str | None, typer.Option(metavar="TEXT", help="What the agent says first.")]
Prompt = Annotated[str | None, typer.Option(metavar="TEXT", help="Another prompt; the agent loses its tools.")]
Language = Annotated[
    str | None,
    typer.Option(
        metavar="CODE", help="The agent's language, such as de.", autocompletion=completed_by("complete_language")
    ),
]
Voice = Annotated[
    str | None,
    typer.Option(
        "--voice",
        "-v",
        metavar="NAME",
        help="Another voice for the agent, by name or id.",
        autocompletion=completed_by("complete_voice"),
    ),
]
UserId = Annotated[str | None, typer.Option(metavar="ID", help="Who is talking, for your own records.")]
Tools = Annotated[
    list[str] | None,
    typer.Option("--tool", metavar="NAME=COMMAND", help="Run this command for a client tool; repeatable."),
]
Latency = Annotated[bool, typer.Option("--latency", help="Show the latency at the end: median and worst.")]
MaxDuration = Annotated[float | None, typer.Option(metavar="S", min=1, help="Hang up after this many seconds.")]
NoClobber = Annotated[bool, typer.Option("--no-clobber", help="Do not call if one of these files exists.")]
NoAuth = Annotated[bool, typer.Option("--no-auth", help="Do not use the key: the agent is public.")]
