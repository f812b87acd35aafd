"""Encoded audio and when each of its characters is spoken."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..sound.codecs import complete_file
from ..sound.formats import Format


class TimedCharacter(NamedTuple):
    """A character and when it is spoken, in seconds from the start of the stream.

    is_spoken  false within a tag, which the normalized alignment leaves out
    line       the index of its text in a dialogue
    """

    character: str
    start_s: float
    end_s: float
    is_spoken: bool
    line: int = 0


class TimedAudio(NamedTuple):
    """A part of an encoded stream and the characters that belong to it.

    start_s  when the part begins to play, in seconds from the start of the stream
    """

    audio: bytes
    characters: list[TimedCharacter]
    start_s: float = 0.0

    def body(self) -> dict[str, Any]:
        """Gives the audio in Base64 with both alignments."""
        spoken = [character for character in self.characters if character.is_spoken]
        return {
            "audio_base64": base64.b64encode(self.audio).decode("ascii"),
            "alignment": _alignment(self.characters),
            "normalized_alignment": _alignment(spoken),
        }


def join_parts(parts: Sequence[TimedAudio], format: Format) -> TimedAudio:
    """Joins all parts of a stream to a file."""
    audio = complete_file(format, b"".join(part.audio for part in parts))
    return TimedAudio(audio, [character for part in parts for character in part.characters])


def _alignment(characters: Sequence[TimedCharacter]) -> dict[str, Any] | None:
    if not characters:
        return None
    return {
        "characters": [one.character for one in characters],
        "character_start_times_seconds": [round(one.start_s, 4) for one in characters],
        "character_end_times_seconds": [round(one.end_s, 4) for one in characters],
    }
