"""Validates JSON and query parameters; lists every fault of a request as the API does (HTTP 422)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .problems import SchemaError

TRUE = ("true", "1", "yes", "on", "t", "y")
FALSE = ("false", "0", "no", "off", "f", "n")


def is_web_address(url: str) -> bool:
    """Tells whether a request could be sent there."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port that is no number
        return False


def json_object(raw: bytes) -> dict[str, Any]:
    """Parses a request's body. Raises SchemaError when it is missing, not JSON, or not an object."""
    if not raw.strip():
        raise SchemaError([_fault(["body"], "missing", "Field required", None)])
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
    except (UnicodeDecodeError, RecursionError) as error:
        raise _not_json(0, str(error)) from None
    except json.JSONDecodeError as error:
        raise _not_json(error.pos, error.msg) from None
    except ValueError as error:  # an integer of too many digits
        raise _not_json(0, str(error)) from None
    if not isinstance(body, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        raise SchemaError([_fault(["body"], "model_attributes_type", message, body)])
    return body


def truth(value: Any) -> bool:
    """Reads a boolean of JSON that was checked: true, 1, or a word for it."""
    return value.lower() in TRUE if isinstance(value, str) else bool(value)


def _refuse_constant(name: str) -> float:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)


def _not_json(position: int, reason: str) -> SchemaError:
    return SchemaError([_fault(["body", position], "json_invalid", "JSON decode error", {}, {"error": reason})])


def _fault(loc: list[str | int], kind: str, message: str, value: Any, ctx: dict[str, Any] | None = None) -> Any:
    fault = {"type": kind, "loc": loc, "msg": message, "input": value}
    return {**fault, "ctx": ctx} if ctx is not None else fault


