"""How soon `eleven tts` speaks a sentence that was just written to its stdin, on a sandbox in a process of its own.

From the write of a sentence's last character to the first byte of its sound on stdout, beside the official Python SDK.
Started by `run`, which makes the environments; shows, and never judges by exit code.
"""

import argparse
import itertools
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from live_program import Program, started
from table import NEVER as NEVER_SHOWN
from table import Row, middle_and_worst, table

HERE = Path(__file__).parent
FORMATS = {"mp3_44100_128": 16000, "pcm_24000": 48000}  # bytes a second
ENDINGS = {"a newline": ".\n", "'. '": ". ", "'.' alone": "."}
SENTENCES = (
    "The lighthouse keeper climbed the narrow stairs every single evening",
    "He carried a small lamp and a basket full of bread",
    "At the top he watched the ships until the morning came",
)
TYPING_S = 1.5  # until the first sentence ends, from the start of the process
APART_S, WORDS_S = 3.0, 0.8  # between the ends of sentences, of which so much is writing
PATIENCE_S, START_S = 2.0, 3.0  # the second for a program that has yet to start
QUIET_S = 0.4
FIRST_MS, EACH_MS = 150, 200
NEVER = math.inf


@dataclass(frozen=True)
class Stage:
    """What the sections share.

    programs  the words that start each, but for the format
    runs      how often each speaks one sentence in each way, and how often three
    """

    environ: Mapping[str, str]
    programs: Mapping[str, Sequence[str]]
    runs: int
    long_runs: int

    @contextmanager
    def program(self, name: str, fmt: str) -> Iterator[Program]:
        with started([*self.programs[name], fmt], self.environ) as program:
            yield program

    def turns(self, runs: int, figures: Callable[[str], list[float]]) -> dict[str, list[float]]:
        """Figures of each program in turn, of the SDK a third as often: it takes long, and they are all alike."""
        taken: dict[str, list[float]] = {name: [] for name in self.programs}
        for run, name in itertools.product(range(runs), self.programs):
            if name != "sdk" or run % 3 == 0:
                taken[name] += figures(name)
        return taken


def main() -> None:
    """Measure everything; the table on stdout, what is going on on stderr."""
    options = _options()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home, _sandbox(home) as url:
        environ = {**_environ(home), "ELEVENLABS_API_KEY": "bench", "ELEVENLABS_BASE_URL": url}
        stage = Stage(environ, _programs(url, options.sdk), *((3, 1) if options.quick else (10, 3)))
        _warm_up(stage)
        rows = [row for section in _sections() for row in section(stage)]
    print(_caption(stage, time.monotonic() - began))
    print(table(rows, list(stage.programs)))


def typed(stage: Stage) -> list[Row]:
    """The first sentence, written word by word while the program starts."""
    return _first(stage, "first sentence, typed", at_once=False, limit=FIRST_MS)


def at_once(stage: Stage) -> list[Row]:
    """The first sentence, written when the program was started: its start is in the figure."""
    return _first(stage, "first sentence, there at the start", at_once=True, limit=None)


def each(stage: Stage) -> list[Row]:
    """Three sentences with pauses between them."""
    rows = []
    for fmt, (name, mark) in itertools.product(FORMATS, ENDINGS.items()):
        taken = stage.turns(stage.long_runs, partial(_three_ms, stage, fmt=fmt, mark=mark))
        rows += middle_and_worst(f"each of three, {fmt}, {name}", "ms", taken, EACH_MS)
    return rows


def _first(stage: Stage, measure: str, *, at_once: bool, limit: float | None) -> list[Row]:
    rows = []
    for fmt, (name, mark) in itertools.product(FORMATS, ENDINGS.items()):
        taken = stage.turns(stage.runs, partial(_first_ms, stage, fmt=fmt, mark=mark, at_once=at_once))
        rows += middle_and_worst(f"{measure}, {fmt}, {name}", "ms", taken, limit)
    return rows


def _first_ms(stage: Stage, who: str, *, fmt: str, mark: str, at_once: bool) -> list[float]:
    with stage.program(who, fmt) as program:
        if at_once:
            ended_at = program.write(SENTENCES[0] + mark)
        else:
            ended_at = program.type(_words(0, mark), program.started_at, program.started_at + TYPING_S)
        patience_s = PATIENCE_S + START_S * at_once
        delay_ms = _delay_ms(program, program.started_at, ended_at, patience_s, fmt)
        program.end()
        _expect_sound(program, fmt, 1)
    return [delay_ms]


