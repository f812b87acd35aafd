"""Front matter: the facts about a document that stand before its text, as YAML, TOML or JSON. Pure."""

import json
import re

MOST_CHARACTERS = 65536  # of it: what is longer is text
_FENCES = {"---": "yaml", "+++": "toml", ";;;": "json"}
_CLOSERS = {"---": ("---", "..."), "+++": ("+++",), ";;;": (";;;",)}
_START = "---"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
_NO_FACTS = re.compile(r"[ \t]*(?:#.*)?")
_FACTS = {
    "yaml": re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|[\w?<$@][^:#\n]*)[ \t]*:(?:[ \t].*)?"""),
    "toml": re.compile(r"""[ \t]*(?:(?:"[^"\n]*"|'[^'\n]*'|[\w.-]+)[\w."' -]*=.*|\[.+\].*)"""),
    "json": re.compile(r"[ \t]*\{.*"),
}
_MORE_YAML = re.compile(r"[ \t].*|-(?:[ \t].*)?|[\])}].*")
_JSON_START = re.compile(r"\{\s*(?:[\"}]|\Z)")


class FrontMatter:
    """Takes the front matter off a text that is still arriving; what may be a part of it waits."""

    def __init__(self) -> None:
        self._waiting: str | None = ""  # None when it is known what it is

    def feed(self, text: str) -> str:
        """What is known to be text."""
        if self._waiting is None:
            return text
        is_begun = len(self._waiting) > len(_START)
        self._waiting += text
        if is_begun and not any(mark in text for mark in "\r\n}"):
            return ""  # only the end of a line tells more
        return self._decided(_end(self._waiting, whole=len(self._waiting) > MOST_CHARACTERS))

    def rest(self) -> str:
        """What waits, when nothing more comes."""
        return "" if self._waiting is None else self._decided(front_matter_end(self._waiting))

    def _decided(self, end: int | None) -> str:
        if end is None or self._waiting is None:
            return ""
        text, self._waiting = self._waiting[end:], None
        return text


def front_matter_end(text: str) -> int:
    """Where the text begins after its front matter; 0 when there is none."""
    return _end(text, whole=True) or 0


def _end(text: str, *, whole: bool) -> int | None:
    """The same; None while more text has to tell. `whole` when no more comes."""
    start = len(text) - len(text.lstrip())
    begun = text[start:]
    if begun.startswith("{"):
        end = _end_of_json(begun, whole=whole)
    elif begun[: len(_START)] in _FENCES:
        end = _end_of_fenced(begun, whole=whole)
    else:
        may_be = any(fence.startswith(begun) for fence in _FENCES)
        end = None if may_be and not whole else 0
    return start + end if end else end


def _end_of_fenced(text: str, *, whole: bool) -> int | None:
    ends = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1  # a last \r may be half of an end
    lines = _LINE.findall(text[:ends])
    if whole and text[ends:]:
        lines.append(text[ends:])
    if not lines:
        return None if re.fullmatch(r"(?:---|\+\+\+|;;;)[ \t]*\w*[ \t]*\r?", text) else 0
    first = re.fullmatch(r"(---|\+\+\+|;;;)[ \t]*(yaml|toml|json)?[ \t]*[\r\n]*", lines[0])
    if first is None:
        return 0
    language = first[2] or _FENCES[first[1]]
    at, seen = len(lines[0]), False
    for line in lines[1:]:
        words = line.rstrip()
        if words in _CLOSERS[first[1]]:
            return at + len(line)
        if not _NO_FACTS.fullmatch(words):
            is_fact = _FACTS[language].fullmatch(words) or (
                seen and (language != "yaml" or _MORE_YAML.fullmatch(words))
            )
            if not is_fact:
                return 0
            seen = True
        at += len(line)
    return 0 if whole else None


def _end_of_json(text: str, *, whole: bool) -> int | None:
    if not _JSON_START.match(text):
        return 0
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return 0 if whole else None
    after = text[end:].lstrip(" \t")
    if not after:
        return end if whole else None
    return end + len(text[end:]) - len(after) if after[0] in "\r\n" else 0
