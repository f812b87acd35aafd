"""What a sandbox bears: many streams and conversations at once, clients that do not read, and 10,000 requests.

The sandbox runs in a process of its own, the clients in this one. Started by `run`, which makes the environment; shows,
and never judges by exit code. `--old CHECKOUT` measures the sandbox of another checkout in turn with this one.
"""

import argparse
import asyncio
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

import load_client as client
from table import Row, table

STREAMS, CONVERSATIONS, UNREAD = 100, 50, 5
EACH_S = 0.1  # between the requests of a sustained load
AGENT = "agent_sandbox_chat"
FIXTURE = "import time; t = time.perf_counter()\nfrom eleven_cli.sandbox.fixture.sandbox import running\n"
FIXTURE += "with running():\n    print((time.perf_counter() - t) * 1000)"
LONG = "The keeper of the lighthouse watches the ships, and counts them until the morning comes. " * 50


@dataclass(frozen=True)
class Load:
    """How much is measured: seconds of sustained load, requests in a row, and starts."""

    seconds: float
    requests: int
    starts: int


@dataclass(frozen=True)
class Program:
    """A sandbox to be started: the checkout it is imported from, "" for the installed one."""

    home: str
    checkout: str = ""

    @property
    def environ(self) -> dict[str, str]:
        """Nothing of the caller's but the path."""
        found = {"PYTHONPATH": self.checkout} if self.checkout else {}
        return {"PATH": os.environ.get("PATH", os.defpath), "HOME": self.home, "LANG": "C.UTF-8", **found}

    @contextmanager
    def running(self) -> Iterator[tuple[str, int]]:
        """Gives address and process id of a sandbox that has spoken once, so that everything is loaded."""
        with self.starting() as (url, pid):
            asyncio.run(client.speak(url, "Ready."))
            yield url, pid

    @contextmanager
    def starting(self) -> Iterator[tuple[str, int]]:
        command = [sys.executable, "-c", "from eleven_cli.__main__ import run; run()", "sandbox", "--port", "0"]
        silent = subprocess.DEVNULL
        with (
            tempfile.TemporaryFile() as log,
            subprocess.Popen(
                command, stdin=silent, stdout=log, stderr=subprocess.PIPE, env=self.environ, cwd=self.home
            ) as sandbox,
        ):
            assert sandbox.stderr is not None
            try:
                said = sandbox.stderr.readline().decode()
                if "http" not in said:
                    raise SystemExit(f"the sandbox does not start: {said}{sandbox.stderr.read().decode()}")
                drain = subprocess.Popen(["cat"], stdin=sandbox.stderr, stdout=log)
                yield said[said.index("http") :].strip(), sandbox.pid
            finally:
                sandbox.terminate()
                sandbox.wait()
                drain.wait()


Section = Callable[[Program, Load], list[tuple[str, str, float, float | None]]]


