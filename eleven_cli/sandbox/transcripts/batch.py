"""Transcribes a file channel by channel, and makes the response body."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from ..hearing.memory import MEMORY
from ..hearing.segmenter import SpeechSegmenter
from ..hearing.transcription import Word, transcribe
from ..sound.acoustics import RATE
from ..sound.media import Media
from .edits import edited
from .entities import find_entities, redact
from .exports import export_transcript
from .languages import long_code, main_language
from .request import TranscriptionRequest
from .words import WordEntry, clear_times, join_words, label_speakers, speaker_names, without_fillers, word_entries

SURE, UNSURE = 0.98, 0.5
ChannelWords = list[list[Word]]


def transcribe_channels(media: Media, channels: int) -> Iterator[ChannelWords | None]:
    """Gives None repeatedly while audio is left, and last the words of each channel."""
    segmenters = [SpeechSegmenter(RATE) for _ in range(channels)]
    channel_words: ChannelWords = [[] for _ in segmenters]
    for piece in media.pcm(RATE, channels):
        samples = array("h", piece)
        for index, segmenter in enumerate(segmenters):
            for segment in segmenter.feed(samples[index::channels].tobytes()):
                channel_words[index] += transcribe(segment, MEMORY.all())
        yield None
    for index, segmenter in enumerate(segmenters):
        for segment in (*segmenter.feed(bytes(RATE // 5)), *segmenter.flush()):
            channel_words[index] += transcribe(segment, MEMORY.all())
    yield channel_words


def transcript_body(
    options: TranscriptionRequest, channel_words: ChannelWords, duration_s: float, transcription_id: str
) -> dict[str, Any]:
    """Makes the response body."""
    about = {"transcription_id": transcription_id, "audio_duration_secs": round(duration_s, 3)}
    if options.channels and options.combined:
        return {**_combined(options, channel_words), **about}
    if len(channel_words) == 1:
        return {**_chunk(options, channel_words[0]), **about}
    return {"transcripts": [_chunk(options, one, index) for index, one in enumerate(channel_words)], **about}


def _chunk(options: TranscriptionRequest, words: list[Word], channel: int | None = None) -> dict[str, Any]:
    words, entities = _as_wanted(options, words)
    found = _entries(options, words)
    if channel is not None:
        for entry in found:
            entry["channel_index"], entry["speaker_id"] = channel, f"speaker_{channel}"
    return {**_body(options, words, found, channel), "entities": entities, **_edited(options, words)}


def _edited(options: TranscriptionRequest, words: list[Word]) -> dict[str, Any]:
    """Gives what was made of the text, twice, as the service does; nothing where nothing was to be made of it."""
    if options.edit is None:
        return {}
    text = edited(join_words(words), options.edit)
    return {"edited_transcript": {"kind": "transcript", "text": text, "edited_text": text}}


def _as_wanted(options: TranscriptionRequest, words: list[Word]) -> tuple[list[Word], list[dict[str, Any]] | None]:
    """Gives the words without what was not wanted, and the entities; None where none are listed."""
    words = without_fillers(words) if options.no_verbatim else words
    text = join_words(words)
    if options.redacted:
        return redact(words, find_entities(text, options.redacted), options.redaction_mode), None
    if options.detected:
        return words, [entity.body for entity in find_entities(text, options.detected)]
    return words, None


def _combined(options: TranscriptionRequest, channel_words: ChannelWords) -> dict[str, Any]:
    """Makes one transcript of all channels in order of time."""
    placed = sorted(
        (word.start_s, channel, word)
        for channel, words in enumerate(channel_words)
        for word in (without_fillers(words) if options.no_verbatim else words)
    )
    words = [word for _, _, word in placed]
    found = _entries(options, words)
    for index, entry in enumerate(found):
        channel = placed[(index + 1) // 2][1]
        entry["channel_index"], entry["speaker_id"] = channel, f"speaker_{channel}"
    return {**_body(options, words, found, None), "entities": None}


def _entries(options: TranscriptionRequest, words: list[Word]) -> list[WordEntry]:
    found = word_entries(words, characters=options.granularity == "character")
    if options.diarize:
        label_speakers(found, words, speaker_names(words, options.speakers), roles=options.roles)
    return found


def _body(
    options: TranscriptionRequest, words: list[Word], found: list[WordEntry], channel: int | None
) -> dict[str, Any]:
    known = any(word.known for word in words)
    exports = [export_transcript(export, found) for export in options.exports]
    if options.granularity == "none":
        clear_times(found)
    return {
        "language_code": long_code(options.language or main_language(words)),
        "language_probability": 1.0 if options.language else SURE if known else UNSURE,
        "text": join_words(words),
        "words": found,
        "channel_index": channel,
        "additional_formats": exports or None,
    }
