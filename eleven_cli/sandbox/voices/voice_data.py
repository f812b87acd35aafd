"""The voices of the sandbox; names and ids are made up, and never change."""

from __future__ import annotations

from typing import Any

from .voice import Timbre, Voice

CLONE_UNIX = 1_780_000_000
LIBRARY_UNIX = 1_770_000_000

_WARM = Timbre("benjamin", pitch=92, pitch_range=55, tract=1.18)
_CRISP = Timbre("klatt6", pitch=82, pitch_range=45, tract=1.15, words_per_minute=155)
_LIGHT = Timbre("edward2", pitch=88, pitch_range=65, tract=1.2, words_per_minute=172)
_BRIGHT = Timbre("benjamin", pitch=97, pitch_range=60, tract=1.22, words_per_minute=170)
_GENTLE = Timbre("klatt6", pitch=88, pitch_range=60, tract=1.17, words_per_minute=158)
_CLEAR = Timbre("adam", pitch=95, pitch_range=50, tract=1.16)
_POLISHED = Timbre("david", pitch=99, pitch_range=45, tract=1.25, words_per_minute=158)
_DEEP = Timbre("mike2", pitch=45, pitch_range=45, volume=62, tract=0.96, words_per_minute=155)
_OLD = Timbre("david", pitch=60, pitch_range=60, words_per_minute=148)
_LIVELY = Timbre("edward2", pitch=66, pitch_range=65, tract=1.06, words_per_minute=175)
_CALM = Timbre("adam", pitch=42, pitch_range=40)
_CONFIDENT = Timbre("mike2", pitch=62, volume=62)
_RELAXED = Timbre("adam", pitch=62, pitch_range=55, tract=1.03)
_PLAIN = Timbre("klatt6", pitch=60, tract=1.05)

LABELS = ("language", "accent", "gender", "age", "use_case", "descriptive")


def _voice(voice_id: str, name: str, language: str, locale: str, *more: Any, **others: Any) -> Voice:
    """Makes a voice of its id, name, language, locale, accent, gender, age, use case, manner, description, timbre."""
    *labels, description, timbre = more
    return Voice(
        voice_id, name, locale, dict(zip(LABELS, (language, *labels), strict=True)), description, timbre, **others
    )


_ALL = (
    _voice(
        "q30UQ9qvtBNcrAki3LpZ",
        "Harper",
        *("en", "en-us", "american", "female", "young", "conversational", "friendly"),
        "An easy-going voice for everyday sentences.",
        _WARM,
    ),
    _voice(
        "CaK1KilJWJy9D6GjB7nZ",
        "Calvin",
        *("en", "en-us", "american", "male", "middle_aged", "narrative_story", "deep"),
        "A low voice that takes its time over a story.",
        _DEEP,
    ),
    _voice(
        "Zu2OgLbAGJO1Dg8HS7wl",
        "Imogen",
        *("en", "en-gb-x-rp", "british", "female", "middle_aged", "informative_educational", "crisp"),
        "Explains things clearly and precisely.",
        _CRISP,
    ),
    _voice(
        "NWjVqAa1qnz8hND6eE6C",
        "Desmond",
        *("en", "en-gb-x-rp", "british", "male", "old", "narrative_story", "wise"),
        "An elderly gentleman by the fire.",
        _OLD,
    ),
    _voice(
        "AEW6NXG3Zmswb66xjSKy",
        "Fergus",
        *("en", "en-gb-scotland", "scottish", "male", "young", "characters_animation", "lively"),
        "Quick and cheerful, for games and cartoons.",
        _LIVELY,
    ),
    _voice(
        "vYzI0uRHkrSm170aiMWv",
        "Annika",
        *("de", "de", "standard", "female", "young", "conversational", "warm"),
        "Spricht freundlich und deutlich.",
        _LIGHT,
    ),
    _voice(
        "bDbe37XlbZiBnMWhsEsL",
        "Jonas",
        *("de", "de", "standard", "male", "middle_aged", "informative_educational", "calm"),
        "Ein ruhiger Sprecher für Sachtexte.",
        _CALM,
    ),
    _voice(
        "CTWycwnTdn5JauRfHT17",
        "Élodie",
        *("fr", "fr", "parisian", "female", "young", "social_media", "bright"),
        "Une voix claire pour des messages courts.",
        _BRIGHT,
    ),
    _voice(
        "HHbx3ogFAAldOrR1nOQ5",
        "Joaquín",
        *("es", "es", "peninsular", "male", "middle_aged", "advertisement", "confident"),
        "Una voz segura para anuncios.",
        _CONFIDENT,
    ),
    _voice(
        "qs5qViH7gPVzlXj5EgFg",
        "Chiara",
        *("it", "it", "standard", "female", "middle_aged", "narrative_story", "gentle"),
        "Una voce dolce per raccontare.",
        _GENTLE,
    ),
    _voice(
        "EVhNCA2PLPhmCrwVsZUy",
        "Tiago",
        *("pt", "pt-br", "brazilian", "male", "young", "conversational", "relaxed"),
        "Uma voz descontraída para conversar.",
        _RELAXED,
    ),
    _voice(
        "s5ZuhgVtyVCzg1k5AaZE",
        "Ananya",
        *("hi", "hi", "standard", "female", "young", "informative_educational", "clear"),
        "Reads Hindi news and lessons.",
        _CLEAR,
    ),
    _voice(
        "Sr4oaKhUIhRNQ6XTqcTl",
        "Robin (my clone)",
        *("en", "en-us", "american", "neutral", "middle_aged", "conversational", "plain"),
        "Your own voice, if you were a speech synthesiser.",
        _PLAIN,
        category="cloned",
        created_at_unix=CLONE_UNIX,
    ),
    _voice(
        "DUeo0A5IHQxXMAwuJ8ZS",
        "Vivienne",
        *("en", "en-us", "american", "female", "middle_aged", "advertisement", "polished"),
        "Added from the library; not for free plans.",
        _POLISHED,
        category="professional",
        created_at_unix=LIBRARY_UNIX,
    ),
)
VOICES = {voice.voice_id: voice for voice in _ALL}


def find_by_name(name: str) -> Voice | None:
    """Gives the voice of that name or id, if there is one."""
    fits = (one for one in VOICES.values() if name == one.voice_id or name.casefold() == one.name.casefold())
    return next(fits, None)
