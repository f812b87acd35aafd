"""The words of a redacted transcript: the service redacts its text alone, and times what was said. Pure."""

from collections.abc import Iterator, Sequence

from eleven_cli.api.stt.events import RealtimeWord

MOST_COMPARED = 500  # words, in which the same ones are looked for: more than anybody says in a transcript
BLANK = RealtimeWord(" ", None, None, "spacing")
Times = tuple[float | None, float | None]


def redacted_words(said: Sequence[RealtimeWord], redacted: str) -> tuple[RealtimeWord, ...]:
    """The words of the redacted text: those that were kept with their times, the others with those of what they
    replace. Nothing of what was said is in them but what is in the redacted text."""
    words = [word for word in said if word.text.strip()]
    spaced = [part for word in _timed(words, redacted.split()) for part in (BLANK, word)]
    return tuple(spaced[1:])


def _timed(words: Sequence[RealtimeWord], texts: Sequence[str]) -> Iterator[RealtimeWord]:
    for first, end, start, stop in _pairs([word.text.strip() for word in words], texts):
        replaced = words[first:end]
        if [word.text.strip() for word in replaced] == list(texts[start:stop]):
            yield from (word._replace(text=text) for word, text in zip(replaced, texts[start:stop], strict=True))
            continue
        speakers = {word.speaker for word in replaced}
        speaker = speakers.pop() if len(speakers) == 1 else None
        for text, (start_s, end_s) in zip(texts[start:stop], _shares(replaced, stop - start), strict=True):
            yield RealtimeWord(text, start_s, end_s, "word", speaker)


def _pairs(said: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """What of the one became what of the other."""
    from difflib import SequenceMatcher

    if max(len(said), len(texts)) > MOST_COMPARED:
        yield 0, len(said), 0, len(texts)
        return
    for _, first, end, start, stop in SequenceMatcher(None, said, texts, autojunk=False).get_opcodes():
        yield first, end, start, stop


def _shares(replaced: Sequence[RealtimeWord], count: int) -> Iterator[Times]:
    """The time of what is replaced, in equal parts; None where it has none."""
    starts = [word.start_s for word in replaced if word.start_s is not None]
    ends = [word.end_s for word in replaced if word.end_s is not None]
    if not starts or not ends:
        yield from [(None, None)] * count
        return
    step_s = (ends[-1] - starts[0]) / max(count, 1)
    yield from ((starts[0] + at * step_s, starts[0] + (at + 1) * step_s) for at in range(count))
