"""Text that comes where audio was asked for, under any content type. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from eleven_cli.api.http.session import LONGEST_ERROR_BODY_BYTES
from eleven_cli.api.json_fields import parsed
from eleven_cli.errors import ElevenError

_MAGIC = (b"ID3", b"OggS", b"RIFF", b"fLaC")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")  # the first has a frame's sync bits, but of no layer that is sent
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # which no text has, in any encoding of single bytes or UTF-8
_WORDS = re.compile(rb"[\t\r\n -~]{16,}")
_MARKUP = (b"{", b"[", b"<")
_HTML = (b"<html", b"<!doctype")
_FRAMED = ("mp3_", "opus_")
_SAMPLES = "pcm_"


def is_text(first: bytes, output_format: str) -> bool:
    """Whether an answer that begins so is text. first: 4 bytes of it, unless there are fewer.

    Raw samples may begin with nearly anything: only what is surely text counts there.
    """
    if output_format.startswith(_FRAMED):
        return first.lstrip()[:1] in _MARKUP or _is_unframed_text(first)
    if first.lstrip()[:9].lower().startswith(_HTML) or _is_json(first):
        return True
    return output_format.startswith(_SAMPLES) and _is_words(first)


def refusal_in(headers: Mapping[str, str], body: Iterable[bytes]) -> ElevenError:
    """What such an answer says; no more of it is read than an error may be long."""
    from eleven_cli.api.http.refusals import not_what_was_asked

    return not_what_was_asked(headers, b"".join(_at_most(LONGEST_ERROR_BODY_BYTES, body)), wanted="audio")


def _at_most(size: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return


def _is_unframed_text(first: bytes) -> bool:
    if first.startswith(_BYTE_ORDER_MARKS):
        return True
    has_sync = len(first) > 1 and first[0] == 0xFF and first[1] >= 0xE0
    return not has_sync and not first.startswith(_MAGIC) and not _BINARY.search(first)


def _is_words(first: bytes) -> bool:
    """Samples that are all printable are loud and never negative: a coincidence of a few, but not of sixteen bytes
    that are letters and blanks mostly."""
    wordlike = sum(1 for byte in first[:256] if chr(byte).isalpha() or byte == 0x20)
    return _WORDS.fullmatch(first) is not None and b" " in first and wordlike >= 0.7 * min(len(first), 256)


def _is_json(first: bytes) -> bool:
    """Whether it is a whole JSON object: samples are not, by any chance."""
    if first[:1] != b"{":
        return False
    try:
        return isinstance(parsed(first), dict)
    except (ValueError, RecursionError):
        return False
