"""What a service does with one request that it may charge for, step by step, alike over HTTP and WebSockets.

`accept`, `begin` and `finish` are what an honest service does; a fault takes other ways between them.
"""

import array
import base64
import fcntl
import hashlib
import io
import json
import math
import socket
import ssl
import struct
import termios
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO, ClassVar

from tests.support.agent import CONVERSATION
from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, Exchange
from tests.support.speech_socket import alignment_of, encoded, sound_of

AUDIO_PART, AUDIO_REST = MP3_FRAME * 10, MP3_FRAME * 10
PCM_PART, PCM_REST = b"\1\2" * 2000, b"\3\4" * 2000
SENTENCE = "Hello there."
PAGED = [{"history_item_id": str(number), "text": SENTENCE * 60} for number in range(1, 7)]
LONGEST_S = 120.0  # a command may be stopped for more than a minute


class Line:
    """One request over HTTP, in the `number`-th try. `charges` is told of what would be on the bill."""

    def __init__(self, exchange: Exchange, number: int, charges: list[str], begun: threading.Event) -> None:
        self.exchange, self.number = exchange, number
        self._charges, self._begun = charges, begun
        self._charged = False
        self._incoming: BinaryIO = io.BytesIO()

    @property
    def _connection(self) -> socket.socket:
        return self.exchange.handler.connection

    def ask(self) -> None:
        """Take in what is asked for, and put it on the bill."""
        self.charge(self.exchange.request.body.decode("latin-1"))

    def charge(self, what: str) -> None:
        self._charges.append(what)
        self._charged = True

    def accept(self, **headers: str) -> None:
        self.exchange.head(transfer_encoding="chunked", **{"content_type": self.media_type, **headers})

    def begin(self) -> None:
        """Send the first part of the result, and wait until it has arrived."""
        self.send_part()
        self.until_arrived()
        self._begun.set()

    def refuse(self, status: int, body: bytes, **headers: str) -> None:
        """Refuse it, which costs nothing."""
        if self._charged:
            self._charges.pop()
            self._charged = False
        self.exchange.head(status, content_length=str(len(body)), **headers)
        self.exchange.body(body)

    def raw(self, data: bytes) -> None:
        self.exchange.body(data)

    def drop(self) -> None:
        """End the connection with a reset, after all that was sent has arrived."""
        self.until_arrived()
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._close()

    def hang_up(self) -> None:
        """End the connection without a word."""
        self._close()

    def _close(self) -> None:
        # the handler has the connection open in two files: all of it ends only with all of them
        for file in (self.exchange.handler.rfile, self.exchange.handler.wfile, self._incoming, self._connection):
            with suppress(OSError):
                file.close()

    def stall(self) -> None:
        """Say nothing more, until the other side leaves."""
        self.exchange.until_hung_up()

    def until_released(self) -> None:
        """Wait until the run says so."""
        self.exchange.released.wait(LONGEST_S)

    def until_arrived(self) -> None:
        end = time.monotonic() + GUARD_S
        while any(fcntl.ioctl(self._connection, termios.TIOCOUTQ, bytes(4))):
            assert time.monotonic() < end, "what was sent does not arrive"
            time.sleep(0.001)

    media_type = "application/json"

    def send_part(self) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        raise NotImplementedError


class AudioLine(Line):
    """Audio as it is made: MP3, or samples where these were asked for."""

    @property
    def media_type(self) -> str:  # type: ignore[override]
        return "audio/pcm" if self._is_pcm else "audio/mpeg"

    @property
    def _is_pcm(self) -> bool:
        return self.exchange.request.query.get("output_format", "").startswith("pcm")

    def accept(self, **headers: str) -> None:
        super().accept(request_id=f"req_{self.number}", maximum_concurrent_requests="1", **headers)

    def send_part(self) -> None:
        self.exchange.chunk(PCM_PART if self._is_pcm else AUDIO_PART)

    def finish(self) -> None:
        self.exchange.chunk(PCM_REST if self._is_pcm else AUDIO_REST)
        self.exchange.last_chunk()


