"""Tells webhooks of conversations that have ended, in the background."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from typing import Any

from ..agents.agent import Agent
from ..conversation_records.description import conversation_body
from ..conversation_records.record import ConversationRecord
from .deliveries import Deliveries, Delivery, event_body
from .webhooks import AUDIO, INITIATION_FAILURE, TRANSCRIPT, Webhook, Webhooks


class PostCall:
    """What is sent after the conversations of one server."""

    def __init__(self, webhooks: Webhooks, deliveries: Deliveries, agent_of: Callable[[str], Agent | None]) -> None:
        self._webhooks, self._deliveries, self._agent_of = webhooks, deliveries, agent_of

    def ended(self, record: ConversationRecord) -> None:
        """Sends the events that the agent's settings ask for, in the background."""
        if (webhook := self.webhook_of(record)) is not None and not webhook.is_disabled:
            self._deliveries.begin(self.deliver(record, webhook, self.events_of(record)))

    def webhook_of(self, record: ConversationRecord) -> Webhook | None:
        """Gives the webhook of the conversation's agent, else that of every agent."""
        if (own := self._agent(record).webhook) is not None:
            return own
        return self._webhooks.get(str(self._settings(record).get("post_call_webhook_id")))

    async def deliver(
        self, record: ConversationRecord, webhook: Webhook, events: Sequence[str], url: str = ""
    ) -> list[Delivery]:
        """Sends the events one after the other; `url` stands in for that of the webhook."""
        return [await self._deliver(record, webhook, event, url) for event in events]

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
        data = await asyncio.to_thread(lambda: event_body(event, _data(record, event)))
        return await self._deliveries.deliver(webhook, event, data, url)


def _wanted(record: ConversationRecord, settings: dict[str, Any]) -> list[str]:
    """Gives the events that are asked for and can be sent: a call that was held has begun, and may have no audio."""
    asked = list(settings.get("events") or [TRANSCRIPT])
    asked += [AUDIO] if settings.get("send_audio") and AUDIO not in asked else []
    return [event for event in (TRANSCRIPT, AUDIO) if event in asked and (event != AUDIO or record.has_audio)]


def _data(record: ConversationRecord, event: str) -> dict[str, Any]:
    about = {"agent_id": record.agent.agent_id, "conversation_id": record.conversation_id}
    if event == AUDIO and record.sound is not None:
        return {**about, "full_audio": base64.b64encode(record.sound.mp3()).decode("ascii")}
    if event == INITIATION_FAILURE:
        reason = "no-answer"
        return {**about, "failure_reason": reason, "metadata": {"type": "twilio", "body": {"CallStatus": reason}}}
    return conversation_body(record)
