"""Checks of the settings; the form of an API key, and how much of it may be shown."""

import re
from collections.abc import Iterable

from eleven_cli import DEFAULT_BASE_URL
from eleven_cli.errors import UsageError
from eleven_cli.processes import KEY_VARIABLES
from eleven_cli.settings import KEYS, LONGEST_KEY, RANGES, REGIONS

_HOW_TO_SET = {
    "api_key": "eleven auth login",
    "base_url": f"eleven config set base_url {DEFAULT_BASE_URL}",
    "region": "eleven config set region eu",
    "voice": "see your voices: eleven voices",
    "model": "eleven config set model eleven_flash_v2_5",
    "agent_id": "it stands on the agent's page: https://elevenlabs.io/app/agents",
    "retries": "eleven config set retries 10",
    "timeout": "eleven config set timeout 60",
    "max_credits": "eleven config set max_credits 5000",
}
WHERE_KEYS_ARE = "https://elevenlabs.io/app/settings/api-keys"
WHAT_TO_TICK = f"give the key Text to Speech and Voices: Read at {WHERE_KEYS_ARE}"
WITHOUT_VOICES = f"without voices_read a voice can be chosen by its id only, -v ID; for names, {WHAT_TO_TICK}"
COPY_AGAIN = f"copy the key again from {WHERE_KEYS_ARE}, and check its region"

_AROUND_A_KEY = (  # not compiled: a key that is nothing else needs none of them
    ("the comment", r"(?P<key>\S.*?)\s+#.*", re.S),
    ("quotes", r"""["'`“”„‘’‚«»]+(?P<key>.*)""", re.S),
    ("quotes", r"""(?P<key>.*?)["'`“”„‘’‚«»]+""", re.S),
    ("brackets", r"<(?P<key>.*)>|\[(?P<other>.*)\]", re.S),
    ("the option", r"(?:-H|--header)[\s=]*(?P<key>.+)", re.S),
    ("Bearer", r"bearer\s+(?P<key>.*)", re.S | re.I),
    ("the name", r"set(?:x|\s+-\w+)*\s+[a-z_]\w*[\s=]+(?P<key>.+)", re.S | re.I),
    ("the name", r"""(?:export\s+|\$env:)?[a-z_][\w-]*["']?\s*[=:](?!/)(?P<key>.+)""", re.S | re.I),
    ("the sign before it", r"[=:](?P<key>.+)", re.S),
    ("the sign after it", r"(?P<key>.+)[;,\\]", re.S),
)
_NO_PART_OF_A_KEY = frozenset("\"'`<>{}[]()\\,;")


def checked(key: str, value: str) -> str:
    """The value as it may be stored under `key`. Raises UsageError when it may not."""
    refuse_unknown(key)
    value = value.strip()
    if not value:
        raise UsageError(f"{key} must not be empty", hint=f"eleven config unset {key}")
    if not value.isprintable():
        raise UsageError(f"{key} must be plain text")
    if key == "region":
        value = value.lower()
        if value not in REGIONS:
            said = f"unknown region: {value}{did_you_mean_one_of(value, REGIONS)}"
            raise UsageError(said, hint=f"one of: {', '.join(REGIONS)}")
    if key == "api_key":
        return checked_api_key(value)
    if key in RANGES:
        checked_number(key, value)
    return value


def no_value(key: str) -> UsageError:
    """What a known setting wants to be set to."""
    kind = _kind(key) if key in RANGES else ", ".join(REGIONS) if key == "region" else ""
    return UsageError(f"{key} needs a value" + (f": {kind}" if kind else ""), hint=_HOW_TO_SET[key])


def checked_number(key: str, value: str, source: str = "") -> int | float:
    """The number of a setting. Raises UsageError if it is not a number, or out of range."""
    least, most = RANGES[key]
    try:
        number = int(value) if isinstance(least, int) else float(value)
    except ValueError:
        number = -1
    if not (value.isascii() and least <= number <= most):
        name = source if source.startswith("--") else f"{source}: {key}" if source else key
        raise UsageError(f'{name} must be {_kind(key)}, not "{value}"', hint=_how_to_set(key, source))
    return number


