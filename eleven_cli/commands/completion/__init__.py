"""`eleven completion`, and what the scripts it prints ask for at each Tab."""

from eleven_cli.commands.completion.command import completion

__all__ = ["completion"]
