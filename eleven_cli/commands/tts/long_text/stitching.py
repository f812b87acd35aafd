"""Stitching: what each piece of a long text is told of those around it, so that its intonation fits."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from eleven_cli.api.client import Client
from eleven_cli.api.tts.models import is_expressive, takes_neighbours
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.cache.jobs import Job
from eleven_cli.commands.tts.plan import Part
from eleven_cli.commands.tts.synthesizer import Synthesizer
from eleven_cli.errors import ElevenError

TEXT, IDS = "text", "ids"
CONTEXT_CHARACTERS = 300
MOST_IDS = 3
IDS_LAST_S = 7000.0  # the service knows a request for two hours
IDS_REFUSED = (400, 404, 409, 422)
NEIGHBOURS_REFUSED = (400, 422)
NEIGHBOUR_WORDS = ("previous_", "next_", "stitch", "request_id", "request id", "model")


class StitchedSynthesizer:
    """Speech of the numbered texts of `parts`.

    stitch   what the pieces have in common with those before: "text", or the "ids" of requests
    job      knows the requests of earlier pieces
    """

    def __init__(self, synthesizer: Synthesizer, parts: Sequence[Part], stitch: str, job: Job) -> None:
        self._synthesizer, self._parts, self._stitch, self._job = synthesizer, parts, stitch, job
        self._texts = [text for part in parts for text in part.texts]
        self._takes_neighbours = takes_neighbours(synthesizer.request.model_id) and not synthesizer.request.in_dialogue
        self._unknown_ids: set[str] = set()

    def synthesize(self, index: int, client: Client, stopped: Callable[[], bool]) -> SpeechResponse:
        """The speech of one of them, by a client of its own.

        Where the service knows the requests before it no more, it is told their text; where the model wants to know
        nothing of what stands around a text, this is remembered.
        """
        synthesizer = self._synthesizer._replace(client=client, stopped=stopped)
        while True:
            neighbours = self._neighbours(index, self._stitch)
            try:
                return synthesizer.synthesize(self._texts[index], neighbours, self._cached_with(index))
            except ElevenError as refused:
                ids = neighbours.get("previous_request_ids")
                if neighbours and self._refuses_neighbours(refused):
                    self._takes_neighbours = False
                elif ids and refused.status in IDS_REFUSED:
                    self._unknown_ids.update(ids)
                else:
                    raise

    def _refuses_neighbours(self, refused: ElevenError) -> bool:
        """Whether a model of which that is not sure cannot be told what stands around a text."""
        is_unsure = is_expressive(self._synthesizer.request.model_id)
        about = f"{refused.code} {refused.message}".lower()
        return is_unsure and refused.status in NEIGHBOURS_REFUSED and any(word in about for word in NEIGHBOUR_WORDS)

    def unpaid_characters(self, indexes: Iterable[int]) -> int:
        """Characters of which neither the job nor the cache has the audio."""
        missing = [index for index in indexes if not self._job.has(index)]
        return sum(len(self._texts[index]) for index in missing if not self._is_cached(index))

    def _is_cached(self, index: int) -> bool:
        return self._synthesizer.is_cached(self._texts[index], self._cached_with(index))

    def _cached_with(self, index: int) -> Mapping[str, Any]:
        """What stands around it for the cache, which must find it whatever the requests before were called."""
        return {**self._neighbours(index, TEXT), "stitch": self._stitch}

    def _neighbours(self, index: int, stitch: str) -> Mapping[str, Any]:
        """The end of the text before it or the requests for it, and what comes next; empty without any."""
        if not self._takes_neighbours:
            return {}
        part = next(part for part in self._parts if index in part.numbers)
        at = index - part.first
        found: dict[str, Any] = {}
        if stitch == IDS and (ids := self._recent_ids(range(max(part.first, index - MOST_IDS), index))):
            found["previous_request_ids"] = ids
        elif at:
            found["previous_text"] = part.texts[at - 1][-CONTEXT_CHARACTERS:]
        if at + 1 < len(part.texts):
            found["next_text"] = part.texts[at + 1][:CONTEXT_CHARACTERS]
        return found

    def _recent_ids(self, indexes: range) -> tuple[str, ...]:
        """The unbroken row of requests up to the last of them, as far as the service knows of them."""
        ids: list[str] = []
        for index in reversed(indexes):
            facts = self._job.facts(index) if self._job.has(index) else {}
            request_id = facts.get("request_id")
            is_known = request_id not in self._unknown_ids and 0 <= time.time() - facts.get("at", 0) <= IDS_LAST_S
            if not request_id or not is_known:
                break
            ids.insert(0, facts["request_id"])
        return tuple(ids)
