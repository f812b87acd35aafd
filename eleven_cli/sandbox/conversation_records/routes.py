"""The endpoints of conversations that were had. Each checks the schema, then the key, then answers."""

from __future__ import annotations

from anyio import to_thread
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.accounts import Accounts
from ..http.problems import JsonResponse, Problem
from ..http.query import check_page_size, choice, has_words, is_true, page_after, page_size
from ..http.validate import Checker, json_object
from .description import UNKNOWN, conversation_body, conversation_summary
from .record import IN_PROGRESS, ConversationRecord, ConversationRecords

READ, WRITE = "convai_read", "convai_write"
PATH = "/v1/convai/conversations"
MAX_PAGE = 100
FEEDBACK = ("like", "dislike")
_NUMBERS = ("call_start_after_unix", "call_start_before_unix", "call_duration_min_secs", "call_duration_max_secs")


class ConversationRecordRoutes:
    """The endpoints."""

    def __init__(self, accounts: Accounts, records: ConversationRecords) -> None:
        self._accounts, self._records = accounts, records

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{conversation_id}}"
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(one, self.conversation, methods=["GET"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route("/v1/convai/analytics/live-count", self.live_count, methods=["GET"]),
            Route(f"{one}/audio", self.audio, methods=["GET"]),
            Route(f"{one}/feedback", self.feedback, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        query = request.query_params
        _check_query(query)
        self._accounts.identify(request.headers, READ)
        down = choice(query, "sort_direction", ("asc", "desc")) != "asc"
        found = [record for record in self._records.all() if _fits(record, query)]
        found.sort(key=lambda record: record.started, reverse=down)
        size = page_size(query, 30, MAX_PAGE)
        shown, cursor = page_after(found, lambda record: record.conversation_id, query, "cursor", size)
        summaries = [conversation_summary(record) for record in shown]
        return JsonResponse({"conversations": summaries, "next_cursor": cursor, "has_more": cursor is not None})

    async def live_count(self, request: Request) -> Response:
        """Counts the conversations that go on now, of all agents or of some."""
        self._accounts.identify(request.headers, READ)
        query = request.query_params
        wanted = query.getlist("agent_ids") or [each for each in query.getlist("agent_id") if each]
        live = [record for record in self._records.all() if record.status == IN_PROGRESS]
        return JsonResponse({"count": sum(not wanted or record.agent.agent_id in wanted for record in live)})

    async def conversation(self, request: Request) -> Response:
        self._accounts.identify(request.headers, READ)
        return JsonResponse(conversation_body(self._records.find(request.path_params["conversation_id"])))

    async def audio(self, request: Request) -> Response:
        self._accounts.identify(request.headers, READ)
        record = self._records.find(request.path_params["conversation_id"])
        if record.sound is None or not record.has_audio or record.status == IN_PROGRESS:
            message = f"The conversation '{record.conversation_id}' has no audio, or not yet."
            raise Problem(404, "conversation_audio_not_found", message, status="audio_not_found")
        return Response(await to_thread.run_sync(record.sound.mp3), media_type="audio/mpeg")

    async def delete(self, request: Request) -> Response:
        self._accounts.identify(request.headers, WRITE)
        self._records.delete(request.path_params["conversation_id"])
        return JsonResponse({})

    async def feedback(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = Checker("body")
        if body.get("feedback") is not None:
            check.one_of("feedback", body["feedback"], FEEDBACK)
        check.finish()
        self._accounts.identify(request.headers, WRITE)
        record = self._records.find(request.path_params["conversation_id"])
        record.feedback = body.get("feedback")
        self._records.keep(record)
        return JsonResponse({})


def _check_query(query: QueryParams) -> None:
    check = Checker("query")
    for name in _NUMBERS:
        check.integer_text(name, query.get(name))
    check.boolean_text("text_only", query.get("text_only"))
    check_page_size(check, query, MAX_PAGE)
    check.finish()


def _fits(record: ConversationRecord, query: QueryParams) -> bool:
    agent = record.agent
    asked = {"agent_id": agent.agent_id, "branch_id": agent.branch_id, "version_id": agent.version_id}
    asked |= {"user_id": record.user_id or "", "call_successful": UNKNOWN}
    said = " ".join(turn.message or "" for turn in record.turns)
    return (
        all(query.get(name) in (None, "", value) for name, value in asked.items())
        and _between(int(record.started), query, "call_start_after_unix", "call_start_before_unix")
        and _between(record.duration_s, query, "call_duration_min_secs", "call_duration_max_secs")
        and record.status not in query.getlist("exclude_statuses")
        and ("text_only" not in query or is_true(query, "text_only") is record.text_only)
        and has_words(said, query.get("search", ""))
    )


def _between(value: int, query: QueryParams, least: str, most: str) -> bool:
    return value >= int(query.get(least) or value) and value <= int(query.get(most) or value)
