"""A sound card for tests: PulseAudio with a null sink, a microphone that the test speaks into, and ALSA pointed at
them, through which PortAudio plays and listens."""

import array
import fcntl
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support.guard import GUARD_S

RATE = 16000
AUDIBLE = 50
STALLED_S = 2.0
BLOCK_S = 0.01
BLOCK_BYTES = int(RATE * BLOCK_S) * 2
PIPE_BYTES = 4096  # the least that Linux gives: 128 ms


class SoundCard:
    """`environ` is what a process needs to play on it; `recording()` is what was heard.

    With `microphone` there is also a source to speak into. Nothing flows through the null sink fast enough for a call
    unless it is being recorded.
    """

    def __init__(self, *, microphone: bool = False, channels: int = 1) -> None:
        self._with_microphone, self._channels = microphone, channels

    def __enter__(self) -> "SoundCard":
        self._folder = tempfile.TemporaryDirectory(prefix="card-")
        folder = Path(self._folder.name)
        folder.chmod(0o700)
        (folder / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        self.environ = {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder), "PULSE_LATENCY_MSEC": "20"}
        sink = f"module-null-sink sink_name=spk rate=16000 channels={self._channels}"
        modules = [sink, "module-native-protocol-unix"]
        pipe = folder / "microphone"
        if self._with_microphone:
            modules.append(f"module-pipe-source source_name=mic file={pipe} rate={RATE} channels=1 format=s16le")
        self._command_line = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"]
        self._command_line += [f"-L{module}" for module in modules]
        self._pipe = pipe
        self._start()
        return self

    def _start(self) -> None:
        environ = {**os.environ, **self.environ}
        self._server = subprocess.Popen(self._command_line, env=environ, stderr=subprocess.DEVNULL)
        self._wait_for_server()
        if self._with_microphone:
            self._command("pactl", "set-default-source", "mic")
            self.microphone = VirtualMicrophone(self._pipe)

    def restart(self) -> None:
        """Begin anew: PulseAudio may hang over a client that was killed in an earlier test."""
        self.unplug()
        if self._with_microphone:
            self.microphone.close()
        self._pipe.unlink(missing_ok=True)
        for left in Path(self.environ["XDG_RUNTIME_DIR"], "pulse").glob("*"):
            left.unlink()
        self._start()

    def unplug(self) -> None:
        """Take the whole card away."""
        self._server.kill()
        self._server.wait(GUARD_S)

    def freeze(self) -> None:
        """Let it answer no more, until the end."""
        self._server.send_signal(signal.SIGSTOP)

    def __exit__(self, *exc: object) -> None:
        if self._with_microphone:
            self.microphone.close()
        self._server.send_signal(signal.SIGCONT)
        self._server.terminate()
        self._server.wait(GUARD_S)
        self._folder.cleanup()

    def recording(self) -> "Recording":
        return Recording({**os.environ, **self.environ}, self.restart, self._channels)

    def _wait_for_server(self) -> None:
        end = time.monotonic() + GUARD_S
        while self._command("pactl", "info").returncode:
            assert self._server.poll() is None, "pulseaudio does not run"
            assert time.monotonic() < end, "pulseaudio does not answer"
            time.sleep(0.02)

    def _command(self, *argv: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(argv, env={**os.environ, **self.environ}, capture_output=True, check=False)


class VirtualMicrophone:
    """Speaks into the source, in blocks of 10 ms: what was given to `say`, else digital silence.

    While nobody listens the source takes nothing, and what is said is lost.
    """

    def __init__(self, pipe: Path) -> None:
        self._pipe = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._blocks: queue.SimpleQueue[tuple[bytes, queue.SimpleQueue[float] | None]] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)
        self._thread.start()

    def say(self, pcm: bytes) -> float:
        """Speak 16-bit samples at 16 kHz; gives the moment (monotonic clock) at which the first block was spoken."""
        begun: queue.SimpleQueue[float] = queue.SimpleQueue()
        for at in range(0, len(pcm), BLOCK_BYTES):
            block = pcm[at : at + BLOCK_BYTES].ljust(BLOCK_BYTES, b"\0")
            self._blocks.put((block, None if at else begun))
        return begun.get(timeout=GUARD_S)

    def close(self) -> None:
        self._closed.set()
        self._thread.join(GUARD_S)
        os.close(self._pipe)

    def _speak(self) -> None:
        start, count = time.monotonic(), 0
        while not self._closed.wait(max(start + count * BLOCK_S - time.monotonic(), 0)):
            count += 1
            block, begun = (bytes(BLOCK_BYTES), None) if self._blocks.empty() else self._blocks.get()
            now = time.monotonic()  # before: another thread may run when it is written
            with suppress(OSError):  # nobody listens, or the card was taken away
                os.write(self._pipe, block)
            if begun is not None:
                begun.put(now)


