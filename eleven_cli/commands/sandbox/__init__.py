"""`eleven sandbox`: a local imitation of the service for other programs."""

from eleven_cli.commands.sandbox.group import GROUPS, app

__all__ = ["GROUPS", "app"]
