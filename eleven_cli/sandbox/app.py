"""The ASGI application: routes, middleware, and how exceptions become answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .accounts.accounts import AccountOptions, Accounts
from .agents.agent import Agent
from .agents.directory import AgentDirectory
from .control import control_routes
from .faults.middleware import with_faults
from .faults.table import FaultTable
from .hearing.fingerprints import SHARED, Fingerprints, OwnFingerprints
from .hearing.memory import MEMORY
from .http.guard import Guard, addressed, guarded
from .http.limits import bounded
from .http.middleware import FORM, contain_failures, log_requests, report_failures, trace_requests
from .http.problems import JsonResponse, Problem, SchemaError
from .http.requests_log import Log
from .http.unserved import not_imitated, unserved
from .outgoing.outbox import Outbox
from .routes import all_routes
from .state.entropy import Entropy
from .state.keeping import Keeping

if TYPE_CHECKING:
    from .fixture.recording import Recorder


class Application:
    """The routes of one server with accounts and agents of its own, which can be replaced while it serves.

    keeping  where what clients make is kept
    abort  cuts the connection of a client's address, after some last bytes
    log    is called with every request that has ended, and every message of a WebSocket
    note   is called once with a sentence about each id of another account
    guard  says whom it answers
    """

    def __init__(
        self,
        accounts: AccountOptions | None = None,
        agents: Iterable[Agent] = (),
        abort: Callable[..., None] = lambda client, last=b"": None,
        log: Log | None = None,
        note: Callable[[str], None] = lambda line: None,
        recorder: Recorder | None = None,
        guard: Guard = Guard(),  # noqa: B008 - it cannot change
        faults: FaultTable | None = None,
        keeping: Keeping = Keeping(),  # noqa: B008 - it cannot change
    ) -> None:
        self._options, self._described, self._abort = accounts or AccountOptions(), tuple(agents), abort
        self._note, self._log, self._recorder = note, log, recorder
        self._outbox: Outbox | None = None
        self.faults = faults or FaultTable()
        self._keeping, self._store = keeping, keeping.open()
        self._begin()
        faulty = with_faults(self._route, self.faults, abort)
        watched = recorder.watch(faulty) if recorder else faulty
        traced = contain_failures(trace_requests(guarded(bounded(watched), guard)))
        self._serve = addressed(report_failures(traced) if log is None else log_requests(traced, log))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._entropy.in_force(), MEMORY.of(self._fingerprints):
            await self._serve(scope, receive, send)

    def close(self) -> None:
        """Lets another server have what is kept."""
        self._store.close()

    def reset(self) -> None:
        """Forgets what clients have done, in earlier runs, too, as if the server had never run."""
        self._store.clear()
        self._begin()
        self.faults.reset()
        if self._recorder is not None:
            self._recorder.clear()

    def add_agent(self, description: dict[str, Any]) -> Agent:
        """Adds an agent until the next reset; it replaces the one with its id. Raises ValueError with a faulty key."""
        from .agents.file import agent_of

        agent = agent_of(description, self._options.is_foreign_voice)
        self._directory.add(agent)
        return agent

    def _begin(self) -> None:
        self._entropy = Entropy(self._keeping.seed, self._store.run)
        self._fingerprints = self._remembered()
        self._accounts = Accounts(self._options, self._store, self._note)
        self._directory = AgentDirectory(self._described, self._accounts.foreign_ids, self._store)
        if self._outbox is not None:
            self._outbox.close()
        self._outbox = Outbox(
            anywhere=self._options.allow_network, log=self._log, store=self._store, agent_of=self._directory.get
        )
        routes = all_routes(self._accounts, self._directory, self._outbox, self._abort)
        self._app = Starlette(routes=[*control_routes(self.reset, self.faults), *routes], exception_handlers=_HANDLERS)
        self._app.router.redirect_slashes = False
        self._app.router.default = unserved

    def _remembered(self) -> Fingerprints:
        """Gives those that runs share only to what shares all else."""
        return SHARED if self._keeping.shared else OwnFingerprints(self._store.journal("texts"))

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if form := scope.get(FORM):
                await form.close()


def _trace_id(scope: MutableMapping[str, Any]) -> str:
    return str(scope["trace_id"])


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if problem := not_imitated(request.method, request.url.path):
        return problem.response(_trace_id(request.scope))
    return JsonResponse({"detail": error.detail}, error.status_code, error.headers)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, SchemaError)
    return error.response()


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(_trace_id(request.scope))


async def _internal(request: Request, error: Exception) -> Response:
    return Problem(500, "internal_error", "The sandbox itself failed.").response(_trace_id(request.scope))


_HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: _plain,
    SchemaError: _malformed,
    Problem: _problem,
    Exception: _internal,
}
