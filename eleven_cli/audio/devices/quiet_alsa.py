"""Keeps the messages of the C libraries below PortAudio off the terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache


@cache
def silence_alsa() -> None:
    """Drop ALSA's messages, which it would write to fd 2 between our lines.

    The handler is a function of the C library that ignores its arguments: KeyboardInterrupt in a Python callback would
    be lost.
    """
    import ctypes

    with suppress(OSError, AttributeError):  # no ALSA on this system
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(ctypes.CDLL(None).getpid)


@cache
def silence_c_stderr() -> None:
    """Redirect C's `stderr` to nowhere: PortAudio writes there when a device disappears. Python uses fd 2 instead."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError, ValueError):  # another C library
        libc = ctypes.CDLL(None)
        libc.fopen.restype = ctypes.c_void_p
        if nowhere := libc.fopen(os.devnull.encode(), b"w"):
            ctypes.c_void_p.in_dll(libc, "stderr").value = nowhere


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Redirect fd 2 to nowhere meanwhile: JACK and others write there from C while they are probed."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb", 0) as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
