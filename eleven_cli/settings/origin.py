"""Where a setting came from, told by an error that is about it: who has not typed it does not look for it there."""

from collections.abc import Mapping

from eleven_cli.errors import ElevenError, LimitError
from eleven_cli.settings.config import Setting

_NOUNS = {"voice": "voice", "model": "model", "agent_id": "agent"}


def tell_origin(error: ElevenError, used: Mapping[str, Setting]) -> None:
    """Note on the error the source of each setting that it is about."""
    for key, setting in used.items():
        if not setting.source.startswith("--") and _is_about(error, key, setting.value):
            error.add_note(f"the {_NOUNS.get(key, 'limit')} comes from {setting.source}")


def _is_about(error: ElevenError, key: str, value: str) -> bool:
    if key == "max_credits":
        return isinstance(error, LimitError) and error.status is None
    noun = _NOUNS.get(key)
    return noun is not None and (noun in error.code or value in error.message)
