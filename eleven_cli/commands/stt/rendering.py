"""Renders a transcription as text with its speakers, or as subtitles. Pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from math import isfinite
from typing import NamedTuple

from eleven_cli.api.stt.transcription import ChannelTranscript, TranscribedWord, Transcription
from eleven_cli.errors import ElevenError
from eleven_cli.text.subtitles import ESCAPED_TAGS, Cue, TimedText, cues

ROLES = {"agent": "Agent", "customer": "Customer"}


class Turn(NamedTuple):
    """What one speaker says until another does. label: the speaker, "" where they were not distinguished."""

    label: str
    text: str
    words: tuple[TranscribedWord, ...]


def paragraphs(turns: Iterable[Turn]) -> Iterator[str]:
    """A line for each turn; of one without a label, its own lines."""
    for turn in turns:
        text = turn.text.strip()
        if turn.label and text:
            yield f"{turn.label}: {' '.join(text.splitlines())}"
        elif text:
            yield from text.splitlines()


def turns_of(result: Transcription, *, diarized: bool) -> list[Turn]:
    """Who says what: in order; or one channel after the other."""
    return [turn for transcript in result.transcripts for turn in _turns(transcript, diarized)]


def entity_lines(entities: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The entities that were found, each kind and text once, after an empty line."""
    found = dict.fromkeys(entities)
    if found:
        yield ""
    for kind, text in found:
        yield f"{' '.join(kind.split())}: {' '.join(text.split())}"


def subtitles(result: Transcription, *, diarized: bool) -> list[Cue]:
    """Cues in order; a change of speaker begins a new one. Raises ElevenError where there are no times."""
    turns = turns_of(result, diarized=diarized)
    timed = [turn for turn in turns if any(isfinite(word.start_s) for word in turn.words)]
    if not timed and any(turn.text.strip() for turn in turns):
        raise ElevenError("the service sent no timings for subtitles", code="no_timings")
    shown = [cue for turn in timed for cue in cues(_timed(turn))]
    shown.sort(key=lambda cue: cue.start_s)
    overlapping = len(result.transcripts) > 1  # people do talk at the same time on different channels
    return shown if overlapping else [*(_until(cue, later.start_s) for cue, later in pairwise(shown)), *shown[-1:]]


def _turns(transcript: ChannelTranscript, diarized: bool) -> Iterator[Turn]:
    words = transcript.words
    if not diarized or not any(word.speaker for word in words):
        label = "" if transcript.channel is None else f"Channel {transcript.channel + 1}"
        yield Turn(label, transcript.text, words)
        return
    labels: dict[str, str] = {}
    for speaker, group in groupby(_attributed(words), key=lambda word: word.speaker):
        label = labels.setdefault(str(speaker), ROLES.get(str(speaker)) or f"Speaker {len(labels) + 1}")
        said = tuple(group)
        yield Turn(label, "".join(word.text for word in said), said)


def _attributed(words: Iterable[TranscribedWord]) -> Iterator[TranscribedWord]:
    """Gives each word a speaker: blanks and words without one get the speaker of the word before."""
    words = list(words)
    last = next(word.speaker for word in words if word.speaker)
    for word in words:
        last = (word.speaker if word.text.strip() else None) or last
        yield word._replace(speaker=last)


def _timed(turn: Turn) -> Iterator[TimedText]:
    now_s = next(word.start_s for word in turn.words if isfinite(word.start_s))
    if turn.label:
        yield TimedText(f"{turn.label}: ", now_s, now_s)
    for word in turn.words:
        start_s = word.start_s if isfinite(word.start_s) else now_s
        now_s = word.end_s if isfinite(word.end_s) else start_s
        yield TimedText(word.text.translate(ESCAPED_TAGS), start_s, now_s)


def _until(cue: Cue, end_s: float) -> Cue:
    """Shortens a cue that lasts beyond the beginning of the next one."""
    return cue if cue.end_s <= end_s or end_s <= cue.start_s else Cue(cue.start_s, end_s, cue.lines)
