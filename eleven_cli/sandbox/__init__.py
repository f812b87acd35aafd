"""A local server with the service's API and a real speech synthesizer.

Nothing comes from the rest of the program. `running` is for tests; see `server.running` and `server.serve`, too.
"""

from .fixture.sandbox import Sandbox, running

__all__ = ["Sandbox", "running"]
