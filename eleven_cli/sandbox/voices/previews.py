"""Synthesizes the preview of a voice."""

from __future__ import annotations

from functools import cache

from ..sound.formats import FORMATS
from ..speech.speech_encoder import encode_speech
from ..speech.synthesis_spec import voice_spec
from .voice import Voice

SLICE_S = 1.0


@cache
def synthesize_preview(voice: Voice) -> bytes:
    """Speaks the voice's name and description, in its own language, as MP3."""
    spec = voice_spec(f"{voice.name}. {voice.description}", voice, FORMATS["mp3_44100_128"])
    return b"".join(part.audio for part in encode_speech(spec, SLICE_S, remember=False))
