"""Bytes to text: UTF-8, or an error that names the byte."""

import codecs
from pathlib import PurePath
from shlex import quote

from eleven_cli.errors import UsageError

# The longer ones first: UTF-32's mark begins with UTF-16's.
_OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
STDIN = "stdin"
_LONGEST_MARK = 4
_CONVERT = "convert it first, for example with iconv"
# Besides white space: what terminals are told with (BEL, BS, SO, SI, ESC), which `escapes` takes away.
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x07\x08\x0e\x0f\x1b")


def decoded(data: bytes, source: str) -> str:
    """The text in `data`; a byte-order mark is dropped. Raises UsageError for what is no UTF-8 text.

    `source` says in the error where the bytes came from.
    """
    if other := _other_encoding(data):
        raise UsageError(f"{source} is {other}, not UTF-8", hint=_conversion(other, source))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as failed:
        # utf-8-sig counts from after the mark
        offset = failed.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        raise UsageError(f"{source} is not UTF-8 text: {_place(data, offset)}", hint=_CONVERT) from None
    binary = _first_binary(data)
    if binary is not None:
        raise UsageError(f"{source} is binary, not text: {_place(data, binary)}")
    return text


class Decoder:
    """UTF-8 text that is still arriving, in pieces of any size.

    trouble   why the rest is no text, None while it is; what came before was given
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._offset = 0
        self._beginning: bytes | None = b""  # what may become a byte-order mark; None when that is decided
        self.trouble: UsageError | None = None

    def feed(self, data: bytes) -> str:
        """Gives the text that has been decoded; nothing once there is trouble."""
        if self.trouble is not None:
            return ""
        if self._beginning is not None:
            self._beginning += data
            if _may_become_mark(self._beginning):
                return ""
            data = self._without_other_mark()
        binary = _first_binary(data)
        text = self._decoded(data[:binary])
        if binary is not None and self.trouble is None:
            self._give_up("is binary, not text", data[binary], self._offset + binary)
        self._offset += len(data)
        return text

    def end(self) -> None:
        """Nothing more comes: a character that is not complete is trouble."""
        if self._beginning:
            self.feed(self._without_other_mark())
        waiting = self._decoder.getstate()[0]
        if waiting and self.trouble is None:
            self._give_up("ends in the middle of a character", waiting[0], self._offset - len(waiting))

    def _without_other_mark(self) -> bytes:
        """What the text begins with; nothing, and trouble, when that is another encoding's mark."""
        beginning, self._beginning = self._beginning or b"", None
        if not (other := _other_encoding(beginning)):
            return beginning
        hint = f"… | iconv -f {other} -t UTF-8 | eleven tts"
        self.trouble = UsageError(f"{self._source} is {other}, not UTF-8", hint=hint)
        return b""

    def _decoded(self, data: bytes) -> str:
        waiting = self._decoder.getstate()[0]
        try:
            return self._decoder.decode(data)
        except UnicodeDecodeError as failed:
            mark = len(waiting) + len(data) - len(failed.object)  # is not counted
            at = self._offset - len(waiting) + mark + failed.start
            self._give_up("is not UTF-8 text", failed.object[failed.start], at, hint=_CONVERT)
            return failed.object[: failed.start].decode()

    def _give_up(self, what: str, byte: int, offset: int, hint: str = "") -> None:
        self.trouble = UsageError(f"{self._source} {what}: byte 0x{byte:02x} at offset {offset}", hint=hint)


def _conversion(encoding: str, source: str) -> str:
    """A command that makes UTF-8 of it."""
    if source == STDIN:
        return f"iconv -f {encoding} -t UTF-8 FILE | eleven tts"
    path = PurePath(source)
    other = quote(str(path.with_name(f"{path.stem}.utf8{path.suffix}")))
    return f"iconv -f {encoding} -t UTF-8 {quote(source)} > {other}"


def _other_encoding(data: bytes) -> str:
    return next((name for mark, name in _OTHER_MARKS if data.startswith(mark)), "")


def _may_become_mark(data: bytes) -> bool:
    """Whether the next bytes decide what mark it is, if it is one."""
    return len(data) < _LONGEST_MARK and any(mark.startswith(data) and mark != data for mark, _ in _OTHER_MARKS)


def _first_binary(data: bytes) -> int | None:
    return next((at for at, byte in enumerate(data) if byte < 0x20 and byte not in _TEXT_CONTROLS), None)


def _place(data: bytes, offset: int) -> str:
    line = data.count(b"\n", 0, offset) + 1
    return f"byte 0x{data[offset]:02x} at offset {offset} (line {line})"
