"""`eleven voices`: the account's voices, one of them, and how it sounds."""

from eleven_cli.commands.voices.group import GROUPS, app

__all__ = ["GROUPS", "app"]
