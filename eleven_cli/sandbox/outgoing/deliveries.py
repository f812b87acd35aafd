"""Delivers events to webhooks in the background: signed, and again where that was asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from time import time
from typing import Any

from .http import HttpSender, NoAnswer, Outgoing
from .webhooks import SIGNATURE, TYPES, Webhook

TIMEOUT_S = 10.0
RETRY_PAUSES_S = (0.5, 2.0)


@dataclass(frozen=True)
class Delivery:
    """How the delivery of one event went; `status` is 0 without an answer, and `failure` says why."""

    event: str
    url: str
    status: int
    failure: str = ""

    def body(self) -> dict[str, Any]:
        return {"type": TYPES[self.event], "url": self.url, "status": self.status or None, "failure": self.failure}


class Deliveries:
    """What one server sends to webhooks."""

    def __init__(self, sender: HttpSender) -> None:
        self._sender = sender
        self._tasks: dict[asyncio.Task[Any], asyncio.AbstractEventLoop] = {}

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Does something in the background that ends in deliveries."""
        task = asyncio.ensure_future(work)
        self._tasks[task] = task.get_loop()
        task.add_done_callback(self._tasks.pop)

    def close(self) -> None:
        """Gives up what is still being done; callable from any thread."""
        for task, loop in list(self._tasks.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)

    async def deliver(self, webhook: Webhook, event: str, data: bytes, url: str = "") -> Delivery:
        """Sends one event; `url` stands in for that of the webhook."""
        url = url or webhook.url
        delivery = await self._send(webhook, event, url, data)
        for pause_s in RETRY_PAUSES_S if webhook.retry_enabled else ():
            if not _is_transient(delivery.status):
                break
            await asyncio.sleep(pause_s)
            delivery = await self._send(webhook, event, url, data)
        return delivery

    async def _send(self, webhook: Webhook, event: str, url: str, data: bytes) -> Delivery:
        signature = webhook.signature(data, int(time()))
        headers = {"Content-Type": "application/json", **webhook.headers, SIGNATURE: signature}
        status, failure = 0, ""
        try:
            answer, _ = await self._sender.fetch(Outgoing("POST", url, headers, data, TIMEOUT_S))
            status = answer.status
        except NoAnswer as failed:
            failure = str(failed)
        webhook.note(status)
        return Delivery(event, url, status, failure)


def event_body(event: str, data: dict[str, Any]) -> bytes:
    """Puts what an event tells into its envelope."""
    envelope = {"type": TYPES[event], "event_timestamp": int(time()), "data": data}
    return json.dumps(envelope, separators=(",", ":")).encode("ascii")


def _is_transient(status: int) -> bool:
    return status == 0 or status == 429 or status >= 500
