"""What users read keeps to one wording. `python -m tests.support.list_messages` lists all of it."""

import re

import pytest

from tests.support.list_messages import PACKAGE, messages

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "sandbox" not in path.parts)
INSTEAD = {
    r"\bat once\b": "give either X or Y, not both",
    r"\bmakes (no )?sense\b": "X cannot be used with Y; X needs Y",
    r"\bnobody knows\b": "cannot tell the format of X",
    r"(?<!there )\bis no (?!longer)[a-z]+\b": "is not a …",
    r"\bnothing on this machine\b": "no … found",
    r"\bleave .+ out\b|\bleave one\b": "omit X",
    r"\bmend\b|\banew\b": "fix, again",
    r"\b(twin|manner|wish|outlet|utterances?|told|heeds?)\b": "a word of the field, not one of our own",
}


def test_all_are_listed():
    found = [text for path in MODULES for _, _, text in messages(path)]
    assert len(found) > 400
    assert "no API key" in found
    assert any(text.startswith("give either ") for text in found)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_messages_are_read_once(path):
    for line, _, text in messages(path):
        said = re.sub(r"\{[^}]*\}", "{}", text)
        for pattern, instead in INSTEAD.items():
            assert not re.search(pattern, said), f"line {line}: {text!r}; better: {instead}"
