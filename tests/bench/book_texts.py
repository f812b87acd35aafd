"""Texts of any length: a book, and what is hard to split."""

import random
from collections.abc import Callable

VOCABULARY = """
the a one old young quiet river house morning lamp keeper bread window letter stranger winter road harbour child
summer garden bell tower ship rain walked opened carried remembered watched answered slowly again never always
and but because while before under over across without
"""


def prose(characters: int) -> str:
    """So many characters of sentences and paragraphs, the same each time."""
    chance, paragraphs, length = random.Random(4), [], 0
    while length < characters:
        paragraphs.append(" ".join(_sentence(chance) for _ in range(chance.randint(2, 9))))
        length += len(paragraphs[-1]) + 2
    return "\n\n".join(paragraphs)[: characters - 1] + "."


def _sentence(chance: random.Random) -> str:
    words = chance.choices(VOCABULARY.split(), k=chance.randint(4, 22))
    comma = chance.randrange(len(words) - 1)
    words[comma] += ","
    return " ".join(words).capitalize() + chance.choice("...?!")


CLUSTERS = (
    "👩‍👩‍👧‍👦",
    "👍🏽",
    "🇩🇪",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "😀",
    "❤️‍🔥",
    "e\u0301\u0323",
)
KINDS: dict[str, Callable[[int], str]] = {
    "prose": prose,
    "one word": lambda count: "a" * count,
    "emoji": lambda count: "".join(CLUSTERS) * (count // len("".join(CLUSTERS).encode())),
    "marks on one letter": lambda count: "e" + "\u0301" * (count // 2),
    "tags": lambda count: '<break time="1.5s"/>' * (count // 20),
    "tags left open": lambda count: "<" * count,
}
