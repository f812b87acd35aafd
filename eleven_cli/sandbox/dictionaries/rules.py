"""The rules of a dictionary: read from JSON and from PLS, and written as PLS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..http.problems import Problem
from ..http.validate import Checker
from .dictionary import Rule

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACE = "http://www.w3.org/2005/01/pronunciation-lexicon"
_OF_KIND = {"alias": ("alias",), "phoneme": ("phoneme", "alphabet")}
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<lexicon version="1.0" xmlns="{NAMESPACE}" alphabet="ipa">\n'


def check_rules(check: Checker, name: str, rules: object) -> None:
    """Checks a list of rules against the schema."""
    check.list_of(name, rules, _check_rule)


def complete_rules(given: Iterable[Rule]) -> list[Rule]:
    """Gives checked rules with their defaults."""
    return [_rule(rule, *_OF_KIND[rule["type"]]) for rule in given]


def merged(old: Sequence[Rule], new: Sequence[Rule]) -> list[Rule]:
    """Gives both; a new rule replaces the one for the same string."""
    replaced = {rule["string_to_replace"] for rule in new}
    return [*(rule for rule in old if rule["string_to_replace"] not in replaced), *new]


def rules_of_pls(content: bytes) -> list[Rule]:
    """Reads a PLS document. Raises Problem (400) for anything else."""
    from xml.etree import ElementTree

    try:
        if b"<!ENTITY" in content.replace(b"\0", b""):  # in UTF-16, too
            raise ValueError("it declares entities")
        root = ElementTree.fromstring(content)  # what is dangerous takes entities  # nosec B314
    except (ElementTree.ParseError, ValueError, LookupError) as wrong:
        raise _no_lexicon(str(wrong)) from None
    if _local(root) != "lexicon":
        raise _no_lexicon(f"its root is <{_local(root)}>")
    alphabet = root.get("alphabet") or "ipa"
    return [rule for each in root.iter() if _local(each) == "lexeme" for rule in _rules_of_lexeme(each, alphabet)]


def as_pls(rules: Iterable[Rule]) -> str:
    """Writes rules as a PLS document."""
    return f"{_HEAD}{''.join(map(_lexeme, rules))}</lexicon>\n"


def _check_rule(check: Checker, index: int, rule: object) -> None:
    if not check.object(index, rule):
        return
    assert isinstance(rule, dict)
    deeper = check.within(index)
    deeper.needed(rule, "type", _check_kind)
    kind = rule.get("type")
    for name in ("string_to_replace", *_OF_KIND.get(kind if isinstance(kind, str) else "", ())):
        deeper.needed(rule, name, Checker.string)
    if rule.get("string_to_replace") == "":
        deeper.note("string_to_replace", "string_too_short", "String should have at least 1 character", "")
    for name in ("case_sensitive", "word_boundaries"):
        deeper.optional(rule, name, Checker.boolean)


def _check_kind(check: Checker, name: str, kind: object) -> None:
    check.one_of(name, kind, tuple(_OF_KIND))


def _rule(rule: Rule, *names: str) -> Rule:
    exact = {name: rule.get(name) is not False for name in ("case_sensitive", "word_boundaries")}
    kept = ("string_to_replace", "type", *names)
    return {**{name: rule[name] for name in kept}, **exact}


def _rules_of_lexeme(lexeme: Element, alphabet: str) -> list[Rule]:
    found: dict[str, list[str]] = {"grapheme": [], "alias": [], "phoneme": []}
    for part in lexeme:
        found.setdefault(_local(part), []).append(" ".join((part.text or "").split()))
    words = [word for word in found["grapheme"] if word]
    if alias := next(filter(None, found["alias"]), ""):
        said = {"type": "alias", "alias": alias}
    elif phoneme := next(filter(None, found["phoneme"]), ""):
        said = {"type": "phoneme", "phoneme": phoneme, "alphabet": alphabet}
    else:
        raise _no_lexicon("a lexeme has neither an alias nor a phoneme")
    return complete_rules({"string_to_replace": word, **said} for word in words)


def _lexeme(rule: Rule) -> str:
    from xml.sax.saxutils import escape

    kind = rule["type"]
    word, said = escape(rule["string_to_replace"]), escape(rule[kind])
    return f"  <lexeme>\n    <grapheme>{word}</grapheme>\n    <{kind}>{said}</{kind}>\n  </lexeme>\n"


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _no_lexicon(why: str) -> Problem:
    return Problem(400, "invalid_parameters", f"The file is no PLS lexicon: {why}.", param="file")
