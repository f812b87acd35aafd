"""The only package that touches stdin, stdout and stderr.

stdout carries results; everything said to the person goes to stderr. Text from elsewhere is data: its control
characters are shown, never obeyed.
"""

from eleven_cli.terminal.terminal import Progress, Terminal

__all__ = ["Progress", "Terminal"]
