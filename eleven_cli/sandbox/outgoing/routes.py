"""The endpoints of webhooks: those of the workspace, which of them is told of calls, and sending one again."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..accounts.accounts import Accounts
from ..conversation_records.record import IN_PROGRESS, ConversationRecords
from ..http.problems import JsonResponse, Problem, invalid_parameter
from ..http.query import is_true
from ..http.validate import TRUE, Checker, is_web_address, json_object
from ..state.entropy import new_hex
from .outbox import Outbox
from .webhooks import EVENTS, OTHER_EVENTS, SECRET, Webhook

READ, WRITE = "workspace_read", "workspace_write"
READ_CALLS, WRITE_CALLS = "convai_read", "convai_write"
PATH, SETTINGS = "/v1/workspace/webhooks", "/v1/convai/settings"
REPLAY = "/sandbox/conversations/{conversation_id}/replay"
AGENT_EVENTS = (*EVENTS, *OTHER_EVENTS)
WORKSPACE_EVENTS = ("voice_library_removal_notice", "speech_to_text", "agent_qa", "flows")


class WebhookRoutes:
    """The endpoints. Each checks the schema, then the key, then answers."""

    def __init__(self, accounts: Accounts, records: ConversationRecords, outbox: Outbox) -> None:
        self._accounts, self._records, self._outbox = accounts, records, outbox
        self._webhooks = outbox.webhooks

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{webhook_id}}"
        return [
            Route(PATH, self.all, methods=["GET"]),
            Route(PATH, self.create, methods=["POST"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(SETTINGS, self.settings, methods=["GET"]),
            Route(SETTINGS, self.set_settings, methods=["PATCH"]),
            Route(REPLAY, self.replay, methods=["POST"]),
        ]

    async def all(self, request: Request) -> Response:
        check = Checker("query")
        check.boolean_text("include_usages", request.query_params.get("include_usages"))
        check.finish()
        self._accounts.identify(request.headers, READ)
        listed = [webhook.body() for webhook in self._webhooks.all()]
        if is_true(request.query_params, "include_usages"):
            used = self._webhooks.after_calls["post_call_webhook_id"]
            for body in listed:
                body["usage"] = [{"usage_type": "ConvAI Settings"}] if body["webhook_id"] == used else []
        return JsonResponse({"webhooks": listed})

    async def create(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "settings", _check_new)
        check.finish()
        self._accounts.identify(request.headers, WRITE)
        settings = body["settings"]
        if not is_web_address(settings["webhook_url"]):
            raise invalid_parameter("webhook_url", f"'{settings['webhook_url']}' is no address of the Web.")
        webhook = Webhook(
            url=settings["webhook_url"],
            secret=f"wsec_{new_hex()}{new_hex()}",
            name=settings["name"],
            headers=settings.get("request_headers") or {},
        )
        self._webhooks.add(webhook)
        return JsonResponse({"webhook_id": webhook.webhook_id, "webhook_secret": webhook.secret})

    async def change(self, request: Request) -> Response:
        body = json_object(await request.body())
        check = Checker("body")
        check.needed(body, "is_disabled", Checker.boolean)
        check.needed(body, "name", Checker.string)
        check.optional(body, "retry_enabled", Checker.boolean)
        check.optional(body, "request_headers", _check_headers)
        check.optional(body, "events", _check_workspace_events)
        check.finish()
        self._accounts.identify(request.headers, WRITE)
        webhook = self._webhooks.find(request.path_params["webhook_id"])
        webhook.name, webhook.is_disabled = body["name"], _is_true(body["is_disabled"])
        if body.get("retry_enabled") is not None:
            webhook.retry_enabled = _is_true(body["retry_enabled"])
        if body.get("request_headers") is not None:
            webhook.headers = body["request_headers"]
        if body.get("events") is not None:
            webhook.events = tuple(body["events"])
        self._webhooks.add(webhook)
        return JsonResponse({"status": "ok"})

    async def delete(self, request: Request) -> Response:
        self._accounts.identify(request.headers, WRITE)
        self._webhooks.delete(request.path_params["webhook_id"])
        return JsonResponse({"status": "ok"})

    async def settings(self, request: Request) -> Response:
        self._accounts.identify(request.headers, READ_CALLS)
        return self._shown_settings()

    async def set_settings(self, request: Request) -> Response:
        """Changes which webhook is told of the calls of agents without one of their own."""
        body = json_object(await request.body())
        check = Checker("body")
        check.optional(body, "webhooks", check_after_calls)
        check.finish()
        self._accounts.identify(request.headers, WRITE_CALLS)
        wanted = body.get("webhooks") or {}
        if (webhook_id := wanted.get("post_call_webhook_id")) is not None:
            self._webhooks.find(webhook_id)
        self._webhooks.set_after_calls(wanted)
        return self._shown_settings()

    async def replay(self, request: Request) -> Response:
        """Sends the webhook of a conversation again, or another event of it, also to another address."""
        body = read_replay(await request.body())
        record = self._records.find(request.path_params["conversation_id"])
        if record.status == IN_PROGRESS:
            raise Problem(400, "conversation_in_progress", "The conversation has not ended yet.")
        url, post_call = body.get("url") or "", self._outbox.post_call
        webhook = post_call.webhook_of(record) or (Webhook(url, SECRET) if url else None)
        if webhook is None:
            raise Problem(400, "no_webhook", "The conversation's agent has no webhook.")
        deliveries = await post_call.deliver(record, webhook, body.get("events") or post_call.events_of(record), url)
        return JsonResponse({"deliveries": [delivery.body() for delivery in deliveries]})

    def _shown_settings(self) -> Response:
        about: dict[str, Any] = {
            "conversation_initiation_client_data_webhook": None,
            "webhooks": self._webhooks.after_calls,
            "can_use_mcp_servers": False,
            "rag_retention_period_days": 10,
            "conversation_embedding_retention_days": None,
            "default_livekit_stack": "standard",
        }
        return JsonResponse(about)


def read_replay(raw: bytes) -> dict[str, Any]:
    """Reads which events are sent again, and where to. Raises SchemaError, and Problem for what is no address."""
    body = json_object(raw) if raw.strip() else {}
    check = Checker("body")
    check.optional(body, "url", Checker.string)
    check.optional(body, "events", _check_events)
    check.finish()
    if (url := body.get("url")) and not is_web_address(url):
        raise invalid_parameter("url", f"'{url}' is no address of the Web.")
    return body


def check_after_calls(check: Checker, name: str, value: Any) -> None:
    """Checks the settings of webhooks after calls, of an agent or of all."""
    if not check.object(name, value):
        return
    deeper = check.within(name)
    deeper.optional(value, "post_call_webhook_id", Checker.string)
    deeper.optional(value, "send_audio", Checker.boolean)
    deeper.optional(value, "events", lambda inner, key, events: _check_names(inner, key, events, AGENT_EVENTS))


def _check_new(check: Checker, name: str, value: Any) -> None:
    if not check.object(name, value):
        return
    deeper = check.within(name)
    deeper.needed(value, "auth_type", lambda inner, key, kind: inner.one_of(key, kind, ("hmac",)))
    deeper.needed(value, "name", Checker.string)
    deeper.needed(value, "webhook_url", Checker.string)
    deeper.optional(value, "request_headers", _check_headers)


def _check_headers(check: Checker, name: str, value: Any) -> None:
    if check.object(name, value):
        deeper = check.within(name)
        for header, text in value.items():
            deeper.string(header, text)


def _check_events(check: Checker, name: str, value: Any) -> None:
    _check_names(check, name, value, EVENTS)


def _check_workspace_events(check: Checker, name: str, value: Any) -> None:
    _check_names(check, name, value, WORKSPACE_EVENTS)


def _check_names(check: Checker, name: str, value: Any, allowed: tuple[str, ...]) -> None:
    check.list_of(name, value, lambda deeper, at, one: deeper.one_of(at, one, allowed))


def _is_true(value: Any) -> bool:
    return str(value).lower() in TRUE
