"""What a well-formed request for speech may still be refused for, in the order in which it is refused."""

from __future__ import annotations

import math

from .account import CREATOR, FREE, PRO, Account, Plan
from .cast import find_voice
from .codecs import FORMATS, Format
from .models import Model, find_model
from .problems import Problem, invalid_parameter, unsupported_model
from .request import SpeechRequest
from .voices import Voice

MAX_IDS = 3
MAX_SEED = 2**32 - 1
GATES: dict[str, Plan] = {
    "mp3_44100_192": CREATOR,
    **{f"{codec}_{rate}": PRO for codec in ("pcm", "wav") for rate in (44100, 48000)},
}


def check_model(request: SpeechRequest) -> Model:
    """The model, if it speaks and takes everything that was sent along; else 404, or 400 `unsupported_model`.

    A language the model does not speak is 400 `invalid_parameters` (status `unsupported_language`), and so is any
    language for a model that takes it from the voice.
    """
    model = find_model(request.model_id)
    if not model.speaks:
        raise unsupported_model(f"'{model.model_id}' changes voices and cannot turn text into speech.")
    context = ("previous_text", "next_text", "previous_request_ids", "next_request_ids")
    refused = [name for name in context if name in request.given and not model.takes_context]
    if request.latency is not None and not model.takes_latency:
        refused.append("optimize_streaming_latency")
    if refused:
        raise unsupported_model(f"'{model.model_id}' does not take {' or '.join(refused)}.")
    language = request.language_code
    if language and (not model.takes_language or language.lower() not in model.languages):
        message = f"'{model.model_id}' does not take the language_code '{language}'."
        raise invalid_parameter("language_code", message, status="unsupported_language")
    return model


def check_text(text: str, model: Model) -> None:
    """400 for nothing to say (`empty_text`) or too much (`text_too_long`)."""
    if not text.strip():
        raise Problem(400, "empty_text", "There is no text to speak.", param="text")
    if len(text) > model.max_characters:
        message = f"The text has {len(text)} characters; '{model.model_id}' takes {model.max_characters} at a time."
        raise Problem(400, "text_too_long", message, status="max_character_limit_exceeded", param="text")


def check_values(request: SpeechRequest, account: Account) -> None:
    """400 for numbers out of range and request ids this account never got; 404 for dictionaries (there are none)."""
    if request.seed is not None and not 0 <= request.seed <= MAX_SEED:
        raise invalid_parameter("seed", f"seed must be 0 to {MAX_SEED}.")
    if request.latency is not None and not 0 <= request.latency <= 4:
        raise invalid_parameter("optimize_streaming_latency", "optimize_streaming_latency must be 0 to 4.")
    for name in ("previous_request_ids", "next_request_ids"):
        ids: list[str] = getattr(request, name)
        if len(ids) > MAX_IDS:
            raise invalid_parameter(name, f"At most {MAX_IDS} {name} can be given, not {len(ids)}.")
        if unknown := [one for one in ids if one not in account.request_ids]:
            raise invalid_parameter(name, f"{name} has ids of no finished request: {', '.join(unknown)}.")
    if len(request.dictionaries) > MAX_IDS:
        raise invalid_parameter("pronunciation_dictionary_locators", f"At most {MAX_IDS} dictionaries can be given.")
    if request.dictionaries:
        message = f"There is no pronunciation dictionary '{request.dictionaries[0]}'; the sandbox has none."
        raise Problem(404, "pronunciation_dictionary_not_found", message, param="pronunciation_dictionary_locators")


def check_format(name: str, *, streamed: bool) -> Format:
    """The output format; 400 `invalid_output_format` for an unknown one, or WAV in a stream."""
    known = FORMATS.get(name)
    if known is None or (streamed and known.is_wav):
        where = "a stream" if streamed else "speech"
        raise Problem(400, "invalid_output_format", f"'{name}' is no format for {where}.", param="output_format")
    return known


def check_voice(voice_id: str, account: Account) -> Voice:
    """The voice; 404 when unknown, 402 `paid_plan_required` for a library voice on the free plan."""
    voice = find_voice(voice_id)
    if voice.is_shared and account.plan is FREE:
        message = "Library voices need a paid plan when used through the API."
        raise Problem(402, "paid_plan_required", message, status="payment_required")
    return voice


def check_plan(name: str, account: Account) -> None:
    """403 `subscription_required` for a format above the account's plan."""
    gate = GATES.get(name)
    if gate is not None and account.plan.rank < gate.rank:
        message = f"'{name}' needs the {gate.tier} plan or above; yours is {account.plan.tier}."
        raise Problem(403, "subscription_required", message, param="output_format")


def credits_for(text: str, model: Model) -> int:
    """What speaking the text costs."""
    return math.ceil(len(text) * model.cost_factor)
