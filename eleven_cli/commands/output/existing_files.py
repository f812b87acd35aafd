"""What --no-clobber means: a file that exists is left alone, and nothing is paid for."""

import os

from eleven_cli.files.descriptors import is_direct, is_stdout
from eleven_cli.terminal import Terminal


def keeps_existing(terminal: Terminal, *files: str | None, no_clobber: bool, as_json: bool = False) -> bool:
    """Whether one of these files is there and to be left alone, which is said once: then there is nothing to do.

    The files of one run belong together: subtitles of another take would not fit. `as_json` says it as an object.
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
    """Whether writing there would replace something."""
    return not (is_stdout(file) or is_direct(file)) and os.path.isfile(file)
