"""How long an input may take: by its size, and by what a quarter of it takes. Time is that of the processor."""

import time
from collections.abc import Callable

from tests.fuzz.changes import Shape

LEAST_S, PER_BYTE_S = 2.0, 100e-6  # of one input: far more than the slowest decoder needs
TIMES_LONGER, TIMES_SLOWER = 4, 9  # what is linear takes 4 times as long, what is quadratic 16 times
MOST_BYTES = 50_000
MEASURABLE_S, UNCERTAIN_S = 0.003, 0.01
ATTEMPTS = 4


class TooSlow(AssertionError):
    """A decoder took longer than what is linear in the size of its input."""


def timed(read: Callable[[bytes], object], data: bytes) -> float:
    """The seconds that it took. Raises TooSlow for more than any input of this size needs."""
    started = time.thread_time()
    read(data)
    took_s = time.thread_time() - started
    if took_s > LEAST_S + PER_BYTE_S * len(data):
        raise TooSlow(f"{len(data)} bytes took {took_s:.1f} s")
    return took_s


def grows_evenly(read: Callable[[bytes], object], shape: Shape, fewest_bytes: int = 1000) -> None:
    """Raises TooSlow where four times as much takes far more than four times as long, whenever it is measured.

    fewest_bytes   of the smaller input, where a decoder waits for so many
    """
    small = _measurable(read, shape, fewest_bytes)
    large = shape.of_size(TIMES_LONGER * len(small))
    for _ in range(ATTEMPTS):
        small_s, large_s = timed(read, small), timed(read, large)
        if large_s <= TIMES_SLOWER * small_s + UNCERTAIN_S:
            return
    raise TooSlow(f"{len(small)} bytes took {small_s:.3f} s, and {len(large)} bytes {large_s:.3f} s: {shape}")


def _measurable(read: Callable[[bytes], object], shape: Shape, size: int) -> bytes:
    """The shortest input that takes a while."""
    while timed(read, data := shape.of_size(size)) < MEASURABLE_S and size < MOST_BYTES:
        size *= 2
    return data
