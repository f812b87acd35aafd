"""Existing files: whether one is there, and --no-clobber."""

import os

from eleven_cli.files.descriptors import is_direct, is_stdout
from eleven_cli.terminal import Terminal


def keeps_existing(terminal: Terminal, *files: str | None, no_clobber: bool, as_json: bool = False) -> bool:
    """Whether --no-clobber keeps one of these files, so that nothing is to do; reports that, `as_json` as an object.

    The files of one run belong together: subtitles of another take would not fit.
    """
    kept = next((file for file in files if file and no_clobber and is_there(file)), None)
    if kept is None:
        return False
    if as_json:
        terminal.json({"file": kept, "skipped": True})
    else:
        terminal.note(f"{kept} exists, and is left alone")
    return True


def is_there(file: str) -> bool:
    """Whether writing to `file` would replace a file."""
    return not (is_stdout(file) or is_direct(file)) and os.path.isfile(file)
