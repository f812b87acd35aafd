"""Bytes to text: UTF-8, or an error that names the byte."""

import codecs

from eleven_cli.errors import UsageError

_OTHER_MARKS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1b")


def decoded(data: bytes, source: str) -> str:
    """The text in `data`; a byte-order mark is dropped. Raises UsageError for what is no UTF-8 text.

    `source` says in the error where the bytes came from.
    """
    if (other := _OTHER_MARKS.get(data[:2])) is not None:
        raise UsageError(f"{source} is {other}, not UTF-8", hint=f"iconv -f {other} -t UTF-8 FILE | eleven tts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as failed:
        # utf-8-sig counts from after the mark
        offset = failed.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        raise UsageError(
            f"{source} is not UTF-8 text: {_place(data, offset)}", hint="convert it first, for example with iconv"
        ) from None
    binary = next((at for at, byte in enumerate(data) if byte < 0x20 and byte not in _TEXT_CONTROLS), None)
    if binary is not None:
        raise UsageError(f"{source} is binary, not text: {_place(data, binary)}")
    return text


def _place(data: bytes, offset: int) -> str:
    line = data.count(b"\n", 0, offset) + 1
    return f"byte 0x{data[offset]:02x} at offset {offset} (line {line})"
