"""What sounds are made of: noise, swells, strokes that die away, and how such events are placed on a circle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

RATE = 44100
Samples = np.ndarray[Any, np.dtype[np.float64]]
Random = np.random.Generator


def band_noise(count: int, random: Random, low_hz: float, high_hz: float, tilt_db: float = 0.0) -> Samples:
    """Makes noise of a band, which gets louder or softer by `tilt_db` with every octave; it is periodic."""
    hz = np.fft.rfftfreq(count, 1 / RATE)
    shape = 1 / (1 + (low_hz / np.maximum(hz, 1e-3)) ** 6) / (1 + (hz / high_hz) ** 6)
    shape *= 10 ** (tilt_db / 20 * np.log2(np.maximum(hz, 20.0) / 1000))
    made: Samples = np.fft.irfft(np.fft.rfft(random.standard_normal(count)) * shape, count)
    return made / max(float(np.std(made)), 1e-9)


def swell(count: int, times: int, least: float, phase: float = 0.0) -> Samples:
    """Makes an envelope that swells a whole number of times."""
    turn = np.arange(count) / count * 2 * np.pi * times + phase
    return least + (1 - least) * (0.5 - 0.5 * np.cos(turn)) ** 2


def placed(count: int, event: Samples, at: int, sound: Samples) -> None:
    """Adds an event at a sample; what does not end before the end goes on at the beginning."""
    for start in range(0, len(event), count):
        piece = event[start : start + count]
        first = min(count - at, len(piece))
        sound[at : at + first] += piece[:first]
        sound[: len(piece) - first] += piece[first:]


def decay(seconds: float, half_s: float) -> tuple[Samples, Samples]:
    """Gives the seconds of an event and an envelope that halves every `half_s`, with an attack of 1 ms."""
    time = np.arange(round(seconds * RATE)) / RATE
    return time, np.minimum(time / 0.001, 1.0) * 0.5 ** (time / half_s)


def struck(hz: float, partials: tuple[float, ...], seconds: float, half_s: float) -> Samples:
    """Makes a struck body: partials as multiples of `hz`, of which the higher ones die away sooner."""
    sound = np.zeros(round(seconds * RATE))
    for number, partial in enumerate(partials, 1):
        time, envelope = decay(seconds, half_s / number**0.7)
        sound += np.sin(2 * np.pi * hz * partial * time) * envelope / number
    return sound


def every(count: int, step_s: float, event: Callable[[int], Samples], first_s: float = 0.05) -> Samples:
    """Repeats an event at equal distances, a whole number of times."""
    sound = np.zeros(count)
    times = max(round(count / RATE / step_s), 1)
    for number in range(times):
        at = (round(first_s * RATE) + number * count // times) % count
        placed(count, event(number), at, sound)
    return sound


def scattered(count: int, random: Random, a_second: float, event: Callable[[], Samples]) -> Samples:
    sound = np.zeros(count)
    for _ in range(max(round(count / RATE * a_second), 1)):
        placed(count, event() * random.uniform(0.3, 1.0), int(random.integers(count)), sound)
    return sound
