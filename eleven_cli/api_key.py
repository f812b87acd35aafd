"""The form of an API key: what is surely meant by what was pasted, and how much of it may be shown."""

import re

from eleven_cli.errors import UsageError

WHERE_KEYS_ARE = "https://elevenlabs.io/app/settings/api-keys"
WHAT_TO_TICK = f"give the key Text to Speech and Voices: Read at {WHERE_KEYS_ARE}"

_AROUND_A_KEY = (
    ("quotes", re.compile(r"""["'`“”„‘’‚«»](?P<key>.*)["'`“”„‘’‚«»]""", re.S)),
    ("the header's name", re.compile(r"(?:xi-api-key|authorization)\s*:(?P<key>.*)", re.S | re.I)),
    ("the option", re.compile(r"-H\s*(?P<key>.*)", re.S)),
    ("Bearer", re.compile(r"bearer\s+(?P<key>.*)", re.S | re.I)),
    ("the variable's name", re.compile(r"(?:(?:export|set|setx)\s+|\$env:)?[A-Za-z_]\w*\s*=(?P<key>.+)", re.S | re.I)),
    ("export", re.compile(r"export\s+(?P<key>.*)", re.S)),
    ("the sign at its end", re.compile(r"(?P<key>.+)[;,]", re.S)),
)


def checked_api_key(value: str) -> str:
    """The key without what was pasted with it. Raises UsageError for what can be no key."""
    return mended_api_key(value)[0]


def mended_api_key(value: str) -> tuple[str, list[str]]:
    """The key that is surely meant, and in words what was taken off it. Raises UsageError for what can be no key."""
    key, taken = "".join(letter for letter in value if not _is_invisible(letter)).strip(), []
    if key != value.strip():
        taken.append("invisible characters")
    while found := next(((what, match) for what, form in _AROUND_A_KEY if (match := form.fullmatch(key))), None):
        what, match = found
        key = match["key"].strip()
        taken.append(what)
    if wrong := _wrong_with_key(key):
        raise UsageError(f"this is no API key: {wrong}", hint=f"make one at {WHERE_KEYS_ARE}")
    return key, list(dict.fromkeys(taken))


def _wrong_with_key(key: str) -> str:
    if not key:
        return "there is nothing in it"
    if any(letter.isspace() for letter in key):
        return "it must be one word, and there are blanks or line ends in it"
    if not key.isprintable():
        return "there are control characters in it"
    return "" if key.isascii() else "it must be plain letters, digits and signs"


def _is_invisible(letter: str) -> bool:
    """A zero-width character, a byte order mark and the like, which a copied key may carry."""
    import unicodedata

    return unicodedata.category(letter) == "Cf"


def masked(key: str) -> str:
    """A key as it may be shown: its last 4 characters."""
    return "…" + key[-4:] if len(key) >= 12 else "…"