def main() -> None:
    """Measure everything; the table on stdout, what is going on on stderr."""
    options = _options()
    load = Load(5, 2000, 1) if options.quick else Load(20, 10_000, 5)
    began, before = time.monotonic(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as home:
        programs = {"eleven": Program(home), **({"old": Program(home, options.old)} if options.old else {})}
        rows = [row for section in _sections(options.only) for row in _measured(section, programs, load)]
    print(_caption(before, time.monotonic() - began))
    print(table(rows, list(programs)))


def _measured(section: Section, programs: Mapping[str, Program], load: Load) -> Iterator[Row]:
    taken = {name: section(program, load) for name, program in programs.items()}
    for at, (measure, unit, _, limit) in enumerate(taken["eleven"]):
        yield Row(measure, unit, {name: rows[at][2] for name, rows in taken.items()}, limit=limit)


def streams_of_texts(program: Program, load: Load) -> list[tuple[str, str, float, float | None]]:
    """Streams at once, each with a key and a text of its own."""
    return _streams(program, f"{STREAMS} streams", [client.text(number) for number in range(STREAMS)])


def streams_of_one_text(program: Program, load: Load) -> list[tuple[str, str, float, float | None]]:
    return _streams(program, f"{STREAMS} streams of one text", [client.text(STREAMS)] * STREAMS)


def _streams(program: Program, name: str, texts: Sequence[str]) -> list[tuple[str, str, float, float | None]]:
    async def at_once(url: str) -> list[client.Stream]:
        return await asyncio.gather(*(client.speak(url, text) for text in texts))

    with program.running() as (url, pid):
        before = _cpu_s(pid)
        seen = asyncio.run(at_once(url))
        cpu_ms = (_cpu_s(pid) - before) * 1000 / len(seen)
    firsts = [one.first_ms for one in seen]
    return [
        (f"{name}, errors", "", sum(bool(one.error) for one in seen), 0),
        (f"{name}, first byte, median", "ms", statistics.median(firsts), 300),
        (f"{name}, first byte, worst", "ms", max(firsts), 1000),
        (f"{name}, longest gap", "ms", max(one.gap_ms for one in seen), 500),
        (f"{name}, processor", "ms each", cpu_ms, None),
    ]


def sustained_texts(program: Program, load: Load) -> list[tuple[str, str, float, float | None]]:
    """Ten requests a second, whether those before have ended or not."""
    return _sustained(program, load, "10 a second", lambda number: client.text(number), "/stream")


def sustained_text(program: Program, load: Load) -> list[tuple[str, str, float, float | None]]:
    return _sustained(program, load, "10 a second of one text, not streamed", lambda number: client.text(0), "")


def _sustained(
    program: Program, load: Load, name: str, text: Callable[[int], str], kind: str
) -> list[tuple[str, str, float, float | None]]:
    async def in_turn(url: str) -> list[client.Stream]:
        tasks = []
        for number in range(round(load.seconds / EACH_S)):
            tasks.append(asyncio.create_task(client.speak(url, text(number), kind=kind)))
            await asyncio.sleep(EACH_S)
        return await asyncio.gather(*tasks)

    with program.running() as (url, pid):
        before = _cpu_s(pid)
        seen = asyncio.run(in_turn(url))
        cpu_ms = (_cpu_s(pid) - before) * 1000 / len(seen)
    firsts = [one.first_ms for one in seen]
    return [
        (f"{name}, errors", "", sum(bool(one.error) for one in seen), 0),
        (f"{name}, first byte, median", "ms", statistics.median(firsts), 50),
        (f"{name}, first byte, worst", "ms", max(firsts), None),
        (f"{name}, processor", "ms each", cpu_ms, None),
    ]


def unread(program: Program, load: Load) -> list[tuple[str, str, float, float | None]]:
    """Clients that do not read what they have asked for, beside one that reads."""

    async def first_ms(url: str) -> float:
        return statistics.median([(await client.speak(url, f"Ship {at}.", client.PCM)).first_ms for at in range(20)])

    async def compare(url: str) -> tuple[float, float]:
        alone = await first_ms(url)
        writers = [await client.open_speech(url, f"{at}: {LONG}") for at in range(UNREAD)]
        await asyncio.sleep(3)  # what the sockets hold is made meanwhile
        beside = await first_ms(url)
        for writer in writers:
            writer.transport.abort()
        return alone, beside

    with program.running() as (url, _):
        alone, beside = asyncio.run(compare(url))
    return [
        ("first byte alone, median", "ms", alone, None),
        (f"first byte beside {UNREAD} clients that do not read, median", "ms", beside, None),
    ]


def conversations(program: Program, load: Load) -> list[tuple[str, str, float, float | None]]:
    async def at_once(url: str) -> list[float]:
        return await asyncio.gather(*(client.first_audio_ms(url, AGENT) for _ in range(CONVERSATIONS)))

    with program.running() as (url, _):
        asyncio.run(client.first_audio_ms(url, "agent_sandbox_tools"))  # it speaks another text
        firsts = asyncio.run(at_once(url))
    return [
        (f"{CONVERSATIONS} conversations, first audio, median", "ms", statistics.median(firsts), 400),
        (f"{CONVERSATIONS} conversations, first audio, worst", "ms", max(firsts), None),
    ]


def memory(program: Program, load: Load) -> list[tuple[str, str, float, float | None]]:
    """Many requests in a row: the second half of them may not take more memory than the first."""

    async def requests(url: str, numbers: range) -> None:
        for number in numbers:
            if number % 2:
                await client.get(url, "/v1/models")
            else:
                await client.speak(url, f"Ship number {number}.", client.PCM)

    half = load.requests // 2
    with program.running() as (url, pid):
        asyncio.run(requests(url, range(half)))
        middle = _resident_mib(pid)
        asyncio.run(requests(url, range(half, 2 * half)))
        end = _resident_mib(pid)
    return [
        (f"resident after {half:,} requests", "MiB", middle, None),
        (f"resident after {2 * half:,} requests", "MiB", end, None),
    ]


def start(program: Program, load: Load) -> list[tuple[str, str, float, float | None]]:
    """Until the first answer of `eleven sandbox`, and until a test has the fixture."""
    alone, fixture = [], []
    for _ in range(load.starts):
        began = time.perf_counter()
        with program.starting() as (url, _):
            asyncio.run(client.get(url, "/v1/models"))
            alone.append((time.perf_counter() - began) * 1000)
        command = [sys.executable, "-c", FIXTURE]
        fixture.append(float(subprocess.check_output(command, env=program.environ, cwd=program.home)))
    return [
        ("start to first answer, median", "ms", statistics.median(alone), 1000),
        ("start of the fixture, median", "ms", statistics.median(fixture), 400),
    ]


SECTIONS: tuple[Section, ...] = (
    streams_of_texts, streams_of_one_text, sustained_texts, sustained_text, unread, conversations, start, memory,
)  # fmt: skip


def _sections(only: Sequence[str]) -> Iterator[Section]:
    for section in SECTIONS:
        if not only or section.__name__ in only:
            print(f"bench: load, {section.__name__.replace('_', ' ')} …", file=sys.stderr, flush=True)
            yield section


def _cpu_s(pid: int) -> float:
    """Processor time of a process; 0 where the system has no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    fields = stat.read_text().rpartition(")")[2].split() if stat.exists() else ["0"] * 20
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    said = subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)])
    return int(said) / 1024


def _caption(before: float, took_s: float) -> str:
    return (
        f"Python {platform.python_version()} · {os.cpu_count()} cores · load {before:.1f} before,"
        f" {os.getloadavg()[0]:.1f} after · {took_s:.0f} s\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run load", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="less of everything that takes long")
    parser.add_argument("--old", metavar="CHECKOUT", help="also measure the sandbox of this checkout")
    names = [section.__name__ for section in SECTIONS]
    parser.add_argument("--only", action="append", default=[], choices=names, help="only this section; repeatable")
    return parser.parse_args()


if __name__ == "__main__":
    main()
