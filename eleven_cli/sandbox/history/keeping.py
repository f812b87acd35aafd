"""Keeps in the history what a generation has made."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

from ..accounts.account import Account, Generation
from ..sound.codecs import complete_file
from ..voices.voice import Voice
from .store import Asked

MAX_ITEM_BYTES = 8_000_000
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


class SessionKeeper:
    """Keeps what a session of a socket speaks as one item of the history, as several where it goes on and on."""

    def __init__(self, account: Account, asked: Asked, *, logged: bool = True, lines: bool = False) -> None:
        self._account, self._asked, self._logged, self._has_lines = account, asked, logged, lines
        self._clear()

    def spoken(self, voice: Voice, text: str, credits: int) -> None:
        """Adds a text that is going to be heard, and what it costs."""
        if sum(map(len, self._audio)) > MAX_ITEM_BYTES:
            self.keep()
        self._lines.append((voice, text))
        self._credits += credits

    def heard(self, audio: bytes) -> None:
        self._audio.append(audio)
        if not self._logged:
            self._clear()

    def keep(self) -> None:
        """Adds the item, unless nothing was spoken."""
        if self._logged and self._lines:
            text, lines = "".join(text for _, text in self._lines), tuple(self._lines)
            asked = replace(self._asked, text=text, dialogue=lines if self._has_lines else ())
            self._account.remember(asked, complete_file(asked.format, b"".join(self._audio)), self._credits)
        self._clear()

    def _clear(self) -> None:
        self._lines: list[tuple[Voice, str]] = []
        self._audio: list[bytes] = []
        self._credits = 0
