"""The items of every account's history, in memory: the latest ones, up to a number and a size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

from ..http.problems import Problem
from ..sound.formats import FORMATS, Format
from ..state.entropy import now
from ..state.store import Journal, NoJournal, Record
from ..voices.voice import Voice
from ..voices.voice_store import voice_of

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
    at: float = field(default_factory=now)

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

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or NoJournal()
        self._items = {item_id: _item(about, audio) for item_id, about, audio in self._journal.entries()}
        self._bytes = sum(len(item.audio) for item in self._items.values())
        self._lock = Lock()  # audio is made in worker threads

    def add(self, item: HistoryItem) -> None:
        """Adds an item; the oldest ones make room for it."""
        with self._lock:
            self._items[item.item_id] = item
            self._bytes += len(item.audio)
            self._journal.put(item.item_id, _record(item), item.audio)
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
        self._journal.delete(item_id)


def _record(item: HistoryItem) -> Record:
    asked = {**vars(item.asked), "voice": asdict(item.asked.voice), "format": item.asked.format.name}
    asked["dialogue"] = [[asdict(voice), text] for voice, text in item.asked.dialogue]
    return {**{name: value for name, value in vars(item).items() if name != "audio"}, "asked": asked}


def _item(record: Record, audio: bytes) -> HistoryItem:
    asked = {**record["asked"], "voice": _voice(record["asked"]["voice"])}
    asked["format"] = FORMATS[asked["format"]]
    asked["dialogue"] = tuple((_voice(voice), text) for voice, text in asked["dialogue"])
    return HistoryItem(**{**record, "asked": Asked(**asked), "audio": audio})


def _voice(record: Record) -> Voice:
    """Raises ValueError for the voice of another version."""
    voice = voice_of(record)
    if voice is None:
        raise ValueError("a voice of another version")
    return voice
