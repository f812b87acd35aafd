"""Composition plans: their two shapes, of older and of newer models, and how one is made of a prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..http.problems import Problem
from ..http.validate import Checker, check_text

MAX_STYLES, MAX_PARTS, MAX_LINES, MAX_LINE = 50, 30, 30, 200
MIN_PART_MS, MAX_PART_MS = 3_000, 120_000
USUAL_PART_MS = 20_000
MAX_TEXT, MAX_NAME = 6_132, 100
LEVELS = ("low", "medium", "high")
NAMES = ("Verse", "Chorus")
_SHORT = 3  # letters: shorter words name no style
Plan = dict[str, Any]


class Part(NamedTuple):
    """A part of a song: the words that say what it is like, and how long it is."""

    words: str
    duration_ms: int


def check_plan(check: Checker, name: str, value: Any) -> None:
    """Checks a plan of either shape."""
    if not check.object(name, value):
        return
    deeper = check.within(name)
    if "chunks" in value:
        _check_list(deeper, "chunks", value["chunks"], MAX_PARTS, _check_chunk)
        return
    for styles in ("positive_global_styles", "negative_global_styles"):
        deeper.needed(value, styles, _check_styles)
    deeper.needed(value, "sections", lambda at, key, given: _check_list(at, key, given, MAX_PARTS, _check_section))


def is_of_newer(model_id: str) -> bool:
    """Tells whether the model's plans have chunks."""
    return model_id != "music_v1"


def parts_of(plan: Plan, model_id: str, param: str) -> list[Part]:
    """Gives the parts of a plan that was checked. Raises Problem: 400 for one of another model, 501 for other songs."""
    if ("chunks" in plan) is not is_of_newer(model_id):
        shape = "chunks" if is_of_newer(model_id) else "sections"
        raise Problem(400, "invalid_parameters", f"A plan for {model_id} has {shape}.", param=param)
    parts = plan["chunks"] if "chunks" in plan else plan["sections"]
    if any("song_id" in part or part.get("source_from") or part.get("conditioning_ref") for part in parts):
        raise Problem(501, "not_imitated", "The sandbox does not imitate pieces of other songs.", param=param)
    if not parts:
        raise Problem(400, "invalid_parameters", "The plan has no parts.", param=param)
    return [Part(_words(plan, part), int(part["duration_ms"])) for part in parts]


def made_plan(prompt: str, length_ms: int, model_id: str) -> Plan:
    """Makes a plan of a prompt."""
    styles = list(dict.fromkeys(word for word in re.findall(r"\w+", prompt.lower()) if len(word) > _SHORT))[:MAX_STYLES]
    durations = split(length_ms, round(length_ms / USUAL_PART_MS))
    names = [f"{NAMES[at % 2]} {at // 2 + 1}" for at in range(len(durations))]
    if is_of_newer(model_id):
        return {
            "chunks": [_chunk(f"[{name}]", duration, styles) for name, duration in zip(names, durations, strict=True)]
        }
    sections = [_section(name, duration) for name, duration in zip(names, durations, strict=True)]
    return {"positive_global_styles": styles, "negative_global_styles": [], "sections": sections}


def changed_plan(source: Plan, prompt: str, length_ms: int | None) -> Plan:
    """Makes a plan of another one: of the styles of both, and of another length if that is asked for.

    Its parts come again, or not all of them, where the length needs that.
    """
    kind = "chunks" if "chunks" in source else "sections"
    styles = made_plan(prompt, MIN_PART_MS, "music_v1")["positive_global_styles"]
    parts = source[kind]
    if length_ms is not None:
        durations = split(length_ms, len(parts))
        parts = [{**parts[at % len(parts)], "duration_ms": duration} for at, duration in enumerate(durations)]
    if kind == "chunks":
        return {"chunks": [{**part, "positive_styles": _both(part["positive_styles"], styles)} for part in parts]}
    return {**source, "positive_global_styles": _both(source["positive_global_styles"], styles), "sections": parts}


