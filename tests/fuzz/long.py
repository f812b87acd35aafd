"""Tries the decoders for a time: tests/fuzz/run [--seed N] [--again BASE64] [SECONDS] [NAME]."""

import argparse
import base64
import random
import sys
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.changes import changed, shapes
from tests.fuzz.decoders import DECODERS, Decoder
from tests.fuzz.limits import TooSlow, grows_evenly, timed

MANY = settings(
    max_examples=1000,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
FEW = settings(MANY, max_examples=6, phases=(Phase.generate,))


class Trial:
    """One decoder, what it has been given, and its failures: each place of one is told once."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._told: set[tuple[str, ...]] = set()
        self.inputs, self.took_s = Counter[str](), 0.0

    @property
    def failures(self) -> int:
        return len(self._told)

    def round(self, number: int) -> Iterator[str]:
        """Give it some hundred inputs; yields what fails, in words."""
        started = time.monotonic()
        own = self._decoder.examples, self._decoder.words
        yield from self._all(MANY, number, changed(*own), lambda data: timed(self._decoder, data))
        yield from self._all(
            FEW, number, shapes(*own), lambda shape: grows_evenly(self._decoder, shape, self._decoder.fewest)
        )
        self.took_s += time.monotonic() - started

    def _all(self, many: settings, number: int, inputs: Any, check: Callable[[Any], object]) -> Iterator[str]:
        failed: list[tuple[Any, BaseException]] = []

        @seed(number)
        @many
        @given(inputs)
        def each(found: Any) -> None:
            self.inputs["repeated" if many is FEW else "changed"] += 1
            try:
                check(found)
            except Exception as error:
                if _place(error) in self._told:
                    return
                failed.append((found, error))
                raise

        try:
            each()
        except Exception:  # of a kind of its own, where a failure does not come again
            if not failed:
                raise
            yield self._words(*failed[-1])

    def _words(self, found: Any, error: BaseException) -> str:
        self._told.add(_place(error))
        data = found if isinstance(found, bytes) else found.of_size(4000)
        packed = base64.b64encode(zlib.compress(data, 9)).decode()
        where = traceback.format_tb(error.__traceback__)[-3:]
        said = f"{''.join(where)}{type(error).__name__}: {str(error)[:300]}"
        return f"{self._decoder.name} fails:\n{said}\nagain: tests/fuzz/run --again {packed} 0 '{self._decoder.name}'"


def _place(error: BaseException) -> tuple[str, ...]:
    """Where it was raised; one that is slow is slow as a whole."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/eleven_cli/" in frame.filename] or frames
    where = "" if isinstance(error, TooSlow) else f"{ours[-1].filename}:{ours[-1].lineno}"
    return type(error).__name__, where


def main() -> int:
    asked = _asked()
    if asked.again:
        timed(DECODERS[asked.name].read, zlib.decompress(base64.b64decode(asked.again)))
        return 0
    print(f"seed {asked.seed}", flush=True)
    dice, until = random.Random(asked.seed), time.monotonic() + asked.seconds
    trials = {name: Trial(decoder) for name, decoder in DECODERS.items() if asked.name in ("", name)}
    while time.monotonic() < until:
        for trial in trials.values():
            for failure in trial.round(dice.randrange(1 << 32)):
                print(failure, flush=True)
            if time.monotonic() > until:
                break
    print(f"{'decoder':27}{'changed':>9}{'repeated':>9}{'seconds':>8}{'failures':>9}")
    for name, trial in trials.items():
        counts = trial.inputs
        print(f"{name:27}{counts['changed']:9}{counts['repeated']:9}{trial.took_s:8.0f}{trial.failures:9}")
    return int(any(trial.failures for trial in trials.values()))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/fuzz/run", description="Tries the decoders with changed examples.")
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument(
        "name", nargs="?", default="", choices=["", *DECODERS], metavar="NAME", help=", ".join(DECODERS)
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--again", default="", help="read this input of the decoder NAME once more")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
