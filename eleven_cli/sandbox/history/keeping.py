"""Keeps in the history what a generation has made."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from ..accounts.account import Generation
from ..sound.codecs import complete_file

T = TypeVar("T")


def keeping(
    parts: Generator[T, None, None], generation: Generation, audio_of: Callable[[T], bytes]
) -> Generator[T, None, None]:
    """Gives the parts; when all of them were taken, their audio is an item of the history."""
    asked = generation.asked
    audio: list[bytes] = []
    with closing(parts):
        for part in parts:
            if asked is not None:
                audio.append(audio_of(part))
            yield part
    if asked is not None:
        generation.keep(complete_file(asked.format, b"".join(audio)))
