"""`eleven api`: any endpoint of the service, also those that no other command knows."""

from eleven_cli.commands.api.command import EXAMPLES, GROUPS, api

__all__ = ["EXAMPLES", "GROUPS", "api"]
