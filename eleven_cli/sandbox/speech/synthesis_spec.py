"""Which voice speaks a text, in which style and format."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..audio_effects.request import Effects
from ..dictionaries.pronunciation import Alias
from ..sound.espeak import Style
from ..sound.formats import Format
from ..sound.text_segments import Markup
from ..voices.models import LANGUAGES, Model
from ..voices.voice import Voice

_CODES = {locale.partition("-")[0]: code for code, (_, locale) in LANGUAGES.items()}


@dataclass(frozen=True)
class SynthesisSpec:
    """Everything that determines the audio: equal specifications give equal bytes.

    tract  shortens the vocal tract when above 1: the samples play that much faster
    markup what of the text is not read aloud
    effects  what is done to the voice; None for nothing
    aliases  what is said instead of words
    """

    text: str
    voice_id: str
    style: Style
    tract: float
    format: Format
    markup: Markup = Markup.NONE
    effects: Effects | None = None
    aliases: tuple[Alias, ...] = ()

    @property
    def language(self) -> str:
        """The language that is spoken, by its code in ISO 639-1."""
        spoken = re.split("[-+]", self.style.name)[0]
        return _CODES.get(spoken, spoken)


def voice_spec(
    text: str,
    voice: Voice,
    format: Format,
    *,
    locale: str = "",
    speed: float | None = None,
    stability: float | None = None,
) -> SynthesisSpec:
    """Specifies a voice that speaks a text, in its own language without an espeak `locale`, and with its own settings
    where none are given."""
    speed = float(voice.settings.get("speed", 1.0)) if speed is None else speed
    stability = float(voice.settings.get("stability", 0.5)) if stability is None else stability
    style = _style(voice, locale or voice.locale, min(max(speed, 0.7), 1.2), stability)
    return SynthesisSpec(text, voice.voice_id, style, voice.timbre.tract, format)


def model_spec(
    text: str,
    model: Model,
    voice: Voice,
    format: Format,
    language_code: str | None,
    *,
    speed: float | None = None,
    stability: float | None = None,
    effects: Effects | None = None,
    aliases: tuple[Alias, ...] = (),
) -> SynthesisSpec:
    """Specifies a voice that speaks a text with a model, which may ignore the speed or read no tags."""
    locale, speed = _locale(voice, model, language_code), speed if model.obeys_speed else 1.0
    spec = voice_spec(text, voice, format, locale=locale, speed=speed, stability=stability)
    return replace(spec, markup=model.markup, effects=effects, aliases=aliases)


def _locale(voice: Voice, model: Model, language_code: str | None) -> str:
    language = (language_code or voice.language).lower()
    if language not in model.languages:
        language = model.languages[0]
    return voice.locale if language == voice.language else LANGUAGES[language][1]


def _style(voice: Voice, locale: str, speed: float, stability: float) -> Style:
    timbre = voice.timbre
    return Style(
        name=f"{locale}+{timbre.variant}",
        words_per_minute=round(timbre.words_per_minute * speed / timbre.tract),
        pitch=timbre.pitch,
        pitch_range=round(timbre.pitch_range * (1.5 - stability)),
        volume=timbre.volume,
    )
