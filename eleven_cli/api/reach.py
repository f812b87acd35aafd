"""Whether the server can be reached, and how long each step takes: one request that costs nothing."""

import time
from collections.abc import Mapping
from typing import NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.http.json_body import json_of
from eleven_cli.api.models import models_in
from eleven_cli.api.network.route import Route
from eleven_cli.errors import AuthError, ElevenError, LimitError

BUSY = 429  # in a moment it may be otherwise


class Step(NamedTuple):
    """name: "dns", "tcp", "proxy", "tls" or "answer", which is the time from there to the head of the answer"""

    name: str
    seconds: float


class Stopwatch:
    """A connector's `on_step`. It takes the time of the first request, and of nothing after the answer.

    steps         what was done, in that order
    has_started   whether anything was tried
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.has_started = False
        self._since = time.monotonic()

    def __call__(self, name: str) -> None:
        since, self._since = self._since, time.monotonic()
        self.has_started = True
        if name != "start" and not self.is_over:
            self.steps.append(Step(name, self._since - since))

    @property
    def is_over(self) -> bool:
        return bool(self.steps) and self.steps[-1].name == "answer"

    def failing(self, route: Route) -> str:
        """The step on this way that did not succeed; "" where nothing was tried."""
        to_proxy = [*(["tls"] if route.proxy.scheme == "https" else []), "proxy"] if route.proxy else []
        every = ["dns", "tcp", *to_proxy, *(["tls"] if route.is_tls else []), "answer"]
        return next(iter(every[len(self.steps) :]), "") if self.has_started else ""


class ServerAnswer(NamedTuple):
    """What the service says.

    region    where it answered, "" when not told
    models    their ids; None when not told
    refused   by its plan or for its credits, whoever asked
    """

    region: str = ""
    models: tuple[str, ...] | None = None
    refused: LimitError | None = None


def reach(client: Client, watch: Stopwatch) -> ServerAnswer:
    """Asks for the models; a refusal of the key is an answer, too. Raises ElevenError where no such service answers."""
    try:
        with client.stream("GET", "/v1/models", accept="application/json") as stream:
            watch("answer")
            models = models_in(json_of(stream, client.server))
            return ServerAnswer(_region(stream.headers), tuple(model.model_id for model in models))
    except ElevenError as refused:
        if refused.status is not None:
            watch("answer")
        if not isinstance(refused, AuthError | LimitError):
            raise
        limit = refused if isinstance(refused, LimitError) and refused.status != BUSY else None
        return ServerAnswer(_region(refused.headers), refused=limit)


def _region(headers: Mapping[str, str]) -> str:
    return headers.get("x-region", "")
