"""What a run came to: its cost in one line, or all figures; and what one would come to."""

from collections.abc import Sequence

from eleven_cli.api.models import DEFAULT_MODEL
from eleven_cli.commands.tts import cost
from eleven_cli.commands.tts.plan import Part
from eleven_cli.commands.tts.speaking import Speaking
from eleven_cli.commands.tts.wish import Wish
from eleven_cli.context import Context
from eleven_cli.terminal import Terminal


def estimate(context: Context, wish: Wish, parts: Sequence[Part], *, as_json: bool) -> None:
    """Characters, requests and credits of what would be spoken: to stdout, it is the result."""
    texts = [text for part in parts for text in part.texts]
    characters, model = sum(map(len, texts)), wish.manner.model_id or DEFAULT_MODEL
    credits = cost.estimate(characters, cost.factor_of(context, wish.manner.model_id))
    if as_json:
        context.terminal.json(
            {"characters": characters, "requests": len(texts), "estimated_credits": credits, "model_id": model}
        )
        return
    requests = f"{len(texts):,} request{'s' if len(texts) != 1 else ''}"
    context.terminal.print(f"{characters:,} characters · {requests} · about {credits:,} credits with {model}")


def tell(terminal: Terminal, speaking: Speaking, *, stats: bool, as_json: bool) -> None:
    """What it cost: one line for everybody, all figures for who asked."""
    figures = _figures(speaking)
    if as_json:
        terminal.report(figures)
    elif stats:
        terminal.figures(_long(figures, speaking))
    else:
        request = f" · request {figures['request_id']}" if figures["request_id"] else ""
        terminal.note(f"{_cost(speaking)} · first byte {figures['first_byte_ms']} ms{request}")


def _cost(speaking: Speaking) -> str:
    bill = speaking.bill
    if bill.from_cache == bill.requests > 0:
        return "cached, 0 credits"
    return cost.told(bill)


def _figures(speaking: Speaking) -> dict[str, object]:
    bill, meter, wish = speaking.bill, speaking.meter, speaking.wish
    return {
        "characters": bill.characters,
        "credits": bill.credits,
        "estimated_credits": cost.estimate(bill.characters, speaking.factor),
        "requests": bill.requests,
        "cached": bill.from_cache,
        **meter.figures,
        "format": str(wish.outlets.fmt),
        "voice_id": bill.voice_id,
        "model_id": wish.manner.model_id,
        "request_id": bill.request_id or None,
        "file": wish.outlets.file,
    }


def _long(figures: dict[str, object], speaking: Speaking) -> str:
    requests = "" if figures["requests"] == 1 else f" · {figures['requests']} requests"
    return (
        f"{figures['characters']} characters{requests} · {_cost(speaking)} · first byte {figures['first_byte_ms']} ms"
        f" · {figures['audio_s']} s of audio in {figures['total_ms']} ms"
        f" · {figures['bytes']} bytes of {figures['format']} · voice {figures['voice_id']}"
        + (f" · request {figures['request_id']}" if figures["request_id"] else "")
    )
