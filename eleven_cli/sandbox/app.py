"""The routes of the sandbox, and what every answer has in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from .accounts.account import SPEAK, Account, Accounts
from .accounts.tokens import SPEECH, Tokens
from .accounts.usage import UsageRequests
from .accounts.user import extended_subscription_body, user_body
from .agents.agent import Agent
from .agents.directory import Directory
from .agents.routes import READ, SOCKET, AgentRequests
from .agents.signatures import Signatures
from .hearing.routes import hearing_routes
from .http.middleware import Served, for_this_machine, logged, traced
from .http.problems import Json, Malformed, Problem
from .http.validate import Checker, json_object
from .sockets.handshake import Handshake
from .speech.dialogue_request import read_dialogue
from .speech.request import read_request
from .voices.listing import check_query, page
from .voices.models import MODELS
from .voices.voice import DEFAULT_SETTINGS, PREVIEWS
from .voices.voice_data import VOICES, find_voice

Handler = Callable[[Request], Awaitable[Response]]


def application(
    require_key: str | None = None,
    agents: Iterable[Agent] = (),
    abort: Callable[[Any], None] = lambda client: None,
    log: Callable[[Served], None] = lambda served: None,
) -> ASGIApp:
    """The ASGI application with accounts and agents of its own.

    abort  cuts the connection of a client's address;  log  is told of every request that has ended
    """
    accounts = Accounts(require_key)
    tokens = Tokens(accounts)
    routes = [
        *_routes(_Sandbox(accounts)),
        *_live_routes(accounts, tokens),
        *hearing_routes(accounts, tokens),
        *UsageRequests(accounts).routes(),
        *_agent_routes(accounts, tokens, Directory(agents), abort),
    ]
    app = Starlette(routes=routes, exception_handlers=_HANDLERS)
    app.router.redirect_slashes = False
    return logged(traced(for_this_machine(app)), log)


class _Sandbox:
    """The endpoints. Each checks the schema, then the key, then answers."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def account(self, request: Request, permission: str) -> Account:
        return self._accounts.identify(request.headers, permission)

    async def models(self, request: Request) -> Response:
        self.account(request, "models_read")
        return Json([model.body() for model in MODELS.values()])

    async def voices_page(self, request: Request) -> Response:
        check_query(request.query_params)
        self.account(request, "voices_read")
        return Json(page(request.query_params, str(request.base_url)))

    async def all_voices(self, request: Request) -> Response:
        check = Checker("query")
        check.boolean_text("show_legacy", request.query_params.get("show_legacy"))
        check.finish()
        self.account(request, "voices_read")
        return Json({"voices": [voice.body(str(request.base_url)) for voice in VOICES.values()]})

    async def voice(self, request: Request) -> Response:
        self.account(request, "voices_read")
        return Json(find_voice(request.path_params["voice_id"]).body(str(request.base_url)))

    async def voice_settings(self, request: Request) -> Response:
        self.account(request, "voices_read")
        find_voice(request.path_params["voice_id"])
        return Json(DEFAULT_SETTINGS)

    async def preview(self, request: Request) -> Response:
        """A sample of a voice, for whoever asks: it needs no key."""
        voice = find_voice(request.path_params["voice_id"])
        from .voices.previews import preview

        return Response(await to_thread.run_sync(preview, voice), media_type="audio/mpeg")

    async def user(self, request: Request) -> Response:
        account = self.account(request, "user_read")
        return Json(user_body(account, request.headers.get("xi-api-key", "")))

    async def subscription(self, request: Request) -> Response:
        return Json(extended_subscription_body(self.account(request, "user_read")))

    def speech(self, *, streamed: bool, timed: bool) -> Handler:
        async def endpoint(request: Request) -> Response:
            body = json_object(await request.body())
            wanted = read_request(request.path_params["voice_id"], request.query_params, body)
            account = self.account(request, SPEAK)
            from .speech.speech import answer  # codecs and synthesiser are loaded by the first request that needs them

            return await answer(request, wanted, account, streamed=streamed, timed=timed)

        return endpoint

    def dialogue(self, *, streamed: bool, timed: bool) -> Handler:
        async def endpoint(request: Request) -> Response:
            wanted = read_dialogue(request.query_params, json_object(await request.body()))
            account = self.account(request, SPEAK)
            from .speech.dialogue import answer  # as in `speech`

            return await answer(request, wanted, account, streamed=streamed, timed=timed)

        return endpoint


def _routes(sandbox: _Sandbox) -> list[Route]:
    return [
        Route("/v1/models", sandbox.models, methods=["GET"]),
        Route("/v2/voices", sandbox.voices_page, methods=["GET"]),
        Route("/v1/voices", sandbox.all_voices, methods=["GET"]),
        Route("/v1/voices/{voice_id}", sandbox.voice, methods=["GET"]),
        Route("/v1/voices/{voice_id}/settings", sandbox.voice_settings, methods=["GET"]),
        Route(f"/{PREVIEWS}/{{voice_id}}.mp3", sandbox.preview, methods=["GET"]),
        Route("/v1/user", sandbox.user, methods=["GET"]),
        Route("/v1/user/subscription", sandbox.subscription, methods=["GET"]),
        *_variants("/v1/text-to-speech/{voice_id}", sandbox.speech),
        *_variants("/v1/text-to-dialogue", sandbox.dialogue),
    ]


def _variants(path: str, speaking: Callable[..., Handler]) -> list[Route]:
    """Whole and streamed, each without and with times."""
    return [
        Route(path, speaking(streamed=False, timed=False), methods=["POST"]),
        Route(f"{path}/stream", speaking(streamed=True, timed=False), methods=["POST"]),
        Route(f"{path}/with-timestamps", speaking(streamed=False, timed=True), methods=["POST"]),
        Route(f"{path}/stream/with-timestamps", speaking(streamed=True, timed=True), methods=["POST"]),
    ]


def _live_routes(accounts: Accounts, tokens: Tokens) -> list[BaseRoute]:
    handshake = Handshake(accounts, tokens, SPEAK, SPEECH)

    async def speak(socket: WebSocket) -> None:
        from .speech_sockets.speech_socket import SpeechSocket  # as in `speech`

        await SpeechSocket(handshake).serve(socket)

    async def converse(socket: WebSocket) -> None:
        from .speech_sockets.dialogue_socket import DialogueSocket

        await DialogueSocket(handshake).serve(socket)

    sockets = [
        WebSocketRoute("/v1/text-to-speech/{voice_id}/stream-input", speak),
        WebSocketRoute("/v1/text-to-dialogue/stream-input", converse),
    ]
    return [*tokens.routes(), *sockets]


def _agent_routes(
    accounts: Accounts, tokens: Tokens, directory: Directory, abort: Callable[[Any], None]
) -> list[BaseRoute]:
    signatures = Signatures()

    async def converse(socket: WebSocket) -> None:
        from .conversations.conversation_socket import ConversationSocket  # as in `speech`

        await ConversationSocket(Handshake(accounts, tokens, READ), directory, signatures, abort).serve(socket)

    return [*AgentRequests(accounts, directory, signatures).routes(), WebSocketRoute(SOCKET, converse)]


def _trace_id(scope: MutableMapping[str, Any]) -> str:
    return str(scope["trace_id"])


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Json({"detail": error.detail}, error.status_code, error.headers)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, Malformed)
    return error.response()


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(_trace_id(request.scope))


async def _internal(request: Request, error: Exception) -> Response:
    return Problem(500, "internal_error", "The sandbox itself failed.").response(_trace_id(request.scope))


_HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: _plain,
    Malformed: _malformed,
    Problem: _problem,
    Exception: _internal,
}
