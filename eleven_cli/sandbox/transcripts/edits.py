"""What an instruction in words makes of a transcript: those of a few plain forms are understood. Pure.

Of any other, nothing is edited: the edited text is then the same, as the service says it is where it edits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MAX_EDIT = 2000
SURCHARGE, LEAST_S = 0.3, 10.0  # of a transcript that is edited while it is live: what is charged at least
Edit = Callable[[re.Match[str], str], str]
_OLD, _NEW = (rf"""["'\u201c\u2018](?P<{name}>[^"\u201d]+?)["'\u201d\u2019](?!\w)""" for name in ("old", "new"))
_FORMS: dict[str, Edit] = {
    rf"(?:replace|change|turn) {_OLD} (?:with|by|to|into) {_NEW}": lambda found, text: _put(
        text, found["old"], found["new"]
    ),
    rf"(?:remove|delete|omit|drop) (?:the words? )?{_OLD}": lambda found, text: " ".join(
        _put(text, found["old"], "").split()
    ),
    r"(?:remove|delete|omit|drop) (?:all |the )?punctuation": lambda _, text: re.sub(r"[^\w\s'-]", "", text),
    r"upper[- ]?case|capital letters": lambda _, text: text.upper(),
    r"lower[- ]?case|small letters": lambda _, text: text.lower(),
}
_EDITS = [(re.compile(form, re.IGNORECASE), edit) for form, edit in _FORMS.items()]


def edited(text: str, instruction: str) -> str:
    """Applies everything that is understood of an instruction, in the order in which it stands there."""
    found = [(match.start(), match, edit) for form, edit in _EDITS for match in form.finditer(instruction)]
    for _, match, edit in sorted(found, key=lambda one: one[0]):
        text = edit(match, text)
    return text


def _put(text: str, old: str, new: str) -> str:
    """Replaces whole words, in either case."""
    before, after = (r"\b" if old[at].isalnum() else "" for at in (0, -1))
    return re.sub(f"{before}{re.escape(old)}{after}", lambda _: new, text, flags=re.IGNORECASE)