def split(length_ms: int, count: int) -> list[int]:
    """Splits a length into about so many parts, none shorter or longer than a part may be."""
    count = min(max(count, -(-length_ms // MAX_PART_MS), 1), length_ms // MIN_PART_MS, MAX_PARTS)
    each = length_ms // count
    return [each] * (count - 1) + [length_ms - each * (count - 1)]


def _both(styles: Sequence[str], more: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*styles, *more)))[:MAX_STYLES]


def _words(plan: Plan, part: dict[str, Any]) -> str:
    styles = [*plan.get("positive_global_styles", ()), *part.get("positive_local_styles", ())]
    return " ".join([*styles, *part.get("positive_styles", ()), *part.get("lines", ()), part.get("text", "")])


def _section(name: str, duration_ms: int) -> dict[str, Any]:
    return {
        "section_name": name,
        "positive_local_styles": [],
        "negative_local_styles": [],
        "duration_ms": duration_ms,
        "lines": [],
        "source_from": None,
    }


def _chunk(text: str, duration_ms: int, styles: list[str]) -> dict[str, Any]:
    return {
        "text": text,
        "duration_ms": duration_ms,
        "positive_styles": styles,
        "negative_styles": [],
        "context_adherence": "high",
        "conditioning_ref": None,
        "condition_strength": None,
    }


def _check_list(check: Checker, name: str, value: Any, most: int, each: Any) -> None:
    check.list_of(name, value, each)
    if isinstance(value, list):
        check.at_most(name, len(value), most, value)


def _check_styles(check: Checker, name: str, value: Any) -> None:
    _check_list(check, name, value, MAX_STYLES, Checker.string)


def _check_section(check: Checker, at: int, value: Any) -> None:
    if not check.object(at, value):
        return
    deeper = check.within(at)
    deeper.needed(value, "section_name", lambda own, name, given: check_text(own, name, given, MAX_NAME, 1))
    for styles in ("positive_local_styles", "negative_local_styles"):
        deeper.needed(value, styles, _check_styles)
    deeper.needed(value, "duration_ms", _check_duration)
    deeper.needed(value, "lines", lambda own, name, given: _check_list(own, name, given, MAX_LINES, _check_line))
    deeper.optional(value, "source_from", _check_reference)


def _check_chunk(check: Checker, at: int, value: Any) -> None:
    if not check.object(at, value):
        return
    if "song_id" in value:
        _check_reference(check, at, value)
        return
    deeper = check.within(at)
    deeper.needed(value, "text", lambda own, name, given: check_text(own, name, given, MAX_TEXT))
    deeper.needed(value, "duration_ms", _check_duration)
    deeper.needed(value, "positive_styles", _check_styles)
    if "negative_styles" in value:
        _check_styles(deeper, "negative_styles", value["negative_styles"])
    if "context_adherence" in value:
        deeper.one_of("context_adherence", value["context_adherence"], LEVELS)
    deeper.optional(value, "condition_strength", lambda own, name, given: own.one_of(name, given, (*LEVELS, "xhigh")))
    deeper.optional(value, "conditioning_ref", _check_reference)


def _check_reference(check: Checker, name: str | int, value: Any) -> None:
    if not check.object(name, value):
        return
    deeper = check.within(name)
    deeper.needed(value, "song_id", lambda own, key, given: check_text(own, key, given, MAX_NAME, 1))
    deeper.needed(value, "range", _check_range)


def _check_range(check: Checker, name: str, value: Any) -> None:
    if check.object(name, value):
        for end in ("start_ms", "end_ms"):
            check.within(name).needed(value, end, Checker.integer)


def _check_duration(check: Checker, name: str, value: Any) -> None:
    check.whole(name, value, MIN_PART_MS, MAX_PART_MS)


def _check_line(check: Checker, at: int, value: Any) -> None:
    check_text(check, at, value, MAX_LINE)
