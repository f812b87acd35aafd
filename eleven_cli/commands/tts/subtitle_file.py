"""Files with the moments of what is spoken: subtitles (.srt, .vtt), or every character's times (.json)."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import PurePath

from eleven_cli.audio.files import file_sink
from eleven_cli.audio.sinks import Sink
from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.text.subtitles import Timed, cues, srt, vtt

BLOCK_CHARACTERS = 65536


def check(path: str, audio: str | None) -> None:
    """Raises UsageError for a file of another kind, and for the file of the audio."""
    if _suffix(path) not in _KINDS:
        raise UsageError(f"subtitles cannot be written to {path}", hint="name it .srt, .vtt, or .json for all times")
    if audio is not None and os.path.realpath(path) == os.path.realpath(audio):
        raise UsageError("the audio and the subtitles would have the same file", hint="name them differently")


@contextmanager
def opened(path: str, *, no_clobber: bool) -> Iterator[Callable[[Iterable[Timed]], None]]:
    """What writes timings there, when all are known. Raises UsageError where nothing can be written."""
    with file_sink(path, no_clobber=no_clobber) as sink:
        yield partial(_write, sink, path)


def _write(sink: Sink, path: str, timings: Iterable[Timed]) -> None:
    """Raises ElevenError when nothing was timed, or nothing can be written."""
    timed = iter(timings)
    first = next(timed, None)
    if first is None:
        raise ElevenError(f"the service sent no timings, so there are no subtitles in {path}", code="no_timings")
    for piece in _KINDS[_suffix(path)](chain([first], timed)):
        sink.write(piece.encode())
    sink.finish()


def _suffix(path: str) -> str:
    return PurePath(path).suffix.lower()


def _json(timings: Iterable[Timed]) -> Iterator[str]:
    """One object with three lists of one length, as the service's own alignment is."""
    timed = list(timings)
    columns = {
        "characters": [each.character for each in timed],
        "character_start_times_seconds": [round(each.start_s, 3) for each in timed],
        "character_end_times_seconds": [round(each.end_s, 3) for each in timed],
    }
    text = json.dumps(columns, ensure_ascii=False) + "\n"
    yield from (text[at : at + BLOCK_CHARACTERS] for at in range(0, len(text), BLOCK_CHARACTERS))


_KINDS: dict[str, Callable[[Iterable[Timed]], Iterator[str]]] = {
    ".srt": lambda timings: srt(cues(timings)),
    ".vtt": lambda timings: vtt(cues(timings)),
    ".json": _json,
}
