"""Writes a live transcription as lines, events, subtitles or one JSON value, as soon as each transcript is final."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Protocol

from eleven_cli.api.stt.events import Committed, RealtimeEntity, RealtimeWord
from eleven_cli.commands.output.text import TextOutput
from eleven_cli.commands.output.text_format import SUBTITLES, TextFormat
from eleven_cli.commands.stt.live.utterance import joined
from eleven_cli.commands.stt.rendering import entity_lines
from eleven_cli.text.subtitles import ESCAPED_TAGS, Cue, TimedText, cues, srt, vtt


class Output(Protocol):
    """partial: a transcript that may change; committed: a final one, after so many seconds of audio."""

    def partial(self, text: str) -> None: ...

    def committed(self, said: Committed, heard_s: float) -> None: ...

    def finish(self) -> None: ...


def output_of(format: TextFormat, written: TextOutput) -> Output:
    """Gives the output for a format."""
    if format in SUBTITLES:
        return _Subtitles(written, format)
    kinds: dict[TextFormat, Callable[[TextOutput], Output]] = {
        TextFormat.TEXT: _Lines,
        TextFormat.JSONL: _Events,
        TextFormat.JSON: _Value,
    }
    return kinds[format](written)


class _Lines:
    """Lines; entities are listed below them."""

    def __init__(self, written: TextOutput) -> None:
        self._written = written
        self._entities: list[tuple[str, str]] = []

    def partial(self, text: str) -> None:
        pass

    def committed(self, said: Committed, heard_s: float) -> None:
        self._written.line(said.text.strip())
        self._entities += ((entity.kind, entity.text) for entity in said.entities or ())

    def finish(self) -> None:
        self._written.lines(entity_lines(self._entities))


class _Events:
    def __init__(self, written: TextOutput) -> None:
        self._written = written

    def partial(self, text: str) -> None:
        self._written.json_line({"type": "partial", "text": text})

    def committed(self, said: Committed, heard_s: float) -> None:
        event: dict[str, Any] = {"type": "committed", "text": said.text}
        if said.language is not None:
            event["language"] = said.language
        if said.words is not None:
            event["words"] = [_given(word) for word in said.words]
        if said.entities is not None:
            event["entities"] = [_found(entity) for entity in said.entities]
        self._written.json_line(event)

    def finish(self) -> None:
        self._written.finish()


class _Value:
    """One JSON value, shaped like the service's answer for a recording."""

    def __init__(self, written: TextOutput) -> None:
        self._written = written
        self._said: list[Committed] = []

    def partial(self, text: str) -> None:
        pass

    def committed(self, said: Committed, heard_s: float) -> None:
        self._said.append(said)

    def finish(self) -> None:
        whole = joined(self._said)
        value = {"language_code": whole.language, "text": whole.text, "words": [*map(_given, whole.words or ())]}
        if whole.entities is not None:
            value["entities"] = [*map(_found, whole.entities)]
        self._written.json(value)


class _Subtitles:
    """Cues that do not overlap; those of one transcript are written together."""

    def __init__(self, written: TextOutput, format: TextFormat) -> None:
        self._written, self._format = written, format
        self._count, self._until_s = 0, 0.0
        self._has_head = format is TextFormat.SRT

    def partial(self, text: str) -> None:
        pass

    def committed(self, said: Committed, heard_s: float) -> None:
        self._write([self._after_the_last(cue) for cue in cues(_timed(said, self._until_s, heard_s))])

    def finish(self) -> None:
        self._write([])
        self._written.finish()

    def _after_the_last(self, cue: Cue) -> Cue:
        start_s = max(cue.start_s, self._until_s)
        self._until_s = max(cue.end_s, start_s + 0.001)
        return Cue(start_s, self._until_s, cue.lines)

    def _write(self, shown: list[Cue]) -> None:
        if self._format is TextFormat.SRT:
            pieces = srt(shown, first=self._count + 1)
        else:
            pieces = islice(vtt(shown), int(self._has_head), None)
        self._has_head, self._count = True, self._count + len(shown)
        for piece in pieces:
            for line in piece.removesuffix("\n").split("\n"):
                self._written.line(line)


def _timed(said: Committed, from_s: float, to_s: float) -> Iterator[TimedText]:
    """The words with their times; where the service gave none, spread evenly over what was heard since."""
    words = said.words or ()
    if not any(word.start_s is not None for word in words):
        text = said.text.strip().translate(ESCAPED_TAGS)
        step_s = max(to_s - from_s, 0.0) / max(len(text), 1)
        yield from (
            TimedText(letter, from_s + at * step_s, from_s + (at + 1) * step_s) for at, letter in enumerate(text)
        )
        return
    now_s = next(word.start_s for word in words if word.start_s is not None)
    for word in words:
        start_s = now_s if word.start_s is None else word.start_s
        now_s = start_s if word.end_s is None else word.end_s
        yield TimedText(word.text.translate(ESCAPED_TAGS), start_s, now_s)


def _given(word: RealtimeWord) -> dict[str, object]:
    facts = {"text": word.text, "type": word.kind, "start": word.start_s, "end": word.end_s, "speaker": word.speaker}
    return {name: value for name, value in facts.items() if value is not None}


def _found(entity: RealtimeEntity) -> dict[str, object]:
    facts = {"text": entity.text, "entity_type": entity.kind, "start_char": entity.start, "end_char": entity.end}
    return {name: value for name, value in facts.items() if value is not None}
