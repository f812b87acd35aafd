"""Text to speech: requests, timestamps, and the WebSocket that speaks text as it is written; all give AudioChunks."""

from typing import NamedTuple


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
