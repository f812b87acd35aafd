"""How `eleven` takes sound in: large recordings, live speech, and pipelines of it.

Recordings go to a service that reads as fast as they come, beside curl with the same form; live speech comes from a
simulated microphone and from a pipe. Started by `run`, which makes the environments; shows, and never judges by exit
code.
"""

import argparse
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hear_live import lines, wire
from hear_pipes import pipeline
from hear_stage import Stage
from hear_upload import uploads
from table import Row, table


def main() -> None:
    """Measure everything; the table on stdout, what is going on on stderr."""
    options = _options()
    began = time.monotonic()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and so would stt
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), 1_000_000_000, *((3, 6) if options.quick else (7, 21)), options.sdk)
        rows = [row for section in _sections() for row in section(stage)]
    print(_caption(stage, time.monotonic() - began))
    print(table(rows, ["eleven", "curl", *(["sdk"] if stage.sdk else [])]))


def _sections() -> Iterator[Callable[[Stage], list[Row]]]:
    for section in (uploads, lines, wire, pipeline):
        print(f"bench: hear, {section.__name__} …", file=sys.stderr, flush=True)
        yield section


def _caption(stage: Stage, took_s: float) -> str:
    curl = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    return (
        f"Python {platform.python_version()} · curl {curl} · {os.cpu_count()} cores · PulseAudio with a simulated"
        f" microphone · {stage.runs} uploads in turn, {stage.turns} sentences · {took_s:.0f} s\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run hear", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--sdk", metavar="PYTHON", help="an interpreter that has the official SDK (run: --rivals)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
