"""Runs audio through a chain of FFmpeg's audio filters, piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.filter import Graph

FLUSH_S = 0.5  # longer than the delay of any filter
AudioFilter = tuple[str, str]


class FilterChain:
    """Takes and gives signed 16-bit mono samples of `rate` Hz, as many as it takes."""

    def __init__(self, rate: int, filters: Sequence[AudioFilter]) -> None:
        self._rate, self._fed, self._given = rate, 0, 0
        self._graph = Graph()
        time_base = Fraction(1, rate)
        nodes = [self._graph.add_abuffer(sample_rate=rate, format="s16", layout="mono", time_base=time_base)]
        ending = [("aresample", str(rate)), ("aformat", "sample_fmts=s16:channel_layouts=mono"), ("abuffersink", "")]
        for name, settings in (*filters, *ending):
            nodes.append(self._graph.add(name, settings or None))
            nodes[-2].link_to(nodes[-1])
        self._graph.configure()

    def feed(self, pcm: bytes) -> bytes:
        """Feeds samples; gives those that are filtered."""
        self._push(pcm)
        return self._drain()

    def finish(self) -> bytes:
        """Gives the rest; nothing can be fed afterwards."""
        fed = self._fed
        self._push(bytes(2 * round(FLUSH_S * self._rate)))
        self._graph.push(None)
        given = self._given
        rest = self._drain()[: 2 * (fed - given)]
        return rest + bytes(2 * (fed - given) - len(rest))

    def _push(self, pcm: bytes) -> None:
        samples = len(pcm) // 2
        if samples:
            frame = AudioFrame(format="s16", layout="mono", samples=samples)
            frame.sample_rate, frame.time_base, frame.pts = self._rate, Fraction(1, self._rate), self._fed
            frame.planes[0].update(pcm)
            self._graph.push(frame)
            self._fed += samples

    def _drain(self) -> bytes:
        out: list[bytes] = []
        while (frame := self._next()) is not None:
            out.append(bytes(frame.planes[0])[: 2 * frame.samples])
            self._given += frame.samples
        return b"".join(out)

    def _next(self) -> Any:
        try:
            return self._graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return None
