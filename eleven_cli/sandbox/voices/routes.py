"""The endpoints of models and voices."""

from __future__ import annotations

from functools import cache

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse
from ..http.query import is_true
from ..http.validate import Checker
from ..sound.formats import FORMATS
from ..speech.synthesis_spec import SynthesisSpec, voice_spec
from .library import check_library_query, library_page
from .library_data import LIBRARY
from .listing import MAX_IDS, check_query, page
from .models import MODELS
from .voice import DEFAULT_SETTINGS, PREVIEWS, Voice

READ = "voices_read"
PREVIEW_SLICE_S = 1.0


class VoiceRoutes:
    """The endpoints. Each checks the schema, then the key, then answers."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route("/v1/models", self.models, methods=["GET"]),
            Route("/v2/voices", self.page, methods=["GET"]),
            Route("/v1/voices", self.all, methods=["GET"]),
            Route("/v1/shared-voices", self.library, methods=["GET"]),
            Route("/v1/voices/settings/default", self.default_settings, methods=["GET"]),
            Route("/v1/voices/{voice_id}", self.voice, methods=["GET"]),
            Route("/v1/voices/{voice_id}/settings", self.settings, methods=["GET"]),
            Route(f"/{PREVIEWS}/{{voice_id}}.mp3", self.preview, methods=["GET"]),
        ]

    async def models(self, request: Request) -> Response:
        self._accounts.identify(request.headers, "models_read")
        return JsonResponse([model.body() for model in MODELS.values()])

    async def page(self, request: Request) -> Response:
        check_query(request.query_params)
        account, query = self._accounts.identify(request.headers, READ), request.query_params
        known = [*account.voices.all(), *account.voices.named_by(query.getlist("voice_ids")[:MAX_IDS])]
        if account.stock_voices:
            known += account.voices.called(query.get("search", ""))
        voices = {voice.voice_id: voice for voice in known}.values()
        return JsonResponse(page(voices, query, str(request.base_url)))

    async def all(self, request: Request) -> Response:
        check = Checker("query")
        check.boolean_text("show_legacy", request.query_params.get("show_legacy"))
        check.finish()
        account = self._accounts.identify(request.headers, READ)
        voices = account.voices.all()
        if account.stock_voices and is_true(request.query_params, "show_legacy"):
            voices += account.voices.default_voices()
        return JsonResponse({"voices": [voice.body(str(request.base_url)) for voice in voices]})

    async def library(self, request: Request) -> Response:
        check_library_query(request.query_params)
        self._accounts.identify(request.headers, READ)
        return JsonResponse(library_page(request.query_params, str(request.base_url)))

    async def voice(self, request: Request) -> Response:
        return JsonResponse(self._voice(request).body(str(request.base_url)))

    async def settings(self, request: Request) -> Response:
        return JsonResponse(self._voice(request).settings)

    async def default_settings(self, request: Request) -> Response:
        """Gives what holds for a voice whose settings are as they were; needs no key."""
        return JsonResponse(DEFAULT_SETTINGS)

    async def preview(self, request: Request) -> Response:
        """Gives a sample of a voice; needs no key."""
        voice_id = request.path_params["voice_id"]
        voice = LIBRARY[voice_id].voice if voice_id in LIBRARY else self._accounts.find_voice(voice_id)
        spec = voice_spec(f"{voice.name}. {voice.description}", voice, FORMATS["mp3_44100_128"])
        return Response(await to_thread.run_sync(_synthesize_preview, spec), media_type="audio/mpeg")

    def _voice(self, request: Request) -> Voice:
        return self._accounts.identify(request.headers, READ).voices.find(request.path_params["voice_id"])


@cache
def _synthesize_preview(spec: SynthesisSpec) -> bytes:
    """Speaks the voice's name and description, in its own language, as MP3."""
    from ..speech.speech_encoder import encode_speech  # imports codecs and synthesizer

    return b"".join(part.audio for part in encode_speech(spec, PREVIEW_SLICE_S, remember=False))
