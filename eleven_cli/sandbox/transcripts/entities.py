"""Finds what can be found for certain by its form: addresses, numbers, and names that are introduced. Pure.

Of the service's categories, `phi` and `offensive_language` have nothing here: they need to be understood.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ..hearing.transcription import Word

ALL = "all"
CATEGORIES = {
    "pii": ("email_address", "phone_number", "person_name"),
    "phi": (),
    "pci": ("credit_card",),
    "other": ("url", "number"),
    "offensive_language": (),
}
MODES = ("redacted", "entity_type", "enumerated_entity_type")
_NAME = r"[A-Z][\w'-]+(?: [A-Z][\w'-]+)?"
_FORMS = {  # the first that fits wins
    "email_address": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "url": r"https?://[^\s<>]*[\w/]|www\.[\w-]+(?:\.[\w-]+)+",
    "credit_card": r"\b\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,4}\b",
    "phone_number": r"\+\d[\d ()/-]{5,}\d|\b0\d[\d ()/-]{4,}\d\b|\b\d{3}[ -]\d{3}[ -]\d{4}\b",
    "number": r"\b\d+(?:[.,:]\d+)*\b",
    "person_name": rf"(?:(?<=[Mm]y name is )|(?<=[Mm]r\. )|(?<=[Mm]rs\. )|(?<=[Mm]s\. )|(?<=[Dd]r\. )){_NAME}",
}
_ANY = re.compile("|".join(f"(?P<{kind}>{form})" for kind, form in _FORMS.items()))


@dataclass(frozen=True)
class Entity:
    """Characters `start` to `end` of a text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def body(self) -> dict[str, Any]:
        return {"text": self.text, "entity_type": self.kind, "start_char": self.start, "end_char": self.end}


def find_entities(text: str, wanted: Collection[str]) -> list[Entity]:
    """Gives the entities of these categories and types, in order."""
    kinds = _kinds(wanted)
    found = (Entity(str(one.lastgroup), one[0], one.start(), one.end()) for one in _ANY.finditer(text))
    return [entity for entity in found if entity.kind in kinds]


def redact(words: Sequence[Word], entities: Sequence[Entity], mode: str) -> list[Word]:
    """Gives the words with each entity replaced, as one word, by what `mode` makes of its type."""
    ends = list(accumulate(len(word.text) + 1 for word in words))
    starts = [end - len(word.text) - 1 for end, word in zip(ends, words, strict=True)]
    redacted: list[Word] = []
    at = 0
    for entity, name in zip(entities, _names(entities, mode), strict=True):
        first, last = bisect_right(ends, entity.start), bisect_right(ends, entity.end - 1)
        if first < at:  # the word before it holds another
            before = redacted.pop()
            redacted.append(before._replace(text=before.text.replace(entity.text, name, 1)))
            continue
        head = words[first].text[: entity.start - starts[first]]
        tail = words[last].text[entity.end - starts[last] :]
        redacted += words[at:first]
        redacted.append(words[first]._replace(text=f"{head}{name}{tail}", end_s=words[last].end_s))
        at = last + 1
    return [*redacted, *words[at:]]


def is_subset(part: Collection[str], whole: Collection[str]) -> bool:
    """Tells whether all that `part` asks for is in `whole`; a type is a part of its category."""
    types = {kind for category in whole for kind in CATEGORIES.get(category, ())}
    return ALL in whole or set(part) <= {*whole, *types}


def _kinds(wanted: Collection[str]) -> set[str]:
    if ALL in wanted:
        return set(_FORMS)
    return {kind for name in wanted for kind in CATEGORIES.get(name, (name,))}


def _names(entities: Sequence[Entity], mode: str) -> Iterator[str]:
    counted: Counter[str] = Counter()
    for entity in entities:
        counted[entity.kind] += 1
        kind = entity.kind.upper()
        yield {"redacted": "{REDACTED}", "entity_type": f"{{{kind}}}"}.get(mode, f"{{{kind}_{counted[entity.kind]}}}")
