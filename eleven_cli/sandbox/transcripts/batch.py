"""Transcribing a file: its words, channel by channel, and the answer they make."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from ..accounts.account import new_id
from ..hearing.memory import MEMORY
from ..hearing.segmenter import Stretches
from ..hearing.transcription import Word, words
from ..sound.acoustics import RATE
from ..sound.media import Media
from .exports import exported
from .languages import long_code, spoken_by
from .request import Wish
from .words import Entry, entries, speakers, text_of, with_speakers, without_times

SURE, UNSURE = 0.98, 0.5
Listened = list[list[Word]]


def listen(media: Media, channels: int) -> Iterator[Listened | None]:
    """None again and again while there is more to hear, at last the words of each channel."""
    ears = [Stretches(RATE) for _ in range(channels)]
    heard: Listened = [[] for _ in ears]
    for piece in media.pcm(RATE, channels):
        samples = array("h", piece)
        for index, ear in enumerate(ears):
            for stretch in ear.feed(samples[index::channels].tobytes()):
                heard[index] += words(stretch, MEMORY.all())
        yield None
    for index, ear in enumerate(ears):
        for stretch in (*ear.feed(bytes(RATE // 5)), *ear.rest()):
            heard[index] += words(stretch, MEMORY.all())
    yield heard


def transcript(wish: Wish, heard: Listened, duration_s: float) -> dict[str, Any]:
    """The answer."""
    about = {"transcription_id": new_id(), "audio_duration_secs": round(duration_s, 3)}
    if len(heard) == 1 and not wish.channels:
        return {**_chunk(wish, heard[0]), **about}
    if wish.combined:
        return {**_combined(wish, heard), **about}
    if len(heard) == 1:
        return {**_chunk(wish, heard[0]), **about}
    return {"transcripts": [_chunk(wish, one, index) for index, one in enumerate(heard)], **about}


def _chunk(wish: Wish, said: list[Word], channel: int | None = None) -> dict[str, Any]:
    found = _entries(wish, said)
    if channel is not None:
        for entry in found:
            entry["channel_index"], entry["speaker_id"] = channel, f"speaker_{channel}"
    return _body(wish, said, found, channel)


def _combined(wish: Wish, heard: Listened) -> dict[str, Any]:
    """All channels as one transcript in the order of time."""
    placed = sorted((word.start_s, channel, word) for channel, said in enumerate(heard) for word in said)
    said = [word for _, _, word in placed]
    found = _entries(wish, said)
    for index, entry in enumerate(found):
        channel = placed[(index + 1) // 2][1]
        entry["channel_index"], entry["speaker_id"] = channel, f"speaker_{channel}"
    return _body(wish, said, found, None)


def _entries(wish: Wish, said: list[Word]) -> list[Entry]:
    found = entries(said, characters=wish.granularity == "character")
    if wish.diarize:
        with_speakers(found, said, speakers(said, wish.speakers), roles=wish.roles)
    return found


def _body(wish: Wish, said: list[Word], found: list[Entry], channel: int | None) -> dict[str, Any]:
    known = [word.voice for word in said if word.known]
    exports = [exported(export, found) for export in wish.exports]
    if wish.granularity == "none":
        without_times(found)
    return {
        "language_code": long_code(wish.language or spoken_by(known)),
        "language_probability": 1.0 if wish.language else SURE if known else UNSURE,
        "text": text_of(said),
        "words": found,
        "channel_index": channel,
        "additional_formats": exports or None,
        "entities": [] if wish.entities else None,
    }
