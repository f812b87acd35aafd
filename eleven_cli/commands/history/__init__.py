"""`eleven history`: what the account has generated, and its audio once more."""

from eleven_cli.commands.history.command import app

__all__ = ["app"]
