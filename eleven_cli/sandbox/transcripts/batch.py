"""Transcribes a file channel by channel, and makes the response body."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from ..accounts.account import new_id
from ..hearing.memory import MEMORY
from ..hearing.segmenter import SpeechSegmenter
from ..hearing.transcription import Word, transcribe
from ..sound.acoustics import RATE
from ..sound.media import Media
from .exports import export_transcript
from .languages import long_code, main_language
from .request import TranscriptionRequest
from .words import WordEntry, clear_times, join_words, label_speakers, speaker_names, word_entries

SURE, UNSURE = 0.98, 0.5
ChannelWords = list[list[Word]]


def transcribe_channels(media: Media, channels: int) -> Iterator[ChannelWords | None]:
    """Gives None repeatedly while audio is left, and last the words of each channel."""
    segmenters = [SpeechSegmenter(RATE) for _ in range(channels)]
    heard: ChannelWords = [[] for _ in segmenters]
    for piece in media.pcm(RATE, channels):
        samples = array("h", piece)
        for index, segmenter in enumerate(segmenters):
            for segment in segmenter.feed(samples[index::channels].tobytes()):
                heard[index] += transcribe(segment, MEMORY.all())
        yield None
    for index, segmenter in enumerate(segmenters):
        for segment in (*segmenter.feed(bytes(RATE // 5)), *segmenter.flush()):
            heard[index] += transcribe(segment, MEMORY.all())
    yield heard


def transcript_body(wanted: TranscriptionRequest, heard: ChannelWords, duration_s: float) -> dict[str, Any]:
    """Makes the response body."""
    about = {"transcription_id": new_id(), "audio_duration_secs": round(duration_s, 3)}
    if len(heard) == 1 and not wanted.channels:
        return {**_chunk(wanted, heard[0]), **about}
    if wanted.combined:
        return {**_combined(wanted, heard), **about}
    if len(heard) == 1:
        return {**_chunk(wanted, heard[0]), **about}
    return {"transcripts": [_chunk(wanted, one, index) for index, one in enumerate(heard)], **about}


def _chunk(wanted: TranscriptionRequest, said: list[Word], channel: int | None = None) -> dict[str, Any]:
    found = _entries(wanted, said)
    if channel is not None:
        for entry in found:
            entry["channel_index"], entry["speaker_id"] = channel, f"speaker_{channel}"
    return _body(wanted, said, found, channel)


def _combined(wanted: TranscriptionRequest, heard: ChannelWords) -> dict[str, Any]:
    """Makes one transcript of all channels in order of time."""
    placed = sorted((word.start_s, channel, word) for channel, said in enumerate(heard) for word in said)
    said = [word for _, _, word in placed]
    found = _entries(wanted, said)
    for index, entry in enumerate(found):
        channel = placed[(index + 1) // 2][1]
        entry["channel_index"], entry["speaker_id"] = channel, f"speaker_{channel}"
    return _body(wanted, said, found, None)


def _entries(wanted: TranscriptionRequest, said: list[Word]) -> list[WordEntry]:
    found = word_entries(said, characters=wanted.granularity == "character")
    if wanted.diarize:
        label_speakers(found, said, speaker_names(said, wanted.speakers), roles=wanted.roles)
    return found


def _body(
    wanted: TranscriptionRequest, said: list[Word], found: list[WordEntry], channel: int | None
) -> dict[str, Any]:
    known = [word.voice for word in said if word.known]
    exports = [export_transcript(export, found) for export in wanted.exports]
    if wanted.granularity == "none":
        clear_times(found)
    return {
        "language_code": long_code(wanted.language or main_language(known)),
        "language_probability": 1.0 if wanted.language else SURE if known else UNSURE,
        "text": join_words(said),
        "words": found,
        "channel_index": channel,
        "additional_formats": exports or None,
        "entities": [] if wanted.entities else None,
    }
