"""A service that does with the requests of one command what a fault says, and is honest with all others."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from tests.faults.lines import Line
from tests.support.receiver import Receiver
from tests.support.service import Exchange

Wire = Callable[[Line], object]


def honestly(line: Line) -> None:
    line.accept()
    line.begin()
    line.finish()


class FaultyService(Receiver):
    """asked, begun: a request was taken in, and the first part of its result has arrived

    wire      what is done with requests for `target`, from number `first` on
    kind      what they are;  others: the kinds of requests for other paths
    charges   what would be on the bill: all that was taken in and not refused
    """

    def __init__(self, wire: Wire, target: str, kind: type[Line], others: Mapping[str, type[Line]], first: int) -> None:
        super().__init__()
        self.wire, self._target, self._kind, self._others, self._first = wire, target, kind, others, first
        self.charges: list[str] = []
        self.asked, self.begun = threading.Event(), threading.Event()
        self._count, self._counting = 0, threading.Lock()

    def _reply(self, exchange: Exchange) -> None:
        with suppress(OSError, EOFError):  # clients that leave are part of it
            if exchange.request.path.startswith(self._target):
                self._strike(exchange)
            else:
                self._serve(exchange)

    def _strike(self, exchange: Exchange) -> None:
        with self._counting:
            self._count += 1
            number = self._count - self._first + 1
        if number < 1:
            return self._honest(self._kind(exchange, 1, self.charges, threading.Event()))
        line = self._kind(exchange, number, self.charges, self.begun)
        line.ask()
        self.asked.set()
        self.wire(line)
        return None

    def _serve(self, exchange: Exchange) -> None:
        path = exchange.request.path
        kind = next((kind for prefix, kind in self._others.items() if path.startswith(prefix)), None)
        if kind is None:
            exchange.head(404, content_length="0")
        else:
            self._honest(kind(exchange, 1, [], threading.Event()))

    @staticmethod
    def _honest(line: Line) -> None:
        line.ask()
        honestly(line)
