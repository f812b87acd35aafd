"""Whether two names are one file: what is read must not be written over, and nothing be written twice."""

import os
import stat
from collections.abc import Hashable, Iterable, Mapping

from eleven_cli.errors import UsageError
from eleven_cli.files.descriptors import descriptor_of, is_direct
from eleven_cli.files.part_names import part_of

Place = str | int | None
"""A path, the number of an open file, or nothing."""

STANDARD_OUTPUT = "standard output"


def refuse_overlap(reads: Iterable[tuple[str, Place]], writes: Mapping[str, Place]) -> None:
    """Raise UsageError where a file that is read would be written, or two outputs are one file.

    reads    what is read, with what it is in words: [("the recording", "a.wav")]
    writes   what is written, by its option or STANDARD_OUTPUT: {"-o": "a.mp3"}

    Files are compared by what they are, not by their names: links of both kinds, other spellings and redirections
    count. Devices and pipes may be both read and written.
    """
    written: dict[Hashable, str] = {}
    sources = list(reads)
    for option, place in writes.items():
        for what, source in sources:
            _refuse_as_source(option, place, what, source)
        for key in {identity(place), _identity_of_part(place)} - {None}:
            if (other := written.setdefault(key, option)) != option:
                raise UsageError(f"{other} and {option} name the same file", hint="name them differently")


def identity(place: Place) -> Hashable | None:
    """What two names of one regular file have in common; None for anything that can be shared."""
    if place is None:
        return None
    if isinstance(place, str) and (number := descriptor_of(place)) is not None:
        place = number
    try:
        facts = os.stat(place)
    except OSError:
        return os.path.realpath(place) if isinstance(place, str) else None
    return (facts.st_dev, facts.st_ino) if stat.S_ISREG(facts.st_mode) else None


def _refuse_as_source(option: str, place: Place, what: str, source: Place) -> None:
    key, shown = identity(source), place if isinstance(place, str) else option
    if key is None or key not in (identity(place), _identity_of_part(place)):
        return
    why = f"{shown} is {what} itself" if key == identity(place) else f"{shown}.part is {what}, and would be overwritten"
    hint = "redirect to another file" if option == STANDARD_OUTPUT else f"name another file: {option} FILE"
    raise UsageError(why, hint=hint)


def _identity_of_part(place: Place) -> Hashable | None:
    if not isinstance(place, str) or is_direct(place) or os.path.isdir(place):
        return None
    return identity(str(part_of(place)))
