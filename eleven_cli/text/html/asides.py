"""Notes and lists of contents among the paragraphs of a page: what is not read where it stands. Pure."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Protocol

from eleven_cli.text.html.marks import names_a_note

_SHORTEST_LIST = 5  # entries of a list of contents within other text
_CONTENTS = re.compile(
    r"((table|list) of )?(contents|figures|tables|illustrations)|inhalt(sverzeichnis)?|(table des )?mati[èe]res"
    r"|sommaire"
    r"|(tabla de )?contenidos?|[íi]ndice( general)?|sommario|sum[áa]rio|inhoud(sopgave)?|inneh[åa]ll|indhold|innhold"
    r"|sis[äa]llys|spis tre[śs]ci|obsah|tartalom|cuprins|turinys|содержание|оглавление|зміст"
    r"|目\s*次|目\s*[录錄]|もくじ|차례|목차",
    re.IGNORECASE,
)


class Owner(Protocol):
    """An element around a paragraph that has an id."""

    @property
    def id(self) -> str: ...
    @property
    def holds_heading(self) -> bool: ...
    @property
    def ways_back(self) -> Sequence[str]: ...


class References:
    """The numbers of notes on a page: the ids that they lead to, and the paragraphs that they stand in."""

    def __init__(self) -> None:
        self.targets: set[str] = set()
        self.paragraphs: set[int] = set()

    def note(self, target: str, paragraph: int) -> None:
        self.targets.add(target)
        self.paragraphs.add(paragraph)


class Paragraph:
    """A paragraph, and what tells whether it is a part of the running text.

    level    of a heading, 0 for none
    is_note  it stands within what says of itself that it is a note
    linked   nearly all of its letters lead elsewhere in the book
    way_back the id that the number of a note leads to, if it begins with one
    ids      of anchors at its beginning
    owners   the elements around it
    """

    __slots__ = ("ids", "is_note", "level", "linked", "owners", "text", "way_back")

    def __init__(self, text: str, level: int, *, is_note: bool, linked: bool, way_back: str) -> None:
        self.text, self.level = text, level
        self.is_note, self.linked, self.way_back = is_note, linked, way_back
        self.ids: Sequence[str] = ()
        self.owners: Sequence[Owner] = ()


def notes_among(paragraphs: Sequence[Paragraph], references: References, anchors: Mapping[str, int]) -> set[int]:
    """Which paragraphs are notes to the others; none on a page that holds nothing else."""
    found = {at for at, paragraph in enumerate(paragraphs) if _is_note(paragraph, references, anchors)}
    if all(at in found for at, paragraph in enumerate(paragraphs) if not paragraph.level):
        return set()
    return found


def contents_among(paragraphs: Sequence[Paragraph]) -> set[int]:
    """Which paragraphs are a list of links into the book: the whole page, or a part of it."""
    texts = sum(not paragraph.level for paragraph in paragraphs)
    found: set[int] = set()
    at = 0
    for linked, group in groupby(paragraphs, lambda paragraph: paragraph.linked):
        size = len(list(group))
        if linked and (size >= _SHORTEST_LIST or 1 < size == texts):
            found.update(range(at, at + size))
        at += size
    return found


def headings_of_nothing(paragraphs: Sequence[Paragraph], notes: set[int], contents: set[int]) -> set[int]:
    """The headings above what is left out, where nothing else follows them."""
    found: set[int] = set()
    following = None  # the next paragraph that is read
    for at in range(len(paragraphs) - 1, -1, -1):
        if at in notes or at in contents:
            continue
        paragraph = paragraphs[at]
        ends = following is None or 0 < paragraphs[following].level <= paragraph.level
        left_out = notes if at + 1 in notes else contents if at + 1 in contents else None
        if (
            paragraph.level
            and ends
            and (left_out is notes or (left_out is contents and is_contents_title(paragraph.text)))
        ):
            found.add(at)
        else:
            following = at
    return found


def is_contents_title(text: str) -> bool:
    return bool(_CONTENTS.fullmatch(text.strip(" .:\n")))


def _is_note(paragraph: Paragraph, references: References, anchors: Mapping[str, int]) -> bool:
    """Says so, or the number of a note leads to it, and it leads back or has a name for notes."""
    if not (paragraph.is_note or paragraph.ids or paragraph.owners):
        return False

    def answers(place: str, ways_back: Sequence[str]) -> bool:
        if place not in references.targets:
            return False
        return names_a_note(place) or any(anchors.get(way) in references.paragraphs for way in ways_back)

    return (
        paragraph.is_note
        or any(answers(place, [paragraph.way_back]) for place in paragraph.ids)
        or any(answers(owner.id, owner.ways_back) for owner in paragraph.owners if not owner.holds_heading)
    )
