"""How large recordings are sent: how fast beside curl with the same form, and in how much memory."""

import os
import statistics
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from hear_stage import HERE, KEY, Receiver, Stage
from process import MIB, Run, run
from table import Row

RATE = 44_100
FRAME_BYTES = 4
MEMORY_MB = 80
HALF = 0.5


def uploads(stage: Stage) -> list[Row]:
    """The same recording by each program in turn; then what only eleven does with it."""
    recording = stage.folder / "recording.wav"
    _write_wav(recording, stage.size)
    floor = min(run(["true"], os.environ).peak_mib for _ in range(3)) * MIB / 1e6  # what this process itself passes on
    name = f"{stage.size / 1e9:g} GB"
    with Receiver() as receiver:
        rates, peaks = _in_turn(stage, receiver, _programs(stage, receiver.port, recording))
        rows = [
            Row(f"stt, {name}, throughput", "MB/s", rates, "curl", HALF, at_least=True),
            Row(f"stt, {name}, peak memory", "MB", peaks, limit=MEMORY_MB, floor=floor),
        ]
        for what, command in _others(stage, recording).items():
            done = run(command, stage.environ(receiver.port))
            rate = _rate(receiver, stage.size)
            rows.append(Row(f"{what}, {name}, throughput", "MB/s", {"eleven": rate}))
            peak = {"eleven": done.peak_mib * MIB / 1e6}
            rows.append(Row(f"{what}, {name}, peak memory", "MB", peak, limit=MEMORY_MB, floor=floor))
    recording.unlink()
    return rows


def _programs(stage: Stage, port: int, recording: Path) -> Mapping[str, Sequence[str]]:
    url = f"http://127.0.0.1:{port}/v1/speech-to-text"
    form = ["-F", "model_id=scribe_v2", "-F", f"file=@{recording};type=audio/wav"]
    programs = {
        "eleven": [stage.eleven, "-q", "stt", str(recording)],
        "curl": ["curl", "-q", "-sS", "-H", f"xi-api-key: {KEY}", *form, url],
    }
    return {**programs, **({"sdk": [stage.sdk, str(HERE / "hear_sdk.py"), str(recording)]} if stage.sdk else {})}


def _in_turn(
    stage: Stage, receiver: Receiver, programs: Mapping[str, Sequence[str]]
) -> tuple[dict[str, float], dict[str, float]]:
    """Medians by program: MB/s, and MB held at the most."""
    rates: dict[str, list[float]] = {name: [] for name in programs}
    peaks: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(stage.runs):
        for name, command in programs.items():
            peaks[name].append(run(command, stage.environ(receiver.port)))
            rates[name].append(_rate(receiver, stage.size))
    return (
        {name: statistics.median(values) for name, values in rates.items()},
        {name: statistics.median(one.peak_mib for one in runs) * MIB / 1e6 for name, runs in peaks.items()},
    )


def _rate(receiver: Receiver, size: int) -> float:
    """MB/s of the recording, in however many uploads it came."""
    taken: list[tuple[int, float]] = []
    while sum(count for count, _ in taken) < size:
        taken += receiver.taken(1)
    return size / 1e6 / sum(seconds for _, seconds in taken)


def _others(stage: Stage, recording: Path) -> Mapping[str, Sequence[str]]:
    voice = "speaks00000000000000"
    from_pipe = f"cat {recording} | {stage.eleven} -q stt"
    return {
        "stt from a pipe": ["sh", "-c", from_pipe],
        "sts in pieces": [stage.eleven, "-q", "sts", str(recording), "-v", voice],
        "isolate in pieces": [stage.eleven, "-q", "isolate", str(recording)],
    }


def _write_wav(path: Path, size: int) -> None:
    """A WAV of silence, which takes no room on most disks."""
    data = (size - 44) // FRAME_BYTES * FRAME_BYTES
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, RATE, RATE * FRAME_BYTES, FRAME_BYTES, 16)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", data + 36) + b"WAVE" + fmt + b"data" + struct.pack("<I", data))
        file.truncate(data + 44)
