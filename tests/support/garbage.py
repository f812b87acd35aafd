"""What earlier tests have left behind."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """No garbage is collected meanwhile: at the bottom of a recursion its finalizers would fail, and aloud."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
