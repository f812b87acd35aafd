"""What every figure of `hear` needs: a service that takes uploads, the sandbox, and the moments of what goes to it."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
GUARD_S = 30
KEY = "bench"


@dataclass(frozen=True)
class Stage:
    """What the sections share.

    folder  for everything that is written
    size    of the large recording, in bytes
    runs    how often each program sends it; how often each other figure is taken
    sdk     the interpreter that has the official SDK, None when it is not wanted
    """

    folder: Path
    size: int
    runs: int
    turns: int
    sdk: str | None

    @property
    def eleven(self) -> str:
        return str(Path(sys.executable).with_name("eleven"))

    def environ(self, port: int, **more: str) -> Mapping[str, str]:
        """Nothing of the caller's but the path."""
        base = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LANG": "C.UTF-8"}
        address = {"ELEVENLABS_API_KEY": KEY, "ELEVENLABS_BASE_URL": f"http://127.0.0.1:{port}"}
        return {**base, "TMPDIR": str(self.folder), **address, **more}

    @contextmanager
    def sandbox(self) -> Iterator[int]:
        """`eleven sandbox`; gives its port."""
        command = [self.eleven, "sandbox", "--port", "0"]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.environ(0)
        ) as sandbox:
            assert sandbox.stderr is not None
            try:
                said = sandbox.stderr.readline().decode().strip()
                if "http" not in said:
                    raise SystemExit(f"the sandbox does not start: {said}{sandbox.stderr.read().decode()}")
                yield int(said.rpartition(":")[2].strip("/"))
            finally:
                sandbox.terminate()

    def speech(self, port: int, text: str) -> bytes:
        """What a voice of the sandbox says, as 16-bit samples at 16 kHz."""
        command = [self.eleven, "-q", "tts", text, "--format", "pcm_16000"]
        return subprocess.run(command, env=self.environ(port), stdout=subprocess.PIPE, check=True).stdout


class Receiver:
    """The process of `hear_receiver.py`. A `with`."""

    def __enter__(self) -> "Receiver":
        command = [sys.executable, "-B", str(HERE / "hear_receiver.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line())
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.communicate()  # it takes the end of its stdin as its own

    def taken(self, count: int) -> list[tuple[int, float]]:
        """Of the next so many uploads: bytes, and seconds from the first to the last."""
        words = [self._line().split() for _ in range(count)]
        return [(int(size), float(seconds)) for size, seconds in words]

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the receiver of the benchmark has failed")
        return line


class Tap:
    """Hands connections on to a port, and knows when how much of what clients send had come. A `with`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._changed = threading.Condition()
        self._arrivals: list[tuple[float, int]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "Tap":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._listener.close()

    def sent_at(self, count: int) -> float:
        """When (monotonic clock) clients had sent so many bytes in all."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._arrivals and self._arrivals[-1][1] >= count, GUARD_S):
                raise SystemExit("the sandbox is sent nothing")
            return next(at for at, size in self._arrivals if size >= count)

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                for one, other, note in ((client, server, self._note), (server, client, len)):
                    threading.Thread(target=_carry, args=(one, other, note), daemon=True).start()

    def _note(self, data: bytes) -> None:
        with self._changed:
            before = self._arrivals[-1][1] if self._arrivals else 0
            self._arrivals.append((time.monotonic(), before + len(data)))
            self._changed.notify_all()


def _carry(one: socket.socket, other: socket.socket, note: Callable[[bytes], object]) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            note(data)
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
