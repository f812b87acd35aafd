"""When to ask for a commit of a live transcription, up to where an answer reaches, and when all is answered. Pure.

The service commits by itself after 35.8 s of sound, even in the middle of a word. It answers each commit once, in
order, but without saying which commit it answers. With `manual` the client asks for every commit, always before that
limit: the first answer belongs to the first commit that was asked for. With `vad` the service commits after each
silence, too: what such an answer covers is inferred from the pauses in the sound, and matters only where the connection
is lost before the next answer.
"""

from collections.abc import Sequence
from typing import NamedTuple

from eleven_cli.api.stt.replay import ReplayBuffer

LEAST_S = 0.4  # a commit of less than 0.3 s ends the session
GAP_S, SHORT_GAP_S = 0.2, 0.04  # the former between words, rather than within one
IN_GAP_S, IN_SHORT_GAP_S, LATEST_S = 22.0, 28.0, 34.0  # after so much sound
IN_SILENCE_S = 15.0  # so that speech which begins then has room before it is cut
LIMIT_S = 35.8
SLACK_S = 0.2  # by how much the service may take a pause for longer or shorter than we do
JITTER_S = 0.03  # with which a pause can be measured
LATENCY_S, MOST_LATENCY_S = 0.5, 5.0  # of an answer: what is assumed where nothing in the sound tells it
END_S = 1.0  # of silence at the end, beyond what makes the service commit by itself
LINGER_S, LINGER_IN_SILENCE_S, LINGER_IN_SPEECH_S = 1.0, 1.5, 4.0  # for another answer, which may not come


class Asked(NamedTuple):
    """A commit that was asked for.

    position    up to where it reaches
    is_partway  the speech goes on after it: it only comes before the service's limit
    """

    position: int
    is_partway: bool = False


class RequestedCommits:
    """`manual`: the client asks for each commit.

    detects   whether the service commits by itself, too
    tail_s    how much silence the sound ends with, for the last commit
    may_ask   whether to ask in time for the service's limit
    """

    detects = False
    tail_s = LEAST_S
    may_ask = True

    def is_time(self, heard_s: float, quiet_s: float) -> bool:
        """Tells whether to ask for a commit, after so much sound since the last one, with so much silence at its end.

        It is to come before the service commits in the middle of a word, in a pause if there is one.
        """
        in_gap = quiet_s >= (GAP_S if heard_s < IN_SHORT_GAP_S else SHORT_GAP_S)
        return heard_s >= LATEST_S or (heard_s >= IN_GAP_S and in_gap) or quiet_s >= heard_s >= IN_SILENCE_S

    def unasked(self, sound: ReplayBuffer, asked: Sequence[Asked]) -> int | None:
        """Up to where an answer reaches that belongs to no commit in `asked`; None if it belongs to the first of them.

        One that was not asked for means a limit of the service that is not known here: of all that had arrived by then.
        """
        return None if asked else max(sound.position - sound.bytes_of(LATENCY_S), sound.start)

    def is_complete(self, asked: Sequence[Asked], *, is_last_empty: bool) -> bool:
        """Tells whether no more answers are to come after the end of the sound."""
        return not asked

    def linger_s(self, sound: ReplayBuffer, asked: Sequence[Asked], answered_after_s: float) -> float | None:
        """How long to wait for another answer, after one that came so long after the end; None for as long as any."""
        return None


class DetectedCommits(RequestedCommits):
    """`vad`: the service commits by itself after so much silence, and when it is asked to."""

    detects = True

    def __init__(self, silence_s: float) -> None:
        self._silence_s = silence_s
        self.tail_s = silence_s + END_S

    def is_time(self, heard_s: float, quiet_s: float) -> bool:
        """The same; but not in a pause that is about to make the service commit by itself."""
        if quiet_s >= self._silence_s / 2:
            return heard_s >= LATEST_S or quiet_s >= heard_s >= IN_SILENCE_S
        return super().is_time(heard_s, quiet_s)

    def unasked(self, sound: ReplayBuffer, asked: Sequence[Asked]) -> int | None:
        """The same, inferred from the pauses."""
        commit = self._in_a_pause(sound)
        if commit is not None and (not asked or commit < asked[0].position):
            return commit
        if asked:
            return None
        if sound.seconds_of(sound.position - sound.start) >= LIMIT_S:
            return sound.start + sound.bytes_of(LIMIT_S)
        if sound.can_be_quiet:
            return sound.start  # nothing more is certain
        return sound.position - sound.bytes_of(self._silence_s + LATENCY_S)

    def is_complete(self, asked: Sequence[Asked], *, is_last_empty: bool) -> bool:
        """The same; after an answer with words, the one to the silence at the end is still to come."""
        return not asked and is_last_empty

    def linger_s(self, sound: ReplayBuffer, asked: Sequence[Asked], answered_after_s: float) -> float | None:
        """The less, the surer it is that all has been answered but for the silence."""
        if not asked:
            return LINGER_S + answered_after_s
        return LINGER_IN_SILENCE_S if sound.is_quiet else LINGER_IN_SPEECH_S

    def _in_a_pause(self, sound: ReplayBuffer) -> int | None:
        """Where in a pause the service has committed: in the first that was long enough and recent enough to be
        answered now, else in the last one that the service may have taken for long enough."""
        pauses = list(sound.pauses(max(self._silence_s - SLACK_S, GAP_S)))
        after = sound.bytes_of(self._silence_s)
        oldest = sound.position - sound.bytes_of(MOST_LATENCY_S) - after
        long_enough = (
            first for first, length_s in pauses if length_s >= self._silence_s - JITTER_S and first >= oldest
        )
        pause = next(long_enough, pauses[-1][0] if pauses else None)
        return None if pause is None else min(pause + after, sound.position)


def commit_policy(by_itself: float | None) -> RequestedCommits:
    """The policy for a service that commits by itself after so much silence, or None: only when it is asked to."""
    return RequestedCommits() if by_itself is None else DetectedCommits(by_itself)
