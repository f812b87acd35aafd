"""The messages of the realtime transcription socket: audio chunks in, errors out. Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from ..http.problems import Problem, SchemaError
from ..http.validate import Checker
from ..sockets.json_socket import CLOSE_NORMAL, CLOSE_POLICY, ErrorFormat, Message, SessionEnd

MAX_CHUNK_S = 30.0  # the sandbox's own limit: that of the service is not documented
CHUNK = "input_audio_chunk"
INVALID_REQUEST = "invalid_request"
_ERRORS = {402: "quota_exceeded", 429: "rate_limited"}


@dataclass(frozen=True)
class AudioChunk:
    """A piece of audio, possibly empty, and whether to commit everything up to its end."""

    audio: bytes
    commit: bool


def realtime_error(kind: str, message: str, *, reason: str | None = None) -> SessionEnd:
    """Ends the session with an error of a `kind`, which is the reason of the close, too."""
    code = CLOSE_POLICY if kind == INVALID_REQUEST else CLOSE_NORMAL
    return SessionEnd(code, kind if reason is None else reason, {"message_type": kind, "error": message})


ERRORS = ErrorFormat(
    invalid=lambda message: realtime_error("input_error", message),
    idle=lambda timeout_s: SessionEnd(),
    refused=lambda problem: realtime_error(_kind(problem), str(problem)),
    crashed=lambda message: realtime_error("transcriber_error", message),
)


def read_chunk(message: Message, rate: int, sample_bytes: int, *, is_first: bool) -> AudioChunk:
    """Reads an audio chunk of `rate` Hz. Raises SessionEnd for any other message."""
    _check(message)
    if message["sample_rate"] != rate:
        raise realtime_error("input_error", f"sample_rate is {message['sample_rate']}, but audio_format says {rate}.")
    if message.get("previous_text") is not None and not is_first:
        raise realtime_error("input_error", "previous_text can only be sent together with the first audio chunk.")
    return AudioChunk(_audio(message["audio_base_64"], rate * sample_bytes), message["commit"])


def _check(message: dict[str, Any]) -> None:
    check = Checker("message", strict=True)
    if check.required(message, "message_type") != CHUNK and not check.faults:
        check.note("message_type", "literal_error", f"Input should be '{CHUNK}'", message["message_type"])
    check.needed(message, "audio_base_64", Checker.string)
    check.needed(message, "commit", Checker.boolean)
    check.needed(message, "sample_rate", Checker.integer)
    check.optional(message, "previous_text", Checker.string)
    if check.faults:
        raise realtime_error("input_error", "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in check.faults))


def _audio(text: str, bytes_per_s: int) -> bytes:
    if len(text) > MAX_CHUNK_S * bytes_per_s * 4 / 3 + 4:
        raise realtime_error("chunk_size_exceeded", f"An audio chunk can be at most {MAX_CHUNK_S:.0f} s long.")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise realtime_error("input_error", "audio_base_64 is not Base64.") from None


def _kind(problem: Problem | SchemaError) -> str:
    return _ERRORS.get(problem.http_status, INVALID_REQUEST)
