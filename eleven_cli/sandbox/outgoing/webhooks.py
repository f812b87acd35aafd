"""The webhooks of one server: where they go, what they are signed with, and how their last delivery went."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..http.problems import Problem
from ..state.entropy import new_id, now
from ..state.store import Journal

TRANSCRIPT, AUDIO, INITIATION_FAILURE = "transcript", "audio", "call_initiation_failure"
EVENTS = (TRANSCRIPT, AUDIO, INITIATION_FAILURE)  # of calls
SPEECH_TO_TEXT = "speech_to_text"
TYPES = {
    TRANSCRIPT: "post_call_transcription", AUDIO: "post_call_audio", INITIATION_FAILURE: "call_initiation_failure",
    SPEECH_TO_TEXT: "speech_to_text_transcription",
}  # fmt: skip
OTHER_EVENTS = ("answering_machine_detection", "unredacted_transcript", "unredacted_audio")  # nothing causes them here
SIGNATURE = "ElevenLabs-Signature"
AFTER_CALLS = "after_calls"  # the settings, in the journal
SECRET = "wsec_sandbox"  # where none was chosen


@dataclass
class Webhook:
    """One webhook. `failure_code` is the status of the last answer that was no success, 0 where none came.

    events  what it is told of besides calls
    """

    url: str
    secret: str
    name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_disabled: bool = False
    retry_enabled: bool = False
    webhook_id: str = field(default_factory=new_id)
    created: int = field(default_factory=lambda: int(now()))
    failure_code: int | None = None
    failed_at: int | None = None
    events: Sequence[str] = ()

    def note(self, status: int) -> None:
        """Notes how a delivery went."""
        if not 200 <= status < 300:
            self.failure_code, self.failed_at = status or None, int(now())

    def signature(self, body: bytes, at: int) -> str:
        """Signs a body that is sent at this time, in seconds."""
        digest = hmac.new(self.secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
        return f"t={at},v0={digest}"

    def body(self) -> dict[str, Any]:
        """Describes the webhook as the list does."""
        return {
            "name": self.name,
            "webhook_id": self.webhook_id,
            "webhook_url": self.url,
            "is_disabled": self.is_disabled,
            "is_auto_disabled": False,
            "created_at_unix": self.created,
            "auth_type": "hmac",
            "most_recent_failure_error_code": self.failure_code,
            "most_recent_failure_timestamp": self.failed_at,
        }


class Webhooks:
    """The webhooks of one server by their ids, and the settings of those after every call; kept in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        kept = {entry_id: about for entry_id, about, _ in journal.entries()}
        usual = {"post_call_webhook_id": None, "events": [TRANSCRIPT]}
        self.after_calls: dict[str, Any] = kept.pop(AFTER_CALLS, usual)
        self._webhooks = {webhook_id: Webhook(**about) for webhook_id, about in kept.items()}

    def add(self, webhook: Webhook) -> None:
        """Adds a webhook, or keeps what has changed of it."""
        self._webhooks[webhook.webhook_id] = webhook
        self._journal.put(webhook.webhook_id, asdict(webhook))

    def set_after_calls(self, settings: dict[str, Any]) -> None:
        """Changes some of the settings of those after every call."""
        self.after_calls = {**self.after_calls, **settings}
        self._journal.put(AFTER_CALLS, self.after_calls)

    def told_of(self, event: str) -> list[Webhook]:
        """Gives those that are told of an event that is none of a call."""
        return [webhook for webhook in self._webhooks.values() if event in webhook.events and not webhook.is_disabled]

    def all(self) -> list[Webhook]:
        return list(self._webhooks.values())

    def get(self, webhook_id: str) -> Webhook | None:
        return self._webhooks.get(webhook_id)

    def find(self, webhook_id: str) -> Webhook:
        """Gives the webhook with the id. Raises Problem (404) without one."""
        if (found := self.get(webhook_id)) is None:
            raise Problem(404, "webhook_not_found", f"There is no webhook with the id '{webhook_id}'.")
        return found

    def delete(self, webhook_id: str) -> None:
        """Deletes a webhook. Raises what `find` raises."""
        del self._webhooks[self.find(webhook_id).webhook_id]
        self._journal.delete(webhook_id)
