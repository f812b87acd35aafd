"""Runs one program with its stdout in a pipe, and says when its bytes came and what it took."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
MIB = 1024 * 1024


@dataclass
class Run:
    """One run of a program. Times in milliseconds since just before it was started.

    first_byte_ms  when its first byte could be read from its stdout
    last_byte_ms   when its last one could
    total_ms       when it had ended
    cpu_s          processor time, of its own and for it
    peak_mib       the most memory it held (ru_maxrss), at the least that of the process that started it
    pieces         if asked for: what was read, each with its time (monotonic nanoseconds)
    """

    byte_count: int = 0
    first_byte_ms: float = 0.0
    last_byte_ms: float = 0.0
    total_ms: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0
    pieces: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def mib_per_s(self) -> float:
        """Throughput between the first and the last byte: the start-up is not in it."""
        return self.byte_count / MIB / (self.last_byte_ms - self.first_byte_ms) * 1000


def run(argv: Sequence[str], environ: Mapping[str, str], *, exit_code: int = 0, keep: bool = False) -> Run:
    """Start it, read its stdout to the end, wait. Ends the benchmark when it fails otherwise than by `exit_code`."""
    with tempfile.TemporaryFile() as complaints:
        started_ns = time.monotonic_ns()
        child = subprocess.Popen(
            argv, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, bufsize=0
        )
        assert child.stdout is not None
        with child.stdout:
            result = _read(child.stdout.fileno(), started_ns, keep=keep)
        _, status, usage = os.wait4(child.pid, 0)
        result.total_ms = _ms_since(started_ns, time.monotonic_ns())
        result.cpu_s = usage.ru_utime + usage.ru_stime
        result.peak_mib = usage.ru_maxrss * RSS_UNIT_BYTES / MIB
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != exit_code:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace")
            raise SystemExit(f"{' '.join(argv)} ended with {child.returncode}, not {exit_code}:\n{said}")
    return result


def _read(stdout: int, started_ns: int, *, keep: bool) -> Run:
    result = Run()
    buffer = bytearray(65536)  # as much as a pipe holds
    while count := os.readv(stdout, [buffer]):
        now_ns = time.monotonic_ns()
        if not result.byte_count:
            result.first_byte_ms = _ms_since(started_ns, now_ns)
        result.last_byte_ms = _ms_since(started_ns, now_ns)
        result.byte_count += count
        if keep:
            result.pieces.append((now_ns, bytes(buffer[:count])))
    return result


def _ms_since(started_ns: int, now_ns: int) -> float:
    return (now_ns - started_ns) / 1e6
