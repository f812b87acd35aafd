"""Maps the times of the spoken form back to the written text, which subtitles show. Pure."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from eleven_cli.text.spoken.form import Said
from eleven_cli.text.subtitles import TimedText

_PROBE = 8  # characters that are looked for where the service timed others than were sent
_FAR = 500  # characters of a gap in its times


def restored(timings: Iterable[TimedText], said: Said) -> Iterator[TimedText]:
    """The times of the characters that were written: those of a replaced word share the time of what was said."""
    waiting: list[TimedText] = []
    places = deque(said.replaced)
    for timed, at in _places(timings, said.text):
        if places and waiting and (at is None or at < places[0].end):
            waiting.append(timed)
            continue
        if waiting:
            yield from _spread(places.popleft().written, waiting)
            waiting = []
        while places and at is not None and places[0].end <= at:
            places.popleft()  # nothing of it was timed
        if places and at is not None and places[0].start <= at:
            waiting.append(timed)
        else:
            yield timed
    if waiting:
        yield from _spread(places.popleft().written, waiting)


def _places(timings: Iterable[TimedText], text: str) -> Iterator[tuple[TimedText, int | None]]:
    """Each timed character with its place in the text; None for one that is not there. Blanks do not matter."""
    source, ahead, at = _characters(timings), deque[TimedText](), 0
    while timed := ahead.popleft() if ahead else next(source, None):
        if timed.character.isspace():
            is_there = at < len(text) and text[at].isspace()
            yield timed, at if is_there else None
            at += is_there
            continue
        while at < len(text) and text[at].isspace():
            at += 1
        if text[at : at + 1] != timed.character:
            while len(ahead) < _PROBE and (following := next(source, None)):
                ahead.append(following)
            probe = "".join([timed.character, *(each.character for each in ahead)])
            found = text.find(probe, at, at + _FAR)
            if found < 0:
                yield timed, None
                continue
            at = found
        yield timed, at
        at += 1


def _characters(timings: Iterable[TimedText]) -> Iterator[TimedText]:
    for timed in timings:
        yield from (timed._replace(character=character) for character in timed.character)


def _spread(written: str, timings: Sequence[TimedText]) -> Iterator[TimedText]:
    """The characters of a word over the time of what was said instead."""
    heard = [timed for timed in timings if not timed.character.isspace()] or timings
    start_s, end_s = heard[0].start_s, heard[-1].end_s
    step_s = (end_s - start_s) / len(written)
    for number, character in enumerate(written):
        yield TimedText(character, start_s + number * step_s, start_s + (number + 1) * step_s)
