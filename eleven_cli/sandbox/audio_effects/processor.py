"""Applies effects to speech while it is synthesized.

All effects but the background are linear: together they are one impulse response for each channel.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .catalogue import BACKGROUNDS, FILTERS, ROOMS
from .request import Effects

TAPS = 255  # of a filter; it delays by half of them
PREDELAY_S = 0.012
BACKGROUND_S = 4
BACKGROUND_LEVEL = 900.0
FARTHEST_DB = -18.0
FULL_SCALE = 32767
Samples = np.ndarray[Any, np.dtype[np.float64]]


class EffectProcessor:
    """Takes signed 16-bit mono samples of `rate` Hz, and gives as many, interleaved if the effects are stereo.

    `finish` gives what is still heard of a room after the speech.
    """

    def __init__(self, effects: Effects, rate: int) -> None:
        self._channels = 2 if effects.is_stereo else 1
        near, self._drop = _near_response(effects, rate)
        self._responses = [_channel_response(near, effects, rate, channel) for channel in range(self._channels)]
        self._tails = [np.zeros(len(response) - 1) for response in self._responses]
        self._rest = max(map(len, self._responses)) - 1 if effects.environment_id else self._drop
        self._background = _background(effects, rate)
        self._given = 0

    def feed(self, pcm: bytes) -> bytes:
        """Feeds samples; gives those that are done."""
        heard = np.frombuffer(pcm, "<i2").astype(np.float64)
        return self._output([self._convolved(channel, heard) for channel in range(self._channels)])

    def finish(self) -> bytes:
        """Gives the rest."""
        return self.feed(bytes(2 * self._rest))

    def _convolved(self, channel: int, heard: Samples) -> Samples:
        response, tail = self._responses[channel], self._tails[channel]
        size = 1 << (len(heard) + len(response) - 1).bit_length()
        whole = np.fft.irfft(np.fft.rfft(heard, size) * np.fft.rfft(response, size), size)
        whole = whole[: len(heard) + len(response) - 1]
        whole[: len(tail)] += tail
        self._tails[channel] = whole[len(heard) :]
        return np.asarray(whole[: len(heard)])

    def _output(self, channels: list[Samples]) -> bytes:
        both = np.stack(channels, axis=1)
        dropped = min(self._drop, len(both))
        self._drop, both = self._drop - dropped, both[dropped:]
        if self._background is not None:
            places = (self._given + np.arange(len(both))) % len(self._background)
            both = both + self._background[places][:, None]
        self._given += len(both)
        return bytes(np.clip(np.round(both), -FULL_SCALE, FULL_SCALE).astype("<i2").tobytes())


def _near_response(effects: Effects, rate: int) -> tuple[Samples, int]:
    """Gives the response of filter and distance, and its delay in samples."""
    response, delay = np.ones(1), 0
    if effects.filter_preset_id:
        band = FILTERS[effects.filter_preset_id]
        response, delay = np.convolve(response, _band_response(band.low_hz, band.high_hz, rate)), delay + TAPS // 2
    if effects.distance:
        dull = _band_response(0, 900 + 7000 * (1 - effects.distance), rate)
        response, delay = np.convolve(response, dull), delay + TAPS // 2
        response = response * 10 ** (FARTHEST_DB * effects.distance / 20)
    return response, delay


def _channel_response(near: Samples, effects: Effects, rate: int, channel: int) -> Samples:
    angle = (effects.pan + 1) * np.pi / 4
    gain = np.sqrt(2) * (np.sin(angle) if channel else np.cos(angle)) if effects.is_stereo else 1.0
    if not effects.environment_id:
        return near * gain
    decay_s = ROOMS[effects.environment_id].decay_s
    time = np.arange(round(decay_s * rate)) / rate
    echo = np.random.default_rng(channel + 1).standard_normal(len(time)) * 10 ** (-3 * time / decay_s)
    echo *= 0.7 * effects.send_level / np.sqrt(np.sum(echo**2))
    room = np.concatenate([np.ones(1), np.zeros(round(PREDELAY_S * rate)), echo])
    return np.convolve(near, room) * gain if len(near) > 1 else room * gain


def _band_response(low_hz: float, high_hz: float, rate: int) -> Samples:
    """Makes a windowed sinc that passes a band; from 0 Hz on it is a low-pass."""
    place = np.arange(TAPS) - TAPS // 2
    edges = [min(hz, 0.49 * rate) * 2 / rate for hz in (low_hz, high_hz)]
    low, high = (edge * np.sinc(edge * place) for edge in edges)
    return np.asarray((high - low) * np.blackman(TAPS))


def _background(effects: Effects, rate: int) -> Samples | None:
    """Makes noise that is periodic; None where there is none."""
    if not effects.background_noise_id:
        return None
    about = BACKGROUNDS[effects.background_noise_id]
    count = BACKGROUND_S * rate
    hz = np.fft.rfftfreq(count, 1 / rate)
    shape = (hz >= about.low_hz) & (hz < about.high_hz)
    noise = np.fft.irfft(np.fft.rfft(np.random.default_rng(7).standard_normal(count)) * shape, count)
    swell = 0.6 - 0.4 * np.cos(2 * np.pi * about.swells * np.arange(count) / count)
    return np.asarray(noise / np.std(noise) * swell * BACKGROUND_LEVEL)