def _three_ms(stage: Stage, who: str, *, fmt: str, mark: str) -> list[float]:
    """Of each sentence. Once a program is late, nobody can say whose sound comes: then it never is in time."""
    delays: list[float] = []
    with stage.program(who, fmt) as program:
        for number in range(len(SENTENCES)):
            end_at = program.started_at + TYPING_S + number * APART_S
            began_at = time.monotonic() if number else program.started_at
            ended_at = program.type(_words(number, mark), end_at - WORDS_S, end_at)
            delay_ms = _delay_ms(program, began_at, ended_at, PATIENCE_S, fmt)
            delays.append(NEVER if NEVER in delays else delay_ms)
        program.end()
        _expect_sound(program, fmt, len(SENTENCES))
    return delays


def _delay_ms(program: Program, began_at: float, ended_at: float, patience_s: float, fmt: str) -> float:
    """Until the sound of what was written between two moments; what came meanwhile belongs to something else."""
    first_at = program.first_byte_at(ended_at, patience_s)
    program.wait_for_quiet(QUIET_S)
    if first_at is None or program.byte_count(began_at, ended_at) or program.byte_count(ended_at) < FORMATS[fmt]:
        return NEVER
    return (first_at - ended_at) * 1000


def _expect_sound(program: Program, fmt: str, sentences: int) -> None:
    """A program that says nothing is fast for the wrong reason: none of the sentences takes less than a second."""
    if (count := program.byte_count()) < sentences * FORMATS[fmt]:
        raise SystemExit(f"{sentences} sentences came to {count} bytes of {fmt}")


def _words(number: int, mark: str) -> list[str]:
    """A sentence as language models write it: the blanks before the words, the mark with the last."""
    first, *others = SENTENCES[number].split()
    blank = " " if number and mark == "." else ""
    words = [blank + first, *(f" {word}" for word in others)]
    return [*words[:-1], words[-1] + mark]


def _sections() -> Iterator[Callable[[Stage], list[Row]]]:
    for section in (typed, at_once, each):
        print(f"bench: live, {section.__name__.replace('_', ' ')} …", file=sys.stderr, flush=True)
        yield section


def _warm_up(stage: Stage) -> None:
    """What the sandbox and the programs do only once."""
    for name, fmt in itertools.product(stage.programs, FORMATS):
        with stage.program(name, fmt) as program:
            program.write(SENTENCES[0] + ".\n")
            program.end()


def _programs(url: str, sdk: str | None) -> Mapping[str, Sequence[str]]:
    """All speak with the same voice, by its id: none looks it up. v4 turbo is `eleven` with that model."""
    with urllib.request.urlopen(f"{url}/v2/voices") as answer:
        voice = json.load(answer)["voices"][0]["voice_id"]
    ours = [_eleven(), "-q", "tts", "-v", voice]
    programs = {"eleven": [*ours, "--format"], "v4 turbo": [*ours, "-m", "eleven_v4_turbo", "--format"]}
    return {**programs, **({"sdk": [sdk, str(HERE / "live_sdk.py"), voice]} if sdk else {})}


def _eleven() -> str:
    return str(Path(sys.executable).with_name("eleven"))


def _environ(home: str) -> dict[str, str]:
    """Nothing of the caller's but the path."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "LANG": "C.UTF-8"}


@contextmanager
def _sandbox(home: str) -> Iterator[str]:
    """`eleven sandbox`; gives its address."""
    command = [_eleven(), "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environ(home)) as sandbox:
        assert sandbox.stderr is not None
        try:
            said = sandbox.stderr.readline().decode()
            if "http" not in said:
                raise SystemExit(f"the sandbox does not start: {said}{sandbox.stderr.read().decode()}")
            yield said[said.index("http") :].strip()
        finally:
            sandbox.terminate()


def _caption(stage: Stage, took_s: float) -> str:
    fewer = ", of the SDK a third as many" if "sdk" in stage.programs else ""
    return (
        f"Python {platform.python_version()} · {os.cpu_count()} cores · sandbox · {stage.runs} runs for a first"
        f" sentence, {stage.long_runs} for three{fewer} · {took_s:.0f} s\n"
        f"{NEVER_SHOWN}: no sound within {PATIENCE_S:g} s, or only when more was written, or stdin closed\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run live", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--sdk", metavar="PYTHON", help="an interpreter that has the official SDK (run: --rivals)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
