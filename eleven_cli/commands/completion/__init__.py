"""`eleven completion`, and what the scripts it prints ask for at each Tab."""

from eleven_cli.commands.completion.command import EXAMPLES, completion

__all__ = ["EXAMPLES", "completion"]
