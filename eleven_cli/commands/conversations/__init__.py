"""`eleven conversations`: what was said with the agents of the account."""

from eleven_cli.commands.conversations.command import app

__all__ = ["app"]
