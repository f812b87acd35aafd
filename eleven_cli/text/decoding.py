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


class Decoder:
    """UTF-8 text that is still arriving.

    trouble   why the rest is no text, None while it is; what came before was given
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._offset = 0
        self.trouble: UsageError | None = None

    def feed(self, data: bytes) -> str:
        """What can be read by now; nothing once there is trouble."""
        if self.trouble is not None:
            return ""
        if self._offset == 0 and (other := _OTHER_MARKS.get(data[:2])) is not None:
            hint = f"… | iconv -f {other} -t UTF-8 | eleven tts"
            self.trouble = UsageError(f"{self._source} is {other}, not UTF-8", hint=hint)
            return ""
        binary = next((at for at, byte in enumerate(data) if byte < 0x20 and byte not in _TEXT_CONTROLS), None)
        text = self._decoded(data[:binary])
        if binary is not None and self.trouble is None:
            self._give_up("is binary, not text", data[binary], self._offset + binary)
        self._offset += len(data)
        return text

    def end(self) -> None:
        """Nothing more comes: a character that is not complete is trouble."""
        waiting = self._decoder.getstate()[0]
        if waiting and self.trouble is None:
            self._give_up("ends in the middle of a character", waiting[0], self._offset - len(waiting))

    def _decoded(self, data: bytes) -> str:
        waiting = self._decoder.getstate()[0]
        try:
            return self._decoder.decode(data)
        except UnicodeDecodeError as failed:
            mark = len(waiting) + len(data) - len(failed.object)  # is not counted
            at = self._offset - len(waiting) + mark + failed.start
            self._give_up("is not UTF-8 text", failed.object[failed.start], at)
            return failed.object[: failed.start].decode()

    def _give_up(self, what: str, byte: int, offset: int) -> None:
        self.trouble = UsageError(f"{self._source} {what}: byte 0x{byte:02x} at offset {offset}")


def _place(data: bytes, offset: int) -> str:
    line = data.count(b"\n", 0, offset) + 1
    return f"byte 0x{data[offset]:02x} at offset {offset} (line {line})"
