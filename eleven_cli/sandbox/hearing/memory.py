"""What the sandbox has said, kept as fingerprints in its state folder, so that another run recognises it.

One small file per utterance (see `memory_folder`), the oldest are dropped.
Where it cannot be written, what this process said is remembered all the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ..sound.acoustics import FRAME_S, SILENCE_DB, Analyser, Frame, Grain, frames
from ..sound.synthesis import SynthesizedSegment
from .memory_folder import state_folder
from .recognition import EDGE_DB, Fingerprint, Part

MAX_UTTERANCES = 400
SPARE = 50  # so that not every new one has to look for the oldest
MAX_S = 60.0
MAX_STRETCHES = 10
_WORD = re.compile(r"\S+")
_RATIOS = 127.0


class FingerprintRecorder:
    """Takes one utterance piece by piece as it is synthesised; `save` makes the memory know it.

    A long one is kept in stretches of about a minute; whatever comes after ten of them is not.
    """

    def __init__(self, voice: str, rate: int) -> None:
        self._voice, self._rate = voice, rate
        self._kept = 0
        self._begin(0.0)

    def add(self, piece: SynthesizedSegment) -> None:
        """A piece to remember."""
        if (piece.times[0] - self._start) / self._rate > MAX_S:
            self.save()
            self._kept += 1
            self._begin(piece.times[0])
        if self._kept >= MAX_STRETCHES:
            return
        self._grains += self._analyser.feed(piece.pcm)
        if not piece.is_tag and piece.text.strip():
            start, end = piece.times[0], piece.times[0] + len(piece.pcm) / 2
            words = [self._frame(piece.times[word.start()]) for word in _WORD.finditer(piece.text)]
            self._pieces.append((" ".join(piece.text.split()), self._frame(start), self._frame(end), words))

    def save(self) -> None:
        """Never fails; the same utterance again only becomes the newest."""
        heard = frames(self._grains)
        remember(self._voice, [found for piece in self._pieces if (found := part(heard, *piece))], heard)

    def _begin(self, start: float) -> None:
        self._start = start
        self._analyser = Analyser(self._rate)
        self._grains: list[Grain] = []
        self._pieces: list[tuple[str, int, int, list[int]]] = []

    def _frame(self, sample: float) -> int:
        return int((sample - self._start) / self._rate / FRAME_S)


def remember(voice: str, parts: Sequence[Part], heard: Sequence[Frame]) -> None:
    """Make the memory know an utterance; one without parts is not worth it."""
    if parts:
        MEMORY.add(Fingerprint(voice, tuple(parts), tuple(heard)))


def part(heard: Sequence[Frame], text: str, first: int, last: int, words: Iterable[int]) -> Part | None:
    """A sentence that is heard between two frames, without the silence around it; None when nothing is heard there."""
    first, last = max(first, 0), min(last, len(heard))
    loudest = max((frame.level for frame in heard[first:last]), default=SILENCE_DB)
    loud = [at for at in range(first, last) if heard[at].level > max(loudest - EDGE_DB, SILENCE_DB)]
    return Part(text, loud[0], loud[-1] + 1, tuple(words)) if loud else None


class _Memory:
    """The fingerprints of this process and of the folder; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._known: dict[str, Fingerprint] = {}
        self._broken: set[str] = set()

    def add(self, print_: Fingerprint) -> None:
        text = _encoded(print_)
        name = hashlib.sha256(text.encode()).hexdigest()[:32] + ".json"
        with self._lock:
            self._look()
            self._known.pop(name, None)
            self._known[name] = print_
            if self._folder is not None:
                with suppress(OSError):
                    _keep(self._folder / name, text)
            if len(self._known) > MAX_UTTERANCES + SPARE:
                self._forget()

    def all(self) -> list[Fingerprint]:
        """Everything known, the newest first."""
        with self._lock:
            self._look()
            return list(reversed(self._known.values()))

    def _look(self) -> None:
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
            self._known[path.name] = _decoded(path.read_text("utf-8"))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):  # of another version, or half gone
            self._broken.add(path.name)

    def _forget(self) -> None:
        for name in list(self._known)[:-MAX_UTTERANCES]:
            del self._known[name]
        if self._folder is not None:
            with suppress(OSError):
                ages = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
                for path in ages[:-MAX_UTTERANCES]:
                    path.unlink(missing_ok=True)


MEMORY = _Memory()


def _keep(path: Path, text: str) -> None:
    """Write the file in one step; one that is there already only becomes the newest."""
    if path.exists():
        return os.utime(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _encoded(print_: Fingerprint) -> str:
    values = bytes(byte for frame in print_.frames for byte in _bytes(frame))
    parts = [[part.text, part.start, part.end, part.words] for part in print_.parts]
    about = {"voice": print_.voice, "parts": parts, "frames": base64.b64encode(values).decode("ascii")}
    return json.dumps(about, separators=(",", ":"))


def _bytes(frame: Frame) -> tuple[int, int, int]:
    near, far = (round((max(-1.0, min(1.0, ratio)) + 1) * _RATIOS) for ratio in (frame.near, frame.far))
    return round(frame.level - SILENCE_DB), near, far


def _decoded(text: str) -> Fingerprint:
    about = json.loads(text)
    values = base64.b64decode(about["frames"])
    triples = zip(values[::3], values[1::3], values[2::3], strict=True)
    heard = [Frame(level + SILENCE_DB, near / _RATIOS - 1, far / _RATIOS - 1) for level, near, far in triples]
    parts = [
        Part(str(words), int(start), int(end), tuple(map(int, begins))) for words, start, end, begins in about["parts"]
    ]
    return Fingerprint(str(about["voice"]), tuple(parts), tuple(heard))
