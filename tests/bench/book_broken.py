"""What becomes of a book that is killed while it is made, again and again, and then made to the end."""

import random
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from book_server import Request
from book_stage import KEY, Service, Stage
from process import run
from table import Row

ARRIVING_S = 0.25  # what was sent so shortly before a kill may not have arrived, or not been on the disk
DYING_S = 1.0  # so long after a kill the system may still take something for the dead
LEAST_S = 0.3


@dataclass(frozen=True)
class Round:
    """One book that was killed at these moments, and what was asked for all in all."""

    kills: Sequence[float]
    requests: Sequence[Request]
    same: bool
    left_behind: int

    @property
    def cut_off(self) -> int:
        """Requests that a kill ended."""
        return sum(not each.whole and not each.refused for each in self.requests)

    @property
    def again(self) -> int:
        """Requests for what had arrived whole."""
        arrived = {each.text: each.ended_s for each in reversed(self.requests) if each.whole and self._had_time(each)}
        return sum(each.began_s > arrived.get(each.text, each.began_s) for each in self.requests if not each.refused)

    def _had_time(self, request: Request) -> bool:
        return not any(-DYING_S < at - request.ended_s < ARRIVING_S for at in self.kills)


def broken_off(stage: Stage) -> list[Row]:
    """Needs the book that was made without a break."""
    rounds = [_round(stage, random.Random(seed)) for seed in range(stage.rounds)]
    counts = [
        ("killed", "times", sum(len(each.kills) for each in rounds), None),
        ("killed, under way then", "requests", sum(each.cut_off for each in rounds), None),
        ("killed, for whole pieces again", "requests", sum(each.again for each in rounds), 0),
        ("killed, different in the end", "books", sum(not each.same for each in rounds), 0),
        ("killed, left behind in the end", "files", sum(each.left_behind for each in rounds), 0),
    ]
    return [Row(name, unit, {"eleven": count}, limit=limit) for name, unit, count, limit in counts]


def _round(stage: Stage, chance: random.Random) -> Round:
    output = stage.folder / "broken.mp3"
    output.unlink(missing_ok=True)
    with Service(stage.fast) as service:
        kills = []
        for number in range(stage.kills):
            killed_at = _killed(stage, service, output, chance, at_an_arrival=number % 2 > 0)
            if killed_at is None:
                break
            kills.append(killed_at)
        run(stage.command(output), stage.environ(service))
        requests = [each for each in service.requests() if each.who == KEY]
    return Round(kills, requests, output.read_bytes() == stage.whole.read_bytes(), _left_behind(stage))


def _killed(
    stage: Stage, service: Service, output: Path, chance: random.Random, *, at_an_arrival: bool
) -> float | None:
    """When it was: at any time, or just as a piece has come or is about to be kept. None when it ended before."""
    latest_s = 1.2 * stage.ideal_s(stage.fast) / stage.kills
    with (stage.folder / "complaints").open("wb") as complaints:
        process = subprocess.Popen(
            stage.command(output), env=stage.environ(service), stdin=subprocess.DEVNULL, stderr=complaints
        )
        if at_an_arrival:
            service.wait_for_whole(service.whole_count() + chance.randint(1, 6), 2 * latest_s + 1)
            time.sleep(chance.uniform(0, 0.03))
        else:
            time.sleep(chance.uniform(LEAST_S, LEAST_S + latest_s))
        ended = process.poll() is not None
        now = time.monotonic()
        process.kill()
        code = process.wait()
    if ended and code != 0:
        raise SystemExit(f"it ended with {code}:\n{(stage.folder / 'complaints').read_text()}")
    return None if ended else now


def _left_behind(stage: Stage) -> int:
    """Files of unfinished books, and of unfinished pieces."""
    jobs = (path for path in stage.folder.rglob("jobs/**/*") if path.is_file())
    return len([*jobs, *stage.folder.glob("*.part")])
