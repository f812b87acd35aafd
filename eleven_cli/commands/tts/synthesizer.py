"""Synthesizer: speech from the cache or the service; and Usage, which counts what it takes."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any, NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.tts.speech import SpeechRequest, SpeechResponse, synthesize
from eleven_cli.commands.options import check_limit
from eleven_cli.commands.output.audio import Meter
from eleven_cli.commands.tts.plan import SpeechPlan
from eleven_cli.context import Context
from eleven_cli.terminal.messages import counted


class Usage:
    """characters  of the texts that the service has accepted, those sent again included, those of the cache not
    credits        what the service said that they cost; None when it did not say so of every request
    requests       how many there were, those that the cache answered included; `from_cache`: how many of these
    request_id     of the newest for which the service gave one, "" without
    voice_id       who speaks

    meter          counts the audio that came

    Its methods may be called by several threads.
    """

    def __init__(self, context: Context, plan: SpeechPlan) -> None:
        self._context, self._model, self._max_credits = context, plan.request.model_id, plan.max_credits
        self.meter = Meter(plan.output.fmt.wire)
        self._changing = threading.Lock()
        self._open = self._priced = self._unpriced = 0
        self.characters = self.requests = self.from_cache = 0
        self.request_id = self.voice_id = ""

    @property
    def credits(self) -> int | None:
        return None if self._unpriced else self._priced

    @property
    def spent(self) -> int:
        """Credits so far: as the service said, estimated where it did not."""
        return self._priced + (self.estimate(self._unpriced) if self._unpriced else 0)

    @property
    def cost(self) -> str:
        """What was spent, in words: "about" where the service did not say it, "cached" where nothing was."""
        if self.from_cache == self.requests > 0:
            return "cached, 0 credits"
        return ("" if self.credits is not None else "about ") + counted(self.spent, "credit")

    def estimate(self, characters: int) -> int:
        """Credits for so many characters."""
        from eleven_cli.commands.tts.cost import estimate

        return estimate(characters, self._credits_per_character)

    @contextmanager
    def requesting(self, characters: int) -> Iterator[Callable[[SpeechResponse], None]]:
        """Counts a text while it is requested; gives what is to be called when the service has accepted it.

        Raises LimitError when it would cost more than may be spent.
        """
        open_characters = characters
        with self._changing:
            self._check(characters)
            self._open += characters

        def accepted(response: SpeechResponse) -> None:
            nonlocal open_characters
            with self._changing:
                self.requests += 1
                self.request_id = response.request_id or self.request_id
                self._open, open_characters = self._open - characters, 0
                self._count(characters, response.credits)

        try:
            yield accepted
        finally:
            with self._changing:
                self._open -= open_characters

    def reuse(self) -> None:
        """Counts a text whose audio was in the cache."""
        with self._changing:
            self.requests += 1
            self.from_cache += 1

    def send(self, characters: int) -> None:
        """Counts a text that goes over a socket, which tells no cost. Raises LimitError for what costs too much."""
        with self._changing:
            self._check(characters)
            self.requests = 1
            self._count(characters, None)

    def take_back(self, characters: int) -> None:
        """Uncounts texts of so many characters: the socket refused them all."""
        with self._changing:
            self.requests = 0
            self._count(-characters, None)

    def _check(self, characters: int) -> None:
        if self._max_credits is not None:
            check_limit(self._priced + self.estimate(self._unpriced + self._open + characters), self._max_credits)

    def _count(self, characters: int, credits: int | None) -> None:
        self.characters += characters
        if credits is None:
            self._unpriced += characters
        else:
            self._priced += credits

    @cached_property
    def _credits_per_character(self) -> float:
        from eleven_cli.commands.tts.cost import factor_of

        return factor_of(self._context, self._model)


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
    usage: Usage
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
        duration_of = None
        if self.timed:
            from eleven_cli.audio.codecs.duration import DurationMeter

            duration_of = DurationMeter(self.usage.meter.fmt).advance
        with self.usage.requesting(len(request.text)) as accepted:
            response = synthesize(self.client, request, timed=self.timed, duration_of=duration_of)
            accepted(response)
        return self._samples_of(response) if request.is_whole else response

    def _samples_of(self, response: SpeechResponse) -> SpeechResponse:
        """The response without the WAV header: pieces are joined, and their header is written, where they arrive."""
        from eleven_cli.audio.codecs.wav_samples import WavSamples

        samples = WavSamples(self.usage.meter.fmt)
        return response.with_chunks(chunk._replace(data=samples.feed(chunk.data)) for chunk in response)
