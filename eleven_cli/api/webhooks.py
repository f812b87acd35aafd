"""Webhooks of a running sandbox, which can send those of a conversation or a transcript again."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from eleven_cli.api.client import Client
from eleven_cli.api.json_fields import objects_of, text_of, whole_number


@dataclass(frozen=True)
class WebhookDelivery:
    """How the delivery of one event went.

    event    its type, such as post_call_transcription
    status   of the answer, None where there was none
    failure  why there was none
    """

    event: str
    url: str
    status: int | None
    failure: str

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def is_conversation(told_id: str) -> bool:
    """Tells a conversation from a transcript by its id."""
    return told_id.startswith("conv")


def replay_webhook(client: Client, told_id: str, url: str, events: Sequence[str]) -> list[WebhookDelivery]:
    """Sends what webhooks are told of a conversation or a transcript, to `url` or to them.

    Raises NotFound for an unknown one. A transcript has one event only.
    """
    wanted = {**({"url": url} if url else {}), **({"events": list(events)} if events else {})}
    kind = "conversations" if is_conversation(told_id) else "transcripts"
    answer = client.json("POST", f"/sandbox/{kind}/{quote(told_id, '')}/replay", json=wanted)
    return [
        WebhookDelivery(
            event=text_of(one.get("type")),
            url=text_of(one.get("url")),
            status=whole_number(one.get("status")),
            failure=text_of(one.get("failure")),
        )
        for one in objects_of(answer.get("deliveries") if isinstance(answer, dict) else None)
    ]
