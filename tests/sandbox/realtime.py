"""A client of the realtime transcription socket."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import websocket

from tests.support.guard import GUARD_S

from .conftest import Api
from .socket_client import Message, SocketClient

PATH = "/v1/speech-to-text/realtime"
LEAVE_OUT = object()


class RealtimeClient(SocketClient):
    """One session; its first message is read by `started`."""

    def __init__(self, api: Api, *, in_header: bool = True, **query: Any) -> None:
        super().__init__(api, f"{PATH}?{urlencode(query, doseq=True)}&", in_header=in_header)
        self.rate = int(str(query.get("audio_format", "pcm_16000")).rpartition("_")[2])

    def started(self) -> "RealtimeClient":
        message = self.next()
        assert message is not None
        assert message["message_type"] == "session_started", message
        return self

    def chunk(self, audio: bytes = b"", **fields: Any) -> "RealtimeClient":
        message = {
            "message_type": "input_audio_chunk",
            "audio_base_64": base64.b64encode(audio).decode(),
            "commit": False,
            "sample_rate": self.rate,
            **fields,
        }
        self.send(**{name: value for name, value in message.items() if value is not LEAVE_OUT})
        return self

    def send_audio(self, audio: bytes, chunk_bytes: int = 3200) -> "RealtimeClient":
        for start in range(0, len(audio), chunk_bytes):
            self.chunk(audio[start : start + chunk_bytes])
        return self

    def commit(self) -> "RealtimeClient":
        return self.chunk(commit=True)

    def until(self, kind: str, fits: Callable[[Message], bool] = lambda message: True) -> Message:
        for message in self:
            if message["message_type"] == kind and fits(message):
                return message
        raise AssertionError(f"closed with {self.close} before {kind}: {self.messages[-1:]}")

    def next_within(self, timeout_s: float) -> Message | None:
        """The next message, if there is one soon."""
        self._socket.settimeout(timeout_s)
        try:
            return self.next()
        except websocket.WebSocketTimeoutException:
            return None
        finally:
            self._socket.settimeout(GUARD_S)

    def committed(self) -> str:
        return str(self.until("committed_transcript")["text"])

    def kinds(self) -> list[str]:
        return [message["message_type"] for message in self.messages]

    def error(self) -> Message:
        """The message that ends the session, with the normal close; that of a query that is not taken, with 1008."""
        message = [*self][-1]
        assert self.close is not None
        assert self.close[0] == (1008 if message["message_type"] == "invalid_request" else 1000)
        assert set(message) == {"message_type", "error"}
        return message
