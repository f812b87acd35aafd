"""The voices of one account: those that every account begins with, and those that it made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ..http.foreign_ids import ForeignIds
from ..http.problems import voice_not_found
from ..state.store import Records
from .foreign import ForeignVoices
from .voice import Timbre, Voice
from .voice_data import VOICES

DELETED: dict[str, Any] = {"deleted": True}


class VoiceStore:
    """Finds, adds, replaces and deletes voices; changes are kept in `records`.

    Ids that neither it nor the sandbox knows are looked up among the `foreign` voices, which are not listed.
    """

    def __init__(
        self,
        records: Records,
        first: Iterable[Voice] = tuple(VOICES.values()),
        foreign: ForeignVoices | None = None,
    ) -> None:
        self._records, self._first = records, {voice.voice_id: voice for voice in first}
        self._foreign = foreign or ForeignVoices(ForeignIds(strict=True))

    def all(self) -> list[Voice]:
        """Gives the voices: the first ones in their order, then the others by their age."""
        changed = {voice_id: voice_of(record) for voice_id, record in self._records.all().items()}
        first = [changed.pop(voice_id, voice) for voice_id, voice in self._first.items()]
        others = sorted(filter(None, changed.values()), key=lambda voice: voice.created_at_unix or 0)
        return [*filter(None, first), *others]

    def get(self, voice_id: str) -> Voice | None:
        """Gives the account's voice with the id, if there is one."""
        return next((voice for voice in self.all() if voice.voice_id == voice_id), None)

    def find(self, voice_id: str) -> Voice:
        """Gives the voice with the id. Raises Problem (404 `voice_not_found`) without one."""
        voice = self.get(voice_id) or self._stand_in(voice_id)
        if voice is None:
            raise voice_not_found(voice_id)
        return voice

    def named_by(self, voice_ids: Iterable[str]) -> list[Voice]:
        """Gives the foreign voices among these ids, which a listing has only when it is asked for them."""
        own = {voice.voice_id for voice in self.all()}
        return list(filter(None, (self._stand_in(voice_id) for voice_id in voice_ids if voice_id not in own)))

    def default_voices(self) -> list[Voice]:
        """Gives the stand-ins of the service's default voices that the account has neither changed nor deleted."""
        return [voice for voice in self._foreign.default_voices() if voice.voice_id not in self._records.all()]

    def called(self, name: str) -> list[Voice]:
        """Gives those of the default voices that have the name, which a listing has only when it is searched for."""
        return [voice for voice in self.default_voices() if voice.name.casefold() == name.strip().casefold()]

    def put(self, voice: Voice) -> None:
        """Adds a voice, or replaces the one with its id."""
        self._records.put(voice.voice_id, asdict(voice))

    def delete(self, voice_id: str) -> None:
        """Deletes a voice. Raises Problem (404 `voice_not_found`) without one."""
        self.find(voice_id)
        self._records.put(voice_id, DELETED)  # kept: without it a foreign voice would answer to the id

    def _stand_in(self, voice_id: str) -> Voice | None:
        return None if voice_id in self._records.all() else self._foreign.get(voice_id)


def voice_of(record: dict[str, Any]) -> Voice | None:
    """Gives the voice of a record; None for a deleted one, and one of another version."""
    try:
        return Voice(**{**record, "timbre": Timbre(**record["timbre"])})
    except (TypeError, KeyError):
        return None
