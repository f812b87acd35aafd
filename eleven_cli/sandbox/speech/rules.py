"""The rules that a request for speech has to keep besides the schema, in the order in which they are checked."""

from __future__ import annotations

import math
from collections.abc import Collection

from ..accounts.account import Account
from ..accounts.ledger import Charge
from ..accounts.plans import CREATOR, FREE, PRO, Plan
from ..dictionaries.dictionary import Locator
from ..dictionaries.pronunciation import Alias, aliases_of
from ..http.problems import Problem, invalid_parameter, library_needs_plan, unsupported_model
from ..sound.formats import FORMATS, Format
from ..voices.models import Model, find_model
from ..voices.voice import Voice
from .request import DICTIONARIES, SpeechRequest

MAX_IDS = 3
MAX_SEED = 2**32 - 1
GATES: dict[str, Plan] = {
    "mp3_44100_192": CREATOR,
    **{f"{codec}_{rate}": PRO for codec in ("pcm", "wav") for rate in (44100, 48000)},
}


def check_model(request: SpeechRequest) -> Model:
    """Gives the model. Raises Problem: 404 for an unknown one, 400 for one that does not support the request."""
    model = find_model(request.model_id)
    if not model.speaks:
        raise unsupported_model(f"'{model.model_id}' changes voices and cannot turn text into speech.")
    context = ("previous_text", "next_text", "previous_request_ids", "next_request_ids")
    refused = [name for name in context if name in request.given and not model.takes_context]
    if request.latency is not None and not model.takes_latency:
        refused.append("optimize_streaming_latency")
    if refused:
        names = " or ".join(refused)
        raise unsupported_model(f"Providing {names} is not yet supported with the '{model.model_id}' model.")
    check_language(request.language_code, model)
    return model


def check_language(language: str | None, model: Model) -> None:
    """Raises Problem (400) for a language that the model does not speak, and for any if the voice decides it."""
    if language and (not model.takes_language or language.lower() not in model.languages):
        message = f"'{model.model_id}' does not take the language_code '{language}'."
        raise invalid_parameter("language_code", message, status="unsupported_language")


def check_text(text: str, model: Model) -> None:
    """Raises Problem (400) for an empty text or one that is too long."""
    if not text.strip():
        raise Problem(400, "empty_text", "There is no text to speak.", param="text")
    if len(text) > model.max_characters:
        raise text_too_long(len(text), model.max_characters, f"the '{model.model_id}' model", "text")


def text_too_long(characters: int, limit: int, whose: str, param: str) -> Problem:
    """400 for a text that is too long."""
    message = f"This request's text has {characters} characters and exceeds the limit of {limit} for {whose}."
    return Problem(400, "text_too_long", message, status="max_character_limit_exceeded", param=param)


def check_values(request: SpeechRequest, account: Account) -> None:
    """Raises Problem (400) for numbers out of range, and for request ids that cannot be stitched to.

    Ids must be of requests of the last two hours by this account with the same model and voice, read to their end.
    """
    check_seed(request.seed)
    if request.latency is not None and not 0 <= request.latency <= 4:
        raise invalid_parameter("optimize_streaming_latency", "optimize_streaming_latency must be 0 to 4.")
    for name in ("previous_request_ids", "next_request_ids"):
        ids: list[str] = getattr(request, name)
        if len(ids) > MAX_IDS:
            raise invalid_parameter(name, f"At most {MAX_IDS} {name} can be given, not {len(ids)}.")
        about = request.model_id, request.voice_id
        if unknown := [one for one in ids if not account.stitchable.includes(one, *about)]:
            message = f"{name} has ids of no finished request by this model and voice: {', '.join(unknown)}."
            raise invalid_parameter(name, message)


def check_seed(seed: int | None) -> None:
    """Raises Problem (400) for a seed out of range."""
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise invalid_parameter("seed", f"seed must be 0 to {MAX_SEED}.")


def find_aliases(locators: list[Locator], account: Account) -> tuple[Alias, ...]:
    """Gives what dictionaries say instead of words. Raises Problem: 400 for too many, 404 for an unknown one."""
    if len(locators) > MAX_IDS:
        raise invalid_parameter(DICTIONARIES, f"At most {MAX_IDS} dictionaries can be given.")
    rules = [rule for locator in locators for rule in account.dictionaries.rules_of(locator, DICTIONARIES)]
    return aliases_of(rules)


def check_format(name: str, *, streamed: bool) -> Format:
    """Gives the output format. Raises Problem (400) for an unknown one, and for WAV in a stream."""
    known = FORMATS.get(name)
    if known is None or (streamed and known.is_wav):
        where = "a stream" if streamed else "speech"
        raise Problem(400, "invalid_output_format", f"'{name}' is no format for {where}.", param="output_format")
    return known


def check_voice(voice_id: str, account: Account) -> Voice:
    """Gives the voice. Raises Problem: 404 for an unknown one, 402 for a library voice on the free plan."""
    voice = account.voices.find(voice_id)
    if voice.is_shared and account.plan is FREE:
        raise library_needs_plan()
    return voice


def check_plan(name: str, account: Account) -> None:
    """Raises Problem (403) for a format above the account's plan."""
    gate = GATES.get(name)
    if gate is not None and account.plan.rank < gate.rank:
        message = f"'{name}' needs the {gate.tier} plan or above; yours is {account.plan.tier}."
        raise Problem(403, "subscription_required", message, param="output_format")


def price_text(product: str, text: str, model: Model, voice: Voice) -> Charge:
    """Prices a text that a voice speaks."""
    credits = math.ceil(len(text) * model.cost_factor)
    return Charge(product, model.model_id, voice.voice_id, len(text), credits)


def check_dialogue_model(model: Model) -> None:
    """Raises Problem (400) for a model without dialogues."""
    if not model.dialogue_voices:
        raise unsupported_model(f"The model {model.model_id} is not supported on this endpoint.")


def check_dialogue_voices(voice_ids: Collection[str], model: Model, param: str) -> None:
    """Raises Problem (400) for no voice, or more than the model allows."""
    count = len(set(voice_ids))
    if not 1 <= count <= model.dialogue_voices:
        limit = "exactly 1 voice" if model.dialogue_voices == 1 else f"1 to {model.dialogue_voices} voices"
        raise invalid_parameter(param, f"'{model.model_id}' takes {limit}, not {count}.")
