"""The words of a transcript as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from ..hearing.transcription import Word

LOGPROB, GUESSED = -0.05, -1.5
ROLES = ("agent", "customer")
FILLERS = {"ah", "eh", "er", "erm", "hm", "hmm", "mm", "uh", "uhm", "um", "äh", "ähm", "euh"}
NOT_IN_WORDS = ".,;:!?…-–—\"'"
WordEntry = dict[str, Any]


def join_words(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def without_fillers(words: Sequence[Word]) -> list[Word]:
    """Leaves out sounds of hesitation; what then comes first in its place begins with a capital, too."""
    kept: list[Word] = []
    capital = False
    for word in words:
        if word.text.strip(NOT_IN_WORDS).lower() in FILLERS:
            capital = capital or word.text[:1].isupper()
            continue
        kept.append(word._replace(text=word.text[:1].upper() + word.text[1:]) if capital else word)
        capital = False
    return kept


def word_entries(words: Sequence[Word], *, characters: bool = True) -> list[WordEntry]:
    """Gives the words and the spaces between them, whose joined texts are the transcript; unknown fields are null."""
    found = [_entry(word.text, "word", word, characters) for word in words[:1]]
    for before, word in pairwise(words):
        gap = Word(" ", before.end_s, max(word.start_s, before.end_s), word.voice)
        found += [_entry(" ", "spacing", gap, characters), _entry(word.text, "word", word, characters)]
    return found


def speaker_names(words: Sequence[Word], most: int | None) -> dict[str, str]:
    """Names each voice in the order in which they speak; beyond `most` they share the last name."""
    voices = list(dict.fromkeys(word.voice for word in words))
    last = (most or len(voices)) - 1
    return {voice: f"speaker_{min(index, last)}" for index, voice in enumerate(voices)}


def label_speakers(found: list[WordEntry], words: Sequence[Word], names: dict[str, str], *, roles: bool) -> None:
    """Adds the speaker to each entry; the space before a word belongs to its speaker."""
    for index, entry in enumerate(found):
        name = names[words[(index + 1) // 2].voice]
        entry["speaker_id"] = ROLES[int(name[-1]) % 2] if roles else name


def clear_times(found: list[WordEntry]) -> None:
    for entry in found:
        entry["start"] = entry["end"] = None


def _entry(text: str, kind: str, word: Word, characters: bool) -> WordEntry:
    start, end = round(word.start_s, 3), round(word.end_s, 3)
    return {
        "text": text,
        "start": start,
        "end": end,
        "type": kind,
        "logprob": LOGPROB if word.known else GUESSED,
        "speaker_id": None,
        "characters": list(spread_characters(text, start, end)) if characters else None,
        "channel_index": None,
    }


def spread_characters(text: str, start_s: float, end_s: float) -> Iterator[WordEntry]:
    """Divides the time of a text evenly among its characters."""
    step = (end_s - start_s) / max(len(text), 1)
    for index, character in enumerate(text):
        start, end = start_s + index * step, start_s + (index + 1) * step
        yield {"text": character, "start": round(start, 3), "end": round(end, 3)}
