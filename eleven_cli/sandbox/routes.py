"""Maps paths to endpoints: each room's own routes, and those whose modules are loaded by the first request."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from .accounts.account import SPEAK, TRANSCRIBE
from .accounts.accounts import Accounts
from .accounts.routes import AccountRoutes
from .accounts.tokens import REALTIME, SPEECH, Tokens
from .agent_tests.routes import AgentTestRoutes
from .agent_tests.run_routes import AgentTestRunRoutes
from .agents.directory import AgentDirectory
from .agents.routes import READ, SOCKET, AgentRoutes
from .agents.signatures import Signatures
from .audio_effects.catalogue import CatalogueRoutes
from .conversation_records.record import ConversationRecords
from .conversation_records.routes import ConversationRecordRoutes
from .dictionaries.routes import DictionaryRoutes
from .history.routes import HistoryRoutes
from .http.unserved import refused_routes
from .outgoing.outbox import Outbox
from .outgoing.routes import WebhookRoutes
from .outgoing.secret_routes import SecretRoutes
from .sockets.handshake import Handshake
from .speech.routes import Handler, SpeechRoutes
from .voice_design.routes import DesignRoutes
from .voices.routes import VoiceRoutes
from .workspace.agent_routes import AgentChangeRoutes
from .workspace.branch_routes import BranchRoutes
from .workspace.document_routes import DocumentRoutes
from .workspace.tool_routes import ToolRoutes

if TYPE_CHECKING:
    from .music.finetune_routes import FinetuneRoutes
    from .music.routes import MusicRoutes
    from .sound_effects.routes import EffectRoutes
    from .transcripts.routes import TranscriptRoutes
    from .voice_changer.routes import ConversionRoutes
    from .voices.changes import VoiceChangeRoutes

SINGLE, MULTI = "stream-input", "multi-stream-input"


def all_routes(
    accounts: Accounts, directory: AgentDirectory, outbox: Outbox, abort: Callable[[Any], None]
) -> list[BaseRoute]:
    """Gives every route of one server; `abort` cuts the connection of a client's address."""
    journal = accounts.store.journal
    tokens, signatures = Tokens(accounts, journal("tokens")), Signatures(journal("signed_urls"))
    records = ConversationRecords(journal("conversations"))
    return [
        *refused_routes(),
        *AccountRoutes(accounts, tokens).routes(),
        *VoiceRoutes(accounts).routes(),
        *DesignRoutes(accounts).routes(),
        *CatalogueRoutes(accounts).routes(),
        *SpeechRoutes(accounts).routes(),
        *AgentRoutes(accounts, directory, signatures).routes(),
        *_workspace_routes(accounts, directory),
        *AgentTestRoutes(accounts).routes(),
        *AgentTestRunRoutes(accounts, directory, outbox).routes(),
        *ConversationRecordRoutes(accounts, records).routes(),
        *WebhookRoutes(accounts, records, outbox).routes(),
        *SecretRoutes(accounts, outbox).routes(),
        *HistoryRoutes(accounts).routes(),
        *DictionaryRoutes(accounts).routes(),
        *_voice_change_routes(accounts),
        *_conversion_routes(accounts),
        _effect_route(accounts),
        *_music_routes(accounts),
        *_transcript_routes(accounts, tokens, outbox),
        *_speech_sockets(Handshake(accounts, tokens, SPEAK, SPEECH)),
        _realtime_socket(Handshake(accounts, tokens, TRANSCRIBE, REALTIME)),
        _conversation_socket(Handshake(accounts, tokens, READ), directory, signatures, records, outbox, abort),
    ]


def _workspace_routes(accounts: Accounts, directory: AgentDirectory) -> list[Route]:
    return [
        *AgentChangeRoutes(accounts, directory).routes(),
        *BranchRoutes(accounts, directory).routes(),
        *ToolRoutes(accounts, directory.stored).routes(),
        *DocumentRoutes(accounts, directory).routes(),
    ]


def _voice_change_routes(accounts: Accounts) -> list[Route]:
    @cache
    def changes() -> VoiceChangeRoutes:
        from .voices.changes import VoiceChangeRoutes

        return VoiceChangeRoutes(accounts)

    return [
        _route("POST", "/v1/voices/add", lambda: changes().clone),
        _route("POST", "/v1/voices/add/{public_user_id}/{voice_id}", lambda: changes().add),
        _route("POST", "/v1/voices/{voice_id}/edit", lambda: changes().edit),
        _route("POST", "/v1/voices/{voice_id}/settings/edit", lambda: changes().set_settings),
        _route("DELETE", "/v1/voices/{voice_id}", lambda: changes().delete),
    ]


