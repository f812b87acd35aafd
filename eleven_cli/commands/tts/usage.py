"""Usage: what a run has requested, what it may cost, and what the service says that it cost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eleven_cli.commands.output.meter import Meter
from eleven_cli.commands.output.report import check_limit, counted

if TYPE_CHECKING:
    from eleven_cli.api.tts.speech import SpeechResponse


class Usage:
    """characters  of the texts that the service has accepted, those sent again included, those of the cache not
    credits        what the service said that they cost; None when it did not say so of every request
    requests       how many there were, those that the cache answered included; `from_cache`: how many of these
    request_id     of the newest for which the service gave one, "" without
    voice_id       who speaks

    meter        counts the audio that came
    estimate     credits for so many characters
    max_credits  what may be spent, None without a limit

    Its methods may be called by several threads.
    """

    def __init__(self, meter: Meter, estimate: Callable[[int], int], max_credits: int | None = None) -> None:
        self.meter, self.estimate, self.max_credits = meter, estimate, max_credits
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
        """What was spent, in words: exactly if the service said so."""
        return ("" if self.credits is not None else "about ") + counted(self.spent, "credit")

    @contextmanager
    def requesting(self, characters: int) -> Iterator[Callable[["SpeechResponse"], None]]:
        """While such a text is requested; gives what is to be told when the service has accepted.

        Raises LimitError when it would cost more than may be spent.
        """
        open_characters = characters
        with self._changing:
            self._check(characters)
            self._open += characters

        def accepted(response: "SpeechResponse") -> None:
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
        """A text's audio was in the cache."""
        with self._changing:
            self.requests += 1
            self.from_cache += 1

    def send(self, characters: int) -> None:
        """A text goes over a socket, which does not speak of costs. Raises LimitError when it may not."""
        with self._changing:
            self._check(characters)
            self.requests = 1
            self._count(characters, None)

    def _check(self, characters: int) -> None:
        if self.max_credits is not None:
            check_limit(self._priced + self.estimate(self._unpriced + self._open + characters), self.max_credits)

    def _count(self, characters: int, credits: int | None) -> None:
        self.characters += characters
        if credits is None:
            self._unpriced += characters
        else:
            self._priced += credits
