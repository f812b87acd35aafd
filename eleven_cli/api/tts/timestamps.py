"""When each character sounds, which the service tells in two ways; and the streams of audio that tell it.

The with-timestamps streams (JSON objects, one a line) give seconds, starts and ends; the speech socket gives
milliseconds, starts and durations.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeGuard

from eleven_cli.api.http.session import Stream
from eleven_cli.api.json_fields import object_of, parsed
from eleven_cli.api.tts import Alignment, AudioChunk

RESET_S = 0.05  # by which a chunk's times may overlap the former ones
LATEST = 1e11  # three years in milliseconds: what is later is no time


def timed_chunks(stream: Stream, duration_of: Callable[[bytes], float], *, whole: bool = False) -> Iterator[AudioChunk]:
    """The chunks of one answer; their times count from its beginning. Raises ElevenError for what is not audio.

    whole   the answer is one JSON object, however many lines it takes
    """
    received_s = last_end_s = 0.0
    for line in [b"".join(stream)] if whole else _lines(stream):
        chunk = _chunk(stream, line)
        if chunk.alignment is not None and chunk.alignment.starts_s:
            alignment = _from_the_beginning(chunk.alignment, received_s, last_end_s)
            last_end_s = alignment.ends_s[-1]
            chunk = AudioChunk(chunk.data, alignment)
        received_s += duration_of(chunk.data)
        yield chunk
    if not received_s:
        from eleven_cli.api.http.refusals import not_what_was_asked

        raise not_what_was_asked(stream.headers, b"", wanted="audio")


def duration_by_format(output_format: str) -> Callable[[bytes], float]:
    """Measures one stream: tells of its next audio how long it sounds, in seconds. Raises UsageError for a format that
    is not known."""
    from eleven_cli.audio.codecs.duration import DurationMeter
    from eleven_cli.audio.formats import named

    return DurationMeter(named(output_format)).advance


def of_request(value: Any) -> Alignment | None:
    """From `alignment` of a with-timestamps answer; None for what is none."""
    if not isinstance(value, dict):
        return None
    starts, ends = value.get("character_start_times_seconds"), value.get("character_end_times_seconds")
    return _alignment(value.get("characters"), starts, ends)


def of_socket(value: Any) -> Alignment | None:
    """From `alignment` of the speech socket; None for what is none."""
    if not isinstance(value, dict):
        return None
    starts = value.get("charStartTimesMs", value.get("char_start_times_ms"))
    durations = value.get("charDurationsMs", value.get("charsDurationsMs", value.get("char_durations_ms")))
    if not (_are_numbers(starts) and _are_numbers(durations)):
        return None
    ends = [start + duration for start, duration in zip(starts, durations, strict=False)]
    return _alignment(value.get("chars"), [start / 1000 for start in starts], [end / 1000 for end in ends])


def _from_the_beginning(alignment: Alignment, received_s: float, last_end_s: float) -> Alignment:
    """Times that restart count from their own chunk: the service is documented in both ways."""
    begins_anew = alignment.starts_s[0] < last_end_s - RESET_S
    return alignment.moved(received_s) if begins_anew else alignment


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


def _chunk(stream: Stream, line: bytes) -> AudioChunk:
    value = _object(line.strip().removeprefix(b"data:"))
    audio = value.get("audio_base64")
    try:
        if isinstance(audio, str):
            return AudioChunk(base64.b64decode(audio, validate=True), of_request(value.get("alignment")))
    except (binascii.Error, ValueError):
        pass
    from eleven_cli.api.http.refusals import not_what_was_asked

    raise not_what_was_asked(stream.headers, line, wanted="audio with timings")


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = parsed(line)
    except (ValueError, RecursionError):
        return {}
    return object_of(value)


def _alignment(characters: Any, starts: Any, ends: Any) -> Alignment | None:
    if not (isinstance(characters, list) and _are_numbers(starts) and _are_numbers(ends)):
        return None
    if not len(characters) == len(starts) == len(ends):
        return None
    if not all(isinstance(character, str) for character in characters):
        return None
    return Alignment(tuple(characters), tuple(map(float, starts)), tuple(map(float, ends)))


def _are_numbers(values: Any) -> TypeGuard[list[float]]:
    return isinstance(values, list) and all(isinstance(each, int | float) and abs(each) <= LATEST for each in values)
