"""The sound of the benchmark, and where it is in what was recorded."""

import array
from collections.abc import Sequence

from tests.support.soundcard import AUDIBLE, RATE

LOUDNESS = 9000
HALF_WAVE = 20  # samples: 400 Hz


def square(seconds: float) -> bytes:
    """A tone as 16-bit samples at 16 kHz, each of which can be heard."""
    count = int(seconds * RATE)
    return array.array("h", (LOUDNESS if at // HALF_WAVE % 2 else -LOUDNESS for at in range(count))).tobytes()


def is_quiet(samples: Sequence[int]) -> bool:
    return not samples or (max(samples) <= AUDIBLE and min(samples) >= -AUDIBLE)


def audible(samples: Sequence[int], since: int = 0) -> list[int]:
    """Where something can be heard, from sample `since` on."""
    return [at for at in range(since, len(samples)) if abs(samples[at]) > AUDIBLE]
