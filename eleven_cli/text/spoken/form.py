"""The spoken form of a text: its tags as the model understands them, and its words as a lexicon says them. Pure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.text.spoken.tags import Brackets, TagFilter

if TYPE_CHECKING:
    from eleven_cli.text.spoken.lexicon import Lexicon, Replaced, Replacer

_BRACKETS = {"keep": Brackets.KEPT, "strip": Brackets.READ}


class Said(NamedTuple):
    """A text as it was said, and which places of it were written in another way."""

    text: str
    replaced: "Sequence[Replaced]"


def joined(parts: Sequence[Said], gap: str) -> Said:
    """Several texts as one, with the same between any two."""
    replaced: list[Replaced] = []
    start = 0
    for text, places in parts:
        replaced += [place._replace(start=start + place.start, end=start + place.end) for place in places]
        start += len(text) + len(gap)
    return Said(gap.join(text for text, _ in parts), replaced)


class SpokenRules:
    """The rules for the spoken form of every text of a run.

    acts    whether the model acts what stands in brackets, and knows no SSML
    tags    auto, keep or strip
    words   what is said instead of them
    """

    def __init__(self, *, acts: bool, tags: str = "auto", words: Mapping[str, str] | None = None) -> None:
        self._acts = acts
        self._brackets = _BRACKETS.get(tags, Brackets.ACTED if acts else Brackets.READ)
        said = {word: self._heard(spoken) for word, spoken in (words or {}).items()}
        self._lexicon = _lexicon(said) if said else None

    def form(self) -> "SpokenForm":
        """For one text."""
        return SpokenForm(self._filter(), self._replacer(self._lexicon) if self._lexicon else None)

    def _replacer(self, lexicon: "Lexicon") -> "Replacer":
        from eleven_cli.text.spoken.lexicon import Replacer

        return Replacer(lexicon, skips_brackets=self._acts)

    def _filter(self) -> TagFilter | None:
        if self._brackets is Brackets.KEPT and not self._acts:
            return None
        return TagFilter(self._brackets, has_pauses=self._acts)

    def _heard(self, spoken: str) -> str:
        """What is said of an entry, which may have tags of its own."""
        return SpokenForm(self._filter()).whole(spoken) if "[" in spoken or "<" in spoken else spoken


class SpokenForm:
    """One text that comes in pieces; any pieces give the same. Without `tags` and `replacer` it is said as written."""

    def __init__(self, tags: TagFilter | None = None, replacer: "Replacer | None" = None) -> None:
        self._tags, self._replacer = tags, replacer
        self._given: list[str] | None = None

    def remember(self) -> "SpokenForm":
        """Keeps what is said, for `said`."""
        self._given = []
        return self

    @property
    def said(self) -> Said | None:
        """All that was given since `remember`; None where no word is said in another way."""
        if self._given is None or self._replacer is None:
            return None
        return Said("".join(self._given), self._replacer.replaced)

    def feed(self, text: str) -> str:
        """Gives the spoken form as far as it is certain."""
        text = self._tags.feed(text) if self._tags else text
        return self._note(self._replacer.feed(text) if self._replacer else text)

    def pause(self) -> str:
        """What waits, unless it is the beginning of a tag or a word: nothing came for a while."""
        text = self._tags.pause() if self._tags else ""
        return self._note(self._replacer.feed(text) + self._replacer.pause() if self._replacer else text)

    def rest(self) -> str:
        """What waits, since nothing more comes."""
        text = self._tags.rest() if self._tags else ""
        return self._note(self._replacer.feed(text) + self._replacer.rest() if self._replacer else text)

    def _note(self, text: str) -> str:
        if self._given is not None:
            self._given.append(text)
        return text

    def whole(self, text: str) -> str:
        """All of a text."""
        return self.feed(text) + self.rest()


def _lexicon(words: Mapping[str, str]) -> "Lexicon":
    from eleven_cli.text.spoken.lexicon import Lexicon  # whose patterns take milliseconds

    return Lexicon(words)
