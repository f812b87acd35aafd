"""Imagines a voice from a description: which timbre its words ask for, and variants of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random

from ..voices.models import LANGUAGES
from ..voices.voice import Timbre, Voice

VARIANTS = ("adam", "klatt6", "edward2", "benjamin")
COUNT = 3
FEMALE, MALE = Timbre("klatt6", pitch=88, tract=1.17), Timbre("adam", pitch=58, tract=1.02)
NEUTRAL = Timbre("klatt6", pitch=70, tract=1.09)
_GENDERS = {
    "female": ("female", "woman", "girl", "lady", "she", "her", "grandmother", "witch", "queen", "mother", "feminine"),
    "male": ("male", "man", "boy", "sailor", "he", "his", "grandfather", "wizard", "king", "father", "masculine"),
}
_AGES = {
    "old": ("old", "older", "elderly", "aged", "ancient", "grandfather", "grandmother"),
    "young": ("young", "younger", "child", "boy", "girl", "teenage", "youthful"),
}
_ACCENTS = {"british": "en-gb-x-rp", "scottish": "en-gb-scotland", "american": "en-us"}
_SHIFTS: dict[str, tuple[int, float, float, int]] = {  # of pitch, tract, and rate as factors; of the pitch range
    "old": (-8, 0.97, 0.88, 10),
    "young": (12, 1.06, 1.06, 5),
    "deep": (-16, 0.93, 0.95, 0),
    "high": (20, 1.1, 1.0, 0),
    "slow": (0, 1.0, 0.82, 0),
    "fast": (0, 1.0, 1.22, 0),
    "calm": (-3, 1.0, 0.93, -20),
    "lively": (4, 1.0, 1.08, 25),
}
_WORDS = {
    **_AGES,
    "deep": ("deep", "deeper", "low", "lower", "gravelly", "husky", "bass", "rough"),
    "high": ("high", "higher", "squeaky", "bright", "shrill", "light"),
    "slow": ("slow", "slower", "slowly", "unhurried"),
    "fast": ("fast", "faster", "quick", "quickly", "hurried"),
    "calm": ("calm", "calmer", "soft", "gentle", "kind", "soothing", "monotone", "flat", "steady"),
    "lively": ("lively", "excited", "cheerful", "expressive", "energetic", "dramatic", "animated"),
}


def imagine(description: str, seed: int) -> list[Voice]:
    """Gives three voices without name and id; the same description and seed give the same ones."""
    words = frozenset(re.findall(r"[a-z]+", description.lower()))
    gender, age = _named(words, _GENDERS, "neutral"), _named(words, _AGES, "middle_aged")
    language = next((code for code, (name, _) in LANGUAGES.items() if name.lower() in words), "en")
    accent = _named(words, {name: (name,) for name in _ACCENTS}, "standard") if language == "en" else "standard"
    locale = _ACCENTS.get(accent, LANGUAGES[language][1])
    labels = {"language": language, "accent": accent, "gender": gender, "age": age}
    first = shifted(_timbre(gender), words)
    return [Voice("", "", locale, labels, description, one, "generated") for one in _variants(first, seed)]


def vary(voice: Voice, change: str, seed: int) -> list[Voice]:
    """Gives three variants of a voice, changed by what the words say."""
    words = frozenset(re.findall(r"[a-z]+", change.lower()))
    before = voice.labels.get("gender", "neutral")  # a clone without labels tells none
    gender = _named(words, _GENDERS, before)
    labels = {**voice.labels, "gender": gender, "age": _named(words, _AGES, voice.labels.get("age", "middle_aged"))}
    first = shifted(voice.timbre if gender == before else _timbre(gender), words)
    variants = _variants(first, seed)
    return [replace(voice, labels=labels, description=change, timbre=one, category="generated") for one in variants]


def shifted(timbre: Timbre, words: Iterable[str]) -> Timbre:
    """Gives the timbre that these words ask for."""
    asked = frozenset(words)
    for name, (pitch, tract, rate, spread) in _SHIFTS.items():
        if asked & frozenset(_WORDS[name]):
            timbre = replace(
                timbre,
                pitch=_within(timbre.pitch + pitch, 38, 84),
                pitch_range=_within(timbre.pitch_range + spread, 10, 99),
                tract=min(max(timbre.tract * tract, 0.85), 1.3),
                words_per_minute=_within(timbre.words_per_minute * rate, 110, 230),
            )
    return timbre


def _variants(timbre: Timbre, seed: int) -> list[Timbre]:
    """Gives a timbre as it is wanted, one that is lower, and one that is higher, by three of espeak's voices."""
    random = Random(f"{seed} {timbre}")
    steps = [(0, 1.0), (-random.randint(14, 18), 0.95), (random.randint(14, 18), 1.06)]
    return [
        replace(timbre, variant=variant, pitch=_within(timbre.pitch + by, 20, 99), tract=timbre.tract * stretch)
        for variant, (by, stretch) in zip(random.sample(VARIANTS, COUNT), steps, strict=True)
    ]


def _timbre(gender: str) -> Timbre:
    return {"female": FEMALE, "male": MALE}.get(gender, NEUTRAL)


def _named(words: frozenset[str], names: Mapping[str, Iterable[str]], otherwise: str) -> str:
    return next((name for name, signs in names.items() if words & frozenset(signs)), otherwise)


def _within(value: float, low: int, high: int) -> int:
    return round(min(max(value, low), high))
