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
_FEMALE = """
9BWtsMINqrJLrRacOk9x Aria, EXAVITQu4vr4xnSDxMaL Sarah, FGY2WhTYpPnrIDTdsKH5 Laura, Xb7hH8MSUJpSbSDYk0k2 Alice,
XrExE9yKIg1WjnnlVkGX Matilda, cgSgspJ2msm6clMCkdW9 Jessica, hpp4J3VqNfWAUOO0d1Us Bella, pFZP5JQG7iQjIQuC4Bku Lily,
21m00Tcm4TlvDq8ikWAM Rachel, AZnzlk1XvdvUeBnXmlld Domi, LcfcDJNUP1GQjkzn1xUU Emily, MF3mGyEYCl7XYWbV9V6O Elli,
ThT5KcBeYPX3keUQqHPh Dorothy, XB0fDUnXU5powFXDhCwa Charlotte, jBpfuIE2acCO8z3wKNLl Gigi, jsCqWAovK2LkecY7zXl4 Freya,
oWAxZDx7w5VEj9dCyTzz Grace, pMsXgVXv3BLzUgSXRplE Serena, piTKgcLEGmPE4e6mEKli Nicole, z9fAnlkpzviPz146aGWa Glinda,
zrHiDhphv9ZnVXBqCLjz Mimi"""
_MALE = """
CwhRBWXzGAHq8TQ4Fs17 Roger, IKne3meq5aSn9XLyUdCD Charlie, JBFqnCBsd6RMkjVDRZzb George, N2lVS1w4EtoT3dr4eOWO Callum,
SOYHLrjzK2X1ezoPC6cr Harry, TX3LPaxmHKxFdv7VOQHJ Liam, bIHbv24MWmeRgasZH58o Will, cjVigY5qzO86Huf0OWal Eric,
iP95p4xoKVk53GoZ742B Chris, nPczCjzI2devNBz1zQrb Brian, onwK4e9ZLuTAKqWW03F9 Daniel, pNInz6obpgDQGcFmaJgB Adam,
pqHfZKP75CvOlQylNhV4 Bill, 29vD33N1CtxCmqQRPOHJ Drew, 2EiwWnXFnvU5JabPnv8n Clyde, 5Q0t7uMcjvnagumLfvZi Paul,
CYw3kZ02Hs0563khs1Fj Dave, D38z5RcWu1voky8WS1ja Fin, ErXwobaYiN019PkySvjV Antoni, GBv7mTt0atIp3Br8iCZE Thomas,
ODq5zmih8GrVes37Dizd Patrick, TxGEqnHWrfWFTfGW9XjX Josh, VR6AewLTigWG4xSOukaG Arnold, ZQe5CZNOzWyzPSCn5a3c James,
Zlb1dXrM653N07WRdFW3 Joseph, bVMeCyTHy58xNoL34h3p Jeremy, flq6f7yk4E4fJM5XTYuZ Michael, g5CIjZEefAph4nQFvHAz Ethan,
wViXBPUzp2ZZixB1xQuM Ryan, yoZ06aMxZJJ28mfd3POQ Sam, zcAOhNBS3c14rBihAFp1 Giovanni"""


def _default_voices(rows: str, gender: str) -> dict[str, tuple[str, str]]:
    return {voice_id: (name, gender) for voice_id, name in map(str.split, rows.split(","))}


# Those that the service gives every account, or once gave: programs choose them by name, too.
DEFAULT_VOICES = _default_voices(_FEMALE, "female") | _default_voices(_MALE, "male")


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

    def default_voices(self) -> list[Voice]:
        """Gives those for the service's default voices."""
        return [] if self._ids.strict else [self._named.get(one) or _stand_in(one) for one in DEFAULT_VOICES]


def _stand_in(voice_id: str) -> Voice:
    """Makes the voice of an id: like one of the English premade ones, with a pitch and a throat of its own."""
    name, gender = DEFAULT_VOICES.get(voice_id, (f"Voice {voice_id}", None))
    models = [voice for voice in VOICES.values() if voice.category == "premade" and voice.language == "en"]
    models = [voice for voice in models if gender in (None, voice.labels["gender"])]
    digest = hashlib.sha256(voice_id.encode()).digest()
    model = models[digest[0] % len(models)]
    timbre = model.timbre
    pitch = min(max(timbre.pitch + digest[1] % PITCH_STEPS - PITCH_STEPS // 2, 0), 99)
    tract = round(timbre.tract + 0.01 * (digest[2] % TRACT_STEPS - TRACT_STEPS // 2), 2)
    return replace(
        model,
        voice_id=voice_id,
        name=name,
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
