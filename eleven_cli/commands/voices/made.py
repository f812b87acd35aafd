"""A voice that has just come into the account."""

from shlex import quote

from eleven_cli.commands.lookup.names import folded
from eleven_cli.commands.lookup.voices import Named, remember, remembered
from eleven_cli.context import Context


def warn_if_taken(context: Context, name: str) -> list[str]:
    """Tell where the account is known to have a voice of that name, for two can be told apart by their ids only; gives
    the ids of those it has."""
    taken = [voice.voice_id for voice in remembered(context)[0] if folded(voice.name) == folded(name)]
    if taken:
        context.terminal.warn(f"there is a voice called {name} already ({taken[0]})")
    return taken


def warn_of_no_id(context: Context, name: str) -> None:
    """Tell that the voice is there, although the service did not say under which id."""
    context.terminal.warn(f"the service did not tell the id of {name}; it is listed by: eleven voices")


def announce(context: Context, voice_id: str, name: str, *, as_json: bool, **more: object) -> None:
    """Remember the voice, and print its name and id. voice_id: "" where the service did not tell it."""
    terminal = context.terminal
    if voice_id:
        remember(context, [Named(voice_id, name)], all_of_them=False)
    else:
        warn_of_no_id(context, name)
    if as_json:
        terminal.json({"voice_id": voice_id or None, "name": name, **more})
    else:
        terminal.rows(("name", "id"), [(name, voice_id)])
    terminal.remark(f'speak with it: eleven tts "Hello, world" --voice {quote(name)}')
