"""The sandbox's Voice Library: 40 voices; names, ids and owners are made up, and never change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters, digits

from .voice import Timbre, Voice
from .voice_data import VOICES

ALPHANUMERIC = ascii_letters + digits
DAY_S = 86_400
LATEST_UNIX = 1_790_000_000
_ADDED = "DUeo0A5IHQxXMAwuJ8ZS"  # every account has it from the beginning


@dataclass(frozen=True)
class LibraryVoice:
    """A voice of the library: the voice that an account gets, and what the listing says besides."""

    voice: Voice
    owner_id: str
    category: str
    rate: float
    notice_days: int | None
    free_users_allowed: bool
    featured: bool
    live_moderated: bool
    cloned_by: int
    characters_1y: int
    date_unix: int


_HIGH = Timbre("klatt6", pitch=92, pitch_range=55, tract=1.18)
_MELLOW = Timbre("adam", pitch=88, pitch_range=45, tract=1.15, words_per_minute=155)
_QUICK = Timbre("edward2", pitch=90, pitch_range=65, tract=1.2, words_per_minute=178)
_LOW = Timbre("mike2", pitch=42, pitch_range=45, volume=62, tract=0.96, words_per_minute=152)
_STEADY = Timbre("adam", pitch=50, pitch_range=40)
_BRISK = Timbre("edward2", pitch=64, pitch_range=62, tract=1.05, words_per_minute=176)
_AGED = Timbre("david", pitch=58, pitch_range=60, words_per_minute=146)
_OPEN = Timbre("benjamin", pitch=70, pitch_range=50, tract=1.1)

# name; language, locale, accent; gender, age; use case, descriptive; what it is like; timbre
_DESCRIBED: Sequence[tuple[str, str, str, str, Timbre]] = (
    ("Marlene Voss", "en en-us american", "female middle_aged", "narrative_story warm", _MELLOW),
    ("Otto Bergkamp", "en en-us american", "male old", "narrative_story gravelly", _AGED),
    ("Sol", "en en-us american", "neutral young", "conversational casual", _OPEN),
    ("Sol", "es es peninsular", "female young", "social_media bright", _QUICK),
    ("June Halloway", "en en-us american", "female young", "conversational friendly", _HIGH),
    ("Barnaby Crisp", "en en-gb-x-rp british", "male middle_aged", "informative_educational crisp", _STEADY),
    ("Lady Ashgrove", "en en-gb-x-rp british", "female old", "characters_animation posh", _MELLOW),
    ("Rory Mac", "en en-gb-scotland scottish", "male young", "entertainment_tv lively", _BRISK),
    ("Isla Dunmore", "en en-gb-scotland scottish", "female middle_aged", "narrative_story gentle", _HIGH),
    ("Captain Thorne", "en en-us american", "male middle_aged", "characters_animation deep", _LOW),
    ("Penny Quick", "en en-us american", "female young", "advertisement upbeat", _QUICK),
    ("Walter Dale", "en en-us american", "male old", "informative_educational calm", _AGED),
    ("Nora Lindqvist", "sv sv standard", "female middle_aged", "narrative_story soft", _MELLOW),
    ("Emil Sand", "sv sv standard", "male young", "conversational relaxed", _OPEN),
    ("Greta Falk", "de de standard", "female middle_aged", "informative_educational clear", _HIGH),
    ("Ruprecht", "de de standard", "male old", "narrative_story grumpy", _AGED),
    ("Lena Hofer", "de de standard", "female young", "social_media bright", _QUICK),
    ("Till Brandt", "de de standard", "male young", "advertisement confident", _BRISK),
    ("Giulia Serra", "it it standard", "female young", "conversational cheerful", _QUICK),
    ("Nonno Piero", "it it standard", "male old", "narrative_story kind", _AGED),
    ("Bianca Moretti", "it it standard", "female middle_aged", "informative_educational calm", _MELLOW),
    ("Dario Conti", "it it standard", "male middle_aged", "entertainment_tv deep", _LOW),
    ("Camille Roche", "fr fr parisian", "female young", "social_media bright", _QUICK),
    ("Bastien Leroy", "fr fr parisian", "male middle_aged", "narrative_story warm", _STEADY),
    ("Mamie Odette", "fr fr parisian", "female old", "characters_animation kind", _MELLOW),
    ("Pilar Montes", "es es peninsular", "female middle_aged", "advertisement confident", _HIGH),
    ("Esteban Ríos", "es es peninsular", "male old", "narrative_story deep", _LOW),
    ("Beatriz Lima", "pt pt-br brazilian", "female young", "conversational relaxed", _HIGH),
    ("Caio Duarte", "pt pt-br brazilian", "male middle_aged", "informative_educational clear", _STEADY),
    ("Zofia Wrona", "pl pl standard", "female middle_aged", "narrative_story soft", _MELLOW),
    ("Janek Lis", "pl pl standard", "male young", "entertainment_tv lively", _BRISK),
    ("Femke de Boer", "nl nl standard", "female young", "conversational friendly", _HIGH),
    ("Deniz Kaya", "tr tr standard", "male middle_aged", "informative_educational calm", _STEADY),
    ("Freja Holm", "da da standard", "female young", "social_media bright", _QUICK),
    ("Odd Hansen", "no nb standard", "male old", "narrative_story gravelly", _AGED),
    ("Aino Mäki", "fi fi standard", "female middle_aged", "narrative_story gentle", _MELLOW),
    ("Radka Nová", "cs cs standard", "female middle_aged", "advertisement crisp", _HIGH),
    ("Kavita Rao", "hi hi standard", "female middle_aged", "informative_educational warm", _MELLOW),
    ("Arjun Mehta", "hi hi standard", "male young", "entertainment_tv lively", _BRISK),
)


def _library() -> dict[str, LibraryVoice]:
    voices = [*(_voice(*described) for described in _DESCRIBED), VOICES[_ADDED]]
    listed = (_listed(number, voice) for number, voice in enumerate(voices))
    return {one.voice.voice_id: one for one in listed}


def _voice(name: str, speech: str, speaker: str, use: str, timbre: Timbre) -> Voice:
    language, locale, accent = speech.split()
    gender, age = speaker.split()
    use_case, descriptive = use.split()
    names = ("accent", "age", "gender", "use_case", "descriptive", "language")
    labels = dict(zip(names, (accent, age, gender, use_case, descriptive, language), strict=True))
    about = f"A {descriptive} {age.replace('_', '-')} voice for {use_case.replace('_', ' ')}."
    voice_id = _id(f"{name} {speech}", 20)
    return Voice(voice_id, name, locale, labels, about, timbre, "professional", owner_id=_id(f"owner of {name}", 28))


def _listed(number: int, voice: Voice) -> LibraryVoice:
    """Gives the listing of a voice; what it says depends on its number alone."""
    return LibraryVoice(
        voice,
        owner_id=voice.owner_id,
        category="high_quality" if number % 7 == 3 else "professional",
        rate=2.0 if number % 9 == 4 else 1.0,
        notice_days=(None, 30, 90, 365)[number % 4],
        free_users_allowed=number % 3 != 0,
        featured=number % 5 == 0,
        live_moderated=number % 11 == 6,
        cloned_by=(number * 7919) % 4001,
        characters_1y=(number * 104_729) % 9_999_991,
        date_unix=LATEST_UNIX - number * 9 * DAY_S,
    )


def _id(text: str, length: int) -> str:
    digest = hashlib.sha512(text.encode()).digest()
    return "".join(ALPHANUMERIC[byte % len(ALPHANUMERIC)] for byte in digest[:length])


LIBRARY = _library()
