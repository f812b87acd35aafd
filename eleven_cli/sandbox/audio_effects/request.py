"""Reads and checks `audio_effects` of a request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..http.problems import Problem
from ..http.validate import Checker
from ..sound.formats import Format
from .catalogue import MEMBERS

FIELD = "audio_effects"
STEREO_CODECS = ("mp3", "opus", "wav")


@dataclass(frozen=True)
class Effects:
    """The effects of one request; without any, all have their defaults."""

    filter_preset_id: str | None = None
    environment_id: str | None = None
    background_noise_id: str | None = None
    distance: float = 0.0
    send_level: float = 1.0
    pan: float = 0.0

    @property
    def is_stereo(self) -> bool:
        return self.environment_id is not None or self.pan != 0


def check_schema(check: Checker, name: str, effects: Any) -> None:
    """Checks `audio_effects` against the schema."""
    if not check.object(name, effects):
        return
    inside = check.within(name)
    for member in MEMBERS:
        inside.optional(effects, member, Checker.string)
    for member in ("distance", "send_level"):
        inside.optional(effects, member, Checker.fraction)
    inside.optional(effects, "pan", _check_pan)
    inside.optional(effects, "seed", Checker.integer)


def read_effects(members: dict[str, Any]) -> Effects | None:
    """Gives the effects of members that fit the schema; None for none. Raises Problem (404) for an unknown one."""
    given = {name: value for name, value in members.items() if value is not None}
    if not given:
        return None
    for member, known in MEMBERS.items():
        if member in given and given[member] not in known:
            message = f"There is no {member} '{given[member]}'."
            raise Problem(404, "audio_effect_not_found", message, status="not_found", param=f"{FIELD}.{member}")
    return Effects(
        filter_preset_id=given.get("filter_preset_id"),
        environment_id=given.get("environment_id"),
        background_noise_id=given.get("background_noise_id"),
        distance=float(given.get("distance", 0)),
        send_level=float(given.get("send_level", 1)),
        pan=float(given.get("pan", 0)),
    )


def carrying(effects: Effects | None, format: Format) -> Format:
    """Gives the format with the channels of the effects. Raises Problem (400) for one that has no two of them."""
    if effects is None or not effects.is_stereo:
        return format
    if format.codec not in STEREO_CODECS:
        message = f"'{format.name}' cannot hold the stereo sound of these audio_effects."
        raise Problem(400, "invalid_output_format", message, param="output_format")
    return replace(format, channels=2)


def _check_pan(check: Checker, name: str | int, value: Any) -> None:
    check.number(str(name), value, -1.0, 1.0)
