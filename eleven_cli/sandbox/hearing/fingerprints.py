"""Keeps fingerprints of what was said: for one server, or in a folder for all runs of a user."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from ..sound.acoustics import SILENCE_DB, Frame
from ..state.store import Journal
from .memory_folder import state_folder, write
from .recognition import Fingerprint, Sentence

MAX_UTTERANCES = 400
SPARE = 50  # so that not every new one has to search for the oldest
_RATIOS = 127.0


class Fingerprints(Protocol):
    """The latest things that were said."""

    def add(self, fingerprint: Fingerprint) -> None:
        """Remembers one, as the newest."""

    def all(self) -> list[Fingerprint]:
        """Gives every fingerprint, the newest first."""


class OwnFingerprints:
    """The fingerprints of one server; thread-safe."""

    def __init__(self, journal: Journal) -> None:
        self._lock, self._journal = threading.Lock(), journal
        self._known = {name: _decode(about["fingerprint"]) for name, about, _ in journal.entries()}

    def add(self, fingerprint: Fingerprint) -> None:
        name, text = _named(fingerprint)
        with self._lock:
            if self._known.pop(name, None) is None:
                self._journal.put(name, {"fingerprint": text})
            self._known[name] = fingerprint
            while len(self._known) > MAX_UTTERANCES:
                oldest = next(iter(self._known))
                del self._known[oldest]
                self._journal.delete(oldest)

    def all(self) -> list[Fingerprint]:
        with self._lock:
            return list(reversed(self._known.values()))


class SharedFingerprints:
    """The fingerprints of this process and of the folder that a user's runs share; thread-safe.

    Each is a small file (see `memory_folder`); the oldest are deleted. Without a writable folder the process remembers
    only what it said itself.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._known: dict[str, Fingerprint] = {}
        self._broken: set[str] = set()

    def add(self, fingerprint: Fingerprint) -> None:
        name, text = _named(fingerprint)
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


SHARED = SharedFingerprints()  # with what could not be written


@lru_cache(maxsize=100)
def _named(fingerprint: Fingerprint) -> tuple[str, str]:
    """Gives a name that says what is in it, and its text."""
    text = _encode(fingerprint)
    return hashlib.sha256(text.encode()).hexdigest()[:32] + ".json", text


def _keep(path: Path, text: str) -> None:
    """Writes a file whose name says what is in it: one that exists only becomes the newest."""
    if path.exists():
        return os.utime(path)
    write(path, text)


def _encode(fingerprint: Fingerprint) -> str:
    values = bytes(byte for frame in fingerprint.frames for byte in _bytes(frame))
    sentences = [[one.text, one.start, one.end, one.words] for one in fingerprint.sentences]
    frames = base64.b64encode(values).decode("ascii")
    about = {"voice": fingerprint.voice, "language": fingerprint.language, "parts": sentences, "frames": frames}
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
    language = str(about.get("language", "en"))  # older versions kept none
    return Fingerprint(str(about["voice"]), language, tuple(sentences), tuple(recorded))
