"""How fast and how small `eleven` is, beside curl and bare Python on the same machine in the same minutes.

Every measure takes turns (A B C A B C …), so that whatever else the machine does falls on all alike; figures are
medians, and targets are ratios. Started by `run`, which makes the environments; shows, and never judges by exit code.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from process import MIB, Run, run
from server import GAP_CHUNKED, GAP_LENGTH, SHORT, delays_ms, many_bytes
from table import Row, table

HERE = Path(__file__).parent
START_LIMIT = 7.0  # × python -c pass
FIRST_BYTE_LIMIT = 18.3  # × curl: 110 ms where curl needs 6
MEMORY_LIMIT = 1.2  # 512 MiB against 1 MiB
LARGE_BYTES = 256 * MIB
MEMORY_BYTES = (1 * MIB, 512 * MIB)


@dataclass(frozen=True)
class Bench:
    """What the sections share.

    short_runs, long_runs  how often the quick and the slow measures are repeated
    sdk                    the interpreter that has the official SDK, None when it is not wanted
    """

    environ: Mapping[str, str]
    short_runs: int
    long_runs: int
    sdk: str | None

    @property
    def eleven(self) -> str:
        return str(Path(sys.executable).with_name("eleven"))

    def speaking(self, voice: str) -> dict[str, list[str]]:
        """The same request by three programs; the voice tells the server how to answer."""
        return {
            "eleven": [self.eleven, "tts", "hi", "-v", voice],
            "curl": _curl(self.environ, voice),
            "python": [sys.executable, str(HERE / "bare.py"), voice],
        }

    def turns(self, commands: Mapping[str, Sequence[str]], runs: int, *, keep: bool = False) -> dict[str, list[Run]]:
        """Each command in turn, `runs` times, after one turn that does not count."""
        results: dict[str, list[Run]] = {name: [] for name in commands}
        for turn in range(runs + 1):
            for name, argv in commands.items():
                result = run(argv, self.environ, exit_code=2 if name == "usage error" else 0, keep=keep)
                if turn:
                    results[name].append(result)
        return results


def main() -> None:
    """Measure everything; the table on stdout, what is going on on stderr."""
    options = _options()
    started = time.monotonic()
    with server() as port, tempfile.TemporaryDirectory() as home:
        long_runs = 5 if options.quick else 10
        bench = Bench(environ_for(f"http://127.0.0.1:{port}", home), 5 if options.quick else 20, long_runs, options.sdk)
        rows = [row for section in _sections(bench) for row in section(bench)]
    programs = ["eleven", "curl", "python", *(["sdk"] if bench.sdk else [])]
    print(_caption(bench, time.monotonic() - started))
    print(table(rows, programs))


def start_up(bench: Bench) -> list[Row]:
    """Milliseconds until a process that has nothing to do has ended."""
    commands = {
        "--version": [bench.eleven, "--version"],
        "--help": [bench.eleven, "--help"],
        "usage error": [bench.eleven, "tts", "--speed", "99"],
        "curl": ["curl", "--version"],
        "python": [sys.executable, "-c", "pass"],
    }
    totals = medians(bench.turns(commands, bench.short_runs), lambda run: run.total_ms)
    beside = {"curl": totals["curl"], "python": totals["python"]}
    return [
        Row(f"start-up, {name}", "ms", {"eleven": totals[name], **beside}, "python", START_LIMIT)
        for name in ("--version", "--help", "usage error")
    ]


def short_answer(bench: Bench) -> list[Row]:
    """First byte and end of a request that is answered at once."""
    commands = bench.speaking(SHORT)
    if bench.sdk:
        commands["sdk"] = [bench.sdk, str(HERE / "sdk.py"), SHORT]
    results = bench.turns(commands, bench.short_runs)
    first, total = medians(results, lambda run: run.first_byte_ms), medians(results, lambda run: run.total_ms)
    return [
        Row("tts, first byte", "ms", first, "curl", FIRST_BYTE_LIMIT),
        Row("tts, whole short run", "ms", total, "curl"),
    ]


def throughput(bench: Bench) -> list[Row]:
    """MiB/s of a long chunked answer, from the first byte to the last."""
    results = bench.turns(bench.speaking(many_bytes(LARGE_BYTES)), bench.long_runs)
    _expect(results, LARGE_BYTES)
    rates = medians(results, lambda run: run.mib_per_s)
    return [Row(f"tts, throughput of {LARGE_BYTES // MIB} MiB", "MiB/s", rates, "curl")]


def memory(bench: Bench) -> list[Row]:
    """MiB held at the most, for a short answer and a long one, and how much one is of the other."""
    floor = min(run(["true"], bench.environ).peak_mib for _ in range(3))  # what this process itself passes on
    peaks = []
    for count in MEMORY_BYTES:
        results = bench.turns(bench.speaking(many_bytes(count)), bench.long_runs)
        _expect(results, count)
        peaks.append(medians(results, lambda run: run.peak_mib))
    rows = [
        Row(f"tts, peak memory for {count // MIB} MiB", "MiB", peak, "python", floor=floor)
        for count, peak in zip(MEMORY_BYTES, peaks, strict=True)
    ]
    growth = {name: peaks[1][name] / peaks[0][name] for name in peaks[0]}
    return [*rows, Row("tts, memory 512 MiB / 1 MiB", "", growth, limit=MEMORY_LIMIT)]


def gap(bench: Bench) -> list[Row]:
    """Milliseconds between the server's sending of 100 bytes, every 20 ms, and their leaving the program."""
    rows = []
    for voice, name in ((GAP_CHUNKED, "chunked"), (GAP_LENGTH, "with length")):
        results = bench.turns(bench.speaking(voice), bench.long_runs, keep=True)
        delays = {who: [ms for run in runs for ms in delays_ms(run.pieces)] for who, runs in results.items()}
        typical = {who: statistics.median(values) for who, values in delays.items()}
        slowest = {who: max(values) for who, values in delays.items()}
        rows.append(Row(f"tts, delay {name}, median", "ms", typical, "curl"))
        rows.append(Row(f"tts, delay {name}, maximum", "ms", slowest, "curl"))
    return rows


