"""The messages that a client may send on the dialogue socket. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..dictionaries.dictionary import Locator
from ..http.problems import invalid_parameter
from ..http.validate import Checker
from ..speech import rules
from ..speech.request import DICTIONARIES, SETTINGS, check_locators, check_voice_settings, locators_of, number_of
from ..voices.models import Model

ONLY_FIRST = ("voices", SETTINGS, DICTIONARIES)
SWITCHES = ("flush", "keep_alive", "close_socket")


@dataclass(frozen=True)
class DialogueLine:
    """A line of the dialogue."""

    text: str
    voice_id: str
    new_turn: bool


@dataclass(frozen=True)
class DialogueMessage:
    """A later message: its lines, then a flush, then the end of the session."""

    lines: tuple[DialogueLine, ...]
    flush: bool
    close: bool


@dataclass(frozen=True)
class DialogueInit:
    """The first message: the voices of the dialogue, their stability, and dictionaries."""

    voices: tuple[str, ...]
    stability: float | None
    dictionaries: list[Locator]


def read_dialogue_init(message: dict[str, Any], model: Model) -> DialogueInit:
    """Reads the first message. Raises SchemaError or Problem for one that is invalid or not granted."""
    check = Checker("message", strict=True)
    if check.required(message, "voices") is not None:
        check.list_of("voices", message["voices"], Checker.string)
    check.optional(message, SETTINGS, check_voice_settings)
    check.optional(message, DICTIONARIES, check_locators)
    check.finish()
    voices = tuple(message["voices"] or ())
    rules.check_dialogue_voices(voices, model, "voices")
    return DialogueInit(voices, number_of(message.get(SETTINGS) or {}, "stability"), locators_of(message))


def read_dialogue_message(message: dict[str, Any], init: DialogueInit) -> DialogueMessage:
    """Reads a later message. Raises SchemaError or Problem for one that is invalid, or an undeclared voice."""
    check = Checker("message", strict=True)
    for name in SWITCHES:
        check.optional(message, name, Checker.boolean)
    check.optional(message, "inputs", _check_lines)
    check.finish()
    for name in ONLY_FIRST:
        if message.get(name):
            raise invalid_parameter(name, f"{name} can only be given in the first message.")
    lines = tuple(_line(line, init) for line in message.get("inputs") or [])
    return DialogueMessage(lines, message.get("flush") is True, message.get("close_socket") is True)


def _check_lines(check: Checker, name: str, lines: Any) -> None:
    check.list_of(name, lines, _check_line)


def _check_line(check: Checker, index: int, line: Any) -> None:
    if not check.object(index, line):
        return
    deeper = check.within(index)
    for name in ("text", "voice_id"):
        deeper.needed(line, name, Checker.string)
    deeper.optional(line, "new_turn", Checker.boolean)


def _line(line: dict[str, Any], init: DialogueInit) -> DialogueLine:
    if line["voice_id"] not in init.voices:
        message = f"The voice '{line['voice_id']}' was not among the voices of the first message."
        raise invalid_parameter("voice_id", message)
    return DialogueLine(line["text"], line["voice_id"], line.get("new_turn") is True)
