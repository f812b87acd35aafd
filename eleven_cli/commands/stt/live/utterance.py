"""What `stt --live --once` waits for: one utterance, in as many transcripts as it takes, or the end of the time."""

import time
from collections.abc import Callable, Sequence

from eleven_cli.api.stt.events import Committed, RealtimeEntity, RealtimeWord
from eleven_cli.errors import ElevenError

GRACE_S = 10.0  # for a sound that began in time to become words
BLANK = RealtimeWord(" ", None, None, "spacing")


class Utterance:
    """Collects the transcripts of one utterance.

    timeout_s   how long its first sound may take, from now on; None for as long as it takes
    """

    def __init__(self, timeout_s: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._timeout_s, self._clock, self._began_at = timeout_s, clock, clock()
        self._parts: list[Committed] = []
        self._timed_out = self.is_over = False

    def add(self, said: Committed) -> None:
        """Take the next transcript; with one that ends no speech, the utterance goes on."""
        if said.text.strip():
            self._parts.append(said)
        self.is_over = self.is_over or (bool(self._parts) and not said.is_partway)

    def is_late(self, *, is_audible: bool, is_understood: bool) -> bool:
        """Tells whether the time is over: not during speech, and not for a noise without words for long."""
        if self._timeout_s is None or self._parts or is_understood:
            return False
        late_s = self._clock() - self._began_at - self._timeout_s
        self._timed_out = late_s >= (GRACE_S if is_audible else 0)
        return self._timed_out

    @property
    def whole(self) -> Committed | None:
        """All of it; None where nothing was said."""
        if len(self._parts) > 1:
            return joined(self._parts)
        return self._parts[0] if self._parts else None

    @property
    def nothing_said(self) -> ElevenError:
        within = f" within {self._timeout_s:g} s" if self._timed_out else ""
        return ElevenError(f"nothing was said{within}", code="nothing_said")


def joined(parts: Sequence[Committed]) -> Committed:
    """Several transcripts as one; what none of them has, it has not either."""
    words = [word for part in parts if part.words for word in (BLANK, *part.words)][1:]
    is_timed = any(part.words is not None for part in parts)
    text = " ".join(part.text.strip() for part in parts)
    language = next((part.language for part in parts if part.language), None)
    return Committed(text, tuple(words) if is_timed else None, language, entities=_entities(parts))


def _entities(parts: Sequence[Committed]) -> tuple[RealtimeEntity, ...] | None:
    """Those of all parts, at their places in the whole; None where none were to be found."""
    found: list[RealtimeEntity] = []
    at = 0
    for part in parts:
        blank = len(part.text) - len(part.text.lstrip())
        found += (entity.moved(at - blank) for entity in part.entities or ())
        at += len(part.text.strip()) + 1
    return tuple(found) if any(part.entities is not None for part in parts) else None
