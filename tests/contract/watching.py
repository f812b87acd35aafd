"""Holds whatever a sandbox in this process answers and sends against the contract."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from eleven_cli.sandbox.app import Application

from .contract import answer_fault, message_fault


class Watch:
    """What was wrong since it was last asked."""

    def __init__(self) -> None:
        self._faults: list[str] = []

    def note(self, what: str, fault: str) -> None:
        if fault:
            self._faults.append(f"{what}: {fault}")

    def faults(self) -> list[str]:
        found, self._faults = self._faults, []
        return found


class _Answer:
    """One answer on its way to the client. Sound is not kept."""

    def __init__(self, watch: Watch, scope: Any, send: Any) -> None:
        self._watch, self._scope, self._send = watch, scope, send
        self._status, self._media_type, self._body = 0, "", bytearray()

    async def send(self, message: Any) -> None:
        self._look_at(message)  # before a fault changes it
        await self._send(message)

    def _look_at(self, message: Any) -> None:
        kind, path = message["type"], self._scope["path"]
        if kind == "websocket.send":
            self._watch.note(f"WS {path}", message_fault(path, json.loads(message["text"])))
        elif kind.endswith("http.response.start"):
            headers = dict(message.get("headers", ()))
            self._status = message["status"]
            self._media_type = headers.get(b"content-type", b"").decode().partition(";")[0]
        elif kind.endswith("http.response.body"):
            self._take(message)

    def _take(self, message: Any) -> None:
        if not self._media_type.startswith("audio/") or not self._body:
            self._body += message.get("body", b"")
        if not message.get("more_body"):
            method, path = self._scope.get("method", "WS"), self._scope["path"]
            found = answer_fault(method, path, self._status, self._media_type, bytes(self._body))
            self._watch.note(f"{method} {path} {self._status}", found)


@contextmanager
def watching() -> Iterator[Watch]:
    """Watches every sandbox that starts in this process; what faults on demand break is not seen."""
    watch, route = Watch(), Application._route

    async def watched(self: Application, scope: Any, receive: Any, send: Any) -> None:
        await route(self, scope, receive, _Answer(watch, scope, send).send)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Application, "_route", watched)
        yield watch
