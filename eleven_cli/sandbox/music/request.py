"""Reads requests for music and for plans of it, and checks them against the schema and the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..accounts.plans import FREE
from ..http.problems import Problem, invalid_parameter
from ..http.validate import Checker, check_text, truth
from ..sound.formats import FORMATS, Format
from ..speech.rules import check_plan as check_format_plan
from .finetunes import Finetunes
from .plan import Part, Plan, changed_plan, check_plan, is_of_newer, made_plan, parts_of

MODELS = ("music_v1", "music_v2", "music_v2_5")
MODES = ("track", "loop", "ambience", "video_to_music")
AUTO = "auto"
LARGE = {format.name: format for format in (Format("mp3", 48000, bitrate) for bitrate in (128, 192, 240, 320))}
MAX_PROMPT, MAX_LYRICS, MAX_ID = 4_100, 4_000, 100
MIN_MS, MAX_MS = 3_000, 600_000
MAX_SEED = 2**31 - 1
PROMPT_ONLY = ("music_length_ms", "generation_mode", "force_instrumental")
_FLAGS = (
    *("force_instrumental", "use_phonetic_names", "respect_sections_durations"),
    *("store_for_inpainting", "sign_with_c2pa"),
)


@dataclass(frozen=True)
class MusicRequest:
    """A request that keeps the rules; equal ones give equal music."""

    model_id: str
    format: Format
    parts: tuple[Part, ...]
    seed: int
    mode: str

    @property
    def duration_ms(self) -> int:
        return sum(part.duration_ms for part in self.parts)


def check_body(body: dict[str, Any]) -> None:
    """Checks the body of a request for music. Raises SchemaError with every fault."""
    check = Checker("body")
    check.optional(body, "prompt", lambda own, name, value: check_text(own, name, value, MAX_PROMPT))
    check.optional(body, "lyrics_text", lambda own, name, value: check_text(own, name, value, MAX_LYRICS))
    check.optional(body, "finetune_id", lambda own, name, value: check_text(own, name, value, MAX_ID))
    check.optional(body, "generation_mode", lambda own, name, value: own.one_of(name, value, MODES))
    check.optional(body, "music_length_ms", _check_length)
    check.optional(body, "seed", lambda own, name, value: own.whole(name, value, 0, MAX_SEED))
    for plan in ("composition_plan", "music_prompt"):
        check.optional(body, plan, check_plan)
    for flag in _FLAGS:
        if flag in body:
            check.boolean(flag, body[flag])
    if "finetune_strength" in body:
        _check_strength(check, body["finetune_strength"])
    _check_model(check, body)
    check.finish()


def check_plan_body(body: dict[str, Any]) -> None:
    """Checks the body of a request for a plan. Raises SchemaError with every fault."""
    check = Checker("body")
    check.needed(body, "prompt", lambda own, name, value: check_text(own, name, value, MAX_PROMPT))
    check.optional(body, "music_length_ms", _check_length)
    check.optional(body, "source_composition_plan", check_plan)
    _check_model(check, body)
    check.finish()


def read_music(body: dict[str, Any], query: QueryParams, account: Account) -> MusicRequest:
    """Reads a body that was checked. Raises Problem for a request that breaks a rule."""
    check_paid(account)
    model_id = body.get("model_id", MODELS[0])
    format = music_format(query, model_id, account)
    colour = Finetunes(account).words_of(body["finetune_id"], model_id) if body.get("finetune_id") else ""
    param = "composition_plan" if body.get("composition_plan") is not None else "music_prompt"
    plan, prompt = body.get(param), body.get("prompt")
    if plan is not None and prompt is not None:
        raise invalid_parameter(param, f"Give either a prompt or a {param}, not both.")
    if plan is None:
        parts = [Part(f"{_prompt(prompt)} {body.get('lyrics_text') or ''}".strip(), _length_ms(body, str(prompt)))]
        _refuse(body, ("seed",), "cannot be used with a prompt.")
    else:
        parts = parts_of(plan, model_id, param)
        _refuse(body, PROMPT_ONLY, f"cannot be used with a {param}.")
    mode = body.get("generation_mode") or MODES[0]
    if colour:
        parts = [part._replace(words=f"{part.words} {colour}") for part in parts]
    return MusicRequest(model_id, format, tuple(parts), int(body.get("seed") or 0), mode)


def read_plan(body: dict[str, Any], account: Account) -> Plan:
    """Makes the plan that a body asks for, which was checked. Raises Problem for a request that breaks a rule."""
    check_paid(account)
    model_id, source, prompt = body.get("model_id", MODELS[0]), body.get("source_composition_plan"), body["prompt"]
    if source is None:
        return made_plan(_prompt(prompt), _length_ms(body, prompt), model_id)
    parts_of(source, model_id, "source_composition_plan")
    length_ms = body.get("music_length_ms")
    return changed_plan(source, _prompt(prompt), None if length_ms is None else int(length_ms))


def check_paid(account: Account) -> None:
    """Raises Problem (402) for an account that has no music."""
    if account.plan is FREE:
        raise Problem(402, "paid_plan_required", "Music needs a paid plan.", status="payment_required")


def music_format(query: QueryParams, model_id: str, account: Account) -> Format:
    """Gives the format that was asked for. Raises Problem for one that is not for music, or not for the plan."""
    name = query.get("output_format", AUTO)
    if name == AUTO:
        return LARGE["mp3_48000_192"] if is_of_newer(model_id) else FORMATS["mp3_44100_128"]
    format = LARGE.get(name) or FORMATS.get(name)
    if format is None or format.is_wav:
        raise Problem(400, "invalid_output_format", f"'{name}' is no format for music.", param="output_format")
    check_format_plan(name, account)
    return format


def _prompt(prompt: str | None) -> str:
    if prompt is None:
        message = "Give a prompt or a composition_plan."
        raise Problem(400, "missing_required_field", message, param="prompt")
    if not prompt.strip():
        raise Problem(400, "empty_text", "There is no description of the music.", param="prompt")
    return prompt


def _length_ms(body: dict[str, Any], prompt: str) -> int:
    """Gives what was asked for; else more words make a longer song."""
    asked = body.get("music_length_ms")
    return int(asked) if asked is not None else min(10_000 + 500 * len(prompt.split()), 30_000)


def _refuse(body: dict[str, Any], names: tuple[str, ...], why: str) -> None:
    for name in names:
        value = body.get(name)
        if value is not None and (name != "force_instrumental" or truth(value)):
            raise invalid_parameter(name, f"{name} {why}")


def _check_length(check: Checker, name: str, value: Any) -> None:
    check.whole(name, value, MIN_MS, MAX_MS)


def _check_model(check: Checker, body: dict[str, Any]) -> None:
    if "model_id" in body:
        check.one_of("model_id", body["model_id"], MODELS)


def _check_strength(check: Checker, value: Any) -> None:
    before = len(check.faults)
    check.number("finetune_strength", value, high=2)
    if len(check.faults) == before and float(value) <= 0:
        check.note("finetune_strength", "greater_than", "Input should be greater than 0", value, {"gt": 0})
