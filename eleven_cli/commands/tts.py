"""`eleven tts`"""

import math

import typer

from eleven_cli.api.models import takes_language
from eleven_cli.api.speech import Audio, Speech, speak
from eleven_cli.audio.sinks import copy
from eleven_cli.commands import tts_options as opt
from eleven_cli.commands.meter import Meter
from eleven_cli.commands.outlets import Outlets, decide, opened
from eleven_cli.commands.spoken_text import spoken_text
from eleven_cli.commands.voice_choice import with_voice
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal

SPEEDS = (0.7, 1.2)  # what the documentation promises for every model


def tts(
    ctx: typer.Context,
    text: opt.Text = None,
    file: opt.File = None,
    output: opt.Output = None,
    play: opt.Play = None,
    format: opt.FormatName = None,
    voice: opt.Voice = None,
    model: opt.Model = None,
    stability: opt.Stability = None,
    similarity: opt.Similarity = None,
    style: opt.Style = None,
    speed: opt.Speed = None,
    speaker_boost: opt.SpeakerBoost = None,
    seed: opt.Seed = None,
    language: opt.Language = None,
    normalize: opt.NormalizeMode = None,
    markdown: opt.Markdown = None,
    no_clobber: opt.NoClobber = False,
    stats: opt.Stats = False,
    json: opt.StatsJson = False,
) -> None:
    """Speak a text: played on a terminal, written as it arrives to a pipe or a file.

    The text comes from the arguments, from --file, or from a pipe.
    """
    context: Context = ctx.obj
    terminal = context.terminal
    terminal.quiet = terminal.quiet or json  # stderr is to hold one JSON object
    outlets = decide(output, format, play, on_terminal=terminal.stdout_is_terminal)
    said = spoken_text(terminal, text or [], file, markdown)
    model = model or context.config.value("model")
    settings = _voice_settings(
        terminal,
        stability=stability,
        similarity_boost=similarity,
        style=style,
        speed=speed,
        use_speaker_boost=speaker_boost,
    )
    language = _language_for(model, language, terminal)
    client = context.client

    meter = Meter(outlets.fmt.wire)

    def ask(voice_id: str) -> Audio:
        meter.start()
        return speak(client, Speech(said, voice_id, str(outlets.fmt.wire), model, settings, seed, language, normalize))

    with (
        opened(outlets, terminal, no_clobber=no_clobber) as sinks,
        terminal.progress() as progress,
        with_voice(context, voice, ask) as audio,
    ):
        copy(meter.watch(audio, progress), *sinks)
    if stats or json:
        _report(terminal, _figures(audio, meter, outlets, said, model), as_json=json)


def _voice_settings(terminal: Terminal, **given: float | bool | None) -> dict[str, float | bool]:
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
    if language and not takes_language(model):
        terminal.warn(f"--language is left out: {model or 'the default model'} finds the language by itself")
        return None
    return language


def _figures(audio: Audio, meter: Meter, outlets: Outlets, said: str, model: str | None) -> dict[str, object]:
    return {
        "characters": len(said),
        "credits": audio.credits,
        "first_byte_ms": round((meter.first_byte_s or 0) * 1000),
        "total_ms": round(meter.total_s * 1000),
        "audio_s": round(meter.audio_s, 2),
        "bytes": meter.byte_count,
        "format": str(outlets.fmt),
        "voice_id": audio.voice_id,
        "model_id": model,
        "request_id": audio.request_id or None,
        "file": outlets.file,
    }


def _report(terminal: Terminal, figures: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        terminal.report(figures)
        return
    cost = "credits unknown" if figures["credits"] is None else f"{figures['credits']} credits"
    terminal.figures(
        f"{figures['characters']} characters · {cost} · first byte {figures['first_byte_ms']} ms"
        f" · {figures['audio_s']} s of audio in {figures['total_ms']} ms"
        f" · {figures['bytes']} bytes of {figures['format']} · voice {figures['voice_id']}"
        + (f" · request {figures['request_id']}" if figures["request_id"] else "")
    )
