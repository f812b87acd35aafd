"""Jobs: long texts that are made piece by piece, and resumed where they stopped."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

from eleven_cli.cache.entries import EntryReader, open_entry
from eleven_cli.cache.piece import Piece
from eleven_cli.cache.unfinished import SUFFIX, empty, jobs_folder, remove_abandoned, write_about
from eleven_cli.errors import ElevenError
from eleven_cli.files.folders import NoHome, ensure_dir
from eleven_cli.files.locks import acquire_folder
from eleven_cli.files.part_names import remove_parts_in

PATIENCE_S = 0.3  # a look at the jobs, by another process, holds the lock for less
SLICE_S = 0.05


class JobBusy(ElevenError):
    """Another process is doing the same."""

    default_code = "job_busy"

    def __init__(self) -> None:
        hint = "wait for it to end, then run this again: no piece is paid for twice"
        super().__init__("another process is already making this", hint=hint)


class Job:
    """The pieces of one long text that have arrived, kept until all of it is done.

    key     of everything that changes the audio: see cache.audio.key
    about   what `eleven cache info` shows of it: `what` (a name) and `pieces` (how many there will be)
    wait    called once if another process does the same job, before waiting for it; without it, JobBusy is raised

    A `with`: one process at a time has the job. Where the folder cannot be written, a temporary one takes its place:
    `resumable` is then False, and `trouble` says why. All methods may be used by several threads.
    """

    def __init__(
        self,
        key: str,
        *,
        folder: Path | None = None,
        about: Mapping[str, object] | None = None,
        wait: Callable[[], None] | None = None,
    ) -> None:
        self._jobs, self._key = folder, key
        self.folder = folder / key if folder else Path(key)
        self._about, self._wait = dict(about or {}), wait
        self._guard = threading.Lock()
        self._whole: set[int] = set()
        self._lock: BinaryIO | None = None
        self.resumable, self.trouble = True, ""

    def __enter__(self) -> Self:
        try:
            jobs = self._jobs or jobs_folder()
            self.folder = jobs / self._key
            self._lock = self._claim()
            remove_parts_in(self.folder, before=time.time())
            write_about(self.folder, self._about)
            remove_abandoned(jobs)
        except OSError as failed:
            self._release()
            self._use_temporary(failed)
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        if not self.resumable:
            shutil.rmtree(self.folder, ignore_errors=True)
        elif self._lock is not None and not any(self.folder.glob(f"*{SUFFIX}")):
            self.discard()
        self._release()

    def has(self, index: int) -> bool:
        """Whether this piece is complete, from this run or an earlier one."""
        if index not in self._whole:
            piece = open_entry(self._path(index))
            if piece is None:
                return False
            piece.close()
            self._finished(index)
        return True

    def read(self, index: int) -> Iterator[bytes]:
        """Reads the audio of a complete piece. Raises ElevenError without it."""
        with self._opened(index) as piece:
            yield from piece.chunks()

    def facts(self, index: int) -> dict[str, Any]:
        """The facts that a complete piece was finished with. Raises ElevenError without it."""
        with self._opened(index) as piece:
            return piece.facts

    def piece(self, index: int) -> Piece:
        """Gives a `with` for a piece that is about to arrive."""
        return Piece(self._path(index), finished=lambda: self._finished(index))

    def discard(self) -> None:
        """Removes the pieces of a job that is done, and ends it for this object.

        What cannot be removed stays, and may be used again.
        """
        with suppress(OSError):
            empty(self.folder)
        self._release()

    def _claim(self) -> BinaryIO:
        patient_until, notified = time.monotonic() + PATIENCE_S, False
        while True:
            folder = ensure_dir(self.folder)
            with suppress(FileNotFoundError):  # its last user removed it just now: make it again
                if lock := acquire_folder(folder):
                    return lock
            if time.monotonic() > patient_until and not notified:
                if self._wait is None:
                    raise JobBusy
                self._wait()
                notified = True
            time.sleep(SLICE_S)

    def _use_temporary(self, failed: OSError) -> None:
        from tempfile import mkdtemp

        self.resumable = False
        no_home = isinstance(failed, NoHome)
        self.trouble = str(failed) if no_home else f"cannot write {self.folder}: {failed.strerror or failed}"
        try:
            self.folder = Path(mkdtemp(prefix="eleven-"))
        except OSError as neither:
            raise ElevenError(f"{self.trouble}; there is no temporary folder either", code="write_failed") from neither

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:06d}{SUFFIX}"

    def _finished(self, index: int) -> None:
        with self._guard:
            self._whole.add(index)

    def _opened(self, index: int) -> EntryReader:
        piece = open_entry(self._path(index), check=index not in self._whole)
        if piece is None:
            raise ElevenError(f"piece {index} of the text is no longer in {self.folder}", code="cache_damaged")
        return piece
