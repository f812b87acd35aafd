"""`eleven help`"""

from pathlib import Path
from typing import Annotated

import typer

from eleven_cli.errors import UsageError

EXAMPLES = """eleven help
eleven help pipes
eleven help tts"""
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
    "testing": "Test your own program without credits.",
    "webhooks": "Webhooks, tools and a model on your machine, for agents.",
    "endpoints": "What the sandbox imitates, roughly or not at all.",
    "settings": "Settings, variables, voices, proxies, the key.",
    "scripting": "Streams, files, JSON, cost.",
    "exit-codes": "What each exit code means.",
    "troubleshooting": "What to do when it does not work.",
}
Topic = Annotated[str | None, typer.Argument(metavar="[TOPIC]", help="A topic, or a command.", show_default=False)]


def help(ctx: typer.Context, topic: Topic = None) -> None:
    """Show a help page, or list them."""
    if topic is None:
        ctx.obj.terminal.rows(("topic", "what it explains"), TOPICS.items(), is_whole=True)
        return
    ctx.obj.terminal.page(page_of(topic))


def page_of(topic: str) -> str:
    """The page as Markdown. Raises UsageError for a topic that there is not."""
    from eleven_cli.suggestions import did_you_mean

    if topic not in TOPICS:
        raise UsageError(f'no help page "{topic}"{did_you_mean(topic, TOPICS)}', hint="see the topics: eleven help")
    return (PAGES / f"{topic}.md").read_text("utf-8")
