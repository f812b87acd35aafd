"""Where the moments of what is spoken go: subtitles (srt, vtt), or every character's times (json)."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import PurePath

from eleven_cli.audio.sinks import Sink
from eleven_cli.commands.output.audio import OutputPlan
from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.files.sinks import file_sink
from eleven_cli.terminal import Terminal
from eleven_cli.text.subtitles import TimedText, cues, srt, vtt

BLOCK_CHARACTERS = 65536


def check(path: str | None, format: str | None, outlets: OutputPlan) -> None:
    """Raises UsageError for a file of another kind, and for the place where the audio goes."""
    if path is None:
        raise UsageError("--subtitles-format without --subtitles", hint=f"--subtitles speech.{format}")
    suffix = PurePath(path).suffix.lower().removeprefix(".")
    if (format or suffix) not in _KINDS:
        hint = "name it .srt, .vtt or .json (all timings), or add --subtitles-format srt"
        raise UsageError(f"cannot tell the subtitle format of {path}", hint=hint)
    if format and suffix in _KINDS and suffix != format:
        raise UsageError(f"--subtitles-format {format} contradicts --subtitles {path}", hint="omit one of them")
    if is_stdout(path) and outlets.stdout:
        raise UsageError(
            "the audio and the subtitles would both go to stdout", hint="write the audio to a file: -o FILE"
        )


@contextmanager
def opened(
    terminal: Terminal, path: str, format: str | None, *, no_clobber: bool
) -> Iterator[Callable[[Iterable[TimedText]], None]]:
    """What writes timings there, when all are known. Raises UsageError where nothing can be written."""
    kind = format or PurePath(path).suffix.lower().removeprefix(".")
    if is_stdout(path):
        terminal.refuse_closed_stdout()
        yield lambda timings: _print(terminal, kind, _timed(path, timings))
        return
    with file_sink(path, no_clobber=no_clobber, is_text=True, option="--subtitles", example="speech.srt") as sink:
        yield lambda timings: _write(sink, kind, _timed(path, timings))


def _timed(path: str, timings: Iterable[TimedText]) -> Iterator[TimedText]:
    """The same. Raises ElevenError when nothing was timed."""
    timed = iter(timings)
    first = next(timed, None)
    if first is None:
        raise ElevenError(f"the service sent no timings, so there are no subtitles in {path}", code="no_timings")
    return chain([first], timed)


def _write(sink: Sink, kind: str, timings: Iterable[TimedText]) -> None:
    for piece in _KINDS[kind](timings):
        sink.write(piece.encode())
    sink.finish()


def _print(terminal: Terminal, kind: str, timings: Iterable[TimedText]) -> None:
    if kind == "json":
        terminal.json(_columns(timings))
        return
    for piece in _KINDS[kind](timings):
        for line in piece.removesuffix("\n").split("\n"):
            terminal.print(line)


def _columns(timings: Iterable[TimedText]) -> dict[str, list[str] | list[float]]:
    """Three lists of one length, as the service's own alignment is."""
    timed = list(timings)
    return {
        "characters": [each.character for each in timed],
        "character_start_times_seconds": [round(each.start_s, 3) for each in timed],
        "character_end_times_seconds": [round(each.end_s, 3) for each in timed],
    }


def _json(timings: Iterable[TimedText]) -> Iterator[str]:
    text = json.dumps(_columns(timings), ensure_ascii=False) + "\n"
    yield from (text[at : at + BLOCK_CHARACTERS] for at in range(0, len(text), BLOCK_CHARACTERS))


_KINDS: dict[str, Callable[[Iterable[TimedText]], Iterator[str]]] = {
    "srt": lambda timings: srt(cues(timings)),
    "vtt": lambda timings: vtt(cues(timings)),
    "json": _json,
}
