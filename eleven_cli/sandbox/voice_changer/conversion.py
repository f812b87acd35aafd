"""Converts audio: changes its voice, or removes noise."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice

from ..sound.acoustics import FRAME_SAMPLES, SILENCE_DB, NarrowbandResampler, level_db
from ..sound.codecs import encoder
from ..sound.filter_chain import AudioFilter, FilterChain
from ..sound.formats import Format
from ..sound.media import Media
from ..voices.voice import Voice
from .fingerprint_transfer import FingerprintTransfer
from .pitch import pitch_hz, voice_pitch_hz

VOICE_RATE, CLEAN_RATE = 24000, 44100
SLICE_S = 0.2
HEAD_S = 3.0  # the pitch is measured in so much of the audio
MIN_SHIFT, MAX_SHIFT = 0.62, 1.7  # of the pitch, as a factor
MIN_CHANGE = 0.03  # a smaller shift is not applied
ABOVE_NOISE_DB = 16.0  # because the noise is measured in the telephone band
QUIETEST_SHARE = 0.1  # the share of frames that are noise
Filters = Callable[[bytes], Iterable[AudioFilter]]


def change_voice(
    media: Media, voice: Voice, format: Format, similarity: float, quiet: bool
) -> Generator[bytes, None, None]:
    """Encodes the audio in another voice, piece by piece, with its duration.

    Pitch and formants are shifted from the speaker's pitch towards the voice's, by `similarity` (0 to 1).
    """

    def filters(head: bytes) -> Iterator[AudioFilter]:
        if quiet:
            yield from _noise_filters(head, VOICE_RATE)
        yield from _voice_filters(voice, pitch_hz(head, VOICE_RATE), similarity)

    return _converted(media, VOICE_RATE, format, filters, voice.voice_id)


def isolate_voice(media: Media, format: Format) -> Generator[bytes, None, None]:
    """Encodes the audio with less noise, piece by piece, with its duration."""
    return _converted(media, CLEAN_RATE, format, lambda head: _noise_filters(head, CLEAN_RATE), None)


def _voice_filters(voice: Voice, hz: float, similarity: float) -> Iterator[AudioFilter]:
    wanted = (voice_pitch_hz(voice) / hz) ** (0.4 + 0.8 * similarity)
    raised = min(max(wanted, MIN_SHIFT), MAX_SHIFT)
    if abs(raised - 1) > MIN_CHANGE:
        rate = round(VOICE_RATE * raised)
        yield "asetrate", str(rate)
        yield "atempo", f"{VOICE_RATE / rate:.6f}"
        yield "aresample", str(VOICE_RATE)
    yield "treble", f"gain={(voice.timbre.tract - 1.08) * 30:.2f}:frequency=2500"
    yield "bass", f"gain={(62 - voice.timbre.pitch) / 10:.2f}:frequency=180"
    yield "volume", "0.9"


def _noise_filters(head: bytes, rate: int) -> Iterator[AudioFilter]:
    """Subtracts the spectrum of a noise that is as loud as the quietest moments."""
    samples = NarrowbandResampler(rate).feed(head)
    levels = sorted(
        level_db(samples[at : at + FRAME_SAMPLES]) for at in range(0, len(samples) - FRAME_SAMPLES, FRAME_SAMPLES)
    )
    noise = levels[int(len(levels) * QUIETEST_SHARE)] if levels else SILENCE_DB
    floor = min(max(noise + ABOVE_NOISE_DB, -80.0), -20.0)  # the range of the filter
    yield "highpass", "frequency=80"
    yield "lowpass", "frequency=10000"
    yield "afftdn", f"noise_reduction=40:noise_floor={floor:.1f}"


def _converted(
    media: Media, rate: int, format: Format, filters: Filters, voice: str | None
) -> Generator[bytes, None, None]:
    encode, transfer = encoder(format, rate), FingerprintTransfer(rate, voice)
    with closing(encode):
        source = _sliced(media.pcm(rate), rate)
        head = list(islice(source, round(HEAD_S / SLICE_S)))
        filter_chain = FilterChain(rate, list(filters(b"".join(head))))
        for piece in chain(head, source):
            transfer.feed_original(piece)
            new = filter_chain.feed(piece)
            transfer.feed_converted(new)
            if audio := encode.encode(new):
                yield audio
        new = filter_chain.finish()
        transfer.feed_converted(new)
        transfer.finish()  # before the last bytes are sent, so that they can be recognized at once
        yield encode.encode(new) + encode.finish()


def _sliced(pieces: Iterator[bytes], rate: int) -> Iterator[bytes]:
    size = 2 * round(rate * SLICE_S)
    held = b""
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield held[:size]
            held = held[size:]
    if held:
        yield held
