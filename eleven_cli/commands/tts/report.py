"""What a run comes to: counted while it goes on, and reported at its end."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from eleven_cli.commands.output.audio import Meter, check_limit, measures, report_figures, summary
from eleven_cli.commands.tts.plan import SpeechPlan
from eleven_cli.context import Context
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.messages import counted

if TYPE_CHECKING:
    from eleven_cli.api.tts.speech import SpeechResponse


class Usage:
    """characters  of the texts that the service has accepted, those sent again included, those of the cache not
    credits        what the service said that they cost; None when it did not say so of every request
    requests       how many there were, those that the cache answered included; `from_cache`: how many of these
    request_id     of the newest for which the service gave one, "" without
    voice_id       who speaks

    meter          counts the audio that came

    Its methods may be called by several threads.
    """

    def __init__(self, context: Context, plan: SpeechPlan) -> None:
        self._context, self._model, self._max_credits = context, plan.request.model_id, plan.max_credits
        self.meter = Meter(plan.output.fmt.wire)
        self._changing = threading.Lock()
        self._open = self._priced = self._unpriced = 0
        self.characters = self.requests = self.from_cache = 0
        self.request_id = self.voice_id = ""

    @property
    def credits(self) -> int | None:
        return None if self._unpriced else self._priced

    @property
    def spent(self) -> int:
        """Credits so far: as the service said, estimated where it did not."""
        return self._priced + (self.estimate(self._unpriced) if self._unpriced else 0)

    @property
    def cost(self) -> str:
        """What was spent, in words: exactly if the service said so."""
        return ("" if self.credits is not None else "about ") + counted(self.spent, "credit")

    def estimate(self, characters: int) -> int:
        """Credits for so many characters."""
        from eleven_cli.commands.tts.cost import estimate

        return estimate(characters, self._credits_per_character)

    @contextmanager
    def requesting(self, characters: int) -> Iterator[Callable[["SpeechResponse"], None]]:
        """While such a text is requested; gives what is to be told when the service has accepted.

        Raises LimitError when it would cost more than may be spent.
        """
        open_characters = characters
        with self._changing:
            self._check(characters)
            self._open += characters

        def accepted(response: "SpeechResponse") -> None:
            nonlocal open_characters
            with self._changing:
                self.requests += 1
                self.request_id = response.request_id or self.request_id
                self._open, open_characters = self._open - characters, 0
                self._count(characters, response.credits)

        try:
            yield accepted
        finally:
            with self._changing:
                self._open -= open_characters

    def reuse(self) -> None:
        """A text's audio was in the cache."""
        with self._changing:
            self.requests += 1
            self.from_cache += 1

    def send(self, characters: int) -> None:
        """A text goes over a socket, which does not speak of costs. Raises LimitError when it may not."""
        with self._changing:
            self._check(characters)
            self.requests = 1
            self._count(characters, None)

    def take_back(self, characters: int) -> None:
        """Texts of so many characters were sent over a socket, which then refused them all."""
        with self._changing:
            self.requests = 0
            self._count(-characters, None)

    def _check(self, characters: int) -> None:
        if self._max_credits is not None:
            check_limit(self._priced + self.estimate(self._unpriced + self._open + characters), self._max_credits)

    def _count(self, characters: int, credits: int | None) -> None:
        self.characters += characters
        if credits is None:
            self._unpriced += characters
        else:
            self._priced += credits

    @cached_property
    def _credits_per_character(self) -> float:
        from eleven_cli.commands.tts.cost import factor_of

        return factor_of(self._context, self._model)


def report_usage(terminal: Terminal, plan: SpeechPlan, usage: Usage, *, stats: bool, as_json: bool) -> None:
    """What it cost: one line for everybody, all figures for who asked."""
    if as_json:
        report_figures(terminal, _figures(plan, usage), plan.output, stdout_is_taken=_has_subtitles_on_stdout(plan))
    elif stats:
        terminal.figures(_long(_figures(plan, usage), usage))
    else:
        terminal.remark(summary(_name(plan), usage.meter, _cost(usage)))


def report_skipped(terminal: Terminal, plan: SpeechPlan) -> None:
    """That nothing had to be done, as JSON."""
    terminal.json({"file": _file(plan), "skipped": True, **_chapters(plan)})


def _has_subtitles_on_stdout(plan: SpeechPlan) -> bool:
    if plan.options.subtitles is None:
        return False
    from eleven_cli.files.descriptors import is_stdout

    return is_stdout(plan.options.subtitles)


def _file(plan: SpeechPlan) -> str | None:
    """The one file; None where there is none, or where each chapter has its own."""
    return plan.parts[0].output.file if len(plan.parts) == 1 else None


def _name(plan: SpeechPlan) -> str | None:
    chapters = len(plan.parts)
    return counted(chapters, "chapter") if chapters > 1 else _file(plan)


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


def _cost(usage: Usage) -> str:
    if usage.from_cache == usage.requests > 0:
        return "cached, 0 credits"
    return usage.cost


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
    return " · ".join([counted(usage.characters, "character"), *requests, _cost(usage), *measures(figures)])
