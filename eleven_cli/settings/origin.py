"""Where a setting came from, told by an error that is about it: who has not typed it does not look for it there."""

from contextlib import suppress
from urllib.parse import urlsplit

from eleven_cli.errors import ElevenError, LimitError, NotConnected
from eleven_cli.settings.config import Config

_NOUNS = {"voice": "voice", "model": "model", "agent_id": "agent"}
_SAID_ALREADY = ("--", "built in")  # by the command line, or by nobody


def tell_origin(error: ElevenError, config: Config) -> None:
    """Note on the error the source of each setting that it is about."""
    for key, setting in config.used.items():
        if not setting.source.startswith(_SAID_ALREADY) and _is_about(error, key, setting.value):
            error.add_note(f"the {_NOUNS.get(key, 'limit')} comes from {setting.source}")
    if isinstance(error, NotConnected):
        with suppress(ElevenError, ValueError):  # what is wrong with the settings was told by who needed them
            _tell_address(error, config)


def _is_about(error: ElevenError, key: str, value: str) -> bool:
    if key == "max_credits":
        return isinstance(error, LimitError) and error.status is None
    noun = _NOUNS.get(key)
    return noun is not None and (noun in error.code or value in error.message)


def _tell_address(error: NotConnected, config: Config) -> None:
    server = config.base_url
    if not server.source.startswith(_SAID_ALREADY) and f" {urlsplit(server.value).netloc}" in error.message:
        error.add_note(f"the address comes from {server.source}")
