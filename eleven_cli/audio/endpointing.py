"""Recording what somebody says: until it is over, or is said to be."""

from collections.abc import Callable, Iterable, Iterator

from eleven_cli.audio.pcm import FRAME_MS, level_db

QUIET_S = 2.0  # after something was said
SPOKEN_S = 0.2
AUDIBLE_DB = -50.0
ABOVE_NOISE_DB = 9.0
NOISE_RISE_DB = 0.04  # a frame


class Silence:
    """Tells when somebody has spoken and then been quiet for `quiet_s`. Pure; fed with frames of 20 ms.

    What is loud stands above the noise of the room, which is the level that it falls back to.
    """

    def __init__(self, quiet_s: float = QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._noise_db = AUDIBLE_DB
        self._spoken_s = self._quiet_for_s = 0.0

    def is_over(self, heard_db: float) -> bool:
        """With the level of the next frame."""
        self._noise_db = min(heard_db, self._noise_db + NOISE_RISE_DB)
        loud = heard_db > max(AUDIBLE_DB, self._noise_db + ABOVE_NOISE_DB)
        self._spoken_s += loud * FRAME_MS / 1000
        self._quiet_for_s = 0.0 if loud else self._quiet_for_s + FRAME_MS / 1000
        return self._spoken_s >= SPOKEN_S and self._quiet_for_s >= self._quiet_s


def until_silence(
    frames: Iterable[bytes], heard: Callable[[float], None] = lambda level_db: None, quiet_s: float = QUIET_S
) -> Iterator[bytes]:
    """The same frames of 20 ms of PCM, until somebody has spoken and then been quiet; `heard` is told their levels."""
    silence = Silence(quiet_s)
    for frame in frames:
        level = level_db(frame)
        yield frame
        heard(level)
        if silence.is_over(level):
            return
