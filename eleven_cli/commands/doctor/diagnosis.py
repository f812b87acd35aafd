"""What a check has found out; checks that run at the same time, for a few seconds at most."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eleven_cli.api.sockets.socket import AwakeClock
from eleven_cli.errors import ElevenError, NetworkError

STEP_S = 0.5  # by which a process that is stopped meanwhile notices it


@dataclass
class Diagnosis:
    """Facts and faults.

    facts     names and values, as a person reads them
    value     the same for programs
    errors    why the program cannot work; the first decides the exit code
    warnings  what is wrong although it can
    """

    facts: list[tuple[str, str]] = field(default_factory=list)
    value: dict[str, Any] = field(default_factory=dict)
    errors: list[ElevenError] = field(default_factory=list)
    warnings: list[ElevenError] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        return self.errors[0].exit_code if self.errors else 0

    def fact(self, name: str, shown: str, **value: Any) -> None:
        """Add a fact, and what JSON says of it."""
        self.facts.append((name, shown))
        self.value |= value

    def warn(self, message: str, *, hint: str, because: ElevenError | None = None) -> None:
        warning = ElevenError(message, hint=hint, code="warning")
        warning.__cause__ = because
        self.warnings.append(warning)


def joined(parts: Iterable[Diagnosis]) -> Diagnosis:
    """All of them as one. What several have met, as a settings file that is broken, is said once."""
    whole = Diagnosis()
    for part in parts:
        whole.facts += part.facts
        whole.value |= part.value
        said = {fault.message for fault in (*whole.errors, *whole.warnings)}
        whole.errors += [error for error in part.errors if error.message not in said]
        met = {cause.message for fault in (*whole.errors, *whole.warnings) for cause in (fault, _cause(fault))}
        whole.warnings += [warning for warning in part.warnings if _cause(warning).message not in met]
    return whole


def _cause(fault: ElevenError) -> ElevenError:
    return fault.__cause__ if isinstance(fault.__cause__, ElevenError) else fault


def guarded(what: str, check: Callable[[], Diagnosis]) -> Diagnosis:
    """The check's diagnosis; whatever it raises is one, too: no check stops the others."""
    try:
        return check()
    except ElevenError as failed:
        return Diagnosis(errors=[failed])
    except Exception as bug:
        found = Diagnosis()
        found.warn(f"{what} could not be checked: {type(bug).__name__}: {bug}", hint="eleven --debug doctor")
        return found


def together(asked: Mapping[str, Callable[[], Any]], within_s: float) -> dict[str, Any]:
    """What each gives, or the exception that it raises: a TimeoutError where it takes longer, and is left to itself."""
    found: dict[str, Any] = {name: TimeoutError(f"no answer within {within_s:.0f} s") for name in asked}

    def ask(name: str, work: Callable[[], Any]) -> None:
        try:
            found[name] = work()
        except Exception as failed:
            found[name] = failed

    threads = [threading.Thread(target=ask, args=each, daemon=True) for each in asked.items()]
    clock = AwakeClock()
    deadline = clock() + within_s
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive() and (left_s := deadline - clock()) > 0:
            thread.join(min(left_s, STEP_S))
    return dict(found)  # who answers later is not heard any more


def error_of(failed: Exception, what: str) -> ElevenError:
    """The error for what `together` gave in place of an answer."""
    if isinstance(failed, ElevenError):
        return failed
    if isinstance(failed, TimeoutError):
        return NetworkError(f"{what}: {failed}", code="timeout")
    return ElevenError(f"{what} could not be checked: {type(failed).__name__}: {failed}")
