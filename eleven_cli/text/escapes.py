"""Text without what only a terminal obeys: colours, titles, links, pictures, overstruck letters. Pure."""

import re

_ANY = r"[\x07\x08\x0e\x0f\x1b\x7f-\x84\x86-\x9f]"  # all of them compiled when a text first needs them
_SEQUENCE = (
    r"(?s)"
    r"\x1b(?P<string>[\]PX^_])|(?P<c1>[\x9d\x90\x98\x9e\x9f])"  # a string, up to its end
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # colours and the cursor
    r"|\x1b[NO].|\x1b [F-GL-N]|\x1b[!-/]*[0-Z\\`-~]|\x1b(?=\x1b)"
    r"|_\x08|\x08.?|[\x07\x0e\x0f\x7f-\x84\x86-\x9f]"
)
_OPEN = r"(?:(?:\x1b+\[|\x9b)[0-?]*[ -/]*|\x1b+[NO]?|\x1b+[ -/]+|(?<!\x1b)_|_?\x08)\Z"
_LONGEST_OPEN = 4096  # what has no end by then is none
_CUT_OFF = r"(?s)(?:\x1b\[|\x9b|\x1b[!-/NO]|_?\x08).*"
_STRING_END = r"\x07|\x9c|\x1b\\?"
_LINE_STRING = r"\x07|\x9c|\x1b\\?|(?=[\r\n])"  # a title or a link has one line


class Escapes:
    """Takes escape sequences out of text that is still arriving, however it is divided.

    That is CSI (colours), OSC (titles, links) and the other strings, ended by BEL or ST; with ESC or as 8-bit controls.
    Letters that are struck over (`N\\bN`, `_\\bN`) remain once. The text of a link stays.
    """

    def __init__(self) -> None:
        self._waiting = ""
        self._end: str | None = None  # of the string that is open

    def feed(self, text: str) -> str:
        """Gives the text without escape sequences; an incomplete sequence waits."""
        text = self._waiting + text
        may_be_open = "\x1b" in text or "\x9b" in text or text.endswith(("_", "\x08"))
        open_at = re.search(_OPEN, text) if may_be_open else None
        at = open_at.start() if open_at and len(text) - open_at.start() <= _LONGEST_OPEN else len(text)
        self._waiting = text[at:]
        return self._stripped(text[:at])

    def pause(self) -> str:
        """What waits and is no sequence: nothing came for a while."""
        if self._waiting != "_":
            return ""
        self._waiting = ""
        return "_"

    def rest(self) -> str:
        """What waits, when nothing more comes: an escape that begins nothing is none."""
        rest, self._waiting = self._waiting, ""
        return "" if self._end is not None else re.sub(_CUT_OFF, "", rest)

    def _stripped(self, text: str) -> str:
        if self._end is None and not re.search(_ANY, text):
            return text
        shown, at, sequence = [], 0, re.compile(_SEQUENCE)
        while at < len(text):
            if self._end is not None:
                at = self._after_string(text, at)
                continue
            found = sequence.search(text, at)
            shown.append(text[at : found.start() if found else len(text)])
            if found is None:
                break
            at = found.end()
            if found["string"] or found["c1"]:
                self._end = _LINE_STRING if found[0][-1] in "]\x9d" else _STRING_END
        return "".join(shown)

    def _after_string(self, text: str, at: int) -> int:
        assert self._end is not None
        ended = re.compile(self._end).search(text, at)
        if ended is None:
            return len(text)
        self._end = None
        # ESC ends a string, whatever it begins; only ST is the end and nothing else.
        return ended.end() if ended[0] != "\x1b" else ended.start()


def without_escapes(text: str) -> str:
    """A whole text, without its escape sequences."""
    if not re.search(_ANY, text):
        return text
    escapes = Escapes()
    return escapes.feed(text) + escapes.rest()
