"""`eleven tts`: a text as sound, in one request, piece by piece, or while it is still being written."""

from eleven_cli.commands.tts.command import tts
from eleven_cli.commands.tts.options import EXAMPLES, GROUPS

__all__ = ["EXAMPLES", "GROUPS", "tts"]
