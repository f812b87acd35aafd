"""Markdown that is still being written, to the text that should be spoken."""

import re
from collections.abc import Iterator

from eleven_cli.text.boundaries import FIRST_WITHOUT_BLANKS
from eleven_cli.text.markdown.marks import ABBREVIATION, FOOTNOTE, NAMELESS_INLINE_MARKS, NOTE_ENDS
from eleven_cli.text.markdown.words import SENTENCE_END, spoken_part

_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+")
_FENCE = re.compile(r"[ \t>]*(?:[-+*] +|\d+[.)] +)?(`{3,}(?=[^`]*\Z)|~{3,})")
_ITEM = re.compile(r"[ \t>]*(?:[-+*]|\d{1,9}[.)])\s")
_ROW = re.compile(r"[ \t>]*\||[^`\r\n]*\S \| \S")
_FACT = re.compile(r"[ \t>]*\[[^\]\r\n]+\]:[ \t]*(?:<[^>\r\n]*>|\S+)[ \t]*(?:[\"'(]|[\r\n]|\Z)")  # where a link leads
_BOX = re.compile(r"[ \t>]*(?:!!!|\?\?\?\+?)[ \t]+\w")
_RULE = re.compile(r"[ \t>]*[-=|:][-=|: \t]*[\r\n]*\Z")
_HEADING = re.compile(r"[ \t>]*#{1,6}\s")
_INDENT = re.compile(r" {0,3}\t| {4}")
_NOTE_INDENT = re.compile(r"[ \t>]*(?:\t| {2})\S")
_COMMENT_END = "-->"
_FORMULA_ENDS = {"$$": "$$", "\\[": "\\]"}
_TICKS = re.compile(r"(?P<ticks>`+)")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_MARK = re.compile(
    rf"{NAMELESS_INLINE_MARKS}|(?P<formula>\$\$|\\\[)"
    rf"|\\{_PUNCTUATION.pattern}|{_TICKS.pattern}|(?P<comment><!--)"
    r"|<(?P<silent>script|style|svg|template|textarea|video|audio|object|iframe|math)\b[^<>]*(?<!/)>"
    r"|<[^\s<>][^<>]*>|https?://[^\s*`<>|()\[\]]+|(?P<note>\^\[)"
    r"|(?P<open>\[)|(?P<close>\](?:\([^)\r\n]*\)?)?)|(?P<run>\*+|_+|~~)"
)
_WHOLE_BRACKET = re.compile(r"[^\]]*\](?!\([^)]*\Z)")
_BLOCK_START = re.compile(r"\A(\d*)(?=[-+*#>=~.)])")
_CELL_EDGE = re.compile(r"\A(?:\s|</?(?:p|div|br)\b[^<>]*>)+|(?:\s|</?(?:p|div|br)\b[^<>]*>)+\Z", re.IGNORECASE)
_PIPE = re.compile(r"(?<!\\)\|")


class Cleaner:
    """The words of a Markdown text that comes in pieces: sentences, whole lines or parts of them.

    What a piece leaves open is carried on: fences and comments until they close, emphasis, code spans and links until
    they close or their paragraph ends, notes until the text goes on. What may open emphasis is not spoken: nobody can
    know yet whether it closes.
    """

    def __init__(self) -> None:
        self._spans = _Spans()
        self._fence = ""
        self._in_row = self._in_list = self._in_paragraph = False
        self._in_note = self._after_blank = False

    def feed(self, sentence: str) -> str:
        """What of it should be spoken, "" for nothing."""
        return spoken_part("".join(map(self._line, _LINE.findall(sentence))))

    def _line(self, line: str) -> str:
        """The same as Markdown that can be understood without what was before it."""
        is_new = self._spans.is_at_line_start
        silent = self._begins_silent(line) if is_new else bool(self._fence)
        words = self._spans.words(line, hidden=silent)
        if self._in_row:
            return _row(words)
        return words.lstrip(" \t") if is_new else _as_text(words)

    def _begins_silent(self, line: str) -> bool:
        """Takes notice of the block that the line begins or goes on with: has it nothing to say?"""
        if not self._fence and self._is_note(line):
            self._spans.end_paragraph()
            self._spans.hide_until("\n")
            self._in_row = self._in_paragraph = False
            return False
        is_blank, is_item, is_row = not line.strip(), bool(_ITEM.match(line)), bool(_ROW.match(line))
        is_code, is_indented = self._is_code(line), bool(_INDENT.match(line))
        if is_code or is_blank or is_item or is_row or _HEADING.match(line):
            self._spans.end_paragraph()
            self._in_paragraph = False
        self._in_row = is_row and not is_code
        if is_code or is_blank:
            return is_code
        if is_indented and not self._in_paragraph and not self._in_list:
            self._spans.hide_until("\n")
            return False
        self._in_list = (
            is_item or bool(_BOX.match(line)) or (self._in_list and (self._in_paragraph or line[0] in " \t"))
        )
        self._in_paragraph = True
        return bool(_RULE.match(line))

    def _is_note(self, line: str) -> bool:
        """Whether the line belongs to a note, or says where a link leads."""
        is_blank = not line.strip()
        goes_on = is_blank or bool(_NOTE_INDENT.match(line)) or not (self._after_blank or NOTE_ENDS.match(line))
        self._in_note = bool(FOOTNOTE.match(line)) or (self._in_note and goes_on)
        self._after_blank = is_blank
        return not is_blank and (self._in_note or (not self._in_paragraph and _is_fact(line)))

    def _is_code(self, line: str) -> bool:
        """Whether the line is within a fenced block, or one of its fences."""
        mark = _FENCE.match(line)
        if self._fence:
            if mark and mark[1].startswith(self._fence) and not line.strip(" \t>\r\n`~"):
                self._fence = ""
            return True
        self._fence = mark[1] if mark else ""
        return bool(mark)


