"""Audio with the moments of its characters, as the with-timestamps streams send it: JSON objects, one a line."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from eleven_cli.api.client import Stream, not_what_was_asked
from eleven_cli.api.json_fields import parsed
from eleven_cli.api.tts.audio_chunk import Alignment, Sound, of_request

RESET_S = 0.05  # by which a chunk's times may overlap the former ones


def sounds(stream: Stream, seconds_of: Callable[[bytes], float]) -> Iterator[Sound]:
    """The sounds of one answer; their times count from its beginning. Raises ElevenError for what is no audio."""
    heard_s = last_end_s = 0.0
    for line in _lines(stream):
        sound = _sound(stream, line)
        if sound.alignment is not None and sound.alignment.starts_s:
            alignment = _from_the_beginning(sound.alignment, heard_s, last_end_s)
            last_end_s = alignment.ends_s[-1]
            sound = Sound(sound.data, alignment)
        heard_s += seconds_of(sound.data)
        yield sound
    if not heard_s:
        raise not_what_was_asked(stream.headers, b"", wanted="audio")


def _from_the_beginning(alignment: Alignment, heard_s: float, last_end_s: float) -> Alignment:
    """Times that begin anew count from their own chunk: the service is documented in both ways."""
    begins_anew = alignment.starts_s[0] < last_end_s - RESET_S
    return alignment.moved(heard_s) if begins_anew else alignment


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What is between line ends, without blank lines."""
    waiting: list[bytes] = []
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for end in whole:
            yield from filter(bytes.strip, [b"".join([*waiting, end])])
            waiting = []
        waiting.append(rest)
    yield from filter(bytes.strip, [b"".join(waiting)])


def _sound(stream: Stream, line: bytes) -> Sound:
    value = _object(line.strip().removeprefix(b"data:"))
    audio = value.get("audio_base64")
    try:
        if isinstance(audio, str):
            return Sound(base64.b64decode(audio, validate=True), of_request(value.get("alignment")))
    except (binascii.Error, ValueError):
        pass
    raise not_what_was_asked(stream.headers, line, wanted="audio with timings")


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = parsed(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
