"""The README's picture, from a real run in the sandbox: python -m tests.demo > .github/demo.svg"""

import os
import re
import subprocess
import sys
import tempfile

from rich import _export_format
from rich.console import Console
from rich.text import Text

from tests.support.pty_run import run_on_terminal

COMMANDS = (
    'eleven tts "The trains are late today." -o note.mp3',
    "eleven stt note.mp3",
    'printf "Hello\\nGoodbye\\n" | eleven talk --text',
    'eleven tts "How do you do?" --voice Imogne',
)
COLUMNS, LINES = 80, 40
REDRAWN = re.compile(r"[^\n]*\r\x1b\[K")  # what the live line showed for a moment
FONT_FROM_THE_NET = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)


def shown_by(command: str, folder: str) -> str:
    """What a command leaves on a terminal, with its colours."""
    environ = {
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/bin:/bin",
        **{"HOME": folder, "TERM": "xterm", "LANG": "C.UTF-8", "ELEVEN_SANDBOX": "1"},
    }
    argv = ["bash", "-c", command]
    _, seen = run_on_terminal(subprocess.Popen, argv, columns=COLUMNS, lines=LINES, cwd=folder, env=environ)
    return REDRAWN.sub("", seen.replace("\r\n", "\n"))


def session(commands: tuple[str, ...] = COMMANDS) -> list[tuple[str, str]]:
    """Each command and what it left on the terminal."""
    with tempfile.TemporaryDirectory() as folder:
        return [(command, shown_by(command, folder)) for command in commands]


def picture(runs: list[tuple[str, str]]) -> str:
    """The runs as SVG, without anything that a browser would have to fetch."""
    console = Console(width=COLUMNS, record=True, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    for command, output in runs:
        console.print(Text("$ ", "bold green") + Text(command, "bold"), soft_wrap=True)
        console.print(Text.from_ansi(output.rstrip("\n")), soft_wrap=True)
    layout = FONT_FROM_THE_NET.sub("", _export_format.CONSOLE_SVG_FORMAT)
    return console.export_svg(title="eleven", code_format=layout, unique_id="eleven") + "\n"


if __name__ == "__main__":
    sys.stdout.write(picture(session()))
