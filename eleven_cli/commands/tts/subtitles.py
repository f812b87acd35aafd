"""Joins several responses to one stream of audio, and writes when each character is heard, as subtitles or JSON."""

from __future__ import annotations  # for subtitles alone are their types loaded

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import PurePath
from typing import TYPE_CHECKING

from eleven_cli.api.tts import Alignment, AudioChunk
from eleven_cli.audio.formats import Format
from eleven_cli.audio.sinks import Sink
from eleven_cli.commands.output import OutputPlan
from eleven_cli.errors import ElevenError, OutputClosed, UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.audio.codecs.joining.joiner import Joiner
    from eleven_cli.text.spoken.form import Said
    from eleven_cli.text.subtitles import TimedText

    SubtitlesWriter = Callable[[Iterable[TimedText], Said | None], None]
BLOCK_CHARACTERS = 65536


class Assembly:
    """One stream of audio in `fmt`, as the service sends it: iterate `audio(chunks)`, then ask for `timings()`.

    pieces   of how many it is made; None if unknown
    """

    def __init__(self, fmt: Format, *, pieces: int | None) -> None:
        self._fmt, self._single = fmt, pieces == 1
        self._starts_s: list[float] = []
        self._characters: list[str] = []
        self._pieces, self._from_s, self._to_s = array("L"), array("d"), array("d")

    def audio(self, chunks: Iterable[AudioChunk]) -> Iterator[bytes]:
        """The audio as it comes, the pieces joined without a gap."""
        from eleven_cli.audio.codecs.joining.joiner import Joiner

        joiner, piece = Joiner(self._fmt, single=lambda: self._single), None
        try:
            for chunk in chunks:
                if piece not in (None, chunk.piece):
                    yield from filter(None, [self._end_piece(joiner)])
                piece = chunk.piece
                if chunk.alignment is not None:
                    self._add(chunk.alignment)
                yield from filter(None, [joiner.feed(chunk.data)])
        except (
            Exception,
            KeyboardInterrupt,
            SystemExit,
        ):  # what was held back for the sake of the join has arrived, and is paid for
            yield from filter(None, [joiner.end_piece(), joiner.finish()])
            raise
        yield from filter(None, [self._end_piece(joiner), joiner.finish()])

    def timings(self) -> Iterator[TimedText]:
        """Every character that was timed, in seconds from the beginning of the audio."""
        from eleven_cli.text.subtitles import TimedText

        for character, piece, from_s, to_s in zip(
            self._characters, self._pieces, self._from_s, self._to_s, strict=True
        ):
            start_s = self._starts_s[piece]
            yield TimedText(character, start_s + from_s, start_s + to_s)

    def _end_piece(self, joiner: Joiner) -> bytes:
        rest = joiner.end_piece()
        self._starts_s.append(joiner.piece_start_s)  # which is exact by now
        return rest

    def _add(self, alignment: Alignment) -> None:
        self._characters.extend(alignment.characters)
        self._pieces.extend([len(self._starts_s)] * len(alignment.characters))
        self._from_s.extend(alignment.starts_s)
        self._to_s.extend(alignment.ends_s)


def check(path: str | None, format: str | None, outlets: OutputPlan) -> None:
    """Raises UsageError for a file of another kind, and for the place where the audio goes."""
    if path is None:
        raise UsageError("--subtitles-format without --subtitles", hint=f"--subtitles speech.{format}")
    from eleven_cli.files.sinks import refuse_folder

    refuse_folder(path, option="--subtitles", example=f"speech.{format or 'srt'}")
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
def opened(terminal: Terminal, path: str, format: str | None, *, no_clobber: bool) -> Iterator[SubtitlesWriter]:
    """What writes timings there, when all are known, and as the text was written where some of it was said in another
    way. Raises UsageError where nothing can be written."""
    kind = format or PurePath(path).suffix.lower().removeprefix(".")
    if is_stdout(path):
        terminal.refuse_closed_stdout()
        yield lambda timings, said: _print(terminal, kind, _timed(path, _as_written(timings, said)))
        return
    from eleven_cli.files.sinks import file_sink

    with file_sink(path, no_clobber=no_clobber, is_text=True, option="--subtitles", example="speech.srt") as sink:
        yield lambda timings, said: _write(sink, kind, _timed(path, _as_written(timings, said)))


def _timed(path: str, timings: Iterable[TimedText]) -> Iterator[TimedText]:
    """The same. Raises ElevenError when nothing was timed."""
    timed = iter(timings)
    first = next(timed, None)
    if first is None:
        raise ElevenError(f"the service sent no timings, so there are no subtitles in {path}", code="no_timings")
    return chain([first], timed)


def _as_written(timings: Iterable[TimedText], said: Said | None) -> Iterable[TimedText]:
    if said is None:
        return timings
    from eleven_cli.text.spoken.restoring import restored

    return restored(timings, said)


def _write(sink: Sink, kind: str, timings: Iterable[TimedText]) -> None:
    data = "".join(_KINDS[kind](timings)).encode()
    try:
        sink.write(data)
    except OutputClosed:
        raise
    except ElevenError as failed:
        from eleven_cli.commands.output.paid import keep_bytes

        keep_bytes(data, f"subtitles.{kind}", failed, what="subtitles are")  # they came with the audio, and only once
        raise
    sink.finish()


def _print(terminal: Terminal, kind: str, timings: Iterable[TimedText]) -> None:
    if kind == "json":
        terminal.json(_columns(timings))
        return
    for piece in _KINDS[kind](timings):
        for line in piece.removesuffix("\n").split("\n"):
            terminal.print(line)


def _columns(timings: Iterable[TimedText]) -> dict[str, list[str] | list[float]]:
    """Three lists of one length, as the service's own alignment is, without tags, which are not heard."""
    from eleven_cli.text.subtitles import without_tags

    timed = list(without_tags(timings))
    return {
        "characters": [each.character for each in timed],
        "character_start_times_seconds": [round(each.start_s, 3) for each in timed],
        "character_end_times_seconds": [round(each.end_s, 3) for each in timed],
    }


def _json(timings: Iterable[TimedText]) -> Iterator[str]:
    text = json.dumps(_columns(timings), ensure_ascii=False) + "\n"
    yield from (text[at : at + BLOCK_CHARACTERS] for at in range(0, len(text), BLOCK_CHARACTERS))


def _srt(timings: Iterable[TimedText]) -> Iterator[str]:
    from eleven_cli.text.subtitles import cues, srt

    return srt(cues(timings))


def _vtt(timings: Iterable[TimedText]) -> Iterator[str]:
    from eleven_cli.text.subtitles import cues, vtt

    return vtt(cues(timings))


_KINDS: dict[str, Callable[[Iterable[TimedText]], Iterator[str]]] = {"srt": _srt, "vtt": _vtt, "json": _json}