@dataclass
class Checker:
    """Checks values and collects their faults; `finish` raises SchemaError if there are any.

    strict  whether a word or another type for a number or a boolean is a fault, as on sockets
    """

    where: str
    inside: tuple[str | int, ...] = ()
    faults: list[dict[str, Any]] = field(default_factory=list)
    strict: bool = False

    def finish(self) -> None:
        if self.faults:
            raise SchemaError(self.faults)

    def within(self, *inside: str | int) -> Checker:
        """Gives a checker one level deeper that adds to the same faults."""
        return Checker(self.where, (*self.inside, *inside), self.faults, self.strict)

    def note(self, name: str | int, kind: str, message: str, value: Any, ctx: dict[str, Any] | None = None) -> None:
        self.faults.append(_fault([self.where, *self.inside, name], kind, message, value, ctx))

    def optional(self, body: dict[str, Any], name: str, check: Callable[[Checker, str, Any], object]) -> bool:
        """Checks a field unless it is missing or null; gives whether it is there and, of an object, is one."""
        return body.get(name) is not None and check(self, name, body[name]) is not False

    def needed(self, body: dict[str, Any], name: str, check: Callable[[Checker, str, Any], object]) -> None:
        """Checks a field that must be there, also where it is null."""
        self.required(body, name)
        if name in body:
            check(self, name, body[name])

    def required(self, body: dict[str, Any], name: str) -> Any:
        if name not in body:
            self.note(name, "missing", "Field required", body)
        return body.get(name)

    def string(self, name: str | int, value: Any) -> None:
        if not isinstance(value, str):
            self.note(name, "string_type", "Input should be a valid string", value)
        elif not _encodable(value):
            message = "Input should be a valid string, unable to parse raw data as a unicode string"
            self.note(name, "string_unicode", message, value)

    def fraction(self, name: str, value: Any) -> None:
        self.number(name, value, 0.0, 1.0)

    def number(self, name: str, value: Any, low: float = -math.inf, high: float = math.inf) -> None:
        allowed = _is_number(value) if self.strict else isinstance(value, int | float | str)
        try:
            number = float(value) if allowed else None
        except (ValueError, OverflowError):
            message = "Input should be a valid number, unable to parse string as a number"
            return self.note(name, "float_parsing", message, value)
        if number is None:
            return self.note(name, "float_type", "Input should be a valid number", value)
        if not math.isfinite(number):
            return self.note(name, "finite_number", "Input should be a finite number", value)
        if number < low:
            self.note(name, "greater_than_equal", _bound("greater", low), value, {"ge": low})
        if number > high:
            self.note(name, "less_than_equal", _bound("less", high), value, {"le": high})

    def integer(self, name: str, value: Any) -> None:
        if isinstance(value, str) and not self.strict:
            self.integer_text(name, value)
        elif isinstance(value, float) and not value.is_integer():
            message = "Input should be a valid integer, got a number with a fractional part"
            self.note(name, "int_from_float", message, value)
        elif not (_is_number(value) if self.strict else isinstance(value, int | float)):
            self.note(name, "int_type", "Input should be a valid integer", value)

    def whole(self, name: str, value: Any, low: int, high: int) -> None:
        """Checks an integer between bounds; what is no integer is not compared with them."""
        before = len(self.faults)
        self.integer(name, value)
        if len(self.faults) == before:
            self.number(name, value, low, high)

    def integer_text(self, name: str, text: str | None) -> None:
        try:
            int(text or 0) if text != "" else int("")
        except ValueError:
            message = "Input should be a valid integer, unable to parse string as an integer"
            self.note(name, "int_parsing", message, text)

    def boolean(self, name: str, value: Any) -> None:
        if not (isinstance(value, bool) if self.strict else isinstance(value, str) or value in (0, 1)):
            self.note(name, "bool_type", "Input should be a valid boolean", value)
        else:
            self.boolean_text(name, str(int(value)) if not isinstance(value, str) else value)

    def boolean_text(self, name: str, text: str | None) -> None:
        if text is not None and text.lower() not in TRUE + FALSE:
            message = "Input should be a valid boolean, unable to interpret input"
            self.note(name, "bool_parsing", message, text)

    def at_most(self, name: str | int, count: int, most: int, value: Any = None) -> None:
        """Notes a list of more items than it may have; `value` is shown with the fault."""
        if count > most:
            message = f"List should have at most {most} items after validation, not {count}"
            self.note(name, "too_long", message, value, {"max_length": most, "actual_length": count})

    def one_of(self, name: str | int, value: Any, allowed: Sequence[str]) -> None:
        if value not in allowed:
            *others, last = (f"'{one}'" for one in allowed)
            expected = f"{', '.join(others)} or {last}" if others else last
            self.note(name, "literal_error", f"Input should be {expected}", value, {"expected": expected})

    def strings(self, name: str, value: Any) -> None:
        self.list_of(name, value, Checker.string)

    def list_of(self, name: str, value: Any, each: Callable[[Checker, int, Any], object]) -> None:
        if not isinstance(value, list):
            return self.note(name, "list_type", "Input should be a valid list", value)
        deeper = self.within(name)
        for index, item in enumerate(value):
            each(deeper, index, item)

    def object(self, name: str | int, value: Any) -> bool:
        if not isinstance(value, dict):
            message = "Input should be a valid dictionary or object to extract fields from"
            self.note(name, "model_attributes_type", message, value)
        return isinstance(value, dict)


def check_text(check: Checker, name: str | int, value: Any, most: int, least: int = 0) -> None:
    """Checks a text and its length."""
    before = len(check.faults)
    check.string(name, value)
    if len(check.faults) > before:
        return
    if len(value) > most:
        message = f"String should have at most {most} characters"
        check.note(name, "string_too_long", message, value, {"max_length": most})
    if len(value) < least:
        message = f"String should have at least {least} character"
        check.note(name, "string_too_short", message, value, {"min_length": least})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bound(direction: str, limit: float) -> str:
    return f"Input should be {direction} than or equal to {limit:g}"


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
