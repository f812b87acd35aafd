"""How soon `eleven` has answered where nothing has to be waited for: a question, a refusal, the Tab key, a short text.

Run by `run start`. Programs take turns; each measure has the least and the middle of its milliseconds, and the least
that the processor was at it, which other work on the machine disturbs less.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import bench
from process import Run, run
from server import SHORT
from table import Row, table

FAR = "https://192.0.2.1"  # of RFC 5737: nobody's
REFUSED = ("tts", "--speed", "99")
REMEMBERED = """
import os
from eleven_cli.cache import AccountCache
known = [[f"{number:020}", f"Voice {number}"] for number in range(30)]
server, key = os.environ["ELEVENLABS_BASE_URL"], os.environ["ELEVENLABS_API_KEY"]
AccountCache(server, key).put("voices", {"known": known, "at": 0})
"""


@dataclass(frozen=True)
class Measure:
    """What is typed, and how long it may take.

    limit_ms     of the middle; None without a target
    first_byte   whether the time until the first byte counts, in place of that until the end
    """

    words: Sequence[str]
    limit_ms: float | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    exit_code: int = 0
    first_byte: bool = False


def tab(line: str) -> Measure:
    """The Tab key at the end of this line, in bash."""
    return Measure((), 70, {"_ELEVEN_COMPLETE": "complete_bash", "COMP_LINE": line})


MEASURES = {
    "--version": Measure(["--version"], 55),
    "--help": Measure(["--help"], 70),
    "tts, first byte": Measure(["tts", "hi", "-v", SHORT], 100, first_byte=True),
    "Tab, command": tab("eleven t"),
    "Tab, option": tab("eleven tts --vo"),
    "Tab, voice": tab("eleven tts -v V"),
    "Tab, path of api": tab("eleven api /v1/v"),
    "refused, without a key": Measure(REFUSED, None, {"ELEVENLABS_API_KEY": "", "ELEVENLABS_BASE_URL": FAR}, 2),
    "refused, with a key": Measure(REFUSED, None, {"ELEVENLABS_BASE_URL": FAR}, 2),
}


def main() -> None:
    """Measure; the table on stdout."""
    options = _options()
    runs = 10 if options.quick else 60
    with bench.server() as port, tempfile.TemporaryDirectory() as home:
        environ = bench.environ_for(f"http://127.0.0.1:{port}", home)
        subprocess.run([sys.executable, "-c", REMEMBERED], env=environ, check=True)
        own = bench.Bench(environ, runs, runs, None).eleven
        programs = {"eleven": own, **({"old": options.old} if options.old else {})}
        figures = {name: _measured(measure, programs, environ, runs) for name, measure in MEASURES.items()}
        bare = [run([sys.executable, "-c", "pass"], environ) for _ in range(runs)]
    rows = [row for name, by_program in figures.items() for row in _rows(name, by_program, bare)]
    print(f"{runs} runs in turn\n")
    print(table([*rows, _later(figures, programs)], [*programs, "python"]))


def _measured(
    measure: Measure, programs: Mapping[str, str], environ: Mapping[str, str], runs: int
) -> dict[str, list[Run]]:
    """The runs of each program, after one that does not count."""
    environ = {**environ, **measure.environ}
    taken: dict[str, list[Run]] = {name: [] for name in programs}
    for turn in range(runs + 1):
        for name, program in programs.items():
            done = run([program, *measure.words], environ, exit_code=measure.exit_code)
            if turn:
                taken[name].append(done)
    return taken


def _rows(name: str, runs: Mapping[str, list[Run]], bare: list[Run]) -> list[Row]:
    measure = MEASURES[name]
    walls = {program: [_wall_ms(one, measure) for one in several] for program, several in runs.items()}
    walls["python"] = [one.total_ms for one in bare]
    cpu = {program: min(one.cpu_s for one in several) * 1000 for program, several in [*runs.items(), ("python", bare)]}
    middle = {program: statistics.median(values) for program, values in walls.items()}
    return [
        Row(f"{name}, median", "ms", middle, limit=measure.limit_ms),
        Row(f"{name}, least", "ms", {program: min(values) for program, values in walls.items()}),
        Row(f"{name}, processor", "ms", cpu),
    ]


def _wall_ms(one: Run, measure: Measure) -> float:
    return one.first_byte_ms if measure.first_byte else one.total_ms


def _later(figures: Mapping[str, dict[str, list[Run]]], programs: Mapping[str, str]) -> Row:
    """How much later a refusal comes where a key is set, for which a connection is begun ahead."""
    least = {
        name: {program: min(one.total_ms for one in runs) for program, runs in figures[name].items()}
        for name in ("refused, with a key", "refused, without a key")
    }
    later = {name: least["refused, with a key"][name] - least["refused, without a key"][name] for name in programs}
    return Row("refused later with a key", "ms", later, limit=2)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run start", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="10 runs")
    parser.add_argument("--old", metavar="ELEVEN", help="another version, measured beside this one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
