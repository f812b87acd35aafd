"""Remembers what the sandbox has said, as fingerprints in its state folder, so that another run recognizes it.

Each utterance is a small file (see `memory_folder`); the oldest are deleted. Without a writable folder the process
remembers only what it said itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ..sound.acoustics import FRAME_S, SILENCE_DB, Frame, Subframe, SubframeAnalyser, frames
from ..sound.synthesis import SynthesizedSegment
from .memory_folder import state_folder, write
from .recognition import EDGE_DB, Fingerprint, Sentence

MAX_UTTERANCES = 400
SPARE = 50  # so that not every new one has to search for the oldest
MAX_S = 60.0
MAX_FINGERPRINTS = 10
_WORD = re.compile(r"\S+")
_RATIOS = 127.0


class FingerprintRecorder:
    """Records one utterance while it is synthesized; `save` remembers it.

    A long one is split into fingerprints of about a minute; ten of them are remembered at most.
    """

    def __init__(self, voice: str, rate: int) -> None:
        self._voice, self._rate = voice, rate
        self._saved = 0
        self._begin(0.0)

    def add(self, segment: SynthesizedSegment) -> None:
        """Adds the next segment."""
        if (segment.times[0] - self._start) / self._rate > MAX_S:
            self.save()
            self._saved += 1
            self._begin(segment.times[0])
        if self._saved >= MAX_FINGERPRINTS:
            return
        self._subframes += self._analyser.feed(segment.pcm)
        text, times = segment.heard or (segment.text, segment.times)
        if not segment.is_tag and text.strip():
            start, end = segment.times[0], segment.times[0] + len(segment.pcm) / 2
            words = [self._frame(times[word.start()]) for word in _WORD.finditer(text)]
            self._texts.append((" ".join(text.split()), self._frame(start), self._frame(end), words))

    def save(self) -> None:
        """Remembers the utterance; never fails. A known one becomes the newest."""
        recorded = frames(self._subframes)
        store_fingerprint(
            self._voice, [found for text in self._texts if (found := locate_sentence(recorded, *text))], recorded
        )

    def _begin(self, start: float) -> None:
        self._start = start
        self._analyser = SubframeAnalyser(self._rate)
        self._subframes: list[Subframe] = []
        self._texts: list[tuple[str, int, int, list[int]]] = []

    def _frame(self, sample: float) -> int:
        return int((sample - self._start) / self._rate / FRAME_S)


def store_fingerprint(voice: str, sentences: Sequence[Sentence], recorded: Sequence[Frame]) -> None:
    """Remembers an utterance, unless it has no sentences."""
    if sentences:
        MEMORY.add(Fingerprint(voice, tuple(sentences), tuple(recorded)))


def locate_sentence(
    recorded: Sequence[Frame], text: str, first: int, last: int, words: Iterable[int]
) -> Sentence | None:
    """Gives the sentence between two frames without the silence around it; None when there is only silence."""
    first, last = max(first, 0), min(last, len(recorded))
    loudest = max((frame.level for frame in recorded[first:last]), default=SILENCE_DB)
    loud = [at for at in range(first, last) if recorded[at].level > max(loudest - EDGE_DB, SILENCE_DB)]
    return Sentence(text, loud[0], loud[-1] + 1, tuple(words)) if loud else None


class _FingerprintStore:
    """The fingerprints of this process and of the folder; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._known: dict[str, Fingerprint] = {}
        self._broken: set[str] = set()

    def add(self, fingerprint: Fingerprint) -> None:
        text = _encode(fingerprint)
        name = hashlib.sha256(text.encode()).hexdigest()[:32] + ".json"
        with self._lock:
            self._refresh()
            self._known.pop(name, None)
            self._known[name] = fingerprint
            if self._folder is not None:
                with suppress(OSError):
                    _keep(self._folder / name, text)
            if len(self._known) > MAX_UTTERANCES + SPARE:
                self._delete_oldest()

    def all(self) -> list[Fingerprint]:
        """Gives every fingerprint, the newest first."""
        with self._lock:
            self._refresh()
            return list(reversed(self._known.values()))

    def _refresh(self) -> None:
        folder = state_folder()
        if folder != self._folder:
            self._folder, self._known, self._broken = folder, {}, set()
        if folder is not None:
            with suppress(OSError), os.scandir(folder) as entries:
                names = {entry.name for entry in entries if entry.name.endswith(".json")}
                for name in sorted(names - self._known.keys() - self._broken):
                    self._read(folder / name)

    def _read(self, path: Path) -> None:
        try:
            self._known[path.name] = _decode(path.read_text("utf-8"))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):  # of another version, or truncated
            self._broken.add(path.name)

    def _delete_oldest(self) -> None:
        for name in list(self._known)[:-MAX_UTTERANCES]:
            del self._known[name]
        if self._folder is not None:
            with suppress(OSError):
                ages = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
                for path in ages[:-MAX_UTTERANCES]:
                    path.unlink(missing_ok=True)


MEMORY = _FingerprintStore()


def _keep(path: Path, text: str) -> None:
    """Writes a file whose name says what is in it: one that exists only becomes the newest."""
    if path.exists():
        return os.utime(path)
    write(path, text)


def _encode(fingerprint: Fingerprint) -> str:
    values = bytes(byte for frame in fingerprint.frames for byte in _bytes(frame))
    sentences = [[one.text, one.start, one.end, one.words] for one in fingerprint.sentences]
    about = {"voice": fingerprint.voice, "parts": sentences, "frames": base64.b64encode(values).decode("ascii")}
    return json.dumps(about, separators=(",", ":"))


def _bytes(frame: Frame) -> tuple[int, int, int]:
    lag1, lag2 = (round((max(-1.0, min(1.0, ratio)) + 1) * _RATIOS) for ratio in (frame.lag1, frame.lag2))
    return round(frame.level - SILENCE_DB), lag1, lag2


def _decode(text: str) -> Fingerprint:
    about = json.loads(text)
    values = base64.b64decode(about["frames"])
    triples = zip(values[::3], values[1::3], values[2::3], strict=True)
    recorded = [Frame(level + SILENCE_DB, lag1 / _RATIOS - 1, lag2 / _RATIOS - 1) for level, lag1, lag2 in triples]
    sentences = [
        Sentence(str(words), int(start), int(end), tuple(map(int, begins)))
        for words, start, end, begins in about["parts"]
    ]
    return Fingerprint(str(about["voice"]), tuple(sentences), tuple(recorded))
