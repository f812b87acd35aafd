"""Running the sandbox: in a background thread for a `with` block, or in the foreground until a signal."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import uvicorn

    from .agents.agent import Agent
    from .http.middleware import ServedRequest

    Log = Callable[[ServedRequest], None]

HOST = "127.0.0.1"
SILENT = 100  # above every logging level
START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 5.0
MAX_MESSAGE_BYTES = 16 * 1024 * 1024


@contextmanager
def running(port: int = 0, *, require_key: str | None = None, agents: Path | None = None) -> Iterator[str]:
    """Serve on the loopback address in a daemon thread; gives the base URL `http://127.0.0.1:PORT`.

    It accepts requests when the block is entered and is gone when it is left, streams in progress included.
    Port 0 takes a free one. With `require_key` only that API key is let in. `agents` is a file that describes
    further agents (see `agents.file`). Raises OSError when the port is not to be had or the file cannot be read,
    ValueError when the file is wrong, and ModuleNotFoundError when the sandbox's libraries are not installed.
    """
    with _serving(port, require_key, agents) as thread:
        yield thread.base_url


def serve(
    port: int,
    *,
    require_key: str | None = None,
    agents: Path | None = None,
    ready: Callable[[str], None],
    log: Log = lambda served: None,
) -> None:
    """Serve in the foreground; `ready` is called with the base URL once requests are accepted.

    `log` is called, on the server's thread, with every request that has ended.

    Ends by the exception a signal raises (KeyboardInterrupt, SystemExit), which passes through after the server has
    stopped. Raises what `running` raises.
    """
    with _serving(port, require_key, agents, log) as thread:
        ready(thread.base_url)
        warm_up = threading.Thread(target=_warm_up, daemon=True)
        warm_up.start()
        while thread.is_alive():
            thread.join(0.5)  # a join without limit cannot be interrupted on Windows


@contextmanager
def _serving(
    port: int, require_key: str | None, agents: Path | None, log: Log = lambda served: None
) -> Iterator[_ServerThread]:
    described = _read_agents(agents)
    listener = _listen(port)
    try:
        thread = _ServerThread(listener, require_key, described, log)
        thread.start()
        try:
            thread.wait_until_ready()
            yield thread
        finally:
            thread.stop()
    finally:
        listener.close()


def _read_agents(path: Path | None) -> tuple[Agent, ...]:
    if path is None:
        return ()
    from .agents.file import read_agents

    return read_agents(path)


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise OSError(errno.EINVAL, f"port {port} is not between 0 and 65535")
    # asyncio turns Nagle's delay off only where TCP is named; with it every small answer would wait 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere the option lets two programs share one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _warm_up() -> None:
    from .conversations import conversation_socket  # noqa: F401
    from .realtime import realtime_socket  # noqa: F401
    from .speech.speech import warm_up
    from .speech_sockets import dialogue_socket, speech_socket  # noqa: F401
    from .transcripts import routes as transcript_routes  # noqa: F401
    from .voice_changer import routes as voice_changer_routes  # noqa: F401

    _web_socket_protocol()
    warm_up()


class _ServerThread(threading.Thread):
    """The event loop with uvicorn in it; stopping does not wait for clients to finish."""

    def __init__(self, listener: socket.socket, require_key: str | None, agents: tuple[Agent, ...], log: Log) -> None:
        super().__init__(name="eleven-sandbox", daemon=True)
        self.base_url = f"http://{HOST}:{listener.getsockname()[1]}"
        self._listener = listener
        self._server = _uvicorn_server(require_key, agents, self._abort, log)
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
        """Cut the connection of a client's address without a word."""
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
            await self._drop_everything(serving)

    async def _drop_everything(self, serving: asyncio.Task[None]) -> None:
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
    """uvicorn's protocol for one WebSocket, imported when the first one comes."""
    return cast(asyncio.Protocol, _web_socket_protocol()(**given))


def _web_socket_protocol() -> Any:
    from uvicorn.config import WS_PROTOCOLS
    from uvicorn.importer import import_from_string

    protocols: dict[str, Any] = dict(WS_PROTOCOLS)
    return import_from_string(protocols.get("websockets-sansio") or protocols["websockets"])


def _uvicorn_server(
    require_key: str | None, agents: tuple[Agent, ...], abort: Callable[[tuple[str, int]], None], log: Log
) -> uvicorn.Server:
    import uvicorn

    from .app import application

    config = uvicorn.Config(
        application(require_key, agents, abort, log),
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
