"""Bill: what a run has asked for, what it may cost, and what the service says that it cost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.commands.tts import cost


class Bill:
    """characters  of the texts that the service has accepted, those sent again included, those of the cache not
    credits        what the service said that they cost; None when it did not say so of every request
    requests       how many there were, those that the cache answered included; `from_cache`: how many of these
    request_id     of the newest for which the service gave one, "" without
    voice_id       who speaks

    estimate   credits for so many characters
    most       credits that may be spent, None without a limit

    Its methods may be called by several threads.
    """

    def __init__(self, estimate: Callable[[int], int] = lambda characters: characters, most: int | None = None) -> None:
        self._estimate, self.most = estimate, most
        self._changing = threading.Lock()
        self._asked = self._priced = self._unpriced = 0
        self.characters = self.cached_characters = self.requests = self.from_cache = 0
        self.request_id = self.voice_id = ""

    @property
    def credits(self) -> int | None:
        return None if self._unpriced else self._priced

    @property
    def spent(self) -> int:
        """Credits so far: as the service said, estimated where it did not."""
        return self._priced + self._estimate(self._unpriced)

    @contextmanager
    def asking(self, characters: int) -> Iterator[Callable[[SpeechResponse], None]]:
        """While such a text is asked for; gives what is to be told when the service has accepted.

        Raises LimitError when it would cost more than may be spent.
        """
        open_characters = characters
        with self._changing:
            self._check(characters)
            self._asked += characters

        def accepted(audio: SpeechResponse) -> None:
            nonlocal open_characters
            with self._changing:
                self.requests += 1
                self.request_id = audio.request_id or self.request_id
                self._asked, open_characters = self._asked - characters, 0
                self._count(characters, audio.credits)

        try:
            yield accepted
        finally:
            with self._changing:
                self._asked -= open_characters

    def reuse(self, characters: int) -> None:
        """A text's audio was in the cache."""
        with self._changing:
            self.requests += 1
            self.from_cache += 1
            self.cached_characters += characters

    def send(self, characters: int) -> None:
        """A text goes over a socket, which does not speak of costs. Raises LimitError when it may not."""
        with self._changing:
            self._check(characters)
            self.requests = 1
            self._count(characters, None)

    def _check(self, characters: int) -> None:
        if self.most is not None:
            cost.check(self._priced + self._estimate(self._unpriced + self._asked + characters), self.most)

    def _count(self, characters: int, credits: int | None) -> None:
        self.characters += characters
        if credits is None:
            self._unpriced += characters
        else:
            self._priced += credits
