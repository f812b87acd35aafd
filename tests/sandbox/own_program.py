"""A program of the user's own, which the sandbox sends requests to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

from eleven_cli.sandbox.http.requests_log import Entry, SentRequest
from eleven_cli.sandbox.server import running
from tests.support.service import Exchange, Reply, Request, Service

GUARD_S = 20.0


class OwnProgram:
    """What came, in order, and a sandbox with agents whose addresses are those of the program."""

    def __init__(self, service: Service, base: str, sent: "Queue[SentRequest]") -> None:
        self.service, self.base, self.url, self._sent = service, base, service.url, sent
        self.came: Queue[Request] = Queue()

    def on(self, path: str, *replies: Reply) -> None:
        def noted(reply: Reply) -> Reply:
            def answer(exchange: Exchange) -> None:
                self.came.put(exchange.request)
                reply(exchange)

            return answer

        self.service.on(path, *map(noted, replies))

    def next(self) -> Request:
        return self.came.get(timeout=GUARD_S)

    def next_sent(self) -> SentRequest:
        """The next line of the log about a request that the sandbox has sent."""
        return self._sent.get(timeout=GUARD_S)


@contextmanager
def own_program(folder: Path, toml: str, **options: Any) -> Iterator[OwnProgram]:
    """Serves the agents of a text in which URL and PORT are those of the program."""
    sent: Queue[SentRequest] = Queue()
    path = folder / "agents.toml"

    def log(entry: Entry) -> None:
        if isinstance(entry, SentRequest):
            sent.put(entry)

    with Service() as service:
        path.write_text(toml.replace("URL", service.url).replace("PORT", str(service.port)), "utf-8")
        with running(agents=path, log=log, **options) as base:
            yield OwnProgram(service, base, sent)


def events_reply(*chunks: dict[str, Any] | str, content_type: str = "text/event-stream; charset=utf-8") -> Reply:
    """The stream of a model: objects are its chunks, texts go as they are."""

    def reply(exchange: Exchange) -> None:
        exchange.head(content_type=content_type, transfer_encoding="chunked")
        for chunk in chunks:
            data = chunk if isinstance(chunk, str) else f"data: {json.dumps(chunk)}\n\n"
            exchange.chunk(data.encode())
        exchange.last_chunk()

    return reply


def words(*texts: str) -> list[dict[str, Any]]:
    return [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
