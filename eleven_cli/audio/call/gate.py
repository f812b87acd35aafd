"""Gate: half-duplex echo control that lets a real interruption through. Pure."""

from collections import deque

from eleven_cli.audio.pcm import FRAME_MS, SILENCE_DB, level_db

LAGS = range(15)  # in frames: how late an echo may be, through devices and room
TAIL_MS = LAGS.stop * FRAME_MS
AUDIBLE_DB = -50.0
FADING_DB = 2.0  # a frame: how fast a room falls silent
NOISE_RISE_DB = 0.04  # a frame
ABOVE_NOISE_DB = 6.0
LOWEST_COUPLING_DB = -40.0
FORGETTING_DB = 0.01  # a frame
LEARNING_FRAMES = 75  # of the agent's sound, or
LEARNING_ECHO_FRAMES = 25  # of something at the microphone meanwhile
RISE_DB = 0.1  # a frame, once learned: else a voice that is hardly louder would be learned as echo
MARGIN_DB = 4.0
CONFIRMED = 3.0
OPEN_FRAMES = 20
DISBELIEF_FRAMES = 100


class Gate:
    """Silences the microphone while the agent is audible, unless the user is clearly louder than its echo.

    The echo follows the played level after some lag, changed by a coupling in dB. For each lag the gate learns the
    highest coupling it has observed; the true lag has the lowest. Frames that exceed the expected echo by MARGIN_DB
    open the gate once CONFIRMED of them have come. If the agent goes on talking for DISBELIEF_FRAMES, it was no
    interruption but a louder echo, and is learned as one.
    """

    def __init__(self) -> None:
        self._played = deque([SILENCE_DB] * (LAGS.stop + 1), LAGS.stop + 1)  # the newest first
        self._expected = [SILENCE_DB for _ in LAGS]
        self._coupling = [LOWEST_COUPLING_DB for _ in LAGS]
        self._noise_db = AUDIBLE_DB
        self._learned = self._learned_echo = self._open = self._open_for = 0
        self._confirmed = 0.0

    def played(self, pcm: bytes) -> None:
        self._played.appendleft(level_db(pcm))

    def clean(self, frame: bytes) -> bytes:
        self._expect()
        heard_db = level_db(frame)
        self._noise_db = min(heard_db, self._noise_db + NOISE_RISE_DB)
        if max(self._played) < AUDIBLE_DB:
            self._open = self._open_for = 0
            self._confirmed = 0.0
            return frame
        return frame if self._lets_through(heard_db) else bytes(len(frame))

    def _expect(self) -> None:
        """Update the expected echo of each lag, fading as in a room."""
        levels = list(self._played)
        for lag in LAGS:
            around = max(levels[max(lag - 1, 0) : lag + 2])
            self._expected[lag] = max(around, self._expected[lag] - FADING_DB)

    def _lets_through(self, heard_db: float) -> bool:
        above = [heard_db - self._expected[lag] - self._coupling[lag] for lag in LAGS]
        likely = min(LAGS, key=self._coupling.__getitem__)
        audible = heard_db > max(AUDIBLE_DB, self._noise_db + ABOVE_NOISE_DB)
        learning = self._learned < LEARNING_FRAMES and self._learned_echo < LEARNING_ECHO_FRAMES
        loud = audible and not learning and above[likely] > MARGIN_DB
        self._confirmed = self._confirmed + 1 if loud else max(self._confirmed - 0.5, 0.0)
        if loud and (self._open or self._confirmed >= CONFIRMED):
            self._open = OPEN_FRAMES
        if self._open:
            return self._believed(above)
        self._learned += 1
        self._learned_echo += audible
        if audible and not loud:
            self._learn(above, quickly=learning)
        return False

    def _believed(self, above: list[float]) -> bool:
        """Whether the open gate stays open; otherwise learn the frame as echo."""
        self._open -= 1
        self._open_for = self._open_for + 1 if self._open else 0
        if self._open_for <= DISBELIEF_FRAMES:
            return True
        self._learn(above, quickly=True)
        return False

    def _learn(self, above: list[float], *, quickly: bool) -> None:
        for lag in LAGS:
            if above[lag] > 0:
                self._coupling[lag] += above[lag] if quickly else min(above[lag], RISE_DB)
            else:
                self._coupling[lag] = max(self._coupling[lag] - FORGETTING_DB, LOWEST_COUPLING_DB)
