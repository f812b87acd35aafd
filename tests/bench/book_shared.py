"""How a book is made while another program speaks with the same key's plan."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from book_stage import KEY, OTHER_KEY, PLACES, Service, Stage, in_flight, misplaced
from book_texts import prose
from process import run
from table import Row

TAKEN = 2
SHARE = 0.3  # of the book: with fewer places it takes longer
BUSY = 0.9 * (PLACES - TAKEN)
ENDLESS = 10_000_000


def shared(stage: Stage) -> list[Row]:
    """All the while another has some of the places."""
    book, output = stage.folder / "shared.txt", stage.folder / "shared.mp3"
    book.write_text(prose(round(SHARE * stage.characters)))
    with Service(stage.speed) as service:
        with _another(service):
            run(stage.command(output, book), stage.environ(service))
        requests = [each for each in service.requests() if each.who == KEY]
    busy, refused = in_flight(requests), sum(each.refused for each in requests)
    wrong = misplaced(output, book, requests)
    return [
        Row(f"{TAKEN} places taken, in flight on average", "requests", {"eleven": busy}, limit=BUSY, at_least=True),
        Row(f"{TAKEN} places taken, accepted", "requests", {"eleven": len(requests) - refused}),
        Row(f"{TAKEN} places taken, refused", "requests", {"eleven": refused}),
        Row(f"{TAKEN} places taken, out of place", "characters", {"eleven": wrong}, limit=0),
    ]


@contextmanager
def _another(service: Service) -> Iterator[None]:
    """A program that has asked for something without end, some times over."""
    asked = [_asked(service) for _ in range(TAKEN)]
    listeners = [threading.Thread(target=_listen, args=(answer,)) for _, answer in asked]
    for listener in listeners:
        listener.start()
    try:
        yield
    finally:
        for connection, answer in asked:
            connection.close()
            answer.close()
        for listener in listeners:
            listener.join()


def _asked(service: Service) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    body = json.dumps({"text": "x" * ENDLESS})
    connection.request("POST", "/v1/text-to-speech/speaks00000000000000/stream", body, {"xi-api-key": OTHER_KEY})
    return connection, connection.getresponse()


def _listen(answer: http.client.HTTPResponse) -> None:
    with suppress(OSError, ValueError, http.client.HTTPException, AttributeError):  # it is closed from elsewhere
        while answer.read1(65536):
            pass
