"""Listening to what the sandbox says: decoding with PyAV, loudness, silences."""

import io
from array import array
from itertools import pairwise
from typing import NamedTuple

import av
from av.audio.resampler import AudioResampler

FRAME_S = 0.01


class Sound(NamedTuple):
    samples: "array[int]"
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def rms(self, start_s: float = 0.0, end_s: float | None = None) -> float:
        part = self.samples[round(start_s * self.rate) : None if end_s is None else round(end_s * self.rate)]
        return (sum(sample * sample for sample in part) / len(part)) ** 0.5 if part else 0.0

    def loud(self, threshold: int = 300) -> list[float]:
        """The seconds of the 10 ms frames in which there is something to hear."""
        size = round(self.rate * FRAME_S)
        starts = range(0, len(self.samples), size)
        return [at / self.rate for at in starts if max(map(abs, self.samples[at : at + size])) > threshold]

    def longest_silence(self) -> float:
        loud = self.loud()
        return max((later - earlier for earlier, later in pairwise(loud)), default=self.seconds)


def decoded(data: bytes, container: str | None = None, rate: int | None = None) -> Sound:
    """A file's sound, mono; raw formats need `container` (`s16le`, `mulaw`, `alaw`) and `rate`."""
    options = {"sample_rate": str(rate), "ch_layout": "mono"} if container and rate else {}
    samples = array("h")
    with av.open(io.BytesIO(data), mode="r", format=container, options=options) as file:
        stream = file.streams.audio[0]
        mono = AudioResampler(format="s16", layout="mono", rate=stream.rate)
        for frame in file.decode(stream):
            for plain in mono.resample(frame):
                samples.frombytes(bytes(plain.planes[0])[: plain.samples * 2])
        return Sound(samples, stream.rate)


def pcm(data: bytes, rate: int) -> Sound:
    return Sound(array("h", data), rate)
