"""Transcripts that are held until what the service sends after them has come: times, entities, another text. Pure.

Nothing but its text says which transcript such a message belongs to.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from eleven_cli.api.stt.commit_policy import Asked
from eleven_cli.api.stt.events import Committed, Edited, FollowUp, FoundEntities, Redacted
from eleven_cli.api.stt.redaction import redacted_words

FOLLOWS_S: dict[type[FollowUp], float] = {  # how long it is waited for; times come after 15 ms
    Committed: 1.0,
    FoundEntities: 5.0,
    Edited: 15.0,
    Redacted: 15.0,
}


class HeldTranscript(NamedTuple):
    """A transcript, and what has come after it.

    since      when it came
    answers    what it answers
    was_asked  whether that was asked for: else the service committed by itself
    came       what has come, by its kind
    """

    committed: Committed
    since: float
    answers: Asked
    was_asked: bool
    came: dict[type[FollowUp], FollowUp]

    def complete(self) -> Committed:
        """The transcript with all that has come; after a redaction, nothing of it as it was said."""
        said = self.committed
        if isinstance(timed := self.came.get(Committed), Committed):
            said = said._replace(text=timed.text, words=timed.words, language=timed.language)
        if isinstance(found := self.came.get(FoundEntities), FoundEntities):
            said = said._replace(entities=found.entities)
        if isinstance(edit := self.came.get(Edited), Edited):
            said = said._replace(edited=edit.edited_text)
        if isinstance(redacted := self.came.get(Redacted), Redacted):
            words = None if said.words is None else redacted_words(said.words, redacted.redacted_text)
            said = said._replace(text=redacted.redacted_text, words=words)
        return said


class HeldTranscripts:
    """Gives transcripts in their order, each when everything has come that is to follow it, or is overdue.

    follows   what is to follow each transcript that is not empty
    """

    def __init__(self, follows: Collection[type[FollowUp]], clock: Callable[[], float]) -> None:
        self._follows, self._clock = follows, clock
        self._held: deque[HeldTranscript] = deque()

    def __bool__(self) -> bool:
        return bool(self._held)

    @property
    def redacts(self) -> bool:
        """Whether a transcript that was not redacted must not be shown."""
        return Redacted in self._follows

    @property
    def unanswered(self) -> list[Asked]:
        """The commits that were asked for, and whose transcripts are held."""
        return [held.answers for held in self._held if held.was_asked]

    def add(self, committed: Committed, answers: Asked, *, was_asked: bool) -> None:
        """Takes a transcript."""
        self._held.append(HeldTranscript(committed, self._clock(), answers, was_asked, {}))

    def follow(self, message: FollowUp) -> None:
        """Takes what follows a transcript; what was not asked for, follows none, or comes again, is dropped."""
        kind = type(message)
        for held in self._held if kind in self._follows else ():
            if kind not in held.came and held.committed.text.strip() == message.text.strip():
                held.came[kind] = message
                return

    def ready(self) -> Iterator[HeldTranscript]:
        """Gives those for which nothing more is waited for, up to the first for which it is."""
        now = self._clock()
        while self._held and all(now - self._held[0].since >= FOLLOWS_S[kind] for kind in self._lacking()):
            yield self._held.popleft()

    def given_up(self) -> Iterator[HeldTranscript]:
        """Gives those that can be shown although nothing more comes, up to the first that cannot."""
        while self._held and not (self.redacts and Redacted in self._lacking()):
            yield self._held.popleft()

    def is_bare(self, held: HeldTranscript) -> bool:
        """Tells whether it was not redacted, and had to be."""
        return self.redacts and Redacted in self._lacked_by(held)

    def _lacking(self) -> list[type[FollowUp]]:
        return self._lacked_by(self._held[0])

    def _lacked_by(self, held: HeldTranscript) -> list[type[FollowUp]]:
        """What it lacks. An empty one only waits for its times: there is nothing else in it to be found."""
        wanted = self._follows if held.committed.text.strip() else set(self._follows) & {Committed}
        return [kind for kind in wanted if kind not in held.came]
