"""From the options to what the service is asked for, checked before anything is paid for."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from eleven_cli.api.tts.models import DEFAULT_MODEL, documented_limit, heard_settings, other_command, takes_language
from eleven_cli.api.tts.speech import SpeechRequest
from eleven_cli.audio.formats import Format
from eleven_cli.commands.output import OutputPlan
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, NotFound, UsageError
from eleven_cli.terminal import Terminal

SPEEDS = (0.7, 1.2)  # what the documentation promises for every model
_OPTIONS = {
    "stability": "--stability",
    "similarity_boost": "--similarity",
    "style": "--style",
    "speed": "--speed",
    "use_speaker_boost": "--speaker-boost",
}


class TTSOptions(NamedTuple):
    """One command line, as it was parsed; what is None was not given. Made with keyword arguments only."""

    text: Sequence[str] = ()
    file: Sequence[str] = ()
    output: str | None = None
    play: bool | None = None
    format: str | None = None
    voice: str | None = None
    model: str | None = None
    stability: float | None = None
    similarity: float | None = None
    style: float | None = None
    speed: float | None = None
    speaker_boost: bool | None = None
    seed: int | None = None
    language: str | None = None
    normalize: str | None = None
    markdown: bool | None = None
    live: bool | None = None
    tags: str = "auto"
    replace: Sequence[str] = ()
    lexicon: str | None = None
    dictionary: Sequence[str] = ()
    stitch: str = "text"
    effect: str | None = None
    room: str | None = None
    background: str | None = None
    distance: float | None = None
    pan: float | None = None
    subtitles: str | None = None
    subtitles_format: str | None = None
    dry_run: bool = False
    max_credits: int | None = None
    cache: bool = False
    no_clobber: bool = False
    json: bool = False

    @property
    def reads_stdin(self) -> bool:
        """Whether some of the text comes from there."""
        return "-" in self.file or list(self.text) == ["-"] or not (self.text or self.file)

    @property
    def has_effects(self) -> bool:
        """Whether any audio effect was given."""
        given = (self.effect, self.room, self.background, self.distance, self.pan)
        return any(value is not None for value in given)


def build_request(context: Context, fmt: Format, options: TTSOptions) -> SpeechRequest:
    """Builds the request, but for the voice and what `look_up` adds; says what the service would refuse or ignore."""
    if options.dictionary:
        from eleven_cli.commands.lookup.dictionaries import check_dictionaries

        check_dictionaries(options.dictionary)
    model = options.model or context.config.value("model")
    if other_command(model):
        from eleven_cli.commands.lookup.models import OTHERS_SHOWN_BY, refuse_other_kind

        refuse_other_kind(model, "speak", "eleven tts", hint=f"give eleven tts -m {DEFAULT_MODEL}; {OTHERS_SHOWN_BY}")
    return SpeechRequest(
        voice_id="",
        output_format=fmt.requested,
        model_id=model,
        voice_settings=_voice_settings(context.terminal, options, model),
        seed=options.seed,
        language_code=_language_for(model, options.language, context.terminal),
        apply_text_normalization=options.normalize,
    )


def look_up(context: Context, options: TTSOptions, request: SpeechRequest, *, pinned: bool) -> SpeechRequest:
    """The request with the effects and dictionaries that the options name. Raises NotFound for what is none.

    pinned   dictionaries with their versions, for audio that is kept: it must never be of two
    """
    if options.has_effects:
        request = request._replace(audio_effects=_effect_members(context, options))
    if options.dictionary:
        from eleven_cli.commands.lookup.dictionaries import dictionary_locators

        request = request._replace(dictionaries=dictionary_locators(context, options.dictionary, pinned=pinned))
    return request


def limit_of(context: Context, model: str | None) -> int:
    """Characters in one request: as documented; of models that are not, as the service said the last time."""
    if (documented := documented_limit(model)) is not None:
        return documented
    from eleven_cli.commands.tts.cost import known_limit

    return known_limit(context, model or DEFAULT_MODEL)


def check_effects(options: TTSOptions) -> None:
    """Raises UsageError for an effect without a name, and for a number that is none."""
    for name, value in {"--distance": options.distance, "--pan": options.pan}.items():
        if value is not None and not math.isfinite(value):
            raise UsageError(f"{name} must be a number, not {value}", hint="eleven tts --help")
    for kind, word in {"effect": options.effect, "room": options.room, "background": options.background}.items():
        if word is not None and not word.strip():
            raise UsageError(f"the name of the {kind} is empty", hint="see the effects: eleven effects")
    if options.room is not None:
        _room_and_level(options.room)


def carrying_output(options: TTSOptions, output: OutputPlan) -> OutputPlan:
    """The output in a format that carries the effects. Raises UsageError for one that cannot hold two channels.

    The service answers in stereo where there is reverb, or a place beside the middle.
    """
    if options.room is None and not options.pan:
        return output
    if not (output.file or output.stdout or options.format is not None):
        from eleven_cli.audio.devices.players import stereo_format

        return output._replace(fmt=stereo_format())
    return output._replace(fmt=_stereo(options, output.fmt))


def explain_effects(refused: ElevenError) -> None:
    """Give a refusal that is about an effect its hint: the service got a word that could not be looked up."""
    if isinstance(refused, NotFound) and not any(word in refused.code for word in ("voice", "model", "dictionary")):
        refused.hint = "see the effects: eleven effects"


def warn_about_similarity(terminal: Terminal, options: TTSOptions, request: SpeechRequest) -> None:
    """Warns where --similarity is lost: the socket of a model does not take it, though its requests do."""
    is_heard_elsewhere = not options.has_effects and "similarity_boost" in (heard_settings(request.model_id) or ())
    if options.similarity is not None and is_heard_elsewhere:
        terminal.warn(f"--similarity has no effect on live text with {request.model_id}; --no-live sends it")


def _voice_settings(terminal: Terminal, options: TTSOptions, model: str | None) -> dict[str, float | bool]:
    """Only what was given. The service, not we, knows what a model makes of an unusual speed."""
    given = {
        "stability": options.stability,
        "similarity_boost": options.similarity,
        "style": options.style,
        "speed": options.speed,
        "use_speaker_boost": options.speaker_boost,
    }
    settings = {name: value for name, value in given.items() if value is not None}
    for name, value in settings.items():
        if not math.isfinite(value):
            raise UsageError(f"{name} must be a number, not {value}", hint="eleven tts --help")
    if not SPEEDS[0] <= settings.get("speed", 1.0) <= SPEEDS[1]:
        terminal.warn(f"speed {settings['speed']:g} is outside {SPEEDS[0]} to {SPEEDS[1]}; the service may refuse it")
    heard = heard_settings(model)
    if ignored := [_OPTIONS[name] for name in settings if heard is not None and name not in heard]:
        terminal.warn(f"{model} ignores {', '.join(ignored)}")
    return settings


def _language_for(model: str | None, language: str | None, terminal: Terminal) -> str | None:
    """The language to send: multilingual v2, which is also the service's default, hears it from the text alone."""
    if language is None:
        return None
    from eleven_cli.commands.lookup.languages import checked_language

    code = checked_language(language)
    if code and not takes_language(model):
        terminal.warn(f"--language is ignored: {model or 'the default model'} detects the language itself")
        return None
    return code


