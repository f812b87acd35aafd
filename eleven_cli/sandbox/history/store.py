"""The items of every account's history, in memory: the latest ones, up to a number and a size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import time
from typing import Any

from ..http.problems import Problem
from ..sound.formats import Format
from ..voices.voice import Voice

MAX_ITEMS = 1_000
MAX_BYTES = 64_000_000
SPEECH, CHANGED = "TTS", "STS"


@dataclass(frozen=True)
class Asked:
    """What a generation was asked for.

    dialogue  voice and text of each line; empty for a single voice
    """

    source: str
    text: str | None
    model_id: str
    voice: Voice
    format: Format
    settings: dict[str, Any] = field(default_factory=dict)
    dialogue: tuple[tuple[Voice, str], ...] = ()


@dataclass(frozen=True)
class HistoryItem:
    """A generation that has finished; `used_before` and `used_after` count the account's credits."""

    item_id: str
    request_id: str
    user_id: str
    asked: Asked
    used_before: int
    used_after: int
    audio: bytes
    at: float = field(default_factory=time)

    def body(self) -> dict[str, Any]:
        asked = self.asked
        lines = [{"text": text, "voice_id": voice.voice_id, "voice_name": voice.name} for voice, text in asked.dialogue]
        return {
            "history_item_id": self.item_id,
            "request_id": self.request_id,
            "voice_id": asked.voice.voice_id,
            "voice_name": asked.voice.name,
            "voice_category": asked.voice.category,
            "model_id": asked.model_id,
            "text": asked.text,
            "date_unix": int(self.at),
            "character_count_change_from": self.used_before,
            "character_count_change_to": self.used_after,
            "content_type": asked.format.media_type,
            "output_format": asked.format.name,
            "state": "created",
            "settings": asked.settings,
            "source": asked.source,
            "dialogue": lines or None,
            "share_link_id": None,
            "alignments": None,
        }


class History:
    """The items of one server, the oldest first."""

    def __init__(self) -> None:
        self._items: dict[str, HistoryItem] = {}
        self._bytes = 0
        self._lock = Lock()  # audio is made in worker threads

    def add(self, item: HistoryItem) -> None:
        """Adds an item; the oldest ones make room for it."""
        with self._lock:
            self._items[item.item_id] = item
            self._bytes += len(item.audio)
            while len(self._items) > MAX_ITEMS or (self._bytes > MAX_BYTES and len(self._items) > 1):
                self._remove(next(iter(self._items)))

    def find(self, user_id: str, item_id: str) -> HistoryItem:
        """Gives an item of the account. Raises Problem (404) without one."""
        item = self._items.get(item_id)
        if item is None or item.user_id != user_id:
            message = f"There is no history item with the id '{item_id}'."
            raise Problem(404, "history_item_not_found", message, param="history_item_id")
        return item

    def delete(self, user_id: str, item_id: str) -> None:
        """Deletes an item of the account. Raises what `find` raises."""
        self.find(user_id, item_id)
        with self._lock:
            self._remove(item_id)

    def of(self, user_id: str, fits: Callable[[HistoryItem], bool]) -> list[HistoryItem]:
        """Gives the account's items that fit, the newest first."""
        with self._lock:
            items = list(self._items.values())
        return [item for item in reversed(items) if item.user_id == user_id and fits(item)]

    def _remove(self, item_id: str) -> None:
        item = self._items.pop(item_id, None)
        self._bytes -= len(item.audio) if item else 0
