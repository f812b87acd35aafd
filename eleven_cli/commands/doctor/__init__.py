"""`eleven doctor`"""

from eleven_cli.commands.doctor.command import EXAMPLES, doctor

__all__ = ["EXAMPLES", "doctor"]
