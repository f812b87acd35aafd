"""Whether the stages of a pipeline work at the same time: each has begun to send before the former has ended."""

import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack

from hear_stage import GUARD_S, Stage, Tap
from table import Row, middle_and_worst

BEGUN_BYTES = 4096  # more than the head of a request
TEXT = (
    "The lighthouse keeper climbed the narrow stairs every single evening. He carried a small lamp and a basket full of"
    " bread. At the top he watched the ships until the morning came, and then he slept."
)


def pipeline(stage: Stage) -> list[Row]:
    """`tts | sts | stt` with ten seconds of speech, beside the sandbox."""
    ahead: list[list[float]] = [[], []]
    with stage.sandbox() as port:
        for _ in range(stage.runs):
            for delays, ms in zip(ahead, _run(stage, port), strict=True):
                delays.append(ms)
    return [
        *middle_and_worst("sts has begun to send before tts has ended", "ms", {"eleven": ahead[0]}, 0, at_least=True),
        *middle_and_worst("stt has begun to send before sts has ended", "ms", {"eleven": ahead[1]}, 0, at_least=True),
    ]


def _run(stage: Stage, port: int) -> list[float]:
    """For the second and third stage: by how many ms it was ahead of the end of the one before."""
    words = [["tts", TEXT, "--no-play"], ["sts", "-v", "Imogen"], ["stt"]]
    with ExitStack() as opened:
        taps = [opened.enter_context(Tap(port)) for _ in words]
        programs = _started(stage, words, taps)
        ends = _ends(programs)
        assert programs[-1].stdout is not None
        said = programs[-1].stdout.read().decode()
        if said.split() != TEXT.split():
            raise SystemExit(f"of {TEXT!r} came {said!r}")
        begun = [tap.sent_at(BEGUN_BYTES) for tap in taps[1:]]
        moments = [end() for end in ends]
    return [(ended_at - begun_at) * 1000 for begun_at, ended_at in zip(begun, moments, strict=False)]


def _started(stage: Stage, words: Sequence[Sequence[str]], taps: Sequence[Tap]) -> "list[subprocess.Popen[bytes]]":
    programs: list[subprocess.Popen[bytes]] = []
    for argv, tap in zip(words, taps, strict=True):
        before = programs[-1].stdout if programs else subprocess.DEVNULL
        command = [stage.eleven, "-q", *argv]
        programs.append(subprocess.Popen(command, env=stage.environ(tap.port), stdin=before, stdout=subprocess.PIPE))
        if programs[1:]:
            assert programs[-2].stdout is not None
            programs[-2].stdout.close()
    return programs


def _ends(programs: "Sequence[subprocess.Popen[bytes]]"):  # type: ignore[no-untyped-def]
    """For each, what waits for its end and gives that moment."""
    moments: list[float] = [0.0] * len(programs)

    def wait(number: int) -> None:
        if (code := programs[number].wait(GUARD_S)) != 0:
            print(f"stage {number} ended with {code}")
        moments[number] = time.monotonic()

    threads = [threading.Thread(target=wait, args=(number,), daemon=True) for number in range(len(programs))]
    for thread in threads:
        thread.start()

    def ended(number: int) -> float:
        threads[number].join(GUARD_S)
        return moments[number]

    return [lambda number=number: ended(number) for number in range(len(programs))]
