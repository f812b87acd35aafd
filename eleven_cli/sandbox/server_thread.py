"""Runs uvicorn in a thread of its own, which can be stopped without waiting for clients."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import uvicorn

    from .accounts.accounts import AccountOptions
    from .agents.agent import Agent
    from .app import Application
    from .faults.table import FaultTable
    from .fixture.recording import Recorder
    from .http.requests_log import Log
    from .state.keeping import Keeping

    Note = Callable[[str], None]

HOST = "127.0.0.1"
EVERYWHERE = {"0.0.0.0": HOST, "::": "::1"}  # and how this machine reaches it there
BACKLOG = 128
ACCEPTED = 4  # connections that are taken at once, before those that were taken get on
SILENT = 100  # above every logging level
START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 5.0
MAX_MESSAGE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Exposure:
    """How and to whom a server is open.

    host   what it listens on; None is this machine only
    tls    what it speaks TLS with; None speaks none
    pages  origins whose web pages may use it, beside those of this machine
    """

    host: str | None = None
    tls: ssl.SSLContext | None = None
    pages: tuple[str, ...] = ()

    def base_url(self, port: int) -> str:
        """Gives the address for clients on this machine."""
        host = EVERYWHERE.get(self.host or HOST, self.host or HOST)
        name = f"[{host}]" if ":" in host else host
        return f"{'https' if self.tls else 'http'}://{name}:{port}"


class ServerThread(threading.Thread):
    """A thread with an event loop that runs uvicorn on a listening socket."""

    def __init__(
        self,
        listener: socket.socket,
        accounts: AccountOptions,
        agents: tuple[Agent, ...],
        log: Log | None,
        note: Note,
        recorder: Recorder | None = None,
        exposure: Exposure = Exposure(),
        faults: FaultTable | None = None,
        keeping: Keeping | None = None,
    ) -> None:
        from .app import Application
        from .http.guard import Guard
        from .state.keeping import Keeping

        super().__init__(name="eleven-sandbox", daemon=True)
        self.base_url = exposure.base_url(listener.getsockname()[1])
        self._listener, self._tls, self._log = listener, exposure.tls, log
        guard = Guard(exposure.pages, exposure.host)
        self.application = Application(
            accounts, agents, self._abort, log, note, recorder, guard, faults, keeping or Keeping()
        )
        self._server = _uvicorn_server(self.application)
        self._ready, self._over = threading.Event(), threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()
            self._over.set()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended by then. Python 3.11 takes a thread for ended when a signal interrupts its `join`."""
        return self._over.wait(timeout_s)

    def wait_until_ready(self) -> None:
        if not self._ready.wait(START_TIMEOUT_S):
            raise TimeoutError("the sandbox did not start in time")
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        if self._loop is not None and self._stopping is not None:
            with suppress(RuntimeError):  # the loop may be closed already
                self._loop.call_soon_threadsafe(self._stopping.set)
        self.wait(STOP_TIMEOUT_S)

    def _abort(self, client: tuple[str, int], last: bytes = b"") -> None:
        """Cuts the connection of a client's address, after some last bytes, without a close frame."""
        for connection in list(self._server.server_state.connections):
            transport = connection.transport
            if isinstance(transport, asyncio.WriteTransport) and transport.get_extra_info("peername") == tuple(client):
                if last:
                    transport.write(last)
                    transport.close()
                else:
                    transport.abort()

    async def _main(self) -> None:
        from .http.middleware import background_failures

        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(background_failures(self._log))
        serving = asyncio.create_task(self._server.serve(sockets=[]))
        try:
            while not self._server.started and not serving.done():
                await asyncio.sleep(0.001)
            if serving.done():
                serving.result()
            await self._listen()
            self._ready.set()
            await self._stopping.wait()
        finally:
            await self._abort_all(serving)

    async def _listen(self) -> None:
        """Uvicorn itself would wait a minute for a TLS handshake, and take 2,048 connections before it serves one."""
        from .http.connection import HEADER_TIMEOUT_S, Connection

        server, loop = self._server, asyncio.get_running_loop()
        connect = partial(Connection, config=server.config, server_state=server.server_state, app_state={})
        timeout_s = HEADER_TIMEOUT_S if self._tls else None
        listening = await loop.create_server(
            connect, sock=self._listener, ssl=self._tls, ssl_handshake_timeout=timeout_s, backlog=ACCEPTED
        )
        self._listener.listen(BACKLOG)  # asyncio has the system queue no more than it accepts at once
        server.servers.append(listening)

    async def _abort_all(self, serving: asyncio.Task[None]) -> None:
        serving.cancel()
        await asyncio.wait([serving])
        for listening in self._server.servers:
            listening.close()
        for connection in list(self._server.server_state.connections):
            transport = connection.transport
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        requests = list(self._server.server_state.tasks)
        for request in requests:
            request.cancel()
        if requests:
            await asyncio.wait(requests, timeout=1.0)


def _web_socket(**given: Any) -> asyncio.Protocol:
    """Makes uvicorn's protocol for a WebSocket; the first one imports it."""
    return cast(asyncio.Protocol, web_socket_protocol()(**given))


def web_socket_protocol() -> Any:
    from uvicorn.config import WS_PROTOCOLS
    from uvicorn.importer import import_from_string

    protocols: dict[str, Any] = dict(WS_PROTOCOLS)
    return import_from_string(protocols.get("websockets-sansio") or protocols["websockets"])


def _uvicorn_server(application: Application) -> uvicorn.Server:
    import uvicorn

    config = uvicorn.Config(
        application,
        loop="asyncio",
        http="h11",
        ws=cast(Any, _web_socket),
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level=SILENT,
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
    )
    return uvicorn.Server(config)
