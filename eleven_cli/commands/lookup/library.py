"""A voice of the Voice Library by its name or id, as the service lists it now."""

from itertools import islice
from typing import TYPE_CHECKING

from eleven_cli.commands.lookup.voice_candidates import looks_like_id
from eleven_cli.commands.lookup.voices import Named, meant
from eleven_cli.context import Context
from eleven_cli.errors import NotFound

if TYPE_CHECKING:
    from eleven_cli.api.voices.library import LibraryVoice

MOST_PAGES = 10  # of voices that are found by a name


def find_in_library(context: Context, word: str, command: str) -> "LibraryVoice":
    """The voice that an id or a name means: one of just that name, else the only one that begins so.

    Raises NotFound with the candidates. `command` is the one that takes an id in place of the name.
    """
    try:
        with context.terminal.progress() as progress:
            progress.update("looking through the Voice Library …")
            return _found(context, word)
    except NotFound as unknown:
        unknown.message = unknown.message.replace("no voice is called", "no voice of the library is called", 1)
        unknown.hint = unknown.hint.replace("see your voices: eleven voices", "see them: eleven voices library")
        unknown.hint = unknown.hint.replace("--voice ID", f"eleven voices {command} ID")
        raise


def _found(context: Context, word: str) -> "LibraryVoice":
    from eleven_cli.api.voices.library import library_pages, library_voice

    if looks_like_id(word):
        return library_voice(context.client, word)
    pages = islice(library_pages(context.client, word), MOST_PAGES)
    found = {voice.voice_id: voice for page in pages for voice in page}
    return found[meant(word, [Named(voice.voice_id, voice.name) for voice in found.values()]).voice_id]
