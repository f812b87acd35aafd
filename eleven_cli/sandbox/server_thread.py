"""Runs uvicorn in a thread of its own, which can be stopped without waiting for clients."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import uvicorn

    from .accounts.account import AccountOptions
    from .agents.agent import Agent
    from .app import Application
    from .fixture.recording import Recorder
    from .http.middleware import ServedRequest

    Log = Callable[[ServedRequest], None]
    Note = Callable[[str], None]

HOST = "127.0.0.1"
SILENT = 100  # above every logging level
START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 5.0
MAX_MESSAGE_BYTES = 16 * 1024 * 1024


class ServerThread(threading.Thread):
    """A thread with an event loop that runs uvicorn on a listening socket."""

    def __init__(
        self,
        listener: socket.socket,
        accounts: AccountOptions,
        agents: tuple[Agent, ...],
        log: Log,
        note: Note,
        recorder: Recorder | None = None,
    ) -> None:
        from .app import Application

        super().__init__(name="eleven-sandbox", daemon=True)
        self.base_url = f"http://{HOST}:{listener.getsockname()[1]}"
        self._listener = listener
        self.application = Application(accounts, agents, self._abort, log, note, recorder)
        self._server = _uvicorn_server(self.application)
        self._ready = threading.Event()
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

    def wait_until_ready(self) -> None:
        if not self._ready.wait(START_TIMEOUT_S):
            raise TimeoutError("the sandbox did not start in time")
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        if self._loop is not None and self._stopping is not None:
            with suppress(RuntimeError):  # the loop may be closed already
                self._loop.call_soon_threadsafe(self._stopping.set)
        self.join(STOP_TIMEOUT_S)

    def _abort(self, client: tuple[str, int]) -> None:
        """Cuts the connection of a client's address without a close frame."""
        for connection in list(self._server.server_state.connections):
            transport = connection.transport
            if isinstance(transport, asyncio.WriteTransport) and transport.get_extra_info("peername") == tuple(client):
                transport.abort()

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda loop, context: None)  # its default prints
        serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        try:
            while not self._server.started and not serving.done():
                await asyncio.sleep(0.001)
            if serving.done():
                serving.result()
            self._ready.set()
            await self._stopping.wait()
        finally:
            await self._abort_all(serving)

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
