"""What one server needs to send requests of its own."""

from __future__ import annotations

from ..http.requests_log import Log
from .http import HttpSender
from .post_call import PostCall
from .webhooks import Webhooks


class Outbox:
    """The webhooks and secrets of one server, and what sends.

    anywhere  whether other machines are reached, too
    log       is called with every request that was sent
    """

    def __init__(self, *, anywhere: bool = False, log: Log | None = None) -> None:
        self.sender = HttpSender(anywhere=anywhere, log=log)
        self.webhooks = Webhooks()
        self.secrets: dict[str, str] = {}
        self.post_call = PostCall(self.webhooks, self.sender)

    def close(self) -> None:
        """Gives up what is still being sent."""
        self.post_call.close()
