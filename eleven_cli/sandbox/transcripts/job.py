"""A transcription that was accepted and charged for: heard while the client waits, or after it was answered.

Webhooks are told of it then, and again where somebody asks for that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..accounts.account import Account, Generation
from ..http.problems import JsonResponse, Problem, invalid_parameter
from ..outgoing.deliveries import Delivery, event_body
from ..outgoing.outbox import Outbox
from ..outgoing.routes import read_replay
from ..outgoing.webhooks import SECRET, SPEECH_TO_TEXT, Webhook
from ..sound.media import Media
from ..speech.streaming import iterate_in_threads
from .batch import ChannelWords, transcribe_channels, transcript_body
from .request import TranscriptionRequest

HEADERS = ("request-id", "character-cost", "current-concurrent-requests", "maximum-concurrent-requests")
T = TypeVar("T")
IsGone = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Job:
    """What is transcribed for whom; it holds a slot until it was heard."""

    account: Account
    options: TranscriptionRequest
    media: Media
    channels: int
    generation: Generation
    transcription_id: str

    @property
    def headers(self) -> dict[str, str]:
        return response_headers(self.generation)

    def accepted(self) -> Response:
        """Answers a client that does not wait."""
        body = {
            "message": "Request accepted. Transcription result will be sent to the webhook endpoint.",
            "request_id": self.headers["request-id"],
            "transcription_id": self.transcription_id,
        }
        return JsonResponse(body, 202, self.headers)

    async def transcript(self, is_gone: IsGone) -> dict[str, Any]:
        """Gives the transcript as it is answered. Raises ClientDisconnect when the client is gone."""
        channel_words = await heard(self.generation, self.media, self.channels, is_gone)
        return transcript_body(self.options, channel_words, self.media.duration_s, self.transcription_id)


@dataclass(frozen=True)
class KeptTranscript:
    """A transcript as it is answered, and what webhooks are told beside it."""

    body: dict[str, Any]
    request_id: str
    metadata: Any = None
    webhook_ids: tuple[str, ...] = ()

    def event(self) -> bytes:
        data = {"request_id": self.request_id, "transcription": self.body, "webhook_metadata": self.metadata}
        return event_body(SPEECH_TO_TEXT, data)


class TranscriptWebhooks:
    """Those of one server's webhooks that are told of transcripts."""

    def __init__(self, outbox: Outbox) -> None:
        self._webhooks, self._deliveries = outbox.webhooks, outbox.deliveries

    def wanted(self, options: TranscriptionRequest) -> list[Webhook]:
        """Gives the webhooks that are told. Raises Problem where there is none, or not this one."""
        if options.webhook_id:
            return [self._webhooks.find(options.webhook_id)]
        found = self._webhooks.told_of(SPEECH_TO_TEXT)
        if options.webhook and not found:
            message = "There are no speech-to-text webhooks configured for this workspace."
            raise invalid_parameter("webhook", message, status="no_webhook_configured")
        return found

    async def tell(self, transcript: KeptTranscript, webhooks: Iterable[Webhook], url: str = "") -> list[Delivery]:
        """Tells one webhook after the other; `url` stands in for theirs."""
        told = transcript.event()
        return [await self._deliveries.deliver(one, SPEECH_TO_TEXT, told, url) for one in webhooks]

    async def replay(self, request: Request, transcript: KeptTranscript) -> Response:
        """Tells the webhooks once more, or another address. Raises Problem where there is none."""
        url = str(read_replay(await request.body()).get("url") or "")
        webhooks = self._of(transcript)
        if url:
            webhooks = webhooks[:1] or [Webhook(url, SECRET)]
        if not webhooks:
            raise Problem(400, "no_webhook", "No webhook is told of transcripts.")
        deliveries = await self.tell(transcript, webhooks, url)
        return JsonResponse({"deliveries": [delivery.body() for delivery in deliveries]})

    def _of(self, transcript: KeptTranscript) -> list[Webhook]:
        """Gives those that were told, as they are now, else those that would be."""
        told = [one for each in transcript.webhook_ids if (one := self._webhooks.get(each)) is not None]
        return told or self._webhooks.told_of(SPEECH_TO_TEXT)


async def heard(generation: Generation, media: Media, channels: int, is_gone: IsGone) -> ChannelWords:
    """Gives the words of each channel. A client that is gone stops the transcription."""
    try:
        async for channel_words in iterate_in_threads(_looks_and_result(transcribe_channels(media, channels))):
            if channel_words[0] is not None:
                return channel_words[0]
            if await is_gone():
                raise ClientDisconnect
        raise AssertionError
    finally:
        generation.end(finished=False)


def response_headers(generation: Generation) -> dict[str, str]:
    return {name: generation.headers[name] for name in HEADERS}


def _looks_and_result(parts: Iterator[T]) -> Iterator[tuple[T]]:
    """Gives the result, which is the one part that is not None, and before it every sixteenth None, at which to look
    around: a thread for each would cost more than the work."""
    for index, part in enumerate(parts):
        if part is not None or index % 16 == 0:
            yield (part,)
