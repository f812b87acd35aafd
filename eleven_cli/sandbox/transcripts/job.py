"""A transcription that was accepted and charged for: heard while the client waits, or after it was answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from ..accounts.account import Account, Generation
from ..http.problems import JsonResponse
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
