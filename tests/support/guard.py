"""How long a test waits for what must come."""

GUARD_S = 40  # a busy machine needs long, and only a test that fails waits until then
