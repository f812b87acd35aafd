"""Keeping the C libraries below PortAudio off the terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache


@cache
def hush_alsa() -> None:
    """Make ALSA keep its troubles to itself, while playing too: it would write them to fd 2, amid our lines.

    They go to a function of the C library that takes no notice. One of ours could be running when Ctrl+C comes, and
    what is raised in a callback is lost.
    """
    import ctypes

    with suppress(OSError, AttributeError):  # no ALSA on this system
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(ctypes.CDLL(None).getpid)


@cache
def hush_c() -> None:
    """Point C's `stderr` nowhere: PortAudio writes there when a device disappears. Python's own goes by number."""
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
    """JACK and others write to fd 2 from C while they are looked for."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
