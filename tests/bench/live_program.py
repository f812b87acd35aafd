"""A program that speaks what is being written to its stdin: when each word goes in, and when sound comes out."""

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

GUARD_S = 20
PIPE_BYTES = 65536


class Program:
    """It runs, and a thread takes what comes from its stdout. Moments are seconds on the monotonic clock."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], complaints: IO[bytes]) -> None:
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, bufsize=0
        )
        self._changed = threading.Condition()
        self._came: list[tuple[float, int]] = []
        self._over = False
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def write(self, text: str) -> float:
        """Gives the moment just before."""
        assert self._process.stdin is not None
        now = time.monotonic()
        self._process.stdin.write(text.encode())
        return now

    def type(self, pieces: Sequence[str], start_at: float, end_at: float) -> float:
        """Write them one by one, evenly between two moments, the last one at the second; gives when that was."""
        pause_s = (end_at - start_at) / max(len(pieces) - 1, 1)
        now = start_at
        for number, piece in enumerate(pieces):
            time.sleep(max(start_at + number * pause_s - time.monotonic(), 0))
            now = self.write(piece)
        return now

    def byte_count(self, since: float = 0.0, until: float = float("inf")) -> int:
        """How much came between two moments."""
        with self._changed:
            return sum(count for at, count in self._came if since < at <= until)

    def first_byte_at(self, since: float, patience_s: float) -> float | None:
        """When the first byte after that moment came; None when there was none in time."""
        with self._changed:
            found = self._changed.wait_for(lambda: self._after(since) or self._over, patience_s)
            return self._after(since)[0] if found and self._after(since) else None

    def wait_for_quiet(self, quiet_s: float) -> None:
        """Until nothing has come for so long."""
        with self._changed:
            while self._changed.wait(quiet_s) and not self._over:
                pass

    def end(self) -> None:
        """Close its stdin, and wait for its own end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(GUARD_S)
        self._reader.join()

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def clear_away(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()

    def _after(self, since: float) -> list[float]:
        return [at for at, _ in self._came if at > since]

    def _read(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read(PIPE_BYTES):
            now = time.monotonic()
            with self._changed:
                self._came.append((now, len(data)))
                self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()


@contextmanager
def started(argv: Sequence[str], environ: Mapping[str, str]) -> Iterator[Program]:
    """It must have been ended well when the block is left; otherwise the benchmark ends, with what it said."""
    with tempfile.TemporaryFile() as complaints:
        program = Program(argv, environ, complaints)
        try:
            yield program
            code = program.exit_code
        finally:
            program.clear_away()
        if code != 0:
            complaints.seek(0)
            raise SystemExit(f"{' '.join(argv)} ended with {code}:\n{complaints.read().decode(errors='replace')}")
