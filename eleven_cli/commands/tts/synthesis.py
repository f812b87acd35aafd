"""What the service is asked for, and the speech of a text: from the cache or from the service."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.models import DEFAULT_MODEL, documented_limit, heard_settings, takes_language
from eleven_cli.api.tts.speech import SpeechRequest, SpeechResponse, synthesize
from eleven_cli.audio.formats import Format
from eleven_cli.commands.tts.command import TTSOptions
from eleven_cli.context import Context
from eleven_cli.errors import UsageError
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.commands.tts.report import Usage

SPEEDS = (0.7, 1.2)  # what the documentation promises for every model
_OPTIONS = {
    "stability": "--stability",
    "similarity_boost": "--similarity",
    "style": "--style",
    "speed": "--speed",
    "use_speaker_boost": "--speaker-boost",
}


def build_request(context: Context, fmt: Format, options: TTSOptions) -> SpeechRequest:
    """The request but for the voice, checked: what the service would refuse or ignore is said before."""
    model = options.model or context.config.value("model")
    return SpeechRequest(
        voice_id="",
        output_format=fmt.requested,
        model_id=model,
        voice_settings=_voice_settings(context.terminal, options, model),
        seed=options.seed,
        language_code=_language_for(model, options.language, context.terminal),
        apply_text_normalization=options.normalize,
    )


def limit_of(context: Context, model: str | None) -> int:
    """Characters in one request: as documented; of models that are not, as the service said the last time."""
    if (documented := documented_limit(model)) is not None:
        return documented
    from eleven_cli.commands.tts.cost import known_limit

    return known_limit(context, model or DEFAULT_MODEL)


class Synthesizer(NamedTuple):
    """Gets speech from the cache or the service. Made with keyword arguments only.

    context  of the command
    client   for the service
    request  all of a request but its text and what stands around it
    usage    what is requested is counted there as soon as the service has accepted
    timed    whether the chunks must say when each character is spoken
    caches   whether audio is kept
    stopped  whether another process that is making the same is not to be waited for any more
    """

    context: Context
    client: Client
    request: SpeechRequest
    usage: "Usage"
    timed: bool
    caches: bool
    stopped: Callable[[], bool] = lambda: False

    def synthesize(
        self, text: str, neighbours: Mapping[str, Any] = {}, cached_with: Mapping[str, Any] = {}
    ) -> SpeechResponse:
        """The speech of a text; returns as soon as the service has accepted. Raises LimitError for what costs too much.

        neighbours    members of the request: what stands around the text
        cached_with   the same for the cache, which knows no ids of requests
        """
        request = self.request._replace(text=text, **neighbours)
        if not self.caches:
            return self._requested(request)
        from eleven_cli.commands.output.cached import cached_or_made

        facts, make = self.facts(text, cached_with), partial(self._requested, request)
        response = cached_or_made(self.context, facts, make, characters=len(text), stopped=self.stopped)
        if response.is_reused:
            self.usage.reuse()
        return response

    def is_cached(self, text: str, cached_with: Mapping[str, Any] = {}) -> bool:
        """Whether the cache has it."""
        if not self.caches:
            return False
        from eleven_cli.commands.output.cached import is_cached

        return is_cached(self.context, self.facts(text, cached_with))

    def facts(self, text: str, cached_with: Mapping[str, Any] = {}) -> Mapping[str, object]:
        """All that changes the audio, but for the server."""
        return {**self.request._asdict(), "text": text, "timed": self.timed or None, **cached_with}

    def _requested(self, request: SpeechRequest) -> SpeechResponse:
        duration_of = self._duration_of() if self.timed else None
        with self.usage.requesting(len(request.text)) as accepted:
            response = synthesize(self.client, request, duration_of=duration_of)
            accepted(response)
        return self._samples_of(response) if request.is_whole else response

    def _samples_of(self, response: SpeechResponse) -> SpeechResponse:
        """The response without the WAV header: pieces are joined, and their header is written, where they arrive."""
        from eleven_cli.audio.codecs.wav_samples import WavSamples

        samples = WavSamples(self._fmt)
        return response.with_chunks(chunk._replace(data=samples.feed(chunk.data)) for chunk in response)

    def _duration_of(self) -> Callable[[bytes], float]:
        return stream_durations(self._fmt)

    @property
    def _fmt(self) -> "Format":
        """Of what arrives: a WAV is requested for two channels alone."""
        from eleven_cli.audio.formats import named

        fmt = named(self.request.output_format)
        return fmt.with_channels(2).wire if self.request.is_whole else fmt


def stream_durations(fmt: "Format") -> Callable[[bytes], float]:
    """How many seconds each further chunk of one stream sounds."""
    from eleven_cli.audio.codecs.duration import DurationMeter

    meter = DurationMeter(fmt)

    def duration_of(data: bytes) -> float:
        before_s = meter.seconds
        meter.feed(data)
        return meter.seconds - before_s

    return duration_of


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
