"""Clients that put a load on a sandbox: bare sockets, so that they take little of the processor beside it."""

import asyncio
import base64
import itertools
import json
import os
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

VOICES = ("q30UQ9qvtBNcrAki3LpZ", "Zu2OgLbAGJO1Dg8HS7wl")
MP3, PCM = "mp3_44100_128", "pcm_16000"
PIECE = 65536
PATIENCE_S = 60.0
TEXT = (
    "The lighthouse keeper climbed the narrow stairs with lamp number {}. He watched the ships until the morning came."
)
_KEYS = itertools.count()


@dataclass
class Stream:
    """What one client saw of an answer. Times in milliseconds since just before the connection."""

    error: str = ""
    first_ms: float = 0.0
    gap_ms: float = 0.0
    byte_count: int = 0


def text(number: int) -> str:
    """About 6.5 s of speech; another number is another text."""
    return TEXT.format(number)


async def speak(url: str, said: str, fmt: str = MP3, *, voice: str = VOICES[0], kind: str = "/stream") -> Stream:
    """Streams one text with a key of its own, and reads the audio as fast as it comes."""
    stream = Stream()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _read_speech(url, f"/v1/text-to-speech/{voice}{kind}?output_format={fmt}", {"text": said}, stream)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as failed:
        stream.error = type(failed).__name__
    return stream


async def open_speech(url: str, said: str) -> asyncio.StreamWriter:
    """Asks for speech that nobody reads."""
    reader, writer = await _connected(url, limit=1024)
    writer.write(_request(url, f"/v1/text-to-speech/{VOICES[0]}/stream?output_format=pcm_44100", {"text": said}))
    await reader.readexactly(12)
    return writer


async def first_audio_ms(url: str, agent: str) -> float:
    """Calls an agent; gives when its first audio came, counted from just before the connection."""
    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await _connected(url)
        writer.write(_upgrade(url, f"/v1/convai/conversation?agent_id={agent}"))
        if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
            raise SystemExit("the sandbox refuses a conversation")
        writer.write(_masked(b'{"type":"conversation_initiation_client_data"}'))
        while json.loads(await _message(reader))["type"] != "audio":
            pass
        first_ms = _ms_since(began)
        writer.close()
    return first_ms


async def get(url: str, path: str) -> bytes:
    """The body of an answer."""
    reader, writer = await _connected(url)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read(-1)
    writer.close()
    return answer.partition(b"\r\n\r\n")[2]


async def _read_speech(url: str, path: str, body: object, stream: Stream) -> None:
    began = time.perf_counter()
    reader, writer = await _connected(url)
    try:
        writer.write(_request(url, path, body))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.partition(b"\r\n")[0]:
            stream.error = head.partition(b"\r\n")[0].decode()
            return
        last = 0.0
        while piece := await reader.read(PIECE):
            now = _ms_since(began)
            stream.first_ms = stream.first_ms or now
            stream.gap_ms = max(stream.gap_ms, now - last if last else 0.0)
            stream.byte_count, last = stream.byte_count + len(piece), now
    finally:
        writer.close()


async def _connected(url: str, limit: int = 2**20) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(url)
    return await asyncio.open_connection(address.hostname, address.port, limit=limit)


def _request(url: str, path: str, body: object) -> bytes:
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nxi-api-key: load-{os.getpid()}-{next(_KEYS)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + data


def _upgrade(url: str, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
    ).encode()


def _masked(data: bytes) -> bytes:
    """A short message as a frame; a mask of zeros leaves it as it is."""
    return bytes((0x81, 0x80 | len(data))) + bytes(4) + data


async def _message(reader: asyncio.StreamReader) -> bytes:
    _, length = await reader.readexactly(2)
    if length >= 126:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
    return await reader.readexactly(length)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
