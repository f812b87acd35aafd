"""Makes the timbre of a voice from recordings: it speaks at about their pitch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO

from ..http.problems import Problem
from ..sound.media import Media, invalid_audio
from ..voice_changer.pitch import pitch_hz, voice_pitch_hz
from .voice import Timbre, Voice

MAX_BYTES = 500 * 1000 * 1000
MAX_FILE_BYTES = 50 * 1000 * 1000
LEAST_S = 1.0  # of all recordings together
HEARD_S = 10  # of each recording
RATE = 24000
SILENT_PEAK = 32  # -60 dBFS
HIGHEST_HZ = 150  # of a tract of normal length; a shorter one makes the rest
STEPS = 7  # of a search in 0 to 100


def timbre_of(files: Sequence[BinaryIO]) -> Timbre:
    """Gives a timbre of the pitch of the recordings.

    Raises Problem (400) for one that is not audio, too large or silent, and for all of them if they are too short.
    """
    seconds, sound = 0.0, b""
    for file in files:
        media = _media(file)
        seconds += media.duration_s
        sound += _heard(media)
    if seconds < LEAST_S:
        message = f"The recordings are {seconds:.1f} s long; a voice needs at least {LEAST_S:.0f} s."
        raise Problem(400, "audio_too_short", message, param="files")
    return _timbre(pitch_hz(sound, RATE))


def _media(file: BinaryIO) -> Media:
    if file.seek(0, 2) > MAX_FILE_BYTES:
        message = f"A recording is larger than the {MAX_FILE_BYTES:,} bytes that are allowed."
        raise Problem(400, "request_too_large", message, kind="invalid_request", param="files")
    return Media(file)


def _heard(media: Media) -> bytes:
    sound = b"".join(islice(media.pcm(RATE), HEARD_S * 4))[: 2 * RATE * HEARD_S]
    samples = memoryview(sound).cast("h")
    if max(map(abs, samples), default=0) <= SILENT_PEAK:
        raise invalid_audio("The recording is silent.")
    return sound


def _timbre(hz: float) -> Timbre:
    """Searches for the pitch."""
    tract = round(max(hz / HIGHEST_HZ, 1.0), 2)
    low, high = 0, 100
    for _ in range(STEPS):
        middle = (low + high) // 2
        low, high = (middle, high) if _sounding_hz(_at(middle, tract)) < hz else (low, middle)
    return min((_at(pitch, tract) for pitch in (low, high)), key=lambda timbre: abs(_sounding_hz(timbre) - hz))


def _at(pitch: int, tract: float) -> Timbre:
    return Timbre("adam", pitch=pitch, pitch_range=40, tract=tract)


def _sounding_hz(timbre: Timbre) -> float:
    return voice_pitch_hz(Voice("", "", "en-us", {}, "", timbre))
