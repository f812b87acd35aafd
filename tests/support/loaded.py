"""`eleven` for tests of what it does rather than of how it starts: one process loads it, and forks for each of them.

Each is a process as any other, with its own streams, signals and exit code, which begins where all is imported. What is
about the beginning of a process, its limits or its memory takes `python -m eleven_cli`. Run as a module it serves on
the socket that it is given.
"""

import fcntl
import json
import os
import select
import shlex
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support import loaded_client

ROOT = Path(__file__).parents[2]
SETTLED_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "OPENSSL", "MALLOC")  # variables that are read before `main`
MANY = 200  # descriptors
FORKS = sys.platform == "linux"  # elsewhere the system's libraries may not survive it
OPTIONS = {"stdin", "stdout", "stderr", "env", "cwd", "text", "encoding", "bufsize"}


class LoadedProgram:
    """The process that forks; started when it is first needed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="loaded-")
        self.path = f"{self._folder.name}/socket"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(50)
        number = self._listener.fileno()
        lives, self._lives = os.pipe()  # it ends with this process, however that ends
        argv = [sys.executable, "-m", "tests.support.loaded", str(number), str(lives)]
        self._process = subprocess.Popen(argv, cwd=ROOT, pass_fds=[number, lives], stdin=subprocess.DEVNULL)
        os.close(lives)

    def close(self) -> None:
        os.close(self._lives)
        self._process.wait()
        self._listener.close()
        self._folder.cleanup()

    def command(self) -> str:
        """A program for a shell: `COMMAND WORDS…`."""
        client = ["-ISE", str(Path(__file__).with_name("loaded_client.py")), self.path]
        return shlex.join([sys.executable, *(client if FORKS else ["-m", "eleven_cli"])])

    def start(self, *argv: str, **options: object) -> "subprocess.Popen[bytes]":
        """As subprocess.Popen."""
        return _Forked(self.path, argv, **options)


def can_be_loaded(options: dict[str, Any]) -> bool:
    """Whether a process with these options of subprocess.Popen is the same one when it is forked."""
    environ = options.get("env") or os.environ
    same = (environ.get(name) == value for name, value in _ENVIRON.items() if name.startswith(SETTLED_AT_START))
    more = any(name.startswith(SETTLED_AT_START) and name not in _ENVIRON for name in environ)
    return FORKS and options.keys() <= OPTIONS and all(same) and not more


_ENVIRON = dict(os.environ)


class _Forked(subprocess.Popen):  # type: ignore[type-arg]
    def __init__(self, path, argv, **options):
        self._path = path
        super().__init__(argv, **options)

    def _execute_child(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, *others):
        (read, write, out_read, out_write, err_read, err_write) = others[3:9]
        streams = {at: at if own == -1 else own for at, own in enumerate((read, out_write, err_write))}
        try:
            self._connection = loaded_client.ask(self._path, args, env or os.environ, cwd, streams)
            self.pid = loaded_client.number(self._connection)
            self._child_created = True
        finally:
            self._close_pipe_fds(read, write, out_read, out_write, err_read, err_write)

    def _try_wait(self, wait_flags):
        if wait_flags & os.WNOHANG and not select.select([self._connection], [], [], 0)[0]:
            return 0, 0
        return self.pid, loaded_client.number(self._connection)

    def _internal_poll(self, _deadstate=None, **_options):
        if self.returncode is None and self._waitpid_lock.acquire(False):
            try:
                pid, status = self._try_wait(os.WNOHANG) if self.returncode is None else (0, 0)
                if pid:
                    self._handle_exitstatus(status)
            finally:
                self._waitpid_lock.release()
        return self.returncode


class _Server:
    def __init__(self, listener: socket.socket, lives: int) -> None:
        self._listener, self._lives = listener, lives
        self._running: dict[int, socket.socket] = {}
        self._woken, wake = socket.socketpair()
        wake.setblocking(False)
        self._wake = wake
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        while True:
            waited = [self._listener, self._lives, self._woken, *self._running.values()]
            ready = select.select(waited, [], [])[0]
            if self._lives in ready:
                self._end()
            for pid, connection in self._running.items():
                if connection in ready:  # whoever asked is gone
                    os.kill(pid, signal.SIGKILL)
            if self._woken in ready:
                self._woken.recv(1000)
            self._collect()
            if self._listener in ready:
                self._start(self._listener.accept()[0])

    def _end(self) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
        os._exit(0)

    def _collect(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            connection = self._running.pop(pid)
            with suppress(OSError):  # whoever asked is gone
                connection.sendall(struct.pack("i", status))
            connection.close()

    def _start(self, connection: socket.socket) -> None:
        data, numbers, *_ = socket.recv_fds(connection, 4, MANY)
        size = struct.unpack("i", data)[0]
        asked = b""
        while len(asked) < size:
            asked += connection.recv(size - len(asked))
        pid = os.fork()
        if not pid:
            self._run(numbers, **json.loads(asked))
        for number in numbers:
            os.close(number)
        self._running[pid] = connection
        connection.sendall(struct.pack("i", pid))

    def _run(self, numbers, targets, argv, environ, folder, mask, ignored) -> None:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)
            numbers = [fcntl.fcntl(number, fcntl.F_DUPFD, MANY) for number in numbers]  # out of the way of the targets
            os.closerange(0, MANY)
            for target, number in zip(targets, numbers, strict=True):
                os.dup2(number, target)
            os.closerange(MANY, 3 * MANY)
            os.umask(mask)
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environ)
            time.tzset()
            sys.argv = ["eleven", *argv]
            from eleven_cli.__main__ import run

            run()
        except BaseException:  # of this module: the program has an exit code for each of its own
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(70)


def _load() -> None:
    import gc
    import importlib
    import pkgutil

    import eleven_cli

    gc.disable()
    for module in pkgutil.walk_packages(eleven_cli.__path__, "eleven_cli."):
        if "pytest" not in module.name:
            importlib.import_module(module.name)
    gc.enable()
    gc.freeze()


if __name__ == "__main__":
    _load()
    _Server(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])).serve()
