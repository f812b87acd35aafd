"""What `stt --live --once` waits for: one utterance, in as many transcripts as it takes, or the end of the time."""

import time
from collections.abc import Callable, Sequence

from eleven_cli.api.stt.events import Committed, RealtimeWord
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
        return _joined(self._parts) if self._parts else None

    @property
    def nothing_said(self) -> ElevenError:
        within = f" within {self._timeout_s:g} s" if self._timed_out else ""
        return ElevenError(f"nothing was said{within}", code="nothing_said")


def _joined(parts: Sequence[Committed]) -> Committed:
    if len(parts) == 1:
        return parts[0]
    words = [word for part in parts for word in (BLANK, *(part.words or ()))][1:]
    is_timed = any(part.words is not None for part in parts)
    text = " ".join(part.text.strip() for part in parts)
    return Committed(text, tuple(words) if is_timed else None, parts[0].language)
