"""Runs the sandbox: in a background thread for a `with` block, or in the foreground until a signal."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .server_thread import BACKLOG, HOST, Exposure, ServerThread, web_socket_protocol
from .state.keeping import Keeping

if TYPE_CHECKING:
    from .accounts.accounts import AccountOptions
    from .agents.agent import Agent
    from .faults.fault import Fault
    from .fixture.recording import Recorder
    from .http.requests_log import Log
    from .server_thread import Note

SHARED = Keeping(shared=True)


@contextmanager
def running(
    port: int = 0,
    *,
    agents: Path | None = None,
    log: Log | None = None,
    exposure: Exposure = Exposure(),  # noqa: B008 - it cannot change
    keeping: Keeping = SHARED,
    **accounts: Any,
) -> Iterator[str]:
    """Serves on the loopback address in a daemon thread; gives the base URL `http://127.0.0.1:PORT`.

    It accepts requests when the block is entered, and aborts streams in progress when it is left.

    port      0 takes a free one
    agents    a file with further agents (see `agents.file`)
    log       called on the server's thread with every request that has ended, and every message of a WebSocket
    exposure  how and to whom it is open
    keeping   where what clients make is kept; here in the folder that one-shot runs share
    accounts  what holds for every account (see `accounts.accounts.AccountOptions`)

    Raises OSError when the port is in use or the file cannot be read, ValueError when file or options are invalid, and
    ModuleNotFoundError when the sandbox's libraries are not installed.
    """
    with serving(port, agents, accounts, log, exposure=exposure, keeping=keeping) as thread:
        yield thread.base_url


def serve(
    port: int,
    *,
    agents: Path | None = None,
    ready: Callable[[str], None],
    log: Log | None = None,
    note: Note = lambda line: None,
    exposure: Exposure = Exposure(),  # noqa: B008 - it cannot change
    faults: Iterable[Fault] = (),
    keeping: Keeping = Keeping(),  # noqa: B008 - it cannot change
    **accounts: Any,
) -> None:
    """Serves in the foreground until a signal raises KeyboardInterrupt or SystemExit, which pass through.

    ready   called with the base URL once requests are accepted; for the rest see `running`
    note    called on the server's thread once with a sentence about each id of another account
    faults  those that happen from the start
    keeping where what clients make is kept; here in memory

    Raises what `running` raises.
    """
    with serving(port, agents, accounts, log, note, exposure=exposure, faults=faults, keeping=keeping) as thread:
        ready(thread.base_url)
        warm_up = threading.Thread(target=_warm_up, daemon=True)
        warm_up.start()
        while not thread.wait(0.5):  # without a time-out it cannot be interrupted on Windows
            pass


@contextmanager
def serving(
    port: int,
    agents: Path | None,
    accounts: Mapping[str, Any],
    log: Log | None = None,
    note: Note = lambda line: None,
    recorder: Recorder | None = None,
    exposure: Exposure = Exposure(),  # noqa: B008 - it cannot change
    faults: Iterable[Fault] = (),
    keeping: Keeping = Keeping(),  # noqa: B008 - it cannot change
) -> Iterator[ServerThread]:
    """Serves in a thread until the block is left. Raises what `running` raises."""
    from .accounts.accounts import AccountOptions
    from .faults.table import FaultTable

    options = AccountOptions(**accounts)
    described = _read_agents(agents, options)
    listener = _listen(exposure.host or HOST, port)
    try:
        table = FaultTable(faults)
        thread = ServerThread(listener, options, described, log, note, recorder, exposure, table, keeping)
        thread.start()
        try:
            thread.wait_until_ready()
            yield thread
        finally:
            thread.stop()
            thread.application.close()
    finally:
        listener.close()


def _read_agents(path: Path | None, options: AccountOptions) -> tuple[Agent, ...]:
    if path is None:
        return ()
    from .agents.file import read_agents

    return read_agents(path, options.is_foreign_voice)


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise OSError(errno.EINVAL, f"port {port} is not between 0 and 65535")
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # asyncio turns Nagle's delay off only where TCP is named; with it every small answer would wait 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows the option lets two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
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

    web_socket_protocol()
    warm_up()
