"""The free sample of a voice."""

from __future__ import annotations

from functools import cache

from ..sound.codecs import FORMATS
from ..speech.speech import WHOLE_SLICE_S, chunks, job_for
from .voice import Voice


@cache
def preview(voice: Voice) -> bytes:
    """The voice says its name and its description, in its own language, as MP3."""
    job = job_for(f"{voice.name}. {voice.description}", voice, FORMATS["mp3_44100_128"])
    return b"".join(chunk.audio for chunk in chunks(job, WHOLE_SLICE_S, remembered=False))