class JsonLine(Line):
    """A JSON value, of which a half comes first."""

    value: Any = None

    @property
    def _halves(self) -> tuple[bytes, bytes]:
        data = json.dumps(self.value).encode()
        return data[: len(data) // 2], data[len(data) // 2 :]

    def send_part(self) -> None:
        self.exchange.chunk(self._halves[0])

    def finish(self) -> None:
        self.exchange.chunk(self._halves[1])
        self.exchange.last_chunk()


class Models(JsonLine):
    value: ClassVar[Any] = [{"model_id": "model_1", "name": "One"}]


class Voices(JsonLine):
    value: ClassVar[Any] = {"voices": [{"voice_id": "abcdefghij0123456789", "name": "Imogen"}], "has_more": False}


class History(JsonLine):
    value: ClassVar[Any] = {
        "history": [{"history_item_id": "item_1", "text": "Hello", "date_unix": 1}],
        "has_more": False,
    }


class HistoryItem(JsonLine):
    value: ClassVar[Any] = {"history_item_id": "item_1", "text": "Hello", "output_format": "mp3_44100_128"}


class HistoryPages(JsonLine):
    """Three pages of two items."""

    def __init__(self, exchange: Exchange, *args: Any) -> None:
        super().__init__(exchange, *args)
        number = int(exchange.request.query.get("start_after_history_item_id", "0")) // 2
        token = {"last_history_item_id": str(2 * number + 2)} if number < 2 else {}
        self.value = {"history": PAGED[2 * number : 2 * number + 2], "has_more": number < 2, **token}


class Agents(JsonLine):
    value: ClassVar[Any] = {"agents": [{"agent_id": "agent_1", "name": "One"}], "has_more": False}


class Call(JsonLine):
    """A conversation as it was kept."""

    value: ClassVar[Any] = {
        "conversation_id": "conv_1",
        "status": "done",
        "metadata": {"call_duration_secs": 60},
        "transcript": [{"role": "agent", "message": SENTENCE, "time_in_call_secs": at} for at in range(60)],
    }


class Dictionaries(JsonLine):
    value: ClassVar[Any] = {"pronunciation_dictionaries": [{"id": "dict_1", "name": "Names"}], "has_more": False}


class NewDictionary(JsonLine):
    value: ClassVar[Any] = {"id": "dict_1", "name": "words", "version_id": "version_1"}


class NewVoice(JsonLine):
    value: ClassVar[Any] = {"voice_id": "abcdefghij0123456789", "requires_verification": False}


class Designed(JsonLine):
    """A preview of a voice."""

    value: ClassVar[Any] = {
        "previews": [
            {
                "generated_voice_id": "preview_1",
                "audio_base_64": encoded(AUDIO_PART),
                "media_type": "audio/mpeg",
                "duration_secs": 1,
            }
        ]
    }


class Alignment(JsonLine):
    value: ClassVar[Any] = {
        "characters": [{"text": letter, "start": at / 10, "end": at / 10 + 0.1} for at, letter in enumerate(SENTENCE)],
        "words": [{"text": SENTENCE, "start": 0, "end": 1.2, "loss": 0.1}] * 40,
    }


class Done(JsonLine):
    value: ClassVar[Any] = {"status": "ok"}


class Transcript(JsonLine):
    value: ClassVar[Any] = {"text": "Hello world.", "language_code": "en", "words": []}


class SignedAddress(JsonLine):
    """The way to an agent: the conversation itself is honest."""

    def __init__(self, exchange: Exchange, *args: Any) -> None:
        super().__init__(exchange, *args)
        host, is_tls = exchange.request.headers["host"], isinstance(self._connection, ssl.SSLSocket)
        scheme = "wss" if is_tls else "ws"
        self.value = {"signed_url": f"{scheme}://{host}/v1/convai/conversation?agent_id=a&conversation_signature=c"}

    def ask(self) -> None:
        pass  # it is free


class SocketLine(Line):
    """A WebSocket; what is asked for comes over it after the handshake."""

    _TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
    _MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    def ask(self) -> None:
        pass  # nothing is charged for a handshake

    def accept(self, **headers: str) -> None:
        key = self.exchange.request.headers["sec-websocket-key"] + self._MAGIC
        accepted = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.exchange.head(101, upgrade="websocket", connection="Upgrade", sec_websocket_accept=accepted)
        self._connection.settimeout(LONGEST_S)
        self._incoming = self._connection.makefile("rb")
        self.open()

    def open(self) -> None:
        """What comes first on this socket."""
        raise NotImplementedError

    def send(self, **message: Any) -> None:
        self._frame(self._TEXT, json.dumps(message).encode())

    def receive(self) -> dict[str, Any]:
        """The next message. Raises EOFError where the other side leaves."""
        while True:
            code, data = self._received()
            if code == self._CLOSE:
                with suppress(OSError):
                    self._frame(self._CLOSE, data)
                raise EOFError
            if code == self._PING:
                self._frame(self._PONG, data)
            if code == self._TEXT:
                message: dict[str, Any] = json.loads(data)
                return message

    def close(self, code: int = 1000, reason: str = "") -> None:
        self._frame(self._CLOSE, struct.pack("!H", code) + reason.encode())
        self.until_left()

    def until_left(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self.receive()

    def stall(self) -> None:
        with suppress(OSError):
            while self._incoming.read1(65536):  # type: ignore[attr-defined]
                pass

    def _frame(self, code: int, data: bytes) -> None:
        length = bytes([len(data)]) if len(data) < 126 else b"\x7f" + struct.pack("!Q", len(data))
        self.raw(bytes([0x80 | code]) + length + data)

    def _received(self) -> tuple[int, bytes]:
        first, length = self._exactly(2)
        length &= 0x7F
        if length > 125:
            wide = self._exactly(2 if length == 126 else 8)
            length = int.from_bytes(wide)
        mask = self._exactly(4)
        data = self._exactly(length)
        repeated = (mask * (length // 4 + 1))[:length]
        return first & 0xF, (int.from_bytes(data) ^ int.from_bytes(repeated)).to_bytes(length)

    def _exactly(self, size: int) -> bytes:
        data = self._incoming.read(size)
        if len(data) < size:
            raise EOFError
        return data


class SpeechSocket(SocketLine):
    """Live text. A sentence is on the bill as soon as it is there."""

    def open(self) -> None:
        self.receive()
        while not (text := self.receive()["text"]).strip():
            pass
        self.charge(text)

    def send_part(self) -> None:
        self._speak(slice(None, 12000), alignment_of(f"{SENTENCE} "))

    def finish(self) -> None:
        self._speak(slice(12000, None), None)
        while self.receive()["text"]:
            pass
        self.send(audio=None, isFinal=True)
        self.close()

    def _speak(self, piece: slice, alignment: Any) -> None:
        self.send(audio=encoded(sound_of(SENTENCE)[piece]), isFinal=None, alignment=alignment)


class TranscriptSocket(SocketLine):
    """Live transcription; each commit is answered by one sentence."""

    def open(self) -> None:
        self.send(message_type="session_started", session_id="s1", config={"vad_commit_strategy": False})

    def send_part(self) -> None:
        self._answer()

    def finish(self) -> None:
        self._answer()
        self.until_left()

    def _answer(self) -> None:
        while not self.receive()["commit"]:
            pass
        text = "World." if self._charges else "Hello."
        self.charge(text)
        self.send(message_type="committed_transcript", text=text)


class AgentSocket(SocketLine):
    """An agent that greets, answers once and hangs up."""

    def open(self) -> None:
        self.receive()
        self.charge("a conversation")
        formats = {"agent_output_audio_format": "pcm_16000", "user_input_audio_format": "pcm_16000"}
        metadata = {"conversation_id": CONVERSATION, **formats}
        self.send(type="conversation_initiation_metadata", conversation_initiation_metadata_event=metadata)

    def send_part(self) -> None:
        self._say("Hello.", 1)

    def finish(self) -> None:
        while self.receive().get("type") != "user_message":
            pass
        self._say("Goodbye.", 2)
        self.close()

    def _say(self, text: str, number: int) -> None:
        part = {"text": text, "event_id": number}
        for kind in ("start", "delta", "stop"):
            self.send(type="agent_chat_response_part", text_response_part={"type": kind, **part})
        self.send(type="agent_response", agent_response_event={"agent_response": text, "event_id": number})


class SpeakingAgent(AgentSocket):
    """The same by voice."""

    def finish(self) -> None:
        self._say("Goodbye.", 2)
        self.close()

    def _say(self, text: str, number: int) -> None:
        audio = {"audio_base_64": encoded(_TONE), "event_id": number}
        self.send(type="audio", audio_event=audio)
        self.send(type="agent_response", agent_response_event={"agent_response": text, "event_id": number})


_TONE = array.array("h", (int(9000 * math.sin(at / 6)) for at in range(3200))).tobytes()
