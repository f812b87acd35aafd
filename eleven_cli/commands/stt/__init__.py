"""`eleven stt`: speech to text."""

from eleven_cli.commands.stt.command import stt
from eleven_cli.commands.stt.options import EXAMPLES, GROUPS

__all__ = ["EXAMPLES", "GROUPS", "stt"]
