"""When to ask for a commit of a live transcription, and up to where an answer reaches. Pure.

The service commits by itself after 35.8 s of sound, even amid a word, and with `vad` after each silence. Its answers
have no numbers: the commit that one belongs to is inferred from their order and from the pauses in the sound.
"""

from collections.abc import Sequence

from eleven_cli.api.stt.replay import ReplayBuffer

LEAST_S = 0.4  # a commit of less than 0.3 s ends the session
GAP_S, SHORT_GAP_S = 0.2, 0.04  # the former between words, rather than within one
IN_GAP_S, IN_SHORT_GAP_S, LATEST_S = 22.0, 28.0, 34.0  # after so much sound
IN_SILENCE_S = 15.0  # so that speech which begins then has room before it is cut
OWN_S = 35.8
SLACK_S = 0.2  # by how much the service may take a pause for longer or shorter than we do
JITTER_S = 0.03  # with which a pause can be measured
LATENCY_S, MOST_LATENCY_S = 0.5, 5.0  # of an answer: what is assumed where nothing in the sound tells it
END_S = 1.0  # of silence at the end, beyond what makes the service commit by itself


def is_time(heard_s: float, quiet_s: float, by_itself: float | None) -> bool:
    """Tells whether to ask for a commit, after so much sound since the last one, with so much silence at its end.

    It is to come before the service commits amid a word, in a pause if there is one; but not in a pause that makes the
    service commit by itself.
    """
    in_gap = quiet_s >= (GAP_S if heard_s < IN_SHORT_GAP_S else SHORT_GAP_S)
    if by_itself is not None and quiet_s >= by_itself / 2:
        in_gap = False
    return heard_s >= LATEST_S or (heard_s >= IN_GAP_S and in_gap) or quiet_s >= heard_s >= IN_SILENCE_S


def until(sound: ReplayBuffer, asked: Sequence[int], by_itself: float | None) -> int | None:
    """Up to where an answer reaches that belongs to no commit in `asked`; None if it belongs to the first of them.

    by_itself  after how much silence, in seconds, the service commits by itself; None when it waits to be told
    """
    commit = None if by_itself is None else _by_itself(sound, by_itself)
    if commit is not None and (not asked or commit < asked[0]):
        return commit
    if asked:
        return None
    if sound.seconds_of(sound.position - sound.start) >= OWN_S:
        return sound.start + sound.bytes_of(OWN_S)
    if by_itself is not None and sound.can_be_quiet:
        return sound.start  # whatever it was, nothing more is certain
    return sound.position - (0 if by_itself is None else sound.bytes_of(by_itself + LATENCY_S))


def _by_itself(sound: ReplayBuffer, silence_s: float) -> int | None:
    """Where in a pause the service has committed: in the first that was long enough and recent enough to be answered
    now, else in the last one that the service may have taken for long enough."""
    pauses = list(sound.pauses(max(silence_s - SLACK_S, GAP_S)))
    after = sound.bytes_of(silence_s)
    oldest = sound.position - sound.bytes_of(MOST_LATENCY_S) - after
    long_enough = (first for first, length_s in pauses if length_s >= silence_s - JITTER_S and first >= oldest)
    pause = next(long_enough, pauses[-1][0] if pauses else None)
    return None if pause is None else min(pause + after, sound.position)
