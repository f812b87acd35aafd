"""How fast and how whole a call by `eleven talk` is, beside the official Python SDK on the same simulated sound card.

Times are taken from outside: at the agent, a process of its own, and in what the sound card was given to play. Started
by `run`, which makes the environments; shows, and never judges by exit code.
"""

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from table import Row, table
from talk_call import Agent, Stage
from talk_echo import echo
from talk_ends import ends
from talk_sound import farewell, microphone, playback

from tests.support.soundcard import SoundCard

HERE = Path(__file__).parent


def main() -> None:
    """Measure everything; the table on stdout, what is going on on stderr."""
    options = _options()
    started = time.monotonic()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and so would a call
    with SoundCard(microphone=True) as card, Agent() as agent:
        calls, turns, runs = (1, 5, 3) if options.quick else (4, 5, 6)
        stage = Stage(card, agent, _programs(options.sdk), calls, turns, runs)
        rows = [row for section in _sections() for row in section(stage)]
    print(_caption(stage, time.monotonic() - started))
    print(table(rows, list(stage.programs)))


def _sections() -> Iterator[Callable[[Stage], list[Row]]]:
    for section in (playback, microphone, farewell, ends, echo):
        print(f"bench: talk, {section.__name__} …", file=sys.stderr, flush=True)
        yield section


def _programs(sdk: str | None) -> Mapping[str, Sequence[str]]:
    """How to call the agent."""
    eleven = [str(Path(sys.executable).with_name("eleven")), "talk", "--agent-id", "agent"]
    return {"eleven": eleven, **({"sdk": [sdk, str(HERE / "talk_sdk.py")]} if sdk else {})}


def _caption(stage: Stage, took_s: float) -> str:
    return (
        f"Python {platform.python_version()} · {os.cpu_count()} cores · PulseAudio with a null sink · calls in turn: "
        f"{stage.calls} with {stage.turns} figures each (voice, interruption, microphone), {stage.echo_runs} (echo), "
        f"{stage.runs} (farewell, Ctrl+C) · {took_s:.0f} s\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run talk", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    parser.add_argument("--sdk", metavar="PYTHON", help="an interpreter that has the official SDK (run: --rivals)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
