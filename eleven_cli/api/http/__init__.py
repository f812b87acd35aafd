"""HTTP below the client: sessions, answers, uploads, retries, traces."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, TypedDict
from urllib.parse import urlencode

from eleven_cli import __version__
from eleven_cli.errors import ElevenError

MOST_INTERIM = 1000  # 102 Processing may come for an hour, every few seconds
SWITCHING_PROTOCOLS = 101
Query = Mapping[str, str | int] | Sequence[tuple[str, str]]  # the latter where names are repeated
USER_AGENT = f"eleven/{__version__}"
UNQUOTED = "/%:@!$&'()*+,;=~"  # stands in a path as it is
ADDRESS_HINT = "check the server's address: eleven config get base_url"


def is_interim(status: int) -> bool:
    """Whether another answer follows."""
    return 100 <= status < 200 and status != SWITCHING_PROTOCOLS


class Retry(Exception):
    """Nothing was paid for and it may work the next time; `error` is what to say when it does not."""

    def __init__(self, error: ElevenError, after_s: float = 0.0) -> None:
        super().__init__(error.message)
        self.error, self.after_s = error, after_s


@contextmanager
def costs_told(has_costs: Callable[[], bool]) -> Iterator[None]:
    """Notes on an interrupt inside the `with` that the request may be charged all the same."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as stopped:
        if has_costs():
            stopped.add_note("the request may be charged all the same")
        raise


class Opener(Protocol):
    """As much of a Connector as a connection needs."""

    def open(self, url: str, timeout_s: float) -> Any: ...

    def closing(self, raw: Any) -> None: ...


class Request(NamedTuple):
    """One request as it is sent. url: without the query;  parts: what it has of params, json and data;  read_timeout_s:
    seconds without a byte before giving up, as connect_s is for connecting"""

    method: str
    url: str
    headers: Mapping[str, str]
    parts: Mapping[str, Any]
    connect_s: float
    read_timeout_s: float
    is_paid: bool = False

    @property
    def query(self) -> str:
        return urlencode(self.parts.get("params", ()), doseq=True)


class Response(Protocol):
    """What came for a request, its head whole; the body is read as it arrives.

    status    the answer's
    headers   the answer's, by lower-case name; the values of one that came more than once are joined
    """

    status: int
    headers: Mapping[str, str]

    def read(self, most_bytes: int) -> bytes:
        """What has arrived of the body, at least a byte; b"" at its end. Raises what the library below does."""

    def set_timeout(self, timeout_s: float) -> None:
        """How long the server may be silent while the rest is read, in seconds."""

    def close(self) -> None: ...


class RequestParts(TypedDict, total=False):
    """What a request has beside its method and path.

    params          the query
    json, data      the body: a JSON value, or bytes that are iterated again for each try
    content_type    of `data`
    headers         more of them, by their names as in Content-Type
    read_timeout_s  seconds without a byte before giving up; None is READ_TIMEOUT_S
    is_paid         whether it costs credits
    """

    params: Query
    json: Any
    data: Any
    content_type: str
    headers: Mapping[str, str]
    read_timeout_s: float | None
    is_paid: bool
