"""Entities that a document declares for itself: harmless ones are put in, dangerous ones refused. Pure.

A few lines of them can make gigabytes, or name a file of this machine. Source: XML 1.0, sections 4.2 to 4.4.
"""

import re
from collections import Counter

MOST_CHARACTERS = 1_000_000  # that entities may add to a document
_SUBSET = re.compile(r"(?:<[?!](?!DOCTYPE)[^>]*+>|[^<]++)*+<!DOCTYPE[^\[>]*+\[")
_SUBSET_END = re.compile(r"\]\s*+>")
_DECLARATION = re.compile(
    r"""<!ENTITY\s++(?P<parameter>%\s++)?+(?P<name>[^\s"'<>%&;]++)\s++
    (?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<kind>SYSTEM|PUBLIC)\s(?P<where>[^<>]*+))""",
    re.VERBOSE,
)
_REFERENCE = re.compile(r"&([^\s&;<>\"'#]{1,200});")
_DTD_OF_XHTML = re.compile(r"[\"']-//(?:W3C|IDPF|NISO|OASIS)//")  # what names it never fetches it


class UnsafeMarkup(ValueError):
    """A document declares entities that grow, repeat each other, or lie outside of it."""


def with_entities(markup: str) -> str:
    """The document with its own entities replaced. Raises UnsafeMarkup for those that no book needs."""
    subset = _SUBSET.match(markup)
    end = _SUBSET_END.search(markup, subset.end()) if subset else None
    if not subset or not (declared := _declared(markup[subset.end() : end.start() if end else None])):
        return markup
    values: dict[str, str] = {}
    for name in declared:
        values[name] = _value(name, declared, values, ())
    room = MOST_CHARACTERS - sum(
        len(values[name]) * times for name, times in Counter(_REFERENCE.findall(markup)).items() if name in values
    )
    if room < 0:
        raise UnsafeMarkup
    return _REFERENCE.sub(lambda found: values.get(found[1], found[0]), markup)


def _declared(subset: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for declaration in _DECLARATION.finditer(subset):
        if declaration["kind"]:
            _refuse_outside(declaration)
        elif not declaration["parameter"]:
            found.setdefault(declaration["name"], declaration["double"] or declaration["single"] or "")
    return found


def _refuse_outside(declaration: "re.Match[str]") -> None:
    is_picture = "NDATA" in declaration["where"]
    is_standard = declaration["parameter"] and _DTD_OF_XHTML.match(declaration["where"].lstrip())
    if not is_picture and not is_standard:
        raise UnsafeMarkup


def _value(name: str, declared: dict[str, str], values: dict[str, str], within: tuple[str, ...]) -> str:
    """What the entity stands for. One that holds another twice is how bombs are made."""
    if name in values:
        return values[name]
    inner = Counter(other for other in _REFERENCE.findall(declared[name]) if other in declared)
    if name in within or len(within) > 10 or any(times > 1 for times in inner.values()):
        raise UnsafeMarkup
    text = declared[name]
    for other in inner:
        values[other] = _value(other, declared, values, (*within, name))
        text = text.replace(f"&{other};", values[other])
        if len(text) > MOST_CHARACTERS:
            raise UnsafeMarkup
    values[name] = text
    return text
