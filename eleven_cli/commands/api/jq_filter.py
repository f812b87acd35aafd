"""--jq: the values that an expression takes from an answer, by the package of that name or the program."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from eleven_cli.errors import ElevenError, PackageMissing, UsageError
from eleven_cli.packages import install, is_installed
from eleven_cli.processes import KEY_VARIABLES, environment_for_children
from eleven_cli.pump import Pump

Filter = Callable[[Iterable[Any]], Iterator[str]]
"""Takes values; gives the results, texts without quotes and the rest as JSON. Raises ElevenError where the expression
does not fit them."""
_BEFORE_A_REASON = re.compile(r"jq: error:? ?(?:\(at [^)]*\):? ?)?")
MISFIT = "jq_failed"


def jq_filter(expression: str) -> Filter:
    """The expression, ready to be used. Raises UsageError for one that is not possible, and without any jq."""
    if is_installed("jq"):
        return _of_package(expression)
    if program := shutil.which("jq"):
        return _of_program(program, expression)
    raise PackageMissing("--jq needs jq, which is not installed", hint=install("jq"))


def _of_package(expression: str) -> Filter:
    import jq

    try:
        with _keys_hidden():
            compiled = jq.compile(expression)
    except ValueError as wrong:
        raise _impossible(str(wrong)) from None

    def results(values: Iterable[Any]) -> Iterator[str]:
        try:
            for value in values:
                with _keys_hidden():
                    found = compiled.input_text(json.dumps(value)).all()
                yield from map(_shown, found)
        except ValueError as wrong:
            raise _misfit(str(wrong)) from None

    return results


@contextmanager
def _keys_hidden() -> Iterator[None]:
    """Without the keys in this process's environment, which jq shows as env and $ENV."""
    taken = {name: os.environ.pop(name) for name in list(os.environ) if name.upper() in KEY_VARIABLES}
    try:
        yield
    finally:
        os.environ.update(taken)


def _of_program(program: str, expression: str) -> Filter:
    # a space, as it would take -1 for an option
    argv = [program, "-c", "--unbuffered", f" {expression}"]
    checked = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, env=environment_for_children(), check=False
    )
    if checked.returncode:
        raise _impossible(checked.stderr.decode("utf-8", "replace"))

    def results(values: Iterable[Any]) -> Iterator[str]:
        with _started(argv) as (jq, stdin, stdout, stderr):
            said = bytearray()
            pumps = _feeding(stdin, values), Pump(stderr, said.extend, done=lambda: None)
            for pump in pumps:
                pump.start()
            for line in stdout:
                text = line.decode("utf-8", "replace").removesuffix("\n")
                yield json.loads(text) if text.startswith('"') else text
            for pump in pumps:
                pump.join_or_raise()
            if jq.wait():
                raise _misfit(said.decode("utf-8", "replace"))

    return results


@contextmanager
def _started(argv: list[str]) -> Iterator[tuple["subprocess.Popen[bytes]", Any, Any, Any]]:
    """The program, and its three streams."""
    piped = subprocess.PIPE
    process = subprocess.Popen(
        argv, stdin=piped, stdout=piped, stderr=piped, env=environment_for_children(), start_new_session=True
    )
    streams = process.stdin, process.stdout, process.stderr
    try:
        yield process, *streams
    finally:
        process.kill()
        for stream in filter(None, streams):
            with suppress(OSError):  # of what was written nothing is wanted any more
                stream.close()
        process.wait()


def _feeding(stdin: Any, values: Iterable[Any]) -> Pump:
    def feed(value: Any) -> None:
        with suppress(BrokenPipeError):  # it ended early, and says why
            stdin.write(f"{json.dumps(value)}\n".encode())
            stdin.flush()

    def done() -> None:
        with suppress(OSError):
            stdin.close()

    return Pump(values, feed, done=done)


def _shown(result: Any) -> str:
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, separators=(",", ":"))


def _impossible(said: str) -> UsageError:
    return UsageError(f"--jq is not a jq expression: {_first_line(said)}")


def _misfit(said: str) -> ElevenError:
    return ElevenError(f"--jq does not fit the answer: {_first_line(said)}", code=MISFIT)


def _first_line(said: str) -> str:
    line = next((line for line in said.splitlines() if line.strip()), "it failed")
    return _BEFORE_A_REASON.sub("", line).strip()
