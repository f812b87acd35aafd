"""End-pointing: detects speech and the silence after it. Pure."""

from collections.abc import Callable, Iterable, Iterator

from eleven_cli.audio.pcm import FRAME_MS, level_db

QUIET_S = 2.0  # after something was said
SPOKEN_S = 0.2
AUDIBLE_DB = -50.0
ABOVE_NOISE_DB = 9.0
NOISE_RISE_DB = 0.04  # a frame


class Endpointer:
    """Detects the end of speech: at least `spoken_s` of sound, and then `quiet_s` without any.

    Sound stands out from the noise of the room, which is the level that the microphone falls back to.
    """

    def __init__(self, quiet_s: float = QUIET_S, spoken_s: float = SPOKEN_S) -> None:
        self._quiet_s, self._least_spoken_s = quiet_s, spoken_s
        self._noise_db = AUDIBLE_DB
        self._spoken_s = self._quiet_for_s = 0.0

    def ends_with(self, heard_db: float) -> bool:
        """Take the level of the next 20 ms; tell whether the speech has ended."""
        self._noise_db = min(heard_db, self._noise_db + NOISE_RISE_DB)
        loud = heard_db > max(AUDIBLE_DB, self._noise_db + ABOVE_NOISE_DB)
        self._spoken_s += loud * FRAME_MS / 1000
        self._quiet_for_s = 0.0 if loud else self._quiet_for_s + FRAME_MS / 1000
        return self.has_spoken and self._quiet_for_s >= self._quiet_s

    @property
    def has_spoken(self) -> bool:
        """Whether there has been enough sound, since `restart`, to be speech."""
        return self._spoken_s >= self._least_spoken_s

    def restart(self) -> None:
        """Wait for speech again, with the noise of the room known."""
        self._spoken_s = 0.0

    def speech(self, frames: Iterable[bytes], on_level: Callable[[float], None]) -> Iterator[bytes]:
        """Pass frames of 20 ms of PCM on until the speech has ended; `on_level` gets the level of each in dBFS."""
        for frame in frames:
            level = level_db(frame)
            yield frame
            on_level(level)
            if self.ends_with(level):
                return
