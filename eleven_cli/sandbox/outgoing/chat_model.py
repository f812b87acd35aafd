"""Asks a model of the user's own for an agent's words: chat completions in OpenAI's shape, streamed as events."""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from ..http.requests_log import json_or_none
from .http import HttpSender, IncomingAnswer, NoAnswer, Outgoing
from .tool_request import ToolFault, resolved, resolved_headers

PATH = "/chat/completions"
LONGEST_BODY = 300  # of an error's body that is told
DONE = "[DONE]"


class ModelFailed(Exception):
    """The model did not answer as it should, told in a sentence; `in_time` says whether it answered at all."""

    def __init__(self, message: str, *, in_time: bool = True) -> None:
        super().__init__(message)
        self.in_time = in_time


@dataclass
class ModelToolCall:
    """A tool that the model wants to be called; `arguments` is a text of JSON."""

    call_id: str = ""
    name: str = ""
    arguments: str = ""

    def parameters(self) -> dict[str, Any]:
        """Gives the arguments. Raises ModelFailed for anything but an object."""
        value = json_or_none(self.arguments or "{}")
        if not isinstance(value, dict):
            raise ModelFailed(f"the arguments of the tool {self.name} are no object in JSON")
        return value


class ChatModel:
    """One model.

    settings   its URL, name and headers, as the service stores them
    secrets    values by the ids that settings name them with
    timeout_s  how long it may take to begin, and to go on
    """

    def __init__(
        self, sender: HttpSender, settings: Mapping[str, Any], secrets: Mapping[str, str], timeout_s: float
    ) -> None:
        self._sender, self._settings, self._secrets, self._timeout_s = sender, settings, secrets, timeout_s

    async def reply(self, body: Mapping[str, Any], variables: Mapping[str, Any]) -> AsyncIterator[str | ModelToolCall]:
        """Gives the words of the model as they arrive, then the tools it wants to be called. Raises ModelFailed."""
        calls: dict[int, ModelToolCall] = {}
        try:
            async with self._sender.sending(self._request(body, variables)) as answer:
                await _check(answer)
                async with aclosing(_deltas(answer)) as deltas:
                    async for delta in deltas:
                        _collect(calls, delta.get("tool_calls") or ())
                        if isinstance(words := delta.get("content"), str) and words:
                            yield words
        except NoAnswer as failed:
            raise ModelFailed(str(failed), in_time=not isinstance(failed.__cause__, TimeoutError)) from failed
        except ToolFault as failed:
            raise ModelFailed(str(failed)) from failed
        for _, call in sorted(calls.items()):
            yield call

    def _request(self, body: Mapping[str, Any], variables: Mapping[str, Any]) -> Outgoing:
        settings = self._settings
        url = str(settings.get("url") or "").rstrip("/")
        headers = resolved_headers(settings.get("request_headers"), variables, self._secrets)
        if settings.get("api_key"):
            headers = {
                "Authorization": f"Bearer {resolved('api_key', settings['api_key'], {}, self._secrets)}"
            } | headers
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"} | headers
        model = {"model": settings["model_id"]} if settings.get("model_id") else {}
        data = json.dumps({**body, **model, "stream": True}).encode("ascii")
        url = url if url.endswith(PATH) else url + PATH
        return Outgoing("POST", url, headers, data, self._timeout_s, streams=True)


def described_tools(tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Describes tools to a model: their names, what they are for, and the schema of their parameters."""
    return [{"type": "function", "function": tool} for tool in tools]


async def _check(answer: IncomingAnswer) -> None:
    if not answer.is_success:
        body = (await answer.read()).decode("utf-8", "replace").strip()[:LONGEST_BODY]
        raise ModelFailed(f"the model answered {answer.status}: {body or 'without a reason'}")
    kind = answer.headers.get("content-type", "")
    if not kind.startswith("text/event-stream"):
        raise ModelFailed(f"the model answered with {kind or 'no content type'}, and not with text/event-stream")


async def _deltas(answer: IncomingAnswer) -> AsyncGenerator[dict[str, Any], None]:
    async for data in _events(answer):
        if data == DONE:
            return
        chunk = json_or_none(data)
        if not isinstance(chunk, dict) or "error" in chunk:
            raise ModelFailed(f"the model's stream has an error: {data[:LONGEST_BODY]}")
        for choice in chunk.get("choices") or ():
            if isinstance(choice, dict) and isinstance(choice.get("delta"), dict):
                yield choice["delta"]


async def _events(answer: IncomingAnswer) -> AsyncIterator[str]:
    """Gives the data of each event of the stream."""
    decoder, pending, data = codecs.getincrementaldecoder("utf-8")("replace"), "", list[str]()
    async for piece in answer:
        *lines, pending = (pending + decoder.decode(piece)).split("\n")
        for line in (line.removesuffix("\r") for line in lines):
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                yield "\n".join(data)
                data.clear()
    if pending.startswith("data:"):
        data.append(pending[5:].strip())
    if data:
        yield "\n".join(data)


def _collect(calls: dict[int, ModelToolCall], deltas: Any) -> None:
    """Adds the pieces of tool calls to what came of them before."""
    for at, delta in enumerate(deltas):
        function = delta.get("function") if isinstance(delta, dict) else None
        if isinstance(function, dict):
            call = calls.setdefault(delta.get("index", at), ModelToolCall())
            call.call_id = delta.get("id") or call.call_id
            call.name += function.get("name") or ""
            call.arguments += function.get("arguments") or ""
