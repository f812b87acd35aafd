"""How a text is to be spoken, checked: what the service would refuse or ignore is said before."""

import math
from collections.abc import Mapping

from eleven_cli.api.models import takes_language
from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.audio.formats import Format
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal

SPEEDS = (0.7, 1.2)  # what the documentation promises for every model


def manner_of(
    terminal: Terminal,
    fmt: Format,
    model: str | None,
    settings: Mapping[str, float | bool | None],
    seed: int | None,
    language: str | None,
    normalize: str | None,
) -> SpeechRequest:
    """All of it but the voice. Raises UsageError for what is no number."""
    language = _language_for(model, language, terminal)
    return SpeechRequest("", str(fmt.wire), model, _voice_settings(terminal, settings), seed, language, normalize)


def _voice_settings(terminal: Terminal, given: Mapping[str, float | bool | None]) -> dict[str, float | bool]:
    """Only what was given, checked. The service, not we, knows what a model makes of an unusual speed."""
    settings = {name: value for name, value in given.items() if value is not None}
    for name, value in settings.items():
        if not math.isfinite(value):
            raise UsageError(f"{name} must be a number, not {value}", hint="eleven tts --help")
    if not SPEEDS[0] <= settings.get("speed", 1.0) <= SPEEDS[1]:
        terminal.warn(f"speed {settings['speed']:g} is outside {SPEEDS[0]} to {SPEEDS[1]}; the service may refuse it")
    return settings


def _language_for(model: str | None, language: str | None, terminal: Terminal) -> str | None:
    """The language to send: multilingual v2, which is also the service's default, hears it from the text alone."""
    language = checked_language(language)
    if language and not takes_language(model):
        terminal.warn(f"--language is left out: {model or 'the default model'} finds the language by itself")
        return None
    return language
