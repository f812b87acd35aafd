"""ExitStack: a stack of open things that no signal leaves open."""

import contextlib
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class ExitStack(contextlib.ExitStack):
    """A `contextlib.ExitStack` that exits whatever was entered.

    That one notes what it has to exit only after it was entered: a signal in between, which often comes just when a
    wait is over, would leave it open.
    """

    def enter_context(self, manager: AbstractContextManager[T, bool | None]) -> T:
        """Enter it, and exit it at the end; gives what it gives."""
        entering = _Entering(manager)
        self.push(entering.exit)
        return entering.enter()


class _Entering(Generic[T]):
    """A manager on the stack, entered or not."""

    def __init__(self, manager: AbstractContextManager[T, bool | None]) -> None:
        self._manager = manager
        self._given: tuple[T, ...] = ()

    def enter(self) -> T:
        self._given = (self._manager.__enter__(),)  # Python handles no signal between a return and what takes it
        return self._given[0]

    def exit(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._manager.__exit__(kind, error, trace) if self._given else None
