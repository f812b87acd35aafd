"""--jq: the values that an expression takes from an answer, by the package of that name or the program."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from eleven_cli.errors import ElevenError, PackageMissing, UsageError
from eleven_cli.packages import install, is_installed
from eleven_cli.processes import KEY_VARIABLES, environment_for_children

Filter = Callable[[Iterable[Any]], Iterator[str]]
"""Takes values; gives the results, texts without quotes and the rest as JSON. Raises ElevenError where the expression
does not fit them."""
_BEFORE_A_REASON = re.compile(r"jq: error:? ?(?:\(at [^)]*\):? ?)?")
_NOT_COMPILED = 3
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
    argv = [program, "-c", f" {expression}"]

    def run(data: str) -> str:
        done = subprocess.run(argv, input=data, capture_output=True, text=True, encoding="utf-8", errors="replace",
                              env=environment_for_children(), check=False)  # fmt: skip
        if done.returncode == _NOT_COMPILED:
            raise _impossible(done.stderr)
        if done.returncode:
            raise _misfit(done.stderr)
        return done.stdout

    run("")
    return lambda values: (
        json.loads(line) if line.startswith('"') else line
        for line in filter(None, run("\n".join(map(json.dumps, values))).split("\n"))
    )


def _shown(result: Any) -> str:
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, separators=(",", ":"))


def _impossible(said: str) -> UsageError:
    return UsageError(f"--jq is not a jq expression: {_first_line(said)}")


def _misfit(said: str) -> ElevenError:
    return ElevenError(f"--jq does not fit the answer: {_first_line(said)}", code=MISFIT)


def _first_line(said: str) -> str:
    line = next((line for line in said.splitlines() if line.strip()), "it failed")
    return _BEFORE_A_REASON.sub("", line).strip()
