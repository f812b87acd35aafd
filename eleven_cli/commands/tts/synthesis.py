"""The speech of one text: from the cache, or from the service and into the cache."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.tts.speech import NO_CONTEXT, SpeechRequest, SpeechResponse, StitchContext, synthesize

if TYPE_CHECKING:
    from eleven_cli.audio.formats import Format
    from eleven_cli.cache.audio import AudioCache
    from eleven_cli.commands.tts.usage import Usage


class Synthesizer(NamedTuple):
    """Gets speech from the cache or the service. Made with keyword arguments only.

    client   for the service
    server   its name in the cache: the sandbox is one, whatever its port
    request  all of a request but its text
    usage    what is requested is counted there as soon as the service has accepted
    timed    whether the chunks must say when each character is spoken
    cache    where audio is kept, None for nowhere
    warn     is told when it cannot be kept
    waiting  is told when another process is making the same, which is waited for
    stopped  whether that is not to be waited for any more
    """

    client: Client
    server: str
    request: SpeechRequest
    usage: "Usage"
    timed: bool = False
    cache: "AudioCache | None" = None
    warn: Callable[[str], None] = lambda line: None
    waiting: Callable[[], None] = lambda: None
    stopped: Callable[[], bool] = lambda: False

    def synthesize(
        self, text: str, context: StitchContext = NO_CONTEXT, cache_context: Mapping[str, object] | None = None
    ) -> SpeechResponse:
        """The speech of a text; returns as soon as the service has accepted. Raises LimitError for what costs too much.

        cache_context   the context in the cache's key, where that is not what the service is told
        """
        if self.cache is None:
            return self._requested(text, context)
        from eleven_cli.commands.output.cached import cached_or_made

        return cached_or_made(
            self.cache,
            self._key(text, context, cache_context),
            lambda: self._requested(text, context),
            {"characters": len(text)},
            when_reused=self.usage.reuse,
            warn=self.warn,
            waiting=self.waiting,
            stopped=self.stopped,
        )

    def is_cached(
        self, text: str, context: StitchContext = NO_CONTEXT, cache_context: Mapping[str, object] | None = None
    ) -> bool:
        """Whether the cache has it."""
        entry = None if self.cache is None else self.cache.get(self._key(text, context, cache_context))
        if entry is not None:
            entry.close()
        return entry is not None

    def facts(self, text: str) -> Mapping[str, object]:
        """All that changes the audio."""
        return {"server": self.server, **self.request._asdict(), "text": text, "timed": self.timed or None}

    def _key(self, text: str, context: StitchContext, cache_context: Mapping[str, object] | None) -> str:
        from eleven_cli.cache.audio import key

        return key({**self.facts(text), **(context.body if cache_context is None else cache_context)})

    def _requested(self, text: str, context: StitchContext) -> SpeechResponse:
        duration_of = self._duration_of() if self.timed else None
        with self.usage.requesting(len(text)) as accepted:
            response = synthesize(self.client, self.request, text, context, duration_of=duration_of)
            accepted(response)
        return response

    def _duration_of(self) -> Callable[[bytes], float]:
        from eleven_cli.audio.formats import named

        return stream_durations(named(self.request.output_format))


def stream_durations(fmt: "Format") -> Callable[[bytes], float]:
    """How many seconds each further chunk of one stream sounds."""
    from eleven_cli.audio.codecs.duration import DurationMeter

    meter = DurationMeter(fmt)

    def duration_of(data: bytes) -> float:
        before_s = meter.seconds
        meter.feed(data)
        return meter.seconds - before_s

    return duration_of
