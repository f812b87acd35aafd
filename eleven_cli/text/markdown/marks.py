"""What many dialects of Markdown add to it: notes, tasks, callouts, formulas, emoji codes; and that it is not spoken.

Rules for markdown-it, and the pattern of those that stand within a line for text that is still arriving.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_ATTRIBUTE = r"""(?:[#.][^\s{}#.]+|[\w:-]+=(?:"[^"\n]*"|'[^'\n]*'|[^\s"'{}]+)|-)"""
_CODE = r"(?:[a-z_][a-z0-9_+-]*|\+1|-1|100|1234|[0-9]+[a-z_][a-z0-9_]*)"
_INLINE = (
    r"\[\^[^\[\]\s]{1,100}\]|\^\[(?:[^\[\]]|\[[^\[\]]{0,300}\]){0,1000}\]"  # notes
    r"|\[-?@[^\[\]\n]{1,300}\]"  # citations
    r"|!\[\[[^\[\]\n]{1,300}\]\]|\[\[(?P<wiki>[^\[\]\n]{1,300})\]\]"
    rf"|\{{:?[ ]*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*[ ]*\}}|\{{:[^{{}}\n]*\}}"
    r"|\{\{[<%].{0,300}?[>%]\}\}|\{%.{0,300}?%\}"
    rf"|(?<![\w:])(?::{_CODE}:)+(?![\w:])|<a?:\w+:\d+>"
    r"|%%[^%\n]+%%|(?<=\s)\^[A-Za-z0-9-]+(?=\s*(?:\n|\Z))"  # comments, names of paragraphs
    r"|(?<![\w=])==(?=[^\s=])|(?<=[^\s=])==(?![\w=])"
    r"|\$\$(?P<display>[^$]{1,2000})\$\$|\$`(?P<quoted>[^`\n]+)`\$"
    r"|(?<![\w$])\$(?![\s$])(?P<dollars>(?:\\.|[^$\\\n]|\n(?!\s*\n)){1,400}?)(?<![\s\\])\$(?![\w$])"
    r"|\\\((?P<round>[^\n]{1,400}?)\\\)|\\\[(?P<square>(?:(?!\\\])[^\n]){1,400})\\\]"
)
INLINE_MARKS = re.compile(_INLINE)
NAMELESS_INLINE_MARKS = re.sub(r"\(\?P<\w+>", "(?:", _INLINE)
_STARTERS = frozenset("[^!{:<%=$\\")
_AT_THE_START = re.compile(
    r"\[[ xX/!?*<>-]\](?:[ \t]+|\Z)|\[![\w-]+(?:\|[^\]\n]*)?\][+-]?[ \t]*\n?|\[(?:TOC|toc|\[_TOC_\])\]\s*\Z"
)
_LOOKS_LIKE_FORMULA = re.compile(r"(?<!\\)[=^_+]|\\[A-Za-z]")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_SIMPLE = re.compile(r"[\w\s.,;:()+*/=<>!'|²³¹⁰-⁹⁺-⁾₀-₎ⁿⁱ%°±×÷·≤≥≠≈−→∞π-]+")
_RAISED = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SCRIPT = re.compile(r"([\^_])(?:\{([\dni+-]{1,3})\}|([\dni]))")

FOOTNOTE = re.compile(r"[ \t>]*\[\^[^\]\s]+\]:")
NOTE_ENDS = re.compile(r" {0,3}(?:#{1,6}\s|`{3}|~{3}|>|[-*+]\s|\|)")
ABBREVIATION = re.compile(r" {0,3}\*\[[^\]\n]+\]:")
_ADMONITION = re.compile(
    r" {0,3}(?::{3,}[ \t]*(?:\{[^}\n]*\}|[\w-]+)?(?:\{[^}\n]*\})?(?:\[(?P<bracket>[^\]\n]*)\])?(?P<colons>.*)"
    r"|(?:!!!|\?\?\?\+?)[ \t]+[\w-]+(?P<marks>.*))\Z"
)


def use(parser: "MarkdownIt") -> "MarkdownIt":
    """The parser, with the rules."""
    options: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("reference", "footnote", _footnote, options)
    parser.block.ruler.before("reference", "abbreviation", _abbreviation, options)
    parser.block.ruler.before("reference", "formula", _formula, options)
    parser.block.ruler.before("reference", "admonition", _admonition, options)
    parser.inline.ruler.before("escape", "mark", _mark)
    parser.inline.ruler.before("link", "loose_reference", _loose_reference)
    return parser


def words_of(mark: re.Match[str]) -> str:
    """What is spoken of an inline mark."""
    if wiki := mark["wiki"]:
        return wiki.rpartition("|")[2].replace("#", " ").strip(" \\")
    if mark["square"] and not _LOOKS_LIKE_FORMULA.search(mark["square"]):
        return f"[{mark['square']}]"  # plain brackets, written with care
    formula = mark["dollars"] or mark["round"] or mark["quoted"]
    if formula is None:
        return ""
    if mark["dollars"] and len(_LETTERS.findall(formula)) > 1 and "\\" not in formula:
        return mark[0]  # prices with words between them
    return _read_formula(formula)


def _read_formula(formula: str) -> str:
    """A formula that reads as it is written, with small numbers for its scripts; nothing for one with commands."""
    plain = _SCRIPT.sub(
        lambda found: (found[2] or found[3]).translate(_RAISED if found[1] == "^" else _LOWERED), formula.strip()
    )
    return plain if _SIMPLE.fullmatch(plain) and "_" not in plain else ""


def _mark(state: "StateInline", silent: bool) -> bool:
    text, at = state.src, state.pos
    if text[at] not in _STARTERS:
        return False
    found = (_AT_THE_START.match(text) if at == 0 else None) or INLINE_MARKS.match(text, at, state.posMax)
    if found is None:
        return False
    words = words_of(found) if found.re is INLINE_MARKS else ""
    state.pos = found.end()
    if words and not silent:
        state.pending += words
    elif not silent:
        _close_the_gap(state, at)
    return True


def _close_the_gap(state: "StateInline", start: int) -> None:
    """No two blanks, and none before a stop, where something was left out."""
    following = state.src[state.pos : min(state.pos + 1, state.posMax)]
    before = state.pending[-1:] or state.src[max(0, start - 1) : start] or " "
    if before in " \n" and following == " ":
        state.pos += 1
    elif before == " " and following and following in ".,;:!?)\n":
        state.pending = state.pending.removesuffix(" ")


def _loose_reference(state: "StateInline", silent: bool) -> bool:
    """`[text][label]` whose label is nowhere (yet): only the text is spoken."""
    start = state.pos + (state.src[state.pos] == "!")
    if state.src[start : start + 1] != "[" or state.src.find("][", start) < 0:
        return False
    end = state.md.helpers.parseLinkLabel(state, start)
    label = re.compile(r"\]\[([^\[\]\n]*)\]").match(state.src, end) if end > 0 else None
    if label is None or label.end() > state.posMax:
        return False
    name = (label[1] or state.src[start + 1 : end]).strip()
    from markdown_it.common.utils import normalizeReference

    if normalizeReference(name) in state.env.get("references", {}):
        return False
    if not silent:
        most, state.pos, state.posMax = state.posMax, start + 1, end
        state.md.inline.tokenize(state)
        state.posMax = most
    state.pos = label.end()
    return True


def _line(state: "StateBlock", number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _footnote(state: "StateBlock", line: int, last: int, silent: bool) -> bool:
    """A note, with the lines and indented paragraphs that belong to it."""
    if state.is_code_block(line) or not FOOTNOTE.match(_line(state, line)):
        return False
    if silent:
        return True
    indent, line = state.blkIndent, line + 1
    while line < last:
        if state.isEmpty(line):
            following = state.skipEmptyLines(line)
            if following >= last or state.sCount[following] - indent < 2:
                break
            line = following
        elif state.sCount[line] - indent < 2 and NOTE_ENDS.match(_line(state, line)):
            break
        line += 1
    state.line = line
    return True


def _abbreviation(state: "StateBlock", line: int, last: int, silent: bool) -> bool:
    if state.is_code_block(line) or not ABBREVIATION.match(_line(state, line)):
        return False
    state.line = line if silent else line + 1
    return True


def _formula(state: "StateBlock", line: int, last: int, silent: bool) -> bool:
    """A formula on lines of its own."""
    first = _line(state, line)
    closer = {"$$": "$$", "\\[": "\\]"}.get(first[:2])
    if state.is_code_block(line) or closer is None:
        return False
    for end in range(line, last):
        rest = _line(state, end)[2 if end == line else 0 :].rstrip()
        if rest.endswith(closer) or re.search(re.escape(closer) + r"[ \t]*(?:\{[^}]*\}|\([\d.]+\))?\Z", rest):
            if not silent:
                state.line = end + 1
            return True
        if closer in rest:
            return False
    return False


def _admonition(state: "StateBlock", line: int, last: int, silent: bool) -> bool:
    """`:::note Title` and `!!! note "Title"`: the title, and the marks around it away."""
    found = None if state.is_code_block(line) else _ADMONITION.match(_line(state, line))
    if found is None:
        return False
    if silent:
        return True
    title = (found["bracket"] or found["colons"] or found["marks"] or "").strip(" \t\"':")
    if title:
        state.push("paragraph_open", "p", 1)
        token = state.push("inline", "", 0)
        token.content, token.children, token.map = title, [], [line, line + 1]
        state.push("paragraph_close", "p", -1)
    state.line = line + 1
    if found["marks"] is not None:
        _outdent(state, line + 1, last)
    return True


def _outdent(state: "StateBlock", line: int, last: int) -> None:
    """What is indented below `!!! note` is text, and no code."""
    for at in range(line, last):
        if not state.isEmpty(at) and state.sCount[at] < 4:
            break
        if not state.isEmpty(at):
            state.tShift[at] -= min(4, state.tShift[at])
            state.bMarks[at] += 4 if state.src[state.bMarks[at] : state.bMarks[at] + 4] == "    " else 1
            state.sCount[at] -= 4