def _how_to_set(key: str, source: str) -> str:
    """There, where the value came from."""
    example = _HOW_TO_SET[key].split()[-1]
    if source.startswith("--"):
        return f"{source} {example}"
    variable = source.partition("(")[2].rstrip(")")
    return f"export {variable}={example}" if source.startswith("the environment") else _HOW_TO_SET[key]


def _kind(key: str) -> str:
    least, most = RANGES[key]
    return f"{'a whole number' if isinstance(least, int) else 'a number of seconds'} from {least} to {most:,}"


def refuse_unknown(key: str) -> None:
    if key not in KEYS:
        raise UsageError(f"unknown setting: {key}{did_you_mean_one_of(key, KEYS)}", hint=f"one of: {', '.join(KEYS)}")


def did_you_mean_one_of(word: str, known: Iterable[str]) -> str:
    from eleven_cli.suggestions import did_you_mean

    return did_you_mean(word, known)


def checked_api_key(value: str) -> str:
    """The key without what was pasted with it. Raises UsageError if it cannot be a key."""
    return mended_api_key(value)[0]


def mended_api_key(value: str) -> tuple[str, list[str]]:
    """The key without what was pasted with it, and a description of that. Raises UsageError if it cannot be a key."""
    key, taken = "".join(letter for letter in value if not _is_invisible(letter)).strip(), []
    if key != value.strip():
        taken.append("invisible characters")
    if line := _only_line_with_a_key(key):
        key = line
        taken.append("the other lines")
    if len(key) > LONGEST_KEY:
        raise UsageError("not an API key: it is too long", hint=f"make one at {WHERE_KEYS_ARE}")
    while not key.isidentifier() and (found := _around(key)):
        what, key = found
        taken.append(what)
    if wrong := _wrong_with_key(key):
        raise UsageError(f"not an API key: {wrong}", hint=f"make one at {WHERE_KEYS_ARE}")
    return key, list(dict.fromkeys(taken))


def _around(pasted: str) -> tuple[str, str] | None:
    """Describes what was pasted around a key, and gives the key within."""
    for what, form, flags in _AROUND_A_KEY:
        if match := re.fullmatch(form, pasted, flags):
            return what, next(filter(None, match.groups()), "").strip()
    return None


def _wrong_with_key(key: str) -> str:
    if not key:
        return "it is empty"
    if key.upper() in ("EXPORT", *(f"EXPORT {name}" for name in KEY_VARIABLES)):
        return "it is the name of a variable, not its value"
    if any(letter.isspace() for letter in key):
        return "it contains blanks or line breaks"
    if not key.isprintable():
        return "it contains control characters"
    if not key.isascii():
        return "it contains characters that are not ASCII"
    if "://" in key:
        return "it is a URL"
    if key.startswith("$") or key in KEY_VARIABLES:
        return "it is the name of a variable, not its value"
    return "it contains quotes, brackets or other punctuation" if _NO_PART_OF_A_KEY & set(key) else ""


def _only_line_with_a_key(text: str) -> str:
    """Of several lines, as in a file of settings, the one that sets the key; "" where it is not just one."""
    lines = text.splitlines()
    found = [line for line in lines if any(re.search(rf"\b{name}\b", line) for name in KEY_VARIABLES)]
    return found[0].strip() if len(lines) > 1 and len(found) == 1 else ""


def _is_invisible(letter: str) -> bool:
    """A zero-width character, a byte order mark and the like, which a copied key may carry."""
    import unicodedata

    return unicodedata.category(letter) == "Cf"


def masked(key: str) -> str:
    """A key as it may be shown: its last 4 characters."""
    return "…" + key[-4:] if len(key) >= 12 else "…"
