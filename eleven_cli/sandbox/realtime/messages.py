"""The wire of the realtime transcription socket: its one message in, its errors, and how it closes."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from ..http.validate import Checker
from ..sockets.json_socket import Gone

IDLE_S = 15.5
MAX_CHUNK_S = 30.0  # the sandbox's own limit: the service does not tell its
CHUNK = "input_audio_chunk"


class Silent(Exception):
    """Nothing has come from the client for too long."""


class Refusal(Exception):
    """Ends a session: an error of a `kind`, then the close, which is the normal one."""

    def __init__(self, kind: str, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.kind, self.reason = kind, kind if reason is None else reason


@dataclass(frozen=True)
class Chunk:
    """A piece of sound, which may be empty, and whether what was said up to its end is to be committed."""

    audio: bytes
    commit: bool


class Line:
    """An accepted socket."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._received = 0

    async def receive(self, rate: int, sample_bytes: int) -> Chunk:
        """The next chunk. Raises Gone, Silent, and Refusal for whatever is no chunk."""
        try:
            message = await asyncio.wait_for(self._socket.receive(), IDLE_S)
        except TimeoutError:
            raise Silent from None
        if message["type"] == "websocket.disconnect":
            raise Gone
        content = _checked(message.get("text") or message.get("bytes") or "", rate)
        self._received += 1
        if content.get("previous_text") is not None and self._received > 1:
            raise Refusal("input_error", "previous_text can only be sent together with the first audio chunk.")
        return Chunk(_audio(content["audio_base_64"], rate * sample_bytes), bool(content["commit"]))

    async def send(self, message_type: str, **fields: Any) -> None:
        """Raises Gone when the client has left."""
        text = json.dumps({"message_type": message_type, **fields}, separators=(",", ":"))
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            raise Gone from None

    async def refuse(self, refusal: Refusal) -> None:
        with suppress(Gone):
            await self.send(refusal.kind, error=str(refusal))
            await self.close(refusal.reason)

    async def close(self, reason: str = "") -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            await self._socket.close(1000, reason)


def _checked(data: str | bytes, rate: int) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise Refusal("input_error", "The message is not JSON.") from None
    if not isinstance(content, dict):
        raise Refusal("input_error", "The message is not a JSON object.")
    check = Checker("message")
    for name in ("message_type", "audio_base_64", "commit", "sample_rate"):
        check.required(content, name)
    if not check.faults:
        if content["message_type"] != CHUNK:
            check.note("message_type", "literal_error", f"Input should be '{CHUNK}'", content["message_type"])
        check.string("audio_base_64", content["audio_base_64"])
        check.boolean("commit", content["commit"])
        check.integer("sample_rate", content["sample_rate"])
    if check.faults:
        raise Refusal("input_error", "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in check.faults))
    if int(content["sample_rate"]) != rate:
        raise Refusal("input_error", f"sample_rate is {content['sample_rate']}, but audio_format says {rate}.")
    return content


def _audio(text: str, bytes_per_s: int) -> bytes:
    if len(text) > MAX_CHUNK_S * bytes_per_s * 4 / 3 + 4:
        raise Refusal("chunk_size_exceeded", f"An audio chunk can be at most {MAX_CHUNK_S:.0f} s long.")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("input_error", "audio_base_64 is not Base64.") from None
