"""Tells webhooks of conversations that have ended, in the background."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from ..agents.agent import Agent
from ..conversation_records.description import conversation_body
from ..conversation_records.record import ConversationRecord
from .http import HttpSender, NoAnswer, Outgoing
from .webhooks import AUDIO, INITIATION_FAILURE, SIGNATURE, TRANSCRIPT, Webhook, Webhooks

TIMEOUT_S = 10.0
RETRY_PAUSES_S = (0.5, 2.0)
TYPES = {TRANSCRIPT: "post_call_transcription", AUDIO: "post_call_audio", INITIATION_FAILURE: "call_initiation_failure"}


@dataclass(frozen=True)
class Delivery:
    """How the delivery of one event went; `status` is 0 without an answer, and `failure` says why."""

    event: str
    url: str
    status: int
    failure: str = ""

    def body(self) -> dict[str, Any]:
        return {"type": TYPES[self.event], "url": self.url, "status": self.status or None, "failure": self.failure}


class PostCall:
    """What is sent after the conversations of one server."""

    def __init__(self, webhooks: Webhooks, sender: HttpSender, agent_of: Callable[[str], Agent | None]) -> None:
        self._webhooks, self._sender, self._agent_of = webhooks, sender, agent_of
        self._tasks: dict[asyncio.Task[Any], asyncio.AbstractEventLoop] = {}

    def ended(self, record: ConversationRecord) -> None:
        """Sends the events that the agent's settings ask for, in the background."""
        if (webhook := self.webhook_of(record)) is not None and not webhook.is_disabled:
            task = asyncio.ensure_future(self.deliver(record, webhook, _wanted(record, self._settings(record))))
            self._tasks[task] = task.get_loop()
            task.add_done_callback(self._tasks.pop)

    def close(self) -> None:
        """Gives up what is still being sent; callable from any thread."""
        for task, loop in list(self._tasks.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)

    def webhook_of(self, record: ConversationRecord) -> Webhook | None:
        """Gives the webhook of the conversation's agent, else that of every agent."""
        if (own := self._agent(record).webhook) is not None:
            return own
        return self._webhooks.get(str(self._settings(record).get("post_call_webhook_id")))

    async def deliver(
        self, record: ConversationRecord, webhook: Webhook, events: Sequence[str], url: str = ""
    ) -> list[Delivery]:
        """Sends the events one after the other; `url` stands in for that of the webhook."""
        return [await self._deliver(record, webhook, event, url or webhook.url) for event in events]

    def events_of(self, record: ConversationRecord) -> list[str]:
        """Gives the events that the conversation's webhook is sent."""
        return _wanted(record, self._settings(record))

    def _agent(self, record: ConversationRecord) -> Agent:
        """Gives the conversation's agent: of an earlier run little is known but its id."""
        agent = record.agent
        return agent if agent.webhook or agent.after_calls else self._agent_of(agent.agent_id) or agent

    def _settings(self, record: ConversationRecord) -> dict[str, Any]:
        own = dict(self._agent(record).after_calls)
        return own if own.get("post_call_webhook_id") else self._webhooks.after_calls

    async def _deliver(self, record: ConversationRecord, webhook: Webhook, event: str, url: str) -> Delivery:
        data = await asyncio.to_thread(_body, record, event)
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


def _is_transient(status: int) -> bool:
    return status == 0 or status == 429 or status >= 500


def _wanted(record: ConversationRecord, settings: dict[str, Any]) -> list[str]:
    """Gives the events that are asked for and can be sent: a call that was held has begun, and may have no audio."""
    asked = list(settings.get("events") or [TRANSCRIPT])
    asked += [AUDIO] if settings.get("send_audio") and AUDIO not in asked else []
    return [event for event in (TRANSCRIPT, AUDIO) if event in asked and (event != AUDIO or record.has_audio)]


def _body(record: ConversationRecord, event: str) -> bytes:
    envelope = {"type": TYPES[event], "event_timestamp": int(time()), "data": _data(record, event)}
    return json.dumps(envelope, separators=(",", ":")).encode("ascii")


def _data(record: ConversationRecord, event: str) -> dict[str, Any]:
    about = {"agent_id": record.agent.agent_id, "conversation_id": record.conversation_id}
    if event == AUDIO and record.sound is not None:
        return {**about, "full_audio": base64.b64encode(record.sound.mp3()).decode("ascii")}
    if event == INITIATION_FAILURE:
        reason = "no-answer"
        return {**about, "failure_reason": reason, "metadata": {"type": "twilio", "body": {"CallStatus": reason}}}
    return conversation_body(record)
