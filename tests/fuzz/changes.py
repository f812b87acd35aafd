"""Inputs made of valid examples by changing them, and inputs that repeat a part of one. Both are bytes."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

KINDS = ("cut off", "left out", "written over", "put in place of", "put in", "twice", "flipped")
PLACES = 1 << 20  # a place of an example, however long it is
LENGTHS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
NUMBERS = (b"0", b"-1", b"1e308", b"-0.0", b"1e999", b"NaN", b"9" * 310, b"9" * 5000, b"&#" + b"9" * 5000 + b";")
TEXTS = (b"\0", b"\x1b[2J", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\r", b"\xe2\x80\xae", b"")
OPENING = (
    b"[",
    b'{"a":',
    b"<p>",
    b"<ul><li>",
    b"(",
    b"> ",
    b"- ",
    b"*",
    b"a=[",
    b"a.",
    b"<!--",
    b"&",
    b'"',
    b"\\",
    b"`",
)
DEPTHS = (2, 20, 120, 1500)
MOST_BYTES = 1 << 17
COUNT = b"@@"


class Change(NamedTuple):
    """What is done to an example from one place to another, as a part of its length."""

    kind: str
    start: int
    length: int
    word: bytes

    def made_to(self, data: bytes) -> bytes:
        at = self.start * len(data) // PLACES
        end = min(at + self.length, len(data))
        match self.kind:
            case "cut off":
                return data[:at]
            case "left out":
                return data[:at] + data[end:]
            case "written over":
                return data[:at] + self.word + data[at + len(self.word) :]
            case "put in place of":
                return data[:at] + self.word + data[end:]
            case "twice":
                return data[:end] + data[at:]
            case "flipped":
                return data[:at] + bytes([data[at] ^ 1 << self.length % 8]) + data[at + 1 :] if at < len(data) else data
        return data[:at] + self.word + data[at:]


def _length_words(length: int) -> list[bytes]:
    sizes = [size for size in (1, 2, 4, 8) if length < 1 << 8 * size]
    return [length.to_bytes(size, order) for size in sizes for order in ("little", "big")]


ODD = (*NUMBERS, *TEXTS, *(word for length in LENGTHS for word in _length_words(length)))


def change(number: int, words: Sequence[bytes], others: Sequence[bytes]) -> Change:
    """One of all changes of a decoder's examples, `others`: by what is odd anywhere, and by its own `words`."""
    dice = random.Random(number)
    match dice.randrange(6):
        case 0 | 1:
            word = dice.choice(words)
        case 2:
            word = dice.choice(ODD)
        case 3:
            other = dice.choice(others)
            word = other[dice.randrange(len(other)) :][: dice.randint(1, 300)]
        case 4:
            word = dice.choice((*OPENING, *words)) * dice.choice(DEPTHS)
        case _:
            word = dice.randbytes(dice.randint(1, 6))
    return Change(dice.choice(KINDS), dice.randrange(PLACES), dice.choice((1, 2, 4, 20, 300)), word)


@st.composite
def changed(draw: st.DrawFn, examples: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """One of the examples, after up to five changes. A change is one number: many of them are tried in a second."""
    data = draw(st.sampled_from(examples))
    for number in draw(st.lists(st.integers(0, (1 << 32) - 1), max_size=5)):
        data = change(number, words, examples).made_to(data)
    return data[:MOST_BYTES]


class Shape(NamedTuple):
    """An input of any size: its beginning, what is repeated, and its end. COUNT is another number each time."""

    before: bytes
    unit: bytes
    after: bytes = b""

    def of_size(self, size: int) -> bytes:
        times = max(size // len(self.unit), 1)
        if COUNT not in self.unit:
            return self.before + self.unit * times + self.after
        return self.before + b"".join(self.unit.replace(COUNT, b"%d" % at) for at in range(times)) + self.after


@st.composite
def shapes(draw: st.DrawFn, examples: Sequence[bytes], words: Sequence[bytes]) -> Shape:
    """A part of a changed example, or a few words, repeated in the place that it had."""
    data, dice = draw(changed(examples, words)), random.Random(draw(st.integers(0, (1 << 32) - 1)))
    at = dice.randint(0, len(data))
    end = at + dice.randint(1, 60)
    own = b"".join(dice.choices((*words, *OPENING), k=dice.randint(1, 3)))
    return Shape(data[:at][-1000:], dice.choice((own, data[at:end])) or b" ", data[end:][:1000])
