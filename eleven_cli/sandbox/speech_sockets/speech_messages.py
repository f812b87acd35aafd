"""The messages that a client may send on the speech socket. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..dictionaries.dictionary import Locator
from ..http.problems import invalid_parameter
from ..http.validate import Checker
from ..speech.request import DICTIONARIES, SETTINGS, check_locators, check_voice_settings, locators_of, number_of
from .buffer import DEFAULT_SCHEDULE

MIN_CHUNK, MAX_CHUNK = 50, 500
CONFIG, LATER_CONFIG = "generation_config", "generator_config"


@dataclass(frozen=True)
class SpeechInit:
    """The first message: the voice settings, how many characters trigger each generation, and dictionaries."""

    settings: dict[str, Any]
    schedule: tuple[float, ...]
    dictionaries: list[Locator]

    @property
    def speed(self) -> float | None:
        return number_of(self.settings, "speed")

    @property
    def stability(self) -> float | None:
        return number_of(self.settings, "stability")


@dataclass(frozen=True)
class TextMessage:
    """A later message; an empty text ends the session."""

    text: str
    attempt: bool
    flush: bool


def context_text(message: dict[str, Any]) -> dict[str, Any]:
    """Gives a message to a context with its text, which may be left out beside a switch. Raises SchemaError."""
    check = Checker("message", strict=True)
    check.optional(message, "flush", Checker.boolean)
    check.optional(message, "text", Checker.string)
    if not any(message.get(name) for name in ("flush", "close_context")):
        check.required(message, "text")
    check.finish()
    return {**message, "text": "" if message.get("text") is None else message["text"]}


def is_keepalive(message: dict[str, Any]) -> bool:
    """Tells whether a message to a context has nothing to say."""
    return not message["text"] and not any(message.get(name) for name in ("flush", SETTINGS, CONFIG, DICTIONARIES))


def read_speech_init(message: dict[str, Any], *, any_text: bool = False) -> SpeechInit:
    """Reads the first message, which may have a text with `any_text`. Raises SchemaError or Problem for a wrong one."""
    check = Checker("message", strict=True)
    _check_common(check, message, CONFIG)
    check.finish()
    if message["text"] != " " and not any_text:
        raise invalid_parameter("text", "The text of the first message must be a single space.")
    return SpeechInit(message.get(SETTINGS) or {}, _schedule(message), locators_of(message))


def read_text_message(message: dict[str, Any], init: SpeechInit) -> TextMessage:
    """Reads a later message. Raises SchemaError or Problem for one that is invalid."""
    check = Checker("message", strict=True)
    config = LATER_CONFIG if message.get(CONFIG) is None else CONFIG
    _check_common(check, message, config)
    check.finish()
    if message.get(SETTINGS) is not None and message[SETTINGS] != init.settings:
        raise invalid_parameter(SETTINGS, "voice_settings can only be given in the first message.")
    if message.get(config) is not None and _schedule(message, config) != init.schedule:
        raise invalid_parameter(config, f"{config} can only be given in the first message.")
    if message.get(DICTIONARIES) and locators_of(message) != init.dictionaries:
        raise invalid_parameter(DICTIONARIES, f"{DICTIONARIES} can only be given in the first message.")
    return TextMessage(message["text"], bool(message.get("try_trigger_generation")), bool(message.get("flush")))


def _check_common(check: Checker, message: dict[str, Any], config: str) -> None:
    check.needed(message, "text", Checker.string)
    for name in ("try_trigger_generation", "flush"):
        check.optional(message, name, Checker.boolean)
    check.optional(message, SETTINGS, check_voice_settings)
    check.optional(message, DICTIONARIES, check_locators)
    if check.optional(message, config, Checker.object):
        check.within(config).optional(message[config], "chunk_length_schedule", _check_schedule)


def _check_schedule(check: Checker, name: str, schedule: Any) -> None:
    check.list_of(name, schedule, _check_size)


def _check_size(check: Checker, index: int, size: Any) -> None:
    if isinstance(size, bool) or not isinstance(size, int | float):
        check.note(index, "float_type", "Input should be a valid number", size)
    elif not MIN_CHUNK <= size <= MAX_CHUNK:
        check.note(index, "value_error", f"Input should be between {MIN_CHUNK} and {MAX_CHUNK} characters", size)


def _schedule(message: dict[str, Any], config: str = CONFIG) -> tuple[float, ...]:
    sizes = (message.get(config) or {}).get("chunk_length_schedule")
    return tuple(sizes) if sizes else DEFAULT_SCHEDULE
