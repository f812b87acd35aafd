"""How long a test waits for what must come."""

import time

GUARD_S = 40  # a busy machine needs long, and only a test that fails waits until then


def wait_until(condition, within_s=GUARD_S):
    """Look again and again, but not for ever."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)
