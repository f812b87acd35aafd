"""Checks whether the server can be reached, and times each step of one free request."""

import time
from collections.abc import Mapping
from typing import NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.http.json_body import json_of
from eleven_cli.api.models import models_in
from eleven_cli.api.network.route import Route
from eleven_cli.errors import AuthError, ElevenError, LimitError

BUSY = 429  # passes by itself


class Step(NamedTuple):
    """A step of a request. name: "dns", "tcp", "proxy", "tls", or "answer": from these to the head of the answer"""

    name: str
    seconds: float


class Stopwatch:
    """Times the steps of the first request, as `on_step` of a connector; ignores what follows the answer.

    steps         those that succeeded, in order
    has_started   whether a connection was tried
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
        """Gives the step of this route that failed; "" if nothing was tried."""
        to_proxy = [*(["tls"] if route.proxy.scheme == "https" else []), "proxy"] if route.proxy else []
        every = ["dns", "tcp", *to_proxy, *(["tls"] if route.is_tls else []), "answer"]
        return next(iter(every[len(self.steps) :]), "") if self.has_started else ""


class ServerAnswer(NamedTuple):
    """The service's answer.

    region    that of the service, "" if it did not say
    models    their ids; None after a refusal
    refused   the refusal for want of credits or of a plan
    """

    region: str = ""
    models: tuple[str, ...] | None = None
    refused: LimitError | None = None


def reach(client: Client, watch: Stopwatch) -> ServerAnswer:
    """Requests the models; a refused key is an answer, too. Raises ElevenError if the service does not answer."""
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
