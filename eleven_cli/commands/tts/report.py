"""What a run comes to, or would: all figures, for --stats, --json and --dry-run."""

from eleven_cli.api.tts.models import DEFAULT_MODEL
from eleven_cli.commands.output.figures import measures, report_figures, with_warnings
from eleven_cli.commands.tts.cost import estimate, factor_of
from eleven_cli.commands.tts.plan import SpeechPlan
from eleven_cli.commands.tts.synthesizer import Usage
from eleven_cli.context import Context
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.messages import counted


def report_usage(terminal: Terminal, plan: SpeechPlan, usage: Usage, *, as_json: bool) -> None:
    """Reports all figures of a run, as JSON or in a line."""
    figures = _figures(plan, usage)
    if as_json:
        report_figures(terminal, figures, plan.output, stdout_is_taken=_has_subtitles_on_stdout(plan))
    else:
        terminal.figures(_long(figures, usage))


def report_skipped(terminal: Terminal, plan: SpeechPlan) -> None:
    """Reports as JSON that nothing had to be done."""
    terminal.json({"file": _file(plan), "skipped": True, **_chapters(plan)})


def report_estimate(context: Context, plan: SpeechPlan, *, as_json: bool) -> None:
    """Prints the characters, requests and credits of what would be spoken, and of each chapter."""
    texts, terminal = plan.texts, context.terminal
    factor = factor_of(context, plan.request.model_id)
    characters, model = sum(map(len, texts)), plan.request.model_id or DEFAULT_MODEL
    credits = estimate(characters, factor)
    listed = _listed_chapters(plan, factor)
    _warn_of_unknown(context, model)
    if as_json:
        figures = {"characters": characters, "requests": len(texts), "estimated_credits": credits, "model_id": model}
        terminal.json(with_warnings(terminal, figures | ({"chapters": listed} if listed else {})))
        return
    if len(listed) > 1:
        number = "{:,}" if terminal.stdout_is_terminal else "{}"
        columns = ("chapter", "title", "characters", "credits")
        rows = [
            [str(each["title"]) if name == "title" else number.format(each[name]) for name in each] for each in listed
        ]
        terminal.rows(columns, rows, again=context.words if terminal.stdin_is_terminal else ())
    between = characters - sum(length for _, length in plan.chapters)
    words = [
        counted(characters, "character")
        + (f" ({between:,} between chapters)" if len(listed) > 1 and between > 0 else ""),
        counted(len(texts), "request"),
        f"about {counted(credits, 'credit')} with {model}",
    ]
    terminal.print(" · ".join(words))


def _warn_of_unknown(context: Context, model: str) -> None:
    """Nothing is sent that would be refused, so that a slip in the model would go unseen."""
    from eleven_cli.commands.lookup.models import OTHERS_SHOWN_BY, speaking_models
    from eleven_cli.suggestions import did_you_mean

    if model not in (known := speaking_models(context)):
        question = did_you_mean(model, known)
        context.terminal.warn(f"no model {model} is known here{question or '; ' + OTHERS_SHOWN_BY}")


def _listed_chapters(plan: SpeechPlan, factor: float) -> list[dict[str, object]]:
    return [
        {"chapter": number, "title": title, "characters": length, "estimated_credits": estimate(length, factor)}
        for number, (title, length) in enumerate(plan.chapters, 1)
        if len(plan.chapters) > 1 or title
    ]


def _has_subtitles_on_stdout(plan: SpeechPlan) -> bool:
    if plan.options.subtitles is None:
        return False
    from eleven_cli.files.descriptors import is_stdout

    return is_stdout(plan.options.subtitles)


def _file(plan: SpeechPlan) -> str | None:
    """The one file; None where there is none, or where each chapter has its own."""
    return plan.parts[0].output.file if len(plan.parts) == 1 else None


def _chapters(plan: SpeechPlan) -> dict[str, object]:
    """Where each chapter is; nothing without chapters of their own."""
    if not plan.has_chapter_files:
        return {}
    listed = [
        {
            "chapter": number,
            "title": part.title,
            "file": part.output.file,
            **({"subtitles": part.subtitles} if part.subtitles else {}),
            "skipped": part.exists,
        }
        for number, part in enumerate(plan.parts, 1)
    ]
    return {"chapters": listed}


def _figures(plan: SpeechPlan, usage: Usage) -> dict[str, object]:
    return {
        "characters": usage.characters,
        "credits": usage.credits,
        "estimated_credits": usage.estimate(usage.characters),
        "requests": usage.requests,
        "cached": usage.from_cache,
        **usage.meter.figures,
        "format": str(plan.output.fmt),
        "voice_id": usage.voice_id,
        "model_id": plan.request.model_id,
        "request_id": usage.request_id or None,
        "file": _file(plan),
        **_chapters(plan),
    }


def _long(figures: dict[str, object], usage: Usage) -> str:
    requests = [] if usage.requests == 1 else [f"{usage.requests} requests"]
    return " · ".join([counted(usage.characters, "character"), *requests, usage.cost, *measures(figures)])