def _sections(bench: Bench) -> Iterator[Callable[[Bench], list[Row]]]:
    for section in (start_up, short_answer, throughput, memory, gap):
        print(f"bench: {section.__name__.replace('_', ' ')} …", file=sys.stderr, flush=True)
        yield section


def medians(results: Mapping[str, list[Run]], figure: Callable[[Run], float]) -> dict[str, float]:
    """By program."""
    return {name: statistics.median(map(figure, runs)) for name, runs in results.items()}


def _expect(results: Mapping[str, list[Run]], count: int) -> None:
    """A program that loses bytes is fast for the wrong reason."""
    for name, runs in results.items():
        if wrong := [run.byte_count for run in runs if run.byte_count != count]:
            raise SystemExit(f"{name} wrote {wrong[0]} bytes, not {count}")


def _curl(environ: Mapping[str, str], voice: str) -> list[str]:
    url = f"{environ['ELEVENLABS_BASE_URL']}/v1/text-to-speech/{voice}/stream?output_format=mp3_44100_128"
    headers = [f"xi-api-key: {environ['ELEVENLABS_API_KEY']}", "Content-Type: application/json"]
    return ["curl", "-q", "-sSN", "-d", '{"text":"hi"}', *(word for line in headers for word in ("-H", line)), url]


def environ_for(server: str, home: str) -> dict[str, str]:
    """Nothing of the caller's but the path: no proxies, no settings, byte code as installed."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": home,
        "LANG": "C.UTF-8",
        "ELEVENLABS_API_KEY": "bench",
        "ELEVENLABS_BASE_URL": server,
    }


@contextmanager
def server(address: str = "127.0.0.1", certificate: Path | None = None) -> Iterator[int]:
    """The service in a process of its own, with TLS where it is given a certificate; gives its port."""
    command = [sys.executable, str(HERE / "server.py"), address, *([str(certificate)] if certificate else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()  # it takes this as its end


def _caption(bench: Bench, took_s: float) -> str:
    curl = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    return (
        f"Python {platform.python_version()} · curl {curl} · {os.cpu_count()} cores · medians of {bench.short_runs}"
        f" (start-up, first byte) and {bench.long_runs} runs in turn · {took_s:.0f} s\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="5 runs of everything")
    parser.add_argument("--sdk", metavar="PYTHON", help="an interpreter that has the official SDK (run: --rivals)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
