"""Makes the man pages of a wheel, from the help of the program that is in it."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPages(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="eleven-man-"))
        for name, page in pages(Path(self.root)).items():
            path = self._folder / name
            path.write_text(page, "utf-8")
            build_data["shared_data"][str(path)] = f"share/man/man1/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self._folder)


def pages(root: Path) -> dict[str, str]:
    """The pages of the program in that checkout."""
    sys.path.insert(0, str(root))
    import typer

    from eleven_cli import __version__
    from eleven_cli.app import tree
    from eleven_cli.commands.help import exit_codes
    from eleven_cli.parsing.man_page import man_pages

    return man_pages(typer.main.get_command(tree()), __version__, {"EXIT STATUS": exit_codes()})