class _Spans:
    """What is open within a paragraph: emphasis, a code span, a link or a comment."""

    def __init__(self) -> None:
        self._before = "\n"  # the character before the next line
        self._hidden_until = ""
        self._ticks = ""
        self._marks: list[str] = []  # one character each; "(" for a bracket that was dropped

    @property
    def is_at_line_start(self) -> bool:
        return self._before in "\r\n" and not self._hidden_until

    def end_paragraph(self) -> None:
        self._ticks, self._marks = "", []

    def hide_until(self, end: str) -> None:
        self._hidden_until = end

    def words(self, line: str, *, hidden: bool) -> str:
        """The line without the marks of emphasis, comments and halves of links; code as plain text."""
        if self._hidden_until in _FORMULA_ENDS.values() and self._before in "\r\n" and not line.strip():
            self._hidden_until = ""  # no formula has an empty line
        shown = "" if hidden else "".join(self._shown(line))
        self._before = line[-1]
        if self._before in "\r\n" and self._hidden_until in ("\n", ")", "]"):
            self._hidden_until = ""
        return shown

    def _shown(self, line: str) -> Iterator[str]:
        at = 0
        while at < len(line):
            if self._hidden_until:
                at = self._hidden_end(line, at)
                continue
            found = (_TICKS if self._ticks else _MARK).search(line, at)
            between = line[at : found.start() if found else len(line)]
            yield _plain(between) if self._ticks else between
            if not found:
                return
            yield self._mark(line, found)
            at = found.end()

    def _hidden_end(self, line: str, start: int) -> int:
        end = line.lower().find(self._hidden_until, start)
        if end < 0:
            return len(line)
        end += len(self._hidden_until)
        self._hidden_until = ""
        return end

    def _mark(self, line: str, found: re.Match[str]) -> str:
        """What is left of it."""
        match found.lastgroup:
            case "ticks" if self._ticks and self._ticks != found[0]:
                return _plain(found[0])
            case "ticks":
                self._ticks = "" if self._ticks else found[0]
                return ""
            case "formula":
                return self._formula(line, found)
            case "comment" | "note" | "silent":
                name = found["silent"]
                self._hidden_until = f"</{name.lower()}>" if name else "]" if found["note"] else _COMMENT_END
                return ""
            case "run":
                return self._run(line, found)
            case "open":
                is_whole = bool(_WHOLE_BRACKET.match(line, found.end()))
                self._marks.append("[" if is_whole else "(")
                return "[" if is_whole else ""
            case "close":
                return self._closing_bracket(found[0])
        return found[0]

    def _formula(self, line: str, found: re.Match[str]) -> str:
        """The beginning of a formula on lines of its own; anything else is text."""
        end, rest = _FORMULA_ENDS[found[0]], line[found.end() :].rstrip()
        is_first = self._before in "\r\n" and not line[: found.start()].strip(" \t>")
        if not is_first or (end in rest and not rest.endswith(end)):
            return found[0]
        self._hidden_until = end
        return ""

    def _run(self, line: str, found: re.Match[str]) -> str:
        before = line[found.start() - 1] if found.start() else self._before
        after = line[found.end() : found.end() + 1]
        can_open = not after.isspace() and not _is_in_word(before, found[0])
        can_close = not before.isspace() and not (after.isalnum() and (found[0][0] == "_" or _is_mark(before)))
        kept = ""
        for char in found[0]:
            if can_close and char in self._marks:
                self._marks.reverse()
                self._marks.remove(char)
                self._marks.reverse()
            elif can_open:
                self._marks.append(char)
            else:
                kept += char
        return kept

    def _closing_bracket(self, mark: str) -> str:
        opener = next((char for char in reversed(self._marks) if char in "[("), "")
        if opener:
            self._marks.remove(opener)
        if mark[1:] and not mark.endswith(")"):
            self._hidden_until = ")"
            return ""
        return mark if opener == "[" or (mark == "]" and not opener) else ""


def _is_in_word(before: str, run: str) -> bool:
    """Whether a run after this character is no emphasis. Scripts without blanks have no other place for it."""
    return before.isalnum() and (run[0] == "_" or before < FIRST_WITHOUT_BLANKS)


def _is_fact(line: str) -> bool:
    """Whether the line only says where links of a name lead, or what a short form means."""
    return bool(_FACT.match(line) or ABBREVIATION.match(line))


def _is_mark(before: str) -> bool:
    """Whether a run between this character and a letter can only open."""
    return not before.isalnum() and before not in "*_~"


def _plain(text: str) -> str:
    """Markdown that says exactly this."""
    return _PUNCTUATION.sub(lambda found: f"&#{ord(found[0])};", text)


def _as_text(words: str) -> str:
    """Words from the middle of a line: they begin no list, heading or quotation."""
    return _BLOCK_START.sub(r"\1\\", words.lstrip(" \t"))


def _row(words: str) -> str:
    """The cells of a table row, or of a part of it."""
    cells = (_CELL_EDGE.sub("", cell) for cell in _PIPE.split(words.lstrip(" \t>")))
    text = ", ".join(cell for cell in cells if cell.strip("-:= "))
    is_whole = words.rstrip(" \t").endswith(("|", "\n", "\r"))
    stop = "." if text and is_whole and not text.endswith(SENTENCE_END) else ""
    return _as_text(text + stop) + "\n\n"
