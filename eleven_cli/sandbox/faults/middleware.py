"""Lets faults happen to what is asked: errors in place of endpoints, else bodies and messages that go wrong."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ..http.middleware import is_for_service
from ..http.problems import Problem
from .answers import answer_of
from .fault import Fault, WrongFault
from .http_faults import FaultyBody
from .socket_faults import FaultySocket
from .table import FaultTable

HEADER = "x-sandbox-fault"


def with_faults(app: ASGIApp, table: FaultTable, cut: Callable[..., None]) -> ASGIApp:
    """Gives the app with the faults of the table, and those that the header of a request names.

    cut  ends the connection of a client's address, with some last bytes
    """

    async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
        if not is_for_service(scope):
            return await app(scope, receive, send)
        try:
            faults = table.drawn(scope["path"], Headers(scope=scope).get(HEADER))
        except WrongFault as wrong:
            problem = Problem(400, "unknown_fault", f"{HEADER}: {wrong}", param=HEADER)
            return await problem.response(scope["trace_id"])(scope, receive, send)
        if faults:
            await _fail(app, faults, scope, receive, send, lambda last=b"": cut(scope["client"], last))
        else:
            await app(scope, receive, send)

    return faulty


async def _fail(
    app: ASGIApp, faults: list[Fault], scope: Scope, receive: Receive, send: Send, cut: Callable[..., None]
) -> None:
    answer = next((fault for fault in faults if fault.is_answer), None)
    on_the_way = {fault.name: fault for fault in reversed(faults) if not fault.is_answer}
    if answer is not None:
        app = _answering(answer)
    if scope["type"] == "http":
        await FaultyBody(on_the_way, receive, send, cut).serve(app, scope)
    else:
        await FaultySocket(on_the_way, receive, send, cut).serve(app, scope)


def _answering(fault: Fault) -> ASGIApp:
    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        while scope["type"] == "http":  # what was sent is read, else the client sees a reset instead of the answer
            message = await receive()
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        await answer_of(fault, scope["trace_id"])(scope, receive, send)

    return answering
