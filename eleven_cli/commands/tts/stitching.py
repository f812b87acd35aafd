"""What a request is told of the text around it, so that the pieces of a long text sound as one."""

import time
from collections.abc import Collection, Sequence

from eleven_cli.api.models import takes_neighbours
from eleven_cli.api.tts.speech import NO_CONTEXT, StitchContext
from eleven_cli.cache.jobs import Job
from eleven_cli.commands.tts.plan import Part

TEXT, IDS = "text", "ids"
NEIGHBOUR_CHARACTERS = 300
MOST_IDS = 3
IDS_LAST_S = 7000.0  # the service knows a request for two hours


def neighbours(
    parts: Sequence[Part], index: int, model: str | None, stitch: str, job: Job, unknown_ids: Collection[str] = ()
) -> StitchContext:
    """Of the piece of that number: the end of the text before it or the requests for it, and what comes next.

    unknown_ids   requests of which the service does not know any more
    """
    if not takes_neighbours(model):
        return NO_CONTEXT
    part = next(part for part in parts if index in part.numbers)
    at = index - part.first
    next_text = part.texts[at + 1][:NEIGHBOUR_CHARACTERS] if at + 1 < len(part.texts) else None
    ids = _recent_ids(range(max(part.first, index - MOST_IDS), index), job, unknown_ids) if stitch == IDS else ()
    if ids:
        return StitchContext(next_text=next_text, previous_request_ids=ids)
    return StitchContext(part.texts[at - 1][-NEIGHBOUR_CHARACTERS:] if at else None, next_text)


def known_by(parts: Sequence[Part], index: int, model: str | None, stitch: str, job: Job) -> dict[str, object]:
    """The same for the cache, which must find it whatever the requests before were called."""
    return {**neighbours(parts, index, model, TEXT, job).body, "stitch": stitch}


def _recent_ids(indexes: range, job: Job, unknown_ids: Collection[str]) -> tuple[str, ...]:
    """The unbroken row of requests up to the last of them, as far as the service knows of them."""
    ids: list[str] = []
    for facts in (job.facts(index) if job.has(index) else {} for index in reversed(indexes)):
        request_id = facts.get("request_id")
        if not request_id or request_id in unknown_ids or not 0 <= time.time() - facts.get("at", 0) <= IDS_LAST_S:
            break
        ids.insert(0, facts["request_id"])
    return tuple(ids)
