"""Bill: what a run has asked for, and what the service says that it cost."""

from eleven_cli.commands.tts.asking import Answer, Kept


class Bill:
    """characters  of the text that was sent
    credits        what the service said that it cost; None when it did not say so of every request
    requests       how many there were, those that the cache answered included; `from_cache`: how many of these
    request_id     of the newest for which the service gave one, "" without
    voice_id       who speaks
    """

    def __init__(self) -> None:
        self.characters = self.requests = self.from_cache = 0
        self.credits: int | None = 0
        self.request_id = self.voice_id = ""

    def add(self, characters: int, answer: Answer) -> None:
        """One request has been accepted."""
        self.requests += 1
        self.from_cache += isinstance(answer, Kept)
        self.request_id = answer.request_id or self.request_id
        self.characters += characters
        self._cost(answer.credits)

    def said(self, characters: int) -> None:
        """A text has gone over a socket, which does not speak of costs."""
        self.requests = 1
        self.characters += characters
        self._cost(None)

    def _cost(self, credits: int | None) -> None:
        self.credits = None if credits is None or self.credits is None else self.credits + credits