def _effect_members(context: Context, options: TTSOptions) -> dict[str, str | float]:
    """The members of `audio_effects`: only what was given. Raises NotFound for an unknown name."""
    from eleven_cli.api.audio.audio_effects import MEMBERS
    from eleven_cli.commands.lookup.effects import effect_id

    given: dict[str, str | float | None] = {"distance": options.distance, "pan": options.pan}
    room = options.room
    if room is not None:
        room, given["send_level"] = _room_and_level(room)
    for kind, word in {"effect": options.effect, "room": room, "background": options.background}.items():
        if word is not None:
            given[MEMBERS[kind]] = effect_id(context, kind, word.strip())
    return {name: value for name, value in given.items() if value is not None}


def _stereo(options: TTSOptions, fmt: Format) -> Format:
    if fmt.codec not in ("mp3", "opus", "wav"):
        causes = [name for name, counts in {"--room": options.room is not None, "--pan": options.pan}.items() if counts]
        make = "make" if len(causes) > 1 else "makes"
        said = f"{' and '.join(causes)} {make} the sound stereo, which {fmt} cannot hold"
        raise UsageError(said, hint=f"use mp3, wav or opus, or omit {' and '.join(causes)}")
    return fmt.with_channels(2)


def _room_and_level(word: str) -> tuple[str, float | None]:
    """From NAME or NAME:LEVEL. Raises UsageError for anything else."""
    name, colon, level = word.rpartition(":")
    if not colon:
        return word, None
    try:
        value = float(level)
    except ValueError:
        value = math.nan
    if not (name.strip() and 0 <= value <= 1):
        said = f'--room takes NAME or NAME:LEVEL, with a level from 0 to 1, not "{word}"'
        raise UsageError(said, hint="for example: --room hall:0.3")
    return name, value
