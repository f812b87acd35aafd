"""One row of the table: a command as a real process amid a fault, and what differs from what is right."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.faults.commands import FILES, OTHERS, Command
from tests.faults.service import FaultyService, honestly
from tests.support.soundcard import SoundCard

if TYPE_CHECKING:
    from tests.faults.faults import Fault

GUARD_S = 100.0
GONE_S = 10.0
READER_LEFT = 141
VOICE, KEY = "abcdefghij0123456789", "sk_test_0123456789abcdef"
SEQUENCE = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|[()78=>].?|\][^\x07]*\x07)")
CALLED = (0, 129, 130, 141, 143)  # how it ends without an error


class Row(NamedTuple):
    fault: "Fault"
    command: Command
    differences: list[str]
    seconds: float


def row(fault: "Fault", command: Command) -> Row:
    """Run it, and compare."""
    started = time.monotonic()
    with ExitStack() as stack:
        try:
            differences = list(Run(fault, command, stack).differences())
        except Exception as failed:  # one row that cannot be run is no end of the table
            differences = [f"the row itself failed: {failed!r}"]
    return Row(fault, command, differences, time.monotonic() - started)


class Collector:
    """What a process says, as it comes. `leaves`: it is not read any more after the first of it."""

    def __init__(self, number: int, *, leaves: bool = False) -> None:
        self.data = b""
        self.left = threading.Event()
        self._number, self._leaves = number, leaves
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()

    def _collect(self) -> None:
        with suppress(OSError):  # a terminal's way to end
            while piece := os.read(self._number, 65536):
                self.data += piece
                if self._leaves:
                    break
        os.close(self._number)
        self.left.set()


class Run:
    """A process, its streams, its folder and its service. The methods before `differences` are what faults do."""

    def __init__(self, fault: "Fault", command: Command, stack: ExitStack) -> None:
        self._fault, self._command, self.stack = fault, command, stack
        self._mark = uuid.uuid4().hex
        self._home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fault-")))
        self.folder, self._temporary, self.beside = (self._home / name for name in ("here", "tmp", "beside"))
        self.jumps_when = self.beside / "jumped"
        service = FaultyService(fault.wire, command.target, command.kind, OTHERS, command.first)
        self.service = stack.enter_context(service)
        self.card: SoundCard | None = None
        self.result_path = self.folder / (command.result or "none")
        self.older = b""
        self._fill()
        self.environ = self._usual_environ()

    def server(self, url: str) -> None:
        self.environ["ELEVENLABS_BASE_URL"] = url

    # what faults do while it runs

    def nothing(self) -> None:
        pass

    def leave(self) -> None:
        """Go on when the reader has left."""
        self.out.left.wait(GUARD_S)
        self.service.released.set()

    def signal_before(self, number: int) -> None:
        self._until(self.service.asked.is_set)
        self._signal(number)

    def signal_amid(self, number: int) -> None:
        self._until_shown()
        self._signal(number)

    def signal_early(self, number: int, after_s: float) -> None:
        """So long after it has begun to handle signals."""
        self._until(lambda: self._handles(signal.SIGTERM))
        time.sleep(after_s)
        self.process.send_signal(number)
        self.service.released.set()

    def signal_late(self, number: int, after_s: float) -> None:
        """So long after the rest of the answer was let go."""
        self._until_shown()
        self.service.released.set()
        time.sleep(after_s)
        self.process.send_signal(number)

    def signal_twice(self, first: int, second: int) -> None:
        """One signal, and another one as soon as that may have been taken."""
        self._until_shown()
        self.process.send_signal(first)
        time.sleep(0.05)
        with suppress(OSError):
            self.process.send_signal(second)

    def take_name(self) -> None:
        """A folder gets the name of the result meanwhile."""
        self._until_shown()
        self.result_path.mkdir()
        self.service.released.set()

    def remove_folder(self) -> None:
        """The folder of the result goes away meanwhile."""
        self._until_shown()
        shutil.rmtree(self.folder)
        self.service.released.set()
        self.process.wait(GUARD_S)
        self.folder.mkdir()  # so that it can be looked at

    def stop(self, seconds: float, *, answered: bool = True) -> None:
        """Stop it for a while, in which the rest of the answer comes, or after which."""
        self._until_shown()
        self.process.send_signal(signal.SIGSTOP)
        self._until(lambda: self._state() == "T")
        if answered:
            self.service.released.set()
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)
        time.sleep(0.3)  # in which it may find that it has waited for long
        self.service.released.set()

    def unplug(self) -> None:
        assert self.card is not None
        self._until_shown()
        self.card.unplug()
        self.service.released.set()

    def jump(self) -> None:
        self._until_shown()
        self.jumps_when.touch()
        self.service.released.set()

    def _signal(self, number: int) -> None:
        self.process.send_signal(number)
        if self._command.finishes and number == signal.SIGINT:
            self._until(lambda: b"finishing" in self.err.data)
            self.service.released.set()

    def _until_shown(self) -> None:
        """The first part has arrived, and can be seen."""
        self._until(self.service.begun.is_set)
        if self._command.plays and self.card is None:
            self._until(lambda: _size(self.folder / "played") > 0)
        elif self._command.result and self._command.part:
            self._until(lambda: any(_size(path) > 0 for path in self.folder.glob(f"{self._command.result}*")))
        elif self._command.part:
            self._until(lambda: self.out.data != b"")

    def _until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + GUARD_S
        while not is_so() and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)

    def _handles(self, number: int) -> bool:
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return True  # it has ended
        return "SigCgt:" not in status or bool(int(status.partition("SigCgt:")[2].split()[0], 16) >> (number - 1) & 1)

    def _state(self) -> str:
        """As /proc names it: T is stopped. "" when it has ended."""
        try:
            return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return ""

    # running it

    def differences(self) -> Iterator[str]:
        """What is not as it should be, in words."""
        fault, command = self._fault, self._command
        fault.place(self)
        code = self._outcome()
        if code is None:
            yield f"it still runs after {GUARD_S:.0f} s"
            return
        rights = self._right_codes()
        if code not in rights:
            yield f"exit code {code}, not {' or '.join(map(str, rights))}"
        yield from self._differences_in_words(code)
        yield from self._differences_in_results(code)
        yield from self._left_behind()
        yield from self._overpaid()
        if command.is_book and code and self.service.charges:
            yield from self._differences_of_another_run()

    def _outcome(self) -> int | None:
        """Run it to its end; the exit code, None where there is no end."""
        self._start()
        try:
            self._fault.during(self)
            return self.process.wait(GUARD_S)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.process.kill()
            self.process.wait()
            self._end_streams()

    def _start(self, *, again: bool = False) -> None:
        prefix = () if again else self._fault.prefix
        argv = [*prefix, sys.executable, "-m", "eleven_cli", *self._command.words.split()]
        streams = self._terminal() if self._command.tty else self._pipes()
        if self._command.tty:
            argv = ["setsid", "--ctty", *argv]
        self.process = subprocess.Popen(argv, cwd=self.folder, env=self.environ, **streams)
        for stream in set(streams.values()):
            if stream != self._follower:
                os.close(stream)

    def _pipes(self) -> dict[str, int]:
        self._follower = -1
        (reading, writing), (hearing, telling) = os.pipe(), os.pipe()
        given, feeding = os.pipe()
        os.write(feeding, self._command.stdin)
        os.close(feeding)
        if self._fault.to:
            os.close(writing)
            writing = os.open(self._fault.to, os.O_WRONLY)
        if self._fault.reader == "is gone":
            os.close(reading)
            reading = os.open(os.devnull, os.O_RDONLY)
        self.out, self.err = Collector(reading, leaves=self._fault.reader == "leaves"), Collector(hearing)
        return {"stdin": given, "stdout": writing, "stderr": telling}

    def _terminal(self) -> dict[str, int]:
        leader, self._follower = pty.openpty()
        self._modes = termios.tcgetattr(self._follower)
        self.out = self.err = Collector(leader)
        return dict.fromkeys(("stdin", "stdout", "stderr"), self._follower)

    def _end_streams(self) -> None:
        self._modes_after: Any = None
        if self._follower >= 0:
            self._modes_after = termios.tcgetattr(self._follower)
            os.close(self._follower)
        for stream in {self.out, self.err}:
            stream.thread.join(GONE_S)

    # comparing

    def _right_codes(self) -> tuple[int, ...]:
        code = next(
            (code for name, code in self._command.codes.items() if self._fault.name.startswith(name)), self._fault.code
        )
        return code if isinstance(code, tuple) else (code,)

    @property
    def _said(self) -> str:
        return SEQUENCE.sub("", self.err.data.decode("utf-8", "replace")).replace("\r\n", "\n").replace("\r", "\n")

    def _differences_in_words(self, code: int) -> Iterator[str]:
        lines = _lines_of(self._said)
        if self._command.reports:
            lines += [f"error: {fault['message']}" for fault in _faults_in(self.out.data)[:1]]
        errors = [line for line in lines if line.startswith("error: ")]
        hints = [line for line in lines if line.startswith("hint: ")]
        if "Traceback" in self._said or "unexpected" in self._said:
            yield f"a traceback or a bug: {self._said[-300:]!r}"
        if len(errors) > 1 or (code not in CALLED and not errors) or (code == 0 and errors):
            yield f"{len(errors)} errors: {self._said[-300:]!r}"
        if code == READER_LEFT and errors:
            yield f"it complains of a reader that left: {self._said[-300:]!r}"
        if len(hints) > 1 or (hints and not errors):
            yield f"{len(hints)} hints"
        if errors and self._fault.says and not any(word in errors[0] for word in self._fault.says):
            yield f"it says {errors[0]!r}"

    def _differences_in_results(self, code: int) -> Iterator[str]:
        command = self._command
        is_whole = code == 0 and not self._fault.name.startswith("SIG")  # some commands end well by Ctrl+C
        if is_whole and command.whole is not None:
            data = self._result(command.result)
            if data != command.whole:
                yield f"done with {len(data)} bytes, not {len(command.whole)}: {data[:30]!r}"
        elif command.result and self.result_path.is_file():
            yield from self._torn()
        if code and self._fault.has_part and command.part:
            yield from self._lost()
        is_gone_at_once = " and SIG" in self._fault.name  # the second signal waits for nothing
        if (
            code
            and not is_gone_at_once
            and _size(self.folder / f"{command.result}.part") > 0
            and f"{command.result}.part" not in self._said
        ):
            yield f"a part is left, and not named: {self._said[-200:]!r}"

    def _torn(self) -> Iterator[str]:
        """What has its final name although it ended badly, or by a signal."""
        whole, data = self._command.whole, self._result(self._command.result)
        if whole is not None and data != whole and self.result_path.read_bytes() != self.older:
            yield f"{len(data)} bytes have the final name, not {len(whole)}: {data[:30]!r}"

    def _lost(self) -> Iterator[str]:
        command = self._command
        name = f"{command.result}.part" if command.result else ""
        data = self._result(name)
        is_held_back = command.joins and self._fault.name.startswith("SIG") and command.part.startswith(data or b"?")
        if not (data.startswith(command.part) or is_held_back):
            yield f"what arrived is not in {name or 'stdout'}: {data[:30]!r}"
        if name and name not in self._said:
            yield f"{name} is not named: {self._said[-200:]!r}"

    def _result(self, name: str) -> bytes:
        if not name:
            return self.out.data
        path = self.folder / name
        data = path.read_bytes() if path.exists() else b""
        return data[44:] if self._command.result.endswith(".wav") else data

    def _left_behind(self) -> Iterator[str]:
        if processes := self._processes():
            yield f"processes are left: {processes}"
        if left := [path.name for path in self._temporary.iterdir() if path.name not in self._said]:
            yield f"temporary files are left, and not named: {left}"
        result = self._command.result or "out.wav"
        known = {*FILES, "played", result, f"{result}.part"}
        if left := sorted(path.name for path in self.folder.iterdir() if path.name not in known):
            yield f"files are left: {left}"
        is_older = self.older and (self.folder / result).read_bytes() == self.older
        if (self.folder / result).is_file() and (self.folder / f"{result}.part").exists() and not is_older:
            yield "a part is left beside the whole"
        if any(stream.thread.is_alive() for stream in (self.out, self.err)):
            yield "something keeps its streams open"
        if self._modes_after is not None and self._modes_after != self._modes:
            yield "the terminal is not as it was"

    def _processes(self) -> list[str]:
        """Those that it started, after they had time to end."""
        end = time.monotonic() + GONE_S
        while (found := list(self._marked())) and time.monotonic() < end:
            time.sleep(0.02)
        for number in found:
            with suppress(OSError):
                os.kill(int(number), signal.SIGKILL)
        return found

    def _marked(self) -> Iterator[str]:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if self._mark.encode() in (folder / "environ").read_bytes():
                    yield folder.name

    def _overpaid(self) -> Iterator[str]:
        command, charges = self._command, self.service.charges
        most = command.most_paid if self._fault.pays else command.first - 1
        if len(charges) > most and not command.is_free:
            yield f"{len(charges)} charges, not {most}"
        if command.is_book and len(set(charges)) < len(charges):
            yield "the same was paid for twice"

    def _differences_of_another_run(self) -> Iterator[str]:
        """The same again, when all is well: nothing that was finished is paid for once more."""
        finished = self.service.charges[0]
        self.service.charges.clear()
        self.service.wire = honestly
        self.environ = {**self._usual_environ()}
        self._start(again=True)
        code = self.process.wait(GUARD_S)
        self._end_streams()
        if code:
            yield f"another run ends with {code}: {self._said[-200:]!r}"
        if finished in self.service.charges:
            yield "another run pays again for what was finished"
        yield from self._differences_in_results(code)

    # where it runs

    def _fill(self) -> None:
        programs = self._home / "bin"
        for folder in (self.folder, self._temporary, self.beside, programs):
            folder.mkdir()
        for name, data in FILES.items():
            (self.folder / name).write_bytes(data)
        player = programs / "ffplay"
        player.write_text(f"#!/bin/sh\n[ $# = 1 ] && exit\n{self._fault.player}\n")
        player.chmod(0o755)

    def _usual_environ(self) -> dict[str, str]:
        home = str(self._home / "home")
        return {
            "PATH": f"{self._home / 'bin'}:/usr/bin:/bin",
            "HOME": home,
            "XDG_RUNTIME_DIR": home,  # where no sound server is
            "TMPDIR": str(self._temporary),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "FAULT_MARK": self._mark,
            "ELEVENLABS_BASE_URL": self.service.url,
            "ELEVENLABS_API_KEY": KEY,
            "ELEVENLABS_VOICE_ID": VOICE,
            "ELEVEN_RETRIES": "1",
            **self._fault.environ,
        }


def _faults_in(report: bytes) -> list[dict[str, Any]]:
    """The errors of a report in JSON; none where it is not whole."""
    with suppress(ValueError):
        return [fault for fault in json.loads(report)["faults"] if fault["severity"] == "error"]
    return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _lines_of(said: str) -> list[str]:
    """The lines of stderr; those of an error that is JSON as if it were none."""
    lines = said.splitlines()
    if not said.startswith("{"):
        return lines
    error = json.loads(lines[0])["error"]
    hint = [f"hint: {error['hint']}"] if error["hint"] else []
    return [f"error: {error['message']}", *hint, *lines[1:]]
