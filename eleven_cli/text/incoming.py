"""Text that is still arriving as bytes, without what should not be heard of it. Pure."""

from typing import TYPE_CHECKING

from eleven_cli.errors import UsageError
from eleven_cli.text.decoding import Decoder
from eleven_cli.text.escapes import Escapes

if TYPE_CHECKING:
    from eleven_cli.text.markdown.front_matter import FrontMatter


class Incoming:
    """Bytes in, text out, as soon as it is known to be text.

    Escape sequences are taken out, and front matter of Markdown. A document that has to be there as a whole (HTML,
    subtitles, a book) is known by its beginning, and is given as text when it has ended.

    trouble   why the rest is no text, None while it is; what came before was given
    notes     what is worth knowing of how a document was read, a sentence each
    """

    def __init__(self, source: str, *, markdown: bool = False) -> None:
        self._decoder, self._escapes = Decoder(source), Escapes()
        self._front_matter = _front_matter() if markdown else None
        self._beginning: bytes | None = b""  # while it may be anything
        self._document: list[bytes] | None = None  # while it is gathered
        self._own_trouble: UsageError | None = None
        self.notes: tuple[str, ...] = ()

    @property
    def trouble(self) -> UsageError | None:
        return self._own_trouble or self._decoder.trouble

    @property
    def is_document(self) -> bool:
        """Whether it is one that has to be there as a whole: what is given of it then has no marks."""
        return self._document is not None

    def feed(self, data: bytes) -> str:
        """Gives the text that has been decoded; nothing once there is trouble."""
        if self._document is not None:
            self._document.append(data)
            return ""
        if self._beginning is None:
            return self._text(data)
        from eleven_cli.text import kinds

        self._beginning += data
        if kinds.is_undecided(self._beginning):
            return ""
        beginning = self._beginning
        kind = kinds.kind_by_content(beginning)
        if kind is None:
            return self.pause()
        if kind.way and kind is not kinds.ZIP:
            self._beginning, self._own_trouble = None, kinds.refusal(kind, "")
            return ""
        self._beginning, self._document = None, [beginning]
        return ""

    def pause(self) -> str:
        """What waits and can be read: nothing came for a while, so that it is taken for text."""
        beginning, self._beginning = self._beginning, None
        text = self._text(beginning) if beginning and self._document is None else ""
        return text + self._without_front_matter(self._escapes.pause())

    def end(self) -> str:
        """What waits, when nothing more comes."""
        if self._document is not None:
            return self._whole(b"".join(self._document))
        text = self.pause()
        self._decoder.end()
        text += self._without_front_matter(self._escapes.rest())
        return text + (self._front_matter.rest() if self._front_matter else "")

    def _text(self, data: bytes) -> str:
        return self._without_front_matter(self._escapes.feed(self._decoder.feed(data)))

    def _without_front_matter(self, text: str) -> str:
        return self._front_matter.feed(text) if self._front_matter else text

    def _whole(self, content: bytes) -> str:
        from eleven_cli.text.documents import document

        try:
            found = document("", content)
        except UsageError as refused:
            self._own_trouble = refused
            return ""
        self.notes = found.notes
        return "\n\n".join(chapter.text for chapter in found.chapters)


def _front_matter() -> "FrontMatter":
    from eleven_cli.text.markdown.front_matter import FrontMatter

    return FrontMatter()
