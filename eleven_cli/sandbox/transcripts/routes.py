"""The endpoints of transcripts and forced alignment.

A wrong key or token is refused at once, while the file is still being uploaded.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from ..accounts.account import TRANSCRIBE, Account
from ..accounts.accounts import Accounts
from ..accounts.ledger import Charge
from ..accounts.plans import TRANSCRIPTS
from ..accounts.tokens import BATCH, Tokens
from ..http.problems import JsonResponse, Problem, invalid_parameter
from ..http.uploads import Form, read_form
from ..outgoing.outbox import Outbox
from ..outgoing.webhooks import Webhook
from ..sound.media import MAX_CHANNELS, Media, check_length
from ..state.entropy import new_id
from .alignment import align_words
from .download import fetch
from .job import Job, KeptTranscript, TranscriptWebhooks, heard, response_headers
from .request import CREDITS_PER_MINUTE, MAX_BYTES, TranscriptionRequest, check_query, read_transcription_request

ALIGN = "forced_alignment"
MAX_S = 10 * 3600.0
MAX_ALIGNED_BYTES = 1000**3
MAX_TRANSCRIPTS = 100


class TranscriptRoutes:
    """The endpoints, and the latest transcripts of every account."""

    def __init__(self, accounts: Accounts, tokens: Tokens, outbox: Outbox) -> None:
        self._accounts, self._tokens, self._outbox = accounts, tokens, outbox
        self._webhooks = TranscriptWebhooks(outbox)
        self._transcripts: dict[tuple[str, str], KeptTranscript] = {}

    async def transcribe(self, request: Request) -> Response:
        check_query(request.query_params)
        token = request.query_params.get("token")
        known = self._tokens.redeem(token, BATCH) if token else self._accounts.identify(request.headers, TRANSCRIBE)
        async with AsyncExitStack() as opened:
            form = await read_form(request, MAX_BYTES, kept=True)
            opened.push_async_callback(form.close)
            options = read_transcription_request(form)
            hooks = self._webhooks.wanted(options)
            job = await self._job(known, options)
            if options.webhook:
                self._outbox.deliveries.begin(self._tell(job, hooks, opened.pop_all()))
                return job.accepted()
            body = await job.transcript(request.is_disconnected)
            self._store(job, KeptTranscript(body, job.headers["request-id"]))
            return JsonResponse(body, headers=job.headers)

    async def show(self, request: Request) -> Response:
        return JsonResponse(self._transcripts[self._key(request)].body)

    async def delete(self, request: Request) -> Response:
        del self._transcripts[self._key(request)]
        return JsonResponse({"message": "Transcript deleted successfully."})

    async def replay(self, request: Request) -> Response:
        """Tells the webhooks of a transcript of any account again."""
        wanted = request.path_params["transcription_id"]
        found = next((one for (_, kept_id), one in self._transcripts.items() if kept_id == wanted), None)
        if found is None:
            raise Problem(404, "transcript_not_found", f"There is no transcript with the id '{wanted}'.")
        return await self._webhooks.replay(request, found)

    async def align(self, request: Request) -> Response:
        account = self._accounts.identify(request.headers, ALIGN)
        return await _alignment(request, account, await read_form(request, MAX_ALIGNED_BYTES))

    def _key(self, request: Request) -> tuple[str, str]:
        account = self._accounts.identify(request.headers, TRANSCRIBE)
        key = account.user_id, request.path_params["transcription_id"]
        if key not in self._transcripts:
            raise Problem(404, "transcript_not_found", "Transcript not found.", status="not_found_error")
        return key

    async def _tell(self, job: Job, hooks: list[Webhook], opened: AsyncExitStack) -> None:
        """Transcribes, keeps the transcript, and tells the webhooks."""
        async with opened:
            body = await job.transcript(_never)
        told = tuple(webhook.webhook_id for webhook in hooks)
        kept = KeptTranscript(body, job.headers["request-id"], job.options.webhook_metadata, told)
        self._store(job, kept)
        await self._webhooks.tell(kept, (webhook for webhook in hooks if not webhook.is_disabled))

    async def _job(self, account: Account, options: TranscriptionRequest) -> Job:
        """Opens the recording, and charges for it. Raises Problem for what is no recording, or cannot be paid."""
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
        generation = await account.begin(TRANSCRIPTS, charge, stitchable=False)
        return Job(account, options, media, channels, generation, new_id())

    def _store(self, job: Job, transcript: KeptTranscript) -> None:
        self._transcripts[job.account.user_id, job.transcription_id] = transcript
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
    generation = await account.begin(TRANSCRIPTS, charge, stitchable=False)
    channel_words = await heard(generation, media, 1, request.is_disconnected)
    headers = response_headers(generation)
    return JsonResponse(align_words(text, channel_words[0], media.duration_s), headers=headers)


async def _never() -> bool:
    return False
