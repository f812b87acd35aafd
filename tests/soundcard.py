"""A sound card for tests: PulseAudio with a null sink, and ALSA pointed at it, through which PortAudio plays."""

import array
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

RATE = 16000
GUARD_S = 10
AUDIBLE = 50


class SoundCard:
    """`environ` is what a process needs to play on it; `recording()` is what was heard."""

    def __enter__(self) -> "SoundCard":
        self._folder = tempfile.TemporaryDirectory(prefix="card-")
        folder = Path(self._folder.name)
        folder.chmod(0o700)
        (folder / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        self.environ = {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder), "PULSE_LATENCY_MSEC": "20"}
        modules = ["module-null-sink sink_name=spk rate=16000 channels=1", "module-native-protocol-unix"]
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *(f"-L{module}" for module in modules)],
            env={**os.environ, **self.environ},
            stderr=subprocess.DEVNULL,
        )
        self._wait_for_server()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.terminate()
        self._server.wait(GUARD_S)
        self._folder.cleanup()

    def recording(self) -> "Recording":
        return Recording({**os.environ, **self.environ})

    def _wait_for_server(self) -> None:
        end = time.monotonic() + GUARD_S
        while self._command("pactl", "info").returncode:
            assert self._server.poll() is None, "pulseaudio does not run"
            assert time.monotonic() < end, "pulseaudio does not answer"
            time.sleep(0.02)

    def _command(self, *argv: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(argv, env={**os.environ, **self.environ}, capture_output=True, check=False)


class Recording:
    """What the null sink was given, as mono 16-bit samples at 16 kHz, from the moment this is entered."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self._data = bytearray()
        self._changed = threading.Condition()

    def __enter__(self) -> "Recording":
        self._recorder = subprocess.Popen(
            [
                "parec",
                "-d",
                "spk.monitor",
                "--raw",
                "--format=s16le",
                f"--rate={RATE}",
                "--channels=1",
                "--latency-msec=10",
            ],
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        threading.Thread(target=self._collect, daemon=True).start()
        self.wait(lambda samples: len(samples) > 0)
        return self

    def __exit__(self, *exc: object) -> None:
        self._recorder.kill()
        self._recorder.wait()

    @property
    def samples(self) -> "array.array[int]":
        with self._changed:
            return array.array("h", bytes(self._data[: len(self._data) & ~1]))

    def wait(self, condition) -> "array.array[int]":  # type: ignore[no-untyped-def]
        """Until the samples so far fulfil the condition; at most 10 s."""
        end = time.monotonic() + GUARD_S
        while not condition(samples := self.samples):
            assert time.monotonic() < end, "it was never heard"
            with self._changed:
                self._changed.wait(0.05)
        return samples

    def settled(self, silence_s: float = 0.3) -> "array.array[int]":
        """The samples once there was sound and then silence for so long."""
        quiet = int(silence_s * RATE)
        return self.wait(
            lambda samples: heard_s(samples) > 0 and len(samples) > quiet and heard_s(samples[-quiet:]) == 0
        )

    def _collect(self) -> None:
        assert self._recorder.stdout is not None
        while piece := self._recorder.stdout.read1(4096):  # type: ignore[attr-defined]
            with self._changed:
                self._data += piece
                self._changed.notify_all()


def heard_s(samples: "array.array[int]") -> float:
    """Seconds from the first sound to the last."""
    loud = [at for at, sample in enumerate(samples) if abs(sample) > AUDIBLE]
    return (loud[-1] - loud[0] + 1) / RATE if loud else 0.0
