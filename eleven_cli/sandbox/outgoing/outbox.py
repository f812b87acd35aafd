"""What one server needs to send requests of its own."""

from __future__ import annotations

from collections.abc import Callable

from ..agents.agent import Agent
from ..http.requests_log import Log
from ..state.store import MemoryStore, Store
from .deliveries import Deliveries
from .http import HttpSender
from .post_call import PostCall
from .secrets import Secrets
from .webhooks import Webhooks


class Outbox:
    """The webhooks and secrets of one server, and what sends.

    anywhere  whether other machines are reached, too
    log       is called with every request that was sent
    store     where webhooks and secrets are kept
    agent_of  gives the agent with an id as it is now, if there is one
    """

    def __init__(
        self,
        *,
        anywhere: bool = False,
        log: Log | None = None,
        store: Store | None = None,
        agent_of: Callable[[str], Agent | None] = lambda agent_id: None,
    ) -> None:
        self.sender = HttpSender(anywhere=anywhere, log=log)
        store = store or MemoryStore()
        self.deliveries = Deliveries(self.sender)
        self.webhooks = Webhooks(store.journal("webhooks"))
        self.secrets = Secrets(store.journal("secrets"))
        self.post_call = PostCall(self.webhooks, self.deliveries, agent_of)

    def close(self) -> None:
        """Gives up what is still being sent."""
        self.deliveries.close()
