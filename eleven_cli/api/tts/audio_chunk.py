"""AudioChunk: audio with the moments of its characters, as the service tells them in its two ways. Pure.

Source: with-timestamps answers (seconds, starts and ends) and the speech socket (milliseconds, starts and durations).
"""

from typing import Any, NamedTuple, TypeGuard

LATEST = 1e11  # three years in milliseconds: what is later is no time


class Alignment(NamedTuple):
    """Characters of the text that was sent, and when each sounds, in seconds; three tuples of one length."""

    characters: tuple[str, ...]
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]

    def moved(self, by_s: float) -> "Alignment":
        """The same, so much later."""
        starts, ends = (tuple(time + by_s for time in times) for times in (self.starts_s, self.ends_s))
        return Alignment(self.characters, starts, ends)


class AudioChunk(NamedTuple):
    """Some audio as it arrived, in the format that was asked for.

    alignment  of the text whose audio begins here or is in here; None where nothing is said of it
    piece      which answer or session it is a part of, from 0: each is a stream of its own
    """

    data: bytes
    alignment: Alignment | None = None
    piece: int = 0


def of_request(value: Any) -> Alignment | None:
    """From `alignment` of a with-timestamps answer; None for what is none."""
    if not isinstance(value, dict):
        return None
    starts, ends = value.get("character_start_times_seconds"), value.get("character_end_times_seconds")
    return _alignment(value.get("characters"), starts, ends)


def of_socket(value: Any) -> Alignment | None:
    """From `alignment` of the speech socket; None for what is none."""
    if not isinstance(value, dict):
        return None
    starts = value.get("charStartTimesMs", value.get("char_start_times_ms"))
    durations = value.get("charDurationsMs", value.get("charsDurationsMs", value.get("char_durations_ms")))
    if not (_are_numbers(starts) and _are_numbers(durations)):
        return None
    ends = [start + duration for start, duration in zip(starts, durations, strict=False)]
    return _alignment(value.get("chars"), [start / 1000 for start in starts], [end / 1000 for end in ends])


def _alignment(characters: Any, starts: Any, ends: Any) -> Alignment | None:
    if not (isinstance(characters, list) and _are_numbers(starts) and _are_numbers(ends)):
        return None
    if not len(characters) == len(starts) == len(ends):
        return None
    if not all(isinstance(character, str) for character in characters):
        return None
    return Alignment(tuple(characters), tuple(map(float, starts)), tuple(map(float, ends)))


def _are_numbers(values: Any) -> TypeGuard[list[float]]:
    return isinstance(values, list) and all(isinstance(each, int | float) and abs(each) <= LATEST for each in values)
