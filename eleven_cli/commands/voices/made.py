"""A voice that has just come into the account."""

from shlex import quote

from eleven_cli.commands.lookup.names import folded
from eleven_cli.commands.lookup.voices import Named, remember, remembered
from eleven_cli.context import Context


def warn_if_taken(context: Context, name: str) -> None:
    """Tell where the account is known to have a voice of that name: two can be told apart by their ids only."""
    if taken := [voice for voice in remembered(context)[0] if folded(voice.name) == folded(name)]:
        context.terminal.warn(f"there is a voice called {name} already ({taken[0].voice_id})")


def announce(context: Context, voice_id: str, name: str, *, as_json: bool, **more: object) -> None:
    """Remember the voice, and print its name and id."""
    remember(context, [Named(voice_id, name)], all_of_them=False)
    terminal = context.terminal
    if as_json:
        terminal.json({"voice_id": voice_id, "name": name, **more})
    else:
        terminal.rows(("name", "id"), [(name, voice_id)])
    terminal.remark(f'speak with it: eleven tts "Hello, world" --voice {quote(name)}')
