"""What is documented of the models that speak. Pure."""

DEFAULT_MODEL = "eleven_multilingual_v2"  # the service's own, where none is named

# What the documentation grants in one request; the service's own figure can be far above what it accepts.
DOCUMENTED_LIMITS = {
    "eleven_flash_v2_5": 40_000,
    "eleven_turbo_v2_5": 40_000,
    "eleven_flash_v2": 30_000,
    "eleven_turbo_v2": 30_000,
    "eleven_multilingual_v2": 10_000,
    "eleven_v4": 10_000,
    "eleven_v4_turbo": 10_000,
    "eleven_v3": 5_000,
    "eleven_v3_conversational": 5_000,
}
LEAST_LIMIT = min(DOCUMENTED_LIMITS.values())


_OTHERS = {  # what stands in the ids of models that do not speak, and the commands for them
    "scribe_": "eleven stt",
    "_sts_": "eleven sts",
    "_ttv_": "eleven voices design",
    "text_to_sound": "eleven sfx",
    "music_v": "eleven api /v1/music",
}


def other_command(model_id: str | None) -> str | None:
    """The command for a model whose id says that it does not speak; None for all others."""
    return next((command for part, command in _OTHERS.items() if part in (model_id or "")), None)


def documented_models() -> list[str]:
    """The ids of the models that are documented."""
    return list(DOCUMENTED_LIMITS)


def takes_language(model_id: str | None) -> bool:
    """Whether a model may be told the language. The service's default model, and its family, may not."""
    return "multilingual_v2" not in (model_id or DEFAULT_MODEL)


def is_expressive(model_id: str | None) -> bool:
    """Whether a model acts what stands in square brackets, and speaks over the dialogue socket: v3 and v4."""
    return (model_id or DEFAULT_MODEL).startswith(("eleven_v3", "eleven_v4"))


def takes_neighbours(model_id: str | None) -> bool:
    """Whether a model may be told what stands around a text, be it as text or as requests. Of v4 that is not sure."""
    return not (model_id or DEFAULT_MODEL).startswith("eleven_v3")


def heard_settings(model_id: str | None) -> frozenset[str] | None:
    """The settings of a voice that a model uses; None for all. It accepts the others, and ignores them."""
    if not is_expressive(model_id):
        return None
    return frozenset(["stability"] if not takes_neighbours(model_id) else ["stability", "similarity_boost"])


def documented_limit(model_id: str | None) -> int | None:
    """Characters in one request; None for a model that is not documented."""
    return DOCUMENTED_LIMITS.get(model_id or DEFAULT_MODEL)


def cost_factor(model_id: str | None) -> float:
    """Credits a character, as documented: the fast models cost half."""
    return 0.5 if any(family in (model_id or "") for family in ("flash", "turbo")) else 1.0
