"""What a run came to: its cost in one line, or all figures; and what one would come to."""

from collections.abc import Sequence

from eleven_cli.api.models import DEFAULT_MODEL
from eleven_cli.commands.output.counting import counted
from eleven_cli.commands.output.summary import summary, tell_figures, with_warnings
from eleven_cli.commands.tts import cost
from eleven_cli.commands.tts.known_models import limit_of
from eleven_cli.commands.tts.plan import is_template, parts_of
from eleven_cli.commands.tts.speaking import Speaking
from eleven_cli.commands.tts.wish import Wish
from eleven_cli.context import Context
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.terminal import Terminal


def estimate(context: Context, wish: Wish, chapters: Sequence[tuple[str, str]], *, as_json: bool) -> None:
    """Characters, requests and credits of what would be spoken, and of each chapter: to stdout, it is the result."""
    apart = is_template(wish.outlets.file)
    parts = parts_of(chapters, limit_of(context, wish.manner.model_id), apart=apart)
    texts = [text for part in parts for text in part.texts]
    factor = cost.factor_of(context, wish.manner.model_id)
    characters, model = sum(map(len, texts)), wish.manner.model_id or DEFAULT_MODEL
    credits = cost.estimate(characters, factor)
    listed = [
        {
            "chapter": number,
            "title": title,
            "characters": len(text),
            "estimated_credits": cost.estimate(len(text), factor),
        }
        for number, (title, text) in enumerate(chapters, 1)
        if len(chapters) > 1 or title
    ]
    if as_json:
        figures = {"characters": characters, "requests": len(texts), "estimated_credits": credits, "model_id": model}
        value = figures | ({"chapters": listed} if listed else {})
        context.terminal.json(with_warnings(context.terminal, value))
        return
    if len(listed) > 1:
        number = "{:,}" if context.terminal.stdout_is_terminal else "{}"
        columns = ("chapter", "title", "characters", "credits")
        rows = [
            [str(each["title"]) if name == "title" else number.format(each[name]) for name in each] for each in listed
        ]
        context.terminal.rows(columns, rows)
    said = [
        counted(characters, "character"),
        counted(len(texts), "request"),
        f"about {counted(credits, 'credit')} with {model}",
    ]
    context.terminal.print(" · ".join(said))


def tell(terminal: Terminal, speaking: Speaking, *, stats: bool, as_json: bool) -> None:
    """What it cost: one line for everybody, all figures for who asked."""
    figures = _figures(speaking)
    if as_json:
        tell_figures(terminal, figures, speaking.wish.outlets, stdout_is_taken=_has_subtitles_on_stdout(speaking.wish))
    elif stats:
        terminal.figures(_long(figures, speaking))
    else:
        terminal.remark(summary(_name(speaking), speaking.meter, _cost(speaking)))


def tell_all_there(terminal: Terminal, speaking: Speaking) -> None:
    """That nothing had to be done, as JSON."""
    terminal.json({"file": _file(speaking), "skipped": True, **_chapters(speaking)})


def _has_subtitles_on_stdout(wish: Wish) -> bool:
    return wish.subtitles is not None and is_stdout(wish.subtitles)


def _file(speaking: Speaking) -> str | None:
    """The one file; None where there is none, or where each chapter has its own."""
    return speaking.outputs[0].outlets.file if len(speaking.outputs) == 1 else None


def _name(speaking: Speaking) -> str | None:
    chapters = len(speaking.outputs)
    return counted(chapters, "chapter") if chapters > 1 else _file(speaking)


def _chapters(speaking: Speaking) -> dict[str, object]:
    """Where each chapter is; nothing without chapters of their own."""
    if not is_template(speaking.wish.outlets.file):
        return {}
    listed = [
        {
            "chapter": number,
            "title": output.title,
            "file": output.outlets.file,
            **({"subtitles": output.subtitles} if output.subtitles else {}),
            "skipped": output.there,
        }
        for number, output in enumerate(speaking.outputs, 1)
    ]
    return {"chapters": listed}


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
        "file": _file(speaking),
        **_chapters(speaking),
    }


def _long(figures: dict[str, object], speaking: Speaking) -> str:
    requests = "" if figures["requests"] == 1 else f" · {figures['requests']} requests"
    return (
        f"{counted(speaking.bill.characters, 'character')}{requests} · {_cost(speaking)}"
        f" · first byte {figures['first_byte_ms']} ms"
        f" · {figures['audio_s']} s of audio in {figures['total_ms']} ms"
        f" · {figures['bytes']} bytes of {figures['format']} · voice {figures['voice_id']}"
        + (f" · request {figures['request_id']}" if figures["request_id"] else "")
    )
