"""Wish: what a user wants to be spoken, and how; all that the options said, but not yet who speaks."""

from collections.abc import Sequence
from typing import NamedTuple

from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.commands.output.audio import Outlets


class Wish(NamedTuple):
    """words, files, markdown  where the text is, and whether it is Markdown
    outlets                 where the audio goes; its file may name a place for the chapter's number
    manner                  all but the voice
    voice                   as it was asked for, None without a choice
    live                    whether to speak before the text has ended; None where that is for us to say
    stitch                  what holds the pieces of a long text together: "text" or "ids"
    subtitles               the file for them, or None; subtitles_format: what they are, None where its name says so
    """

    words: Sequence[str]
    files: Sequence[str]
    markdown: bool | None
    outlets: Outlets
    manner: SpeechRequest
    voice: str | None = None
    live: bool | None = None
    stitch: str = "text"
    subtitles: str | None = None
    max_credits: int | None = None
    cache: bool = False
    no_clobber: bool = False
    subtitles_format: str | None = None

    @property
    def reads_stdin(self) -> bool:
        """Whether some of the text comes from there."""
        return "-" in self.files or list(self.words) == ["-"] or not (self.words or self.files)
