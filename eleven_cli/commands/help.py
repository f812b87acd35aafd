"""`eleven help`"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from eleven_cli import __version__
from eleven_cli.commands.options import JsonFlag
from eleven_cli.errors import UsageError

EXAMPLES = """eleven help
eleven help pipes
eleven help tts
eleven help --json | jq -r '.commands[].command'"""
PAGES = Path(__file__).parent.parent / "help"
TOPICS = {  # in the order of the list
    "pipes": "Text in, audio out, while both arrive; the options of tts.",
    "books": "Long texts, EPUB, chapters, cost, resuming.",
    "subtitles": "Subtitles of speech and of recordings.",
    "tags": "Tags that models act, pauses, words said in another way.",
    "effects": "Sound effects; a voice on the phone, in a hall, far away.",
    "voices": "Find, try, clone, change and delete voices.",
    "listening": "Transcribe, live too; clean recordings, change their voice.",
    "talk": "Talk with an agent: voice, text, files, tools.",
    "sandbox": "Try and test everything without an account.",
    "python": "The same from a Python program: speech, live, agents.",
    "testing": "Test your own program without credits.",
    "webhooks": "Webhooks, tools and a model on your machine, for agents.",
    "endpoints": "What the sandbox imitates, roughly or not at all.",
    "settings": "Settings, variables, voices, proxies, the key.",
    "scripting": "Streams, files, JSON, cost.",
    "exit-codes": "What each exit code means.",
    "troubleshooting": "What to do when it does not work.",
    "skill": "How a coding agent uses this program.",
}
Topic = Annotated[
    list[str] | None, typer.Argument(metavar="[TOPIC]", help="A topic, or a command.", show_default=False)
]
_ROW = re.compile(r"\| (\d+) \| (.+) \|")


def help(ctx: typer.Context, topic: Topic = None, json: JsonFlag = False) -> None:
    """Show a help page, or list them.

    With --json, all commands with their options, types, defaults, choices and examples, and the exit codes; or of one
    command, or the text of a topic.
    """
    terminal = ctx.obj.terminal
    if json:
        terminal.json(_described(ctx.find_root().command, topic or []))
    elif topic is None:
        terminal.rows(("topic", "what it explains"), TOPICS.items(), is_whole=True)
    else:
        terminal.page(page_of(" ".join(topic)))


def page_of(topic: str) -> str:
    """The page as Markdown. Raises UsageError for a topic that there is not."""
    from eleven_cli.suggestions import did_you_mean

    if topic not in TOPICS:
        raise UsageError(f'no help page "{topic}"{did_you_mean(topic, TOPICS)}', hint="see the topics: eleven help")
    return path_of(topic).read_text("utf-8")


def exit_codes() -> list[tuple[str, str]]:
    """Each exit code, and what it means."""
    return _ROW.findall(page_of("exit-codes").replace("`", ""))


def path_of(topic: str) -> Path:
    """Where the page lies; that for agents has the name that they look for."""
    return PAGES / ("SKILL.md" if topic == "skill" else f"{topic}.md")


def _described(root: Any, words: Sequence[str]) -> dict[str, Any]:
    """What there is to know of the program, of the command that the words name, or of a topic."""
    from eleven_cli.parsing.description import described, found
    from eleven_cli.settings import ENVIRONMENT

    command = found(root, words)
    if words and command is None:
        topic = " ".join(words)
        return {"topic": topic, "text": page_of(topic)}
    known = described(command, " ".join(["eleven", *words]))
    if words:
        return known
    return {
        "version": __version__,
        **known,
        "topics": TOPICS,
        "environment": {setting: list(names) for setting, names in ENVIRONMENT.items()},
        "exit_codes": [{"code": int(code), "meaning": meaning} for code, meaning in exit_codes()],
    }