class Recording:
    """What the null sink was given, as 16-bit samples at 16 kHz, from the moment this is entered."""

    def __init__(self, environ: dict[str, str], restart: Callable[[], None], channels: int = 1) -> None:
        self._environ, self._restart, self._channels = environ, restart, channels
        self._data = bytearray()
        self._arrivals: list[tuple[int, float]] = []
        self._changed = threading.Condition()

    def __enter__(self) -> "Recording":
        self._listen()
        with self._changed:
            alive = self._changed.wait_for(lambda: self._data, STALLED_S)
        if not alive:
            self.__exit__()
            self._restart()
            self._listen()
        self.wait(lambda samples: len(samples) > 0)
        return self

    def _listen(self) -> None:
        self._recorder = subprocess.Popen(
            [
                "parec",
                "-d",
                "spk.monitor",
                "--raw",
                "--format=s16le",
                f"--rate={RATE}",
                f"--channels={self._channels}",
                "--latency-msec=10",
            ],
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        threading.Thread(target=self._collect, args=(self._recorder.stdout,), daemon=True).start()

    def __exit__(self, *exc: object) -> None:
        self._recorder.kill()
        self._recorder.wait()

    @property
    def samples(self) -> "array.array[int]":
        with self._changed:
            return array.array("h", bytes(self._data[: len(self._data) & ~1]))

    def heard_at(self, sample: int) -> float:
        """When (monotonic clock) this sample of `samples` was recorded, at the latest."""
        with self._changed:
            return next(at for count, at in self._arrivals if count > sample)

    def wait(self, condition) -> "array.array[int]":  # type: ignore[no-untyped-def]
        """Until the samples so far fulfil the condition."""
        end = time.monotonic() + GUARD_S
        while not condition(samples := self.samples):
            assert time.monotonic() < end, f"it was never heard: {self._seen()}"
            with self._changed:
                self._changed.wait(0.05)
        return samples

    def settled(self, silence_s: float = 0.3) -> "array.array[int]":
        """The samples once there was sound and then silence for so long.

        A sink that gives nothing at all any more is silent, too: PulseAudio may stop over a client that is killed.
        """
        quiet = int(silence_s * RATE)

        def is_over(samples: "array.array[int]") -> bool:
            with self._changed:
                stalled = time.monotonic() - self._arrivals[-1][1] > STALLED_S
            return heard_s(samples) > 0 and len(samples) > quiet and (stalled or heard_s(samples[-quiet:]) == 0)

        return self.wait(is_over)

    def _seen(self) -> str:
        samples = self.samples
        with self._changed:
            ago_s = time.monotonic() - self._arrivals[-1][1] if self._arrivals else float("inf")
        return f"{len(samples)} samples with {heard_s(samples):.2f} s of sound, the last {ago_s:.1f} s ago"

    def _collect(self, stdout: Any) -> None:
        while piece := stdout.read1(4096):
            with self._changed:
                self._data += piece
                self._arrivals.append((len(self._data) // 2, time.monotonic()))
                self._changed.notify_all()


def heard_s(samples: "array.array[int]") -> float:
    """Seconds from the first sound to the last."""
    loud = [at for at, sample in enumerate(samples) if abs(sample) > AUDIBLE]
    return (loud[-1] - loud[0] + 1) / RATE if loud else 0.0
