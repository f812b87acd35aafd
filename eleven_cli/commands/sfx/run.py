"""The run of `eleven sfx`: a sound from the cache or the service, to where it should go, and what that took."""

from eleven_cli.api.audio.sound_effects import PATH, SoundEffect, generate
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.commands.output import OutputPlan
from eleven_cli.commands.output.audio import Meter, copy, open_sinks, summary
from eleven_cli.commands.output.figures import measures, report_figures, with_warnings
from eleven_cli.commands.output.progress import playing, waiting
from eleven_cli.commands.sfx.price import check_price, known_price, remember_price
from eleven_cli.context import Context
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.messages import counted


class EffectRun:
    """One run: `make()`, then `report()`.

    max_credits   what may be spent, None without a limit
    """

    def __init__(self, context: Context, plan: OutputPlan, effect: SoundEffect, max_credits: int | None) -> None:
        self._context, self._plan, self._effect, self._max_credits = context, plan, effect, max_credits
        self._meter = Meter(plan.fmt.wire)
        self._credits: int | None = None
        self._request_id = ""
        self._is_cached = False

    def make(self, *, cache: bool, no_clobber: bool) -> None:
        """Write the sound to where it should go. Raises LimitError for what may cost more than is allowed."""
        _ = self._context.client  # without a key nothing is opened
        terminal = self._context.terminal
        with open_sinks(self._plan, terminal, no_clobber=no_clobber) as sinks:
            self._meter.start()
            with waiting(terminal):
                response = self._cached_or_made() if cache else self._made()
            self._credits, self._request_id = response.credits, response.request_id
            self._is_cached = response.is_reused
            with response, terminal.progress() as progress:
                audio = (chunk.data for chunk in response if chunk.data)
                with playing(self._meter, self._plan, terminal, progress) as line:
                    copy(self._meter.watch(audio, progress, line), *sinks)

    def report(self, terminal: Terminal, *, stats: bool, as_json: bool) -> None:
        """Report the cost: one line, or all figures with --stats or --json."""
        if as_json:
            report_figures(terminal, self._figures, self._plan)
        elif stats:
            characters = counted(len(self._effect.text), "character")
            terminal.figures(" · ".join(filter(None, [characters, self._cost, *measures(self._figures)])))
        else:
            terminal.remark(summary(self._plan.name, self._meter, self._cost))

    def _made(self) -> SpeechResponse:
        if self._max_credits is not None:
            check_price(self._context, self._effect.duration_s, self._max_credits)
        response = generate(self._context.client, self._effect)
        remember_price(self._context, self._effect.duration_s, response.credits)
        return response

    def _cached_or_made(self) -> SpeechResponse:
        from eleven_cli.commands.output.cached import cached_or_made

        facts = {"path": PATH, **self._effect._asdict()}
        return cached_or_made(self._context, facts, self._made, characters=len(self._effect.text))

    @property
    def _cost(self) -> str:
        if self._is_cached:
            return "cached, 0 credits"
        return "" if self._credits is None else counted(self._credits, "credit")

    @property
    def _figures(self) -> dict[str, object]:
        return {
            "characters": len(self._effect.text),
            "credits": self._credits,
            "requests": 1,
            "cached": int(self._is_cached),
            **self._meter.figures,
            "format": str(self._plan.fmt),
            "request_id": self._request_id or None,
            "file": self._plan.file,
        }


def report_estimate(context: Context, effect: SoundEffect, *, as_json: bool) -> None:
    """What would be sent, and the credits if they are known: to stdout, it is the result."""
    terminal, credits = context.terminal, known_price(context, effect.duration_s)
    if as_json:
        figures = {"characters": len(effect.text), "requests": 1, "estimated_credits": credits, **effect.body}
        terminal.json(with_warnings(terminal, figures))
        return
    known = "the exact price is known after the first one" if credits is None else f"about {counted(credits, 'credit')}"
    terminal.print(f"{counted(len(effect.text), 'character')} · 1 request · {known}")
