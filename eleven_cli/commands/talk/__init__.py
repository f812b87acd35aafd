"""`eleven talk`: a live conversation with an agent, by voice or by text."""

from eleven_cli.commands.talk.command import talk
from eleven_cli.commands.talk.options import EXAMPLES, GROUPS

__all__ = ["EXAMPLES", "GROUPS", "talk"]
