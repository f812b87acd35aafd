"""`eleven tts`: a text as sound, in one request, piece by piece, or while it is still being written."""

from eleven_cli.commands.tts.command import EXAMPLES, GROUPS, tts

__all__ = ["EXAMPLES", "GROUPS", "tts"]
