"""`eleven sandbox`: a local imitation of the service for other programs."""

from eleven_cli.commands.sandbox.command import EXAMPLES, GROUPS, sandbox

__all__ = ["EXAMPLES", "GROUPS", "sandbox"]
