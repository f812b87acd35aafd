"""When a live transcription is committed, by whom, and up to where. Pure.

The service commits by itself after silence, if it is asked to, and after 35.8 s in any case, wherever that is. Its
answers have no numbers: which commit one belongs to is told from the order, and from the pauses in the sound.
"""

from collections.abc import Sequence

from eleven_cli.api.scribe_sound import Sound

LEAST_S = 0.4  # a commit of less than 0.3 s ends the session
GAP_S, SHORT_GAP_S = 0.2, 0.04  # the former between words, rather than within one
IN_GAP_S, IN_SHORT_GAP_S, LATEST_S = 22.0, 28.0, 34.0  # after so much sound
IN_SILENCE_S = 15.0  # so that speech which begins then has room before it is cut
OWN_S = 35.8
SLACK_S = 0.2  # by how much the service may take a pause for longer or shorter than we do
LATENCY_S = 0.5  # of an answer, where nothing in the sound tells it
END_S = 1.0  # of silence at the end, beyond what makes the service commit by itself


def is_time(heard_s: float, quiet_s: float, by_itself: float | None) -> bool:
    """Whether to ask for a commit, with so much sound since the last, of which the newest is quiet: before the service
    does it amid a word, and better where it is quiet; but not where it is about to because of that."""
    in_gap = quiet_s >= (GAP_S if heard_s < IN_SHORT_GAP_S else SHORT_GAP_S)
    if by_itself is not None and quiet_s >= by_itself / 2:
        in_gap = False
    return heard_s >= LATEST_S or (heard_s >= IN_GAP_S and in_gap) or quiet_s >= heard_s >= IN_SILENCE_S


def until(sound: Sound, asked: Sequence[int], by_itself: float | None) -> int | None:
    """Up to where an answer goes if it is to none of the commits that were `asked` for; None if it is to the first.

    by_itself  after how much silence, in seconds, the service commits by itself; None when it waits to be told
    """
    pause = None if by_itself is None else _answered(list(sound.pauses(max(by_itself - SLACK_S, GAP_S))), by_itself)
    if by_itself is not None and pause is not None:
        commit = min(pause + sound.bytes_of(by_itself), sound.position)
        if not asked or commit < asked[0]:
            return commit
    if asked:
        return None
    if sound.seconds_of(sound.position - sound.start) >= OWN_S:
        return sound.start + sound.bytes_of(OWN_S)
    if by_itself is not None and sound.can_be_quiet:
        return sound.start  # whatever it was, nothing more is certain
    return sound.position - (0 if by_itself is None else sound.bytes_of(by_itself + LATENCY_S))


def _answered(pauses: Sequence[tuple[int, float]], by_itself: float) -> int | None:
    """In which pause the service has committed: the first that it cannot have missed, else the last it may have seen.

    Another one before that, had it been seen, would have been answered before.
    """
    sure = (first for first, length_s in pauses if length_s >= by_itself + SLACK_S)
    return next(sure, pauses[-1][0] if pauses else None)
