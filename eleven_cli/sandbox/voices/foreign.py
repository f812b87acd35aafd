"""The voices that stand in for those of other accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from ..http.foreign_ids import ForeignIds, is_well_formed
from .library_data import LIBRARY
from .voice import Voice
from .voice_data import VOICES, find_by_name

PITCH_STEPS, TRACT_STEPS = 9, 5


class ForeignVoices:
    """Gives an unknown id a voice: the one that it was `named` to have, else one that the id alone decides."""

    def __init__(self, ids: ForeignIds, named: Mapping[str, str] | None = None) -> None:
        self._ids = ids
        self._named = {voice_id: _named_voice(voice_id, name) for voice_id, name in (named or {}).items()}

    def get(self, voice_id: str) -> Voice | None:
        """Gives the voice; None for an id that is known or not admitted."""
        if voice_id in self._named:
            return self._named[voice_id]
        known = voice_id in VOICES or voice_id in LIBRARY
        return None if known or not self._ids.admits("voice", voice_id) else _stand_in(voice_id)


def _stand_in(voice_id: str) -> Voice:
    """Makes the voice of an id: like one of the English premade ones, with a pitch and a throat of its own."""
    models = [voice for voice in VOICES.values() if voice.category == "premade" and voice.language == "en"]
    digest = hashlib.sha256(voice_id.encode()).digest()
    model = models[digest[0] % len(models)]
    timbre = model.timbre
    pitch = min(max(timbre.pitch + digest[1] % PITCH_STEPS - PITCH_STEPS // 2, 0), 99)
    tract = round(timbre.tract + 0.01 * (digest[2] % TRACT_STEPS - TRACT_STEPS // 2), 2)
    return replace(
        model,
        voice_id=voice_id,
        name=f"Voice {voice_id}",
        description="Stands in for a voice of another account.",
        timbre=replace(timbre, pitch=pitch, tract=tract),
    )


def _named_voice(voice_id: str, name: str) -> Voice:
    if not is_well_formed("voice", voice_id):
        raise ValueError(f"a voice's id has 20 letters and digits, which {voice_id!r} has not")
    if voice_id in VOICES or voice_id in LIBRARY:
        raise ValueError(f"{voice_id} is one of the sandbox's own voices")
    voice = find_by_name(name)
    if voice is None:
        raise ValueError(f"the sandbox has no voice {name!r}, but {', '.join(one.name for one in VOICES.values())}")
    return replace(voice, voice_id=voice_id)
