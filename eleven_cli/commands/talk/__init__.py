"""`eleven talk`: a live conversation with an agent, by voice or by text."""

from eleven_cli.commands.talk.command import talk

__all__ = ["talk"]