def _conversion_routes(accounts: Accounts) -> list[Route]:
    @cache
    def conversions() -> ConversionRoutes:
        from .voice_changer.routes import ConversionRoutes

        return ConversionRoutes(accounts)

    return [
        *_whole_and_streamed("/v1/speech-to-speech/{voice_id}", lambda: conversions().change),
        *_whole_and_streamed("/v1/voice-changer/{voice_id}", lambda: conversions().change),  # its name in newer SDKs
        *_whole_and_streamed("/v1/audio-isolation", lambda: conversions().isolate),
    ]


def _effect_route(accounts: Accounts) -> Route:
    @cache
    def effects() -> EffectRoutes:
        from .sound_effects.routes import EffectRoutes

        return EffectRoutes(accounts)

    return _route("POST", "/v1/sound-generation", lambda: effects().generate)


def _music_routes(accounts: Accounts) -> list[Route]:
    @cache
    def music() -> MusicRoutes:
        from .music.routes import MusicRoutes

        return MusicRoutes(accounts)

    return [
        _route("POST", "/v1/music", lambda: music().compose),
        _route("POST", "/v1/music/stream", lambda: music().compose),
        _route("POST", "/v1/music/plan", lambda: music().plan),
        _route("POST", "/v1/music/detailed", lambda: music().detailed),
        _route("POST", "/v1/music/video-to-music", lambda: music().of_video),
        _route("POST", "/v1/music/upload", lambda: music().upload),
        *_finetune_routes(accounts),
    ]


def _finetune_routes(accounts: Accounts) -> list[Route]:
    @cache
    def finetunes() -> FinetuneRoutes:
        from .music.finetune_routes import FinetuneRoutes

        return FinetuneRoutes(accounts)

    every, one = "/v1/music/finetunes", "/v1/music/finetunes/{finetune_id}"
    return [
        _route("GET", every, lambda: finetunes().page),
        _route("POST", every, lambda: finetunes().create),
        _route("GET", one, lambda: finetunes().show),
        _route("PATCH", one, lambda: finetunes().change),
        _route("DELETE", one, lambda: finetunes().delete),
    ]


def _transcript_routes(accounts: Accounts, tokens: Tokens, outbox: Outbox) -> list[Route]:
    @cache
    def transcripts() -> TranscriptRoutes:
        from .transcripts.routes import TranscriptRoutes

        return TranscriptRoutes(accounts, tokens, outbox)

    transcript = "/v1/speech-to-text/transcripts/{transcription_id}"
    return [
        _route("POST", "/v1/speech-to-text", lambda: transcripts().transcribe),
        _route("GET", transcript, lambda: transcripts().show),
        _route("DELETE", transcript, lambda: transcripts().delete),
        _route("POST", "/sandbox/transcripts/{transcription_id}/replay", lambda: transcripts().replay),
        _route("POST", "/v1/forced-alignment", lambda: transcripts().align),
    ]


def _whole_and_streamed(path: str, find: Callable[[], Callable[..., Handler]]) -> list[Route]:
    return [
        _route("POST", path, lambda: find()(streamed=False)),
        _route("POST", f"{path}/stream", lambda: find()(streamed=True)),
    ]


def _route(method: str, path: str, find: Callable[[], Handler]) -> Route:
    async def endpoint(request: Request) -> Response:
        return await find()(request)

    return Route(path, endpoint, methods=[method])


def _speech_sockets(handshake: Handshake) -> list[BaseRoute]:
    async def speech(client: WebSocket) -> None:
        from .speech_sockets.speech_socket import SpeechSocket

        await SpeechSocket(handshake, multi=client.url.path.endswith(f"/{MULTI}")).serve(client)

    async def dialogue(client: WebSocket) -> None:
        from .speech_sockets.dialogue_socket import DialogueSocket

        await DialogueSocket(handshake, multi=client.url.path.endswith(f"/{MULTI}")).serve(client)

    return [
        *(WebSocketRoute(f"/v1/text-to-speech/{{voice_id}}/{kind}", speech) for kind in (SINGLE, MULTI)),
        *(WebSocketRoute(f"/v1/text-to-dialogue/{kind}", dialogue) for kind in (SINGLE, MULTI)),
    ]


def _realtime_socket(handshake: Handshake) -> BaseRoute:
    async def realtime(client: WebSocket) -> None:
        from .realtime.realtime_socket import RealtimeSocket

        await RealtimeSocket(handshake).serve(client)

    return WebSocketRoute("/v1/speech-to-text/realtime", realtime)


def _conversation_socket(
    handshake: Handshake,
    directory: AgentDirectory,
    signatures: Signatures,
    records: ConversationRecords,
    outbox: Outbox,
    abort: Callable[[Any], None],
) -> BaseRoute:
    async def conversation(client: WebSocket) -> None:
        from .conversations.conversation_socket import ConversationSocket

        await ConversationSocket(handshake, directory, signatures, records, outbox, abort).serve(client)

    return WebSocketRoute(SOCKET, conversation)
