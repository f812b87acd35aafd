"""`eleven stt`: speech to text."""

from eleven_cli.commands.stt.command import stt

__all__ = ["stt"]
