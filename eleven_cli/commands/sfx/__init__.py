"""`eleven sfx`: a sound effect from its description."""

from eleven_cli.commands.sfx.command import EXAMPLES, GROUPS, sfx

__all__ = ["EXAMPLES", "GROUPS", "sfx"]
