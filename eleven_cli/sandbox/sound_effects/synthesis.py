"""Synthesizes a sound from the words of its description.

Everything is made on a circle: what does not end before the end goes on at the beginning. So a loop has no seam; what
is no loop is faded in and out.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from .events import (
    RATE,
    Random,
    Samples,
    band_noise,
    decay,
    every,
    placed,
    scattered,
    struck,
    swell,
)

PEAK = 0.7
FADE_S = 0.02
MIN_USUAL_S, MAX_USUAL_S = 2.0, 6.0


def usual_duration_s(text: str) -> float:
    """Gives how long a sound is for which no duration was asked: longer with more words."""
    return min(MIN_USUAL_S + 0.25 * len(text.split()), MAX_USUAL_S)


def effect_pcm(text: str, duration_s: float, *, loop: bool, influence: float) -> bytes:
    """Gives signed 16-bit mono samples at `RATE`: equal arguments give equal bytes."""
    count = round(duration_s * RATE)
    seed = zlib.crc32(f"{text} {influence}".encode("utf-8", "surrogatepass"))
    layers = [make(count, np.random.default_rng(seed + at)) for at, make in enumerate(_layers(text))]
    sound: Samples = sum((_level(layer) for layer in layers), np.zeros(count))
    sound *= PEAK / max(float(np.abs(sound).max()), 1e-9)
    if not loop:
        _fade(sound)
    return bytes(np.round(sound * 32767).astype("<i2").tobytes())


def _level(layer: Samples) -> Samples:
    return layer / max(float(np.abs(layer).max()), 1e-9)


def _fade(sound: Samples) -> None:
    size = min(round(FADE_S * RATE), len(sound) // 2)
    ramp = np.linspace(0.0, 1.0, size)
    sound[:size] *= ramp
    sound[len(sound) - size :] *= ramp[::-1]


def rain(count: int, random: Random) -> Samples:
    drops = scattered(
        count, random, 60, lambda: struck(random.uniform(1800, 5200), (1.0, 2.7), 0.05, random.uniform(0.003, 0.01))
    )
    return band_noise(count, random, 900, 11000) * 0.35 + drops * 0.8


def wind(count: int, random: Random) -> Samples:
    gusts = max(round(count / RATE / 3), 1)
    low, high = band_noise(count, random, 120, 500), band_noise(count, random, 350, 900)
    return low * swell(count, gusts, 0.3) + high * swell(count, gusts, 0.05, phase=0.6)


def sea(count: int, random: Random) -> Samples:
    return band_noise(count, random, 150, 6000, -3) * swell(count, max(round(count / RATE / 5), 1), 0.08)


def thunder(count: int, random: Random) -> Samples:
    time, envelope = decay(min(count / RATE, 8.0), min(count / RATE / 5, 1.2))
    roll = band_noise(len(time), random, 25, 130) * envelope * (0.6 + 0.4 * np.sin(2 * np.pi * 2.3 * time) ** 2)
    crack_time, crack = decay(0.25, 0.04)
    roll[: len(crack_time)] += (band_noise(len(crack_time), random, 200, 4000) * crack)[: len(roll)] * 0.8
    sound = np.zeros(count)
    placed(count, roll, round(0.04 * RATE) % count, sound)
    return sound


def bell(count: int, random: Random) -> Samples:
    hz = random.uniform(480, 620)
    return every(count, 2.5, lambda number: struck(hz, (0.5, 1.0, 1.19, 1.56, 2.0, 2.51, 2.66), 4.0, 0.8))


def beep(count: int, random: Random) -> Samples:
    time = np.arange(round(0.2 * RATE)) / RATE
    edges = np.minimum(np.minimum(time, time[::-1]) / 0.005, 1.0)
    return every(count, 0.5, lambda number: np.sin(2 * np.pi * 1000 * time) * edges)


def tone(count: int, random: Random) -> Samples:
    turns = max(round(440 * count / RATE), 1)  # a whole number of turns has no seam
    return np.asarray(np.sin(2 * np.pi * turns * np.arange(count) / count))


def noise(count: int, random: Random) -> Samples:
    return band_noise(count, random, 20, 20000)


def footsteps(count: int, random: Random) -> Samples:
    def step(number: int) -> Samples:
        time, envelope = decay(0.22, 0.025)
        thud = np.sin(2 * np.pi * (95 if number % 2 else 80) * time) * envelope
        crunch = band_noise(len(time), random, 600, 5000) * 0.5 ** (time / 0.018) * np.minimum(time / 0.01, 1.0)
        return thud + 0.18 * crunch

    return every(count, 0.55, step)


def knock(count: int, random: Random) -> Samples:
    return every(count, 0.4, lambda number: struck(210, (1.0, 1.9, 3.1), 0.2, 0.02))


def clock(count: int, random: Random) -> Samples:
    return every(count, 0.5, lambda number: struck(2900 if number % 2 else 2400, (1.0, 1.7), 0.06, 0.006))


def fire(count: int, random: Random) -> Samples:
    def crackle() -> Samples:
        time, envelope = decay(0.02, 0.002)
        return band_noise(len(time), random, 800, 9000) * envelope

    return band_noise(count, random, 40, 250) * 0.15 + scattered(count, random, 22, crackle) * 0.5


def engine(count: int, random: Random) -> Samples:
    turns = max(round(48 * count / RATE), 1)
    angle = 2 * np.pi * turns * np.arange(count) / count
    hum = sum((np.sin(angle * harmonic) / harmonic for harmonic in range(1, 9)), np.zeros(count))
    return hum + 0.12 * band_noise(count, random, 60, 900)


def birds(count: int, random: Random) -> Samples:
    def chirp() -> Samples:
        time, _ = decay(0.12, 0.1)
        start, end = random.uniform(2500, 4200), random.uniform(3000, 5500)
        phase = 2 * np.pi * (start * time + (end - start) * time**2 / 2 / 0.12)
        return np.asarray(np.sin(phase) * np.sin(np.pi * time / 0.12) ** 2)

    return scattered(count, random, 4, chirp)


def siren(count: int, random: Random) -> Samples:
    sweeps = max(round(count / RATE / 1.5), 1)
    place = np.arange(count) / count
    phase = 2 * np.pi * round(850 * count / RATE) * place - 250 * count / RATE / sweeps * np.sin(
        2 * np.pi * sweeps * place
    )
    return np.asarray(np.sin(phase))


def explosion(count: int, random: Random) -> Samples:
    time, envelope = decay(min(count / RATE, 3.0), 0.25)
    sound = np.zeros(count)
    placed(count, band_noise(len(time), random, 30, 1500, -4) * envelope, round(0.03 * RATE) % count, sound)
    return sound


def applause(count: int, random: Random) -> Samples:
    def clap() -> Samples:
        time, envelope = decay(0.03, 0.004)
        return band_noise(len(time), random, 700, 4000) * envelope

    return scattered(count, random, 90, clap)


def whoosh(count: int, random: Random) -> Samples:
    """Stands in for whatever else was described: noise of a band by its words."""
    middle = float(random.uniform(300, 3000))
    return band_noise(count, random, middle / 1.6, middle * 1.6) * swell(count, 1, 0.15)


_SOUNDS: dict[str, Callable[[int, Random], Samples]] = {
    r"rain\w*|drizzl\w*|shower|downpour": rain,
    r"wind\w*|breeze|gust\w*|storm\w*|blizzard": wind,
    r"sea|ocean|waves?|surf|shore": sea,
    r"thunder\w*|lightning|rumbl\w*": thunder,
    r"bells?|chimes?|gong|ding\w*": bell,
    r"beep\w*|alarm|notification|phone|ring\w*": beep,
    r"tones?|sine|hum\w*|drone": tone,
    r"noise|static|hiss\w*": noise,
    r"footsteps?|steps|walk\w*|running": footsteps,
    r"knock\w*|doors?|drum\w*|thud\w*": knock,
    r"clocks?|tick\w*|typing|keyboard|clicks?": clock,
    r"fire\w*|crackl\w*|campfire": fire,
    r"engines?|motors?|cars?|trucks?|machine\w*|trains?": engine,
    r"birds?|chirp\w*|tweet\w*|forest": birds,
    r"sirens?|ambulance|police": siren,
    r"explo\w*|bang|blast|gunshot|cannon|braam\w*": explosion,
    r"applause|clap\w*|crowd|audience": applause,
}


def _layers(text: str) -> Iterator[Callable[[int, Random], Samples]]:
    """Gives what makes the sounds that the text names, or the one that stands in for all others."""
    named = [make for words, make in _SOUNDS.items() if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)]
    yield from named or [whoosh]
