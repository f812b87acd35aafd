"""Text that is paid for: where it is kept when it cannot be written, or is not what was wanted."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from eleven_cli.commands.output.text import TextOutput
from eleven_cli.commands.output.text_format import SUFFIXES, TextFormat
from eleven_cli.errors import ElevenError, OutputClosed
from eleven_cli.files.descriptors import is_direct

NOT_MADE = ("no_document", "no_timings")  # of what the service sent there is the text, but not the format

Write = Callable[[TextOutput, TextFormat], None]


def write_paid(written: TextOutput, format: TextFormat, write: Write) -> None:
    """Have it written. Raises what that fails with, told where it is kept: the text instead of a document that did not
    come; all of it in another place where this one takes nothing."""
    try:
        write(written, format)
    except OutputClosed:
        raise
    except ElevenError as failed:
        if not written.is_all_given:  # then it is in the part, which says so itself
            _keep(written, format, write, failed)
        raise


def _keep(written: TextOutput, format: TextFormat, write: Write, failed: ElevenError) -> None:
    is_made = failed.code not in NOT_MADE
    kept_as = format if is_made else TextFormat.TEXT
    what = "it" if is_made else "the text"
    for place in _places(written.file, SUFFIXES[kept_as], beside=not is_made):
        with suppress(ElevenError), TextOutput(written.terminal, str(place), no_clobber=True) as other:
            write(other, kept_as)
            failed.add_note(f"{what} is kept in {place}")
            return
    if written.file is not None:
        with suppress(ElevenError):
            write(TextOutput(written.terminal, None), kept_as)
            failed.add_note(f"{what} is on standard output")


def _places(file: str | None, suffix: str, *, beside: bool) -> Iterator[Path]:
    """Names that are free: beside the file, else in a folder of its own among the temporary ones."""
    named = Path(file) if file is not None and not is_direct(file) else None
    if named is not None and beside:
        yield named.with_suffix(suffix)
        yield named.with_name(named.name + suffix)
    yield from _temporary(f"{named.stem if named is not None else 'transcript'}{suffix}")


def keep_bytes(data: bytes, name: str, failed: BaseException, *, what: str) -> None:
    """Keep them in a file of this name among the temporary ones, and note on the exception where; `what is`."""
    for place in _temporary(name):
        with suppress(OSError):
            place.write_bytes(data)
            failed.add_note(f"the {what} kept in {place}")
            return


def _temporary(name: str) -> Iterator[Path]:
    """A name in a new folder that only we can read; the folder goes where nothing could be written there."""
    with suppress(OSError):
        folder = tempfile.mkdtemp(prefix="eleven-")
        yield Path(folder) / name
        shutil.rmtree(folder)  # what did not fit there is a beginning
