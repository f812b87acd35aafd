"""Audio that was paid for once, kept so that the same need not be paid for again."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from eleven_cli.cache.claims import Claim, claim
from eleven_cli.cache.entries import EntryReader, EntryWriter, open_entry
from eleven_cli.errors import ElevenError
from eleven_cli.files.folders import NoHome, cache_folder, ensure_dir
from eleven_cli.files.locks import acquire
from eleven_cli.files.part_names import remove_parts_in

MB = 1_000_000
SIZE_LIMIT_BYTES = 1000 * MB
SCHEME = 1  # version of what a key covers: a new one leaves all older entries unused
SUFFIX = ".audio"
ABANDONED_S = 3600.0


def key(facts: Mapping[str, object]) -> str:
    """Gives the key of the audio that these facts make: 64 hexadecimal digits.

    facts   everything that changes the audio (server, voice, model, settings, text, format, seed …), in values that
            JSON can hold; one that is None counts as not given, and their order does not matter
    """
    import hashlib
    import json

    stated = json.dumps([SCHEME, _given(facts)], sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(stated.encode("ascii")).hexdigest()


@dataclass(frozen=True)
class Info:
    """How much is cached, and where. `oldest` is when the least recently used entry was used."""

    entries: int
    bytes: int
    limit_bytes: int
    oldest: datetime | None
    path: Path


class AudioCache:
    """Stores complete audio by its key, in one folder for all processes; evicts the least recently used first.

    Reading and writing never fail: what cannot be read is missing, what cannot be written is not kept, and
    `CacheWriter.trouble` says why.
    """

    def __init__(self, folder: Path | None = None, *, size_limit_bytes: int = SIZE_LIMIT_BYTES) -> None:
        self._folder, self._limit = folder, size_limit_bytes

    @property
    def folder(self) -> Path:
        if self._folder is None:
            self._folder = cache_folder() / "audio"
        return self._folder

    def get(self, key: str) -> EntryReader | None:
        """Opens the audio of that key, and marks it as used; None without it. Close it, or use it in a `with`."""
        try:
            path = self._path(key)
        except NoHome:
            return None
        entry = open_entry(path)
        if entry is not None:
            with suppress(OSError):  # a folder that can only be read
                now = time.time_ns()
                os.utime(path, ns=(now, now))
        return entry

    def writer(self, key: str, facts: Mapping[str, object] | None = None) -> "CacheWriter":
        """Gives a `with` that takes audio as it arrives; `finish()` keeps it with the facts (characters, credits …)."""
        return CacheWriter(self, lambda: self._path(key), facts or {}, self._limit)

    def claim(
        self, key: str, *, waiting: Callable[[], None] = lambda: None, stopped: Callable[[], bool] = lambda: False
    ) -> Claim:
        """Claims the making of this audio: who wants the same waits here until it is cached, or given up."""
        try:
            path = self._path(key)
        except NoHome:
            return Claim(Path(), None)
        return claim(path, is_there=path.exists, waiting=waiting, stopped=stopped)

    def info(self) -> Info:
        """Sums up what is kept; a folder that cannot be read is empty."""
        return self._sum(self._kept())

    def clear(self) -> Info:
        """Removes all that is not being read; gives what was removed. Raises ElevenError if that fails."""
        remove_parts_in(self.folder, before=time.time())
        try:
            return self._sum([each for each in self._kept() if _evicted(each)])
        except OSError as failed:
            raise ElevenError(f"cannot clear {self.folder}: {failed.strerror or failed}") from failed

    def make_room(self, just_written: Path) -> None:
        """Evicts the least recently used until the rest is within the limit, but nothing that is being read."""
        remove_parts_in(self.folder, before=time.time() - ABANDONED_S)
        kept = self._kept()
        excess = sum(each.bytes for each in kept) - self._limit
        for each in sorted(kept, key=lambda each: each.used_ns):
            if excess <= 0:
                return
            with suppress(OSError):
                if each.path != str(just_written) and _evicted(each):
                    excess -= each.bytes

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"

    def _kept(self) -> "list[_Kept]":
        return list(_files(self.folder))

    def _sum(self, kept: "list[_Kept]") -> Info:
        oldest_ns = min((each.used_ns for each in kept), default=None)
        oldest = None if oldest_ns is None else datetime.fromtimestamp(oldest_ns // 10**9, UTC)
        return Info(len(kept), sum(each.bytes for each in kept), self._limit, oldest, self.folder)


class CacheWriter:
    """Writes audio into the cache: a sink that never fails.

    trouble   why it is not kept, in words; empty while nothing is wrong
    kept      whether it is complete, and in the cache
    """

    def __init__(
        self, cache: AudioCache, find_path: Callable[[], Path], facts: Mapping[str, object], limit_bytes: int
    ) -> None:
        self._cache, self._find_path, self._facts, self._limit = cache, find_path, dict(facts), limit_bytes
        self._entry: EntryWriter | None = None
        self.trouble, self.kept = "", False

    def __enter__(self) -> Self:
        try:
            self._path = self._find_path()
            self._entry = EntryWriter(ensure_dir(self._path.parent) / self._path.name)
        except OSError as failed:
            self._give_up(failed)
        return self

    def write(self, data: bytes) -> None:
        """Add audio."""
        self._add(EntryWriter.write, data)

    def write_metadata(self, value: Any) -> None:
        """Add a value that belongs to the audio, such as when its characters are spoken; any that JSON can hold."""
        self._add(EntryWriter.write_metadata, value)

    def finish(self, facts: Mapping[str, object] | None = None) -> None:
        """Keeps the audio, which is complete, with these facts, too."""
        if self._entry is None:
            return
        created = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            if self._entry.seal({"created": created, **self._facts, **(facts or {})}) > self._limit:
                return self._give_up(self._too_large)
            self._entry.commit()
        except OSError as failed:
            return self._give_up(failed)
        self.kept = True
        self._cache.make_room(self._path)

    def __exit__(self, *exc: object) -> None:
        if self._entry is not None:
            self._entry.close()
            self._entry = None

    @property
    def _too_large(self) -> str:
        return f"it is larger than the cache limit ({self._limit:,} bytes)"

    def _add(self, write: Callable[[EntryWriter, Any], None], data: Any) -> None:
        if self._entry is None:
            return
        try:
            write(self._entry, data)
        except OSError as failed:
            return self._give_up(failed)
        if self._entry.audio_bytes + self._entry.metadata_bytes > self._limit:
            self._give_up(self._too_large)

    def _give_up(self, why: OSError | str) -> None:
        words = why if isinstance(why, str) else str(why.strerror or why)
        if isinstance(why, OSError) and not isinstance(why, NoHome):
            words = f"{words} ({self._path.parent})"
        self.trouble = f"cannot cache the audio: {words}"
        self.__exit__()


class _Kept(NamedTuple):
    path: str
    bytes: int
    used_ns: int


def _files(folder: Path) -> Iterator[_Kept]:
    with suppress(OSError), os.scandir(folder) as found:
        for each in found:
            if each.name.endswith(SUFFIX):
                with suppress(OSError):  # another removed it just now
                    facts = each.stat()
                    yield _Kept(each.path, facts.st_size, facts.st_mtime_ns)


def _evicted(entry: _Kept) -> bool:
    """Remove it unless it is being read. True when it is gone, also when another process removed it. Raises OSError."""
    try:
        with open(entry.path, "rb") as file:
            if not acquire(file):
                return False
            os.unlink(entry.path)
    except FileNotFoundError:
        pass
    return True


def _given(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _given(inner) for name, inner in value.items() if inner is not None}
    return value
