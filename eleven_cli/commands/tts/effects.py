"""Audio effects of `eleven tts`: from the options to what the service is told, and the formats that can carry them."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from eleven_cli.api.audio_effects import MEMBERS
from eleven_cli.audio.formats import Format
from eleven_cli.commands.output.audio import OutputPlan
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, NotFound, UsageError

EffectMembers = Mapping[str, str | float]


class EffectOptions(NamedTuple):
    """What the command line says of effects; what is None was not given."""

    effect: str | None = None
    room: str | None = None
    background: str | None = None
    distance: float | None = None
    pan: float | None = None

    @property
    def is_stereo(self) -> bool:
        """Whether the service answers in stereo: reverb and a place beside the middle do that."""
        return self.room is not None or bool(self.pan)


def check_effects(options: EffectOptions) -> None:
    """Raises UsageError for what can be no effect."""
    for name, value in {"--distance": options.distance, "--pan": options.pan}.items():
        if value is not None and not math.isfinite(value):
            raise UsageError(f"{name} must be a number, not {value}", hint="eleven tts --help")
    for kind in MEMBERS:
        if getattr(options, kind) is not None and not getattr(options, kind).strip():
            raise UsageError(f"the name of the {kind} is empty", hint="see the effects: eleven effects")
    if options.room is not None:
        _room_and_level(options.room)


def carrying_output(options: EffectOptions, output: OutputPlan, *, format_given: bool) -> OutputPlan:
    """The output in a format that carries these effects. Raises UsageError for one that cannot hold two channels."""
    if not options.is_stereo:
        return output
    if not (output.file or output.stdout or format_given):
        from eleven_cli.audio.devices.players import stereo_format

        return output._replace(fmt=stereo_format())
    return output._replace(fmt=_stereo(options, output.fmt))


def _stereo(options: EffectOptions, fmt: Format) -> Format:
    if fmt.codec not in ("mp3", "opus", "wav"):
        causes = [name for name, counts in {"--room": options.room is not None, "--pan": options.pan}.items() if counts]
        make = "make" if len(causes) > 1 else "makes"
        said = f"{' and '.join(causes)} {make} the sound stereo, which {fmt} cannot hold"
        raise UsageError(said, hint=f"use mp3, wav or opus, or omit {' and '.join(causes)}")
    return fmt.with_channels(2)


def effect_members(context: Context, options: EffectOptions) -> EffectMembers | None:
    """The members of `audio_effects`: only what was given; None without any. Raises NotFound for an unknown name."""
    from eleven_cli.commands.lookup.effects import effect_id

    given: dict[str, str | float | None] = {"distance": options.distance, "pan": options.pan}
    room = options.room
    if room is not None:
        room, given["send_level"] = _room_and_level(room)
    for kind, word in {"effect": options.effect, "room": room, "background": options.background}.items():
        if word is not None:
            given[MEMBERS[kind]] = effect_id(context, kind, word.strip())
    return {name: value for name, value in given.items() if value is not None} or None


def explain_effects(refused: ElevenError) -> None:
    """Give a refusal that is about an effect its hint: the service got a word that could not be looked up."""
    if isinstance(refused, NotFound) and not any(word in refused.code for word in ("voice", "model", "dictionary")):
        refused.hint = "see the effects: eleven effects"


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
