"""The content of a settings file: read, parsed, and who else has access to it."""

import os
import select
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eleven_cli.errors import ElevenError
from eleven_cli.processes import WaitingFile
from eleven_cli.settings.sharing import others_can_read, who_can_replace

LARGEST_BYTES = 1 << 20  # a second of reading at each start
WRITER_S = 2.0


def content_of(path: Path) -> bytes:
    """What the file, or the pipe, holds. Raises OSError, and ElevenError for what holds no settings."""
    with WaitingFile(path, opener=_without_waiting) as file:
        if file.isatty():
            raise ElevenError(f"cannot read the settings file {path}: it is a terminal")
        has_writer = bool(select.select([file], [], [], WRITER_S)[0])
        content = b""
        while len(content) <= LARGEST_BYTES and (data := file.read(LARGEST_BYTES)):
            content += data
    if not (content or has_writer):
        raise ElevenError(f"cannot read the settings file {path}: nothing writes into this pipe")
    if len(content) > LARGEST_BYTES:
        raise broken(path, "it is larger than 1 MB")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Opened as it is: a pipe would wait for somebody to write, maybe for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def parsed(content: bytes, path: Path) -> tuple[str, dict[str, Any]]:
    """Gives the file's text and what it holds. Raises ElevenError for one that is broken."""
    try:
        text = content.decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as failed:
        at_line = content.count(b"\n", 0, failed.start) + 1
        raise broken(path, f"not UTF-8 (at line {at_line})") from failed
    except tomllib.TOMLDecodeError as failed:
        raise broken(path, _with_line(str(failed), content)) from failed
    except RecursionError as failed:
        raise broken(path, "its values are nested too deeply") from failed
    except ValueError as failed:  # a number of thousands of digits
        raise broken(path, str(failed)) from failed


def access_warnings(path: Path, content: bytes) -> Iterator[str]:
    """Says who else can replace the file, or read its key."""
    if why := who_can_replace(path):
        yield f"others can replace {path}: {why}"
    if b"api_key" in content and others_can_read(path):
        yield f"others can read the API key in {path}; chmod 600 it"


def broken(path: Path, why: str) -> ElevenError:
    """What to say of such a file."""
    return ElevenError(f"the settings file {path} is broken: {why}", hint="fix the file, or move it")


def _with_line(why: str, content: bytes) -> str:
    """tomllib says "at end of document" where a line would help more."""
    last = content.rstrip().count(b"\n") + 1
    return why.replace("(at end of document)", f"(at line {last}, the end)")
