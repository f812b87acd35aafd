"""The endpoints of transcripts and forced alignment.

A wrong key or token is refused at once, while the file is still being uploaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..accounts.account import TRANSCRIBE, Account
from ..accounts.accounts import Accounts
from ..accounts.ledger import Charge
from ..accounts.plans import TRANSCRIPTS
from ..accounts.tokens import BATCH, Tokens
from ..http.problems import JsonResponse, Problem, invalid_parameter
from ..http.uploads import Form, read_form
from ..sound.media import MAX_CHANNELS, Media, check_length
from ..speech.streaming import iterate_in_threads
from .alignment import align_words
from .batch import ChannelWords, transcribe_channels, transcript_body
from .download import fetch
from .request import CREDITS_PER_MINUTE, MAX_BYTES, TranscriptionRequest, check_query, read_transcription_request

ALIGN = "forced_alignment"
MAX_S = 10 * 3600.0
MAX_ALIGNED_BYTES = 1000**3
MAX_TRANSCRIPTS = 100
HEADERS = ("request-id", "character-cost", "current-concurrent-requests", "maximum-concurrent-requests")
T = TypeVar("T")


class TranscriptRoutes:
    """The endpoints, and the latest transcripts of every account."""

    def __init__(self, accounts: Accounts, tokens: Tokens) -> None:
        self._accounts, self._tokens = accounts, tokens
        self._transcripts: dict[tuple[str, str], dict[str, Any]] = {}

    async def transcribe(self, request: Request) -> Response:
        check_query(request.query_params)
        token = request.query_params.get("token")
        known = self._tokens.redeem(token, BATCH) if token else self._accounts.identify(request.headers, TRANSCRIBE)
        form = await read_form(request, MAX_BYTES)
        try:
            return await self._transcribed(request, known, read_transcription_request(form))
        finally:
            await form.close()

    async def show(self, request: Request) -> Response:
        return JsonResponse(self._transcripts[self._key(request)])

    async def delete(self, request: Request) -> Response:
        del self._transcripts[self._key(request)]
        return JsonResponse({"message": "Transcript deleted successfully."})

    async def align(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, ALIGN)
        form = await read_form(request, MAX_ALIGNED_BYTES)
        try:
            return await _alignment(request, account, form)
        finally:
            await form.close()

    def _key(self, request: Request) -> tuple[str, str]:
        account = self._accounts.identify(request.headers, TRANSCRIBE)
        key = account.user_id, request.path_params["transcription_id"]
        if key not in self._transcripts:
            raise Problem(404, "transcript_not_found", "Transcript not found.", status="not_found_error")
        return key

    async def _transcribed(self, request: Request, account: Account, options: TranscriptionRequest) -> Response:
        file = (
            await fetch(options.source, anywhere=self._accounts.allow_network)
            if isinstance(options.source, str)
            else options.source.file
        )
        media = await to_thread.run_sync(lambda: Media(file, raw=options.raw))
        check_length(media, MAX_S)
        channels = media.channels if options.channels else 1
        if channels > MAX_CHANNELS:
            raise invalid_parameter("file", f"At most {MAX_CHANNELS} channels are supported, not {channels}.")
        charge = Charge("stt", options.model_id, "", 0, options.credits(media.duration_s, channels))
        channel_words, headers = await _transcribe(request, account, charge, media, channels)
        body = transcript_body(options, channel_words, media.duration_s)
        self._store(account, body)
        return JsonResponse(body, headers=headers)

    def _store(self, account: Account, body: dict[str, Any]) -> None:
        self._transcripts[account.user_id, body["transcription_id"]] = body
        while len(self._transcripts) > MAX_TRANSCRIPTS:
            del self._transcripts[next(iter(self._transcripts))]


async def _alignment(request: Request, account: Account, form: Form) -> Response:
    upload, text = form.file("file"), form.text("text")
    if text is None:
        form.check.required({}, "text")
    form.check.finish()
    assert upload is not None
    assert text is not None
    if not text.strip():
        raise Problem(400, "empty_text", "There is no text to align.", param="text")
    media = await to_thread.run_sync(lambda: Media(upload.file))
    check_length(media, MAX_S)
    credits = round(media.duration_s / 60 * CREDITS_PER_MINUTE) + 1
    charge = Charge("alignment", "forced_alignment", "", len(text), credits)
    channel_words, headers = await _transcribe(request, account, charge, media, 1)
    return JsonResponse(align_words(text, channel_words[0], media.duration_s), headers=headers)


async def _transcribe(
    request: Request, account: Account, charge: Charge, media: Media, channels: int
) -> tuple[ChannelWords, dict[str, str]]:
    """Gives the words of each channel, and the response headers. A client that disconnects stops the transcription."""
    generation = await account.begin(TRANSCRIPTS, charge, stitchable=False)
    try:
        async for channel_words in iterate_in_threads(_ending(transcribe_channels(media, channels))):
            if channel_words[0] is not None:
                return channel_words[0], {name: generation.headers[name] for name in HEADERS}
            if await request.is_disconnected():
                raise ClientDisconnect
        raise AssertionError
    finally:
        generation.end(finished=False)


def _ending(parts: Iterator[T]) -> Iterator[tuple[T]]:
    """Gives every sixteenth part, because a thread for each would cost more than the work, and the last."""
    for index, part in enumerate(parts):
        if part is not None or index % 16 == 0:
            yield (part,)
