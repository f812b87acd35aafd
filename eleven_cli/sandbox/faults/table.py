"""The faults that are set on one server, and which of them happen to a request."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from ..state.entropy import FAULTS, drawn
from .catalogue import names
from .fault import Fault, fault_of, read_fault


class FaultTable:
    """Begins with some faults, to which `reset` returns."""

    def __init__(self, first: Iterable[Fault] = ()) -> None:
        self._first = tuple(first)
        self._lock = threading.Lock()
        self.set(self._first)

    def set(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._left = [(fault, fault.times) for fault in faults]

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._left.append((fault, fault.times))

    def reset(self) -> None:
        self.set(self._first)

    def replace(self, described: object) -> None:
        """Sets the faults of a list of JSON. Raises WrongFault, and then changes nothing."""
        self.set([fault_of(one) for one in (described if isinstance(described, list) else [described])])

    def listed(self) -> dict[str, Any]:
        """Gives what is set, and all the names that there are."""
        with self._lock:
            left = [{**fault.described(), **({} if n is None else {"times": n})} for fault, n in self._left]
        return {"faults": left, "names": names()}

    def drawn(self, path: str, header: str | None) -> list[Fault]:
        """Gives the faults that happen to a request, those that its header names included. Raises WrongFault."""
        named = [read_fault(text) for text in (header or "").split(",") if text.strip()]
        chosen = [fault for fault in named if drawn(FAULTS).random() < fault.rate]
        with self._lock:
            for at, (fault, _) in enumerate(self._left):
                is_answered = fault.is_answer and any(other.is_answer for other in chosen)  # it happens to a later one
                if not is_answered and _is_meant(fault, path) and self._draw(at):
                    chosen.append(fault)
        return chosen

    def _draw(self, at: int) -> bool:
        fault, left = self._left[at]
        if left == 0 or drawn(FAULTS).random() >= fault.rate:
            return False
        self._left[at] = fault, None if left is None else left - 1
        return True


def _is_meant(fault: Fault, path: str) -> bool:
    return fault.path is None or fnmatchcase(path, fault.path)
