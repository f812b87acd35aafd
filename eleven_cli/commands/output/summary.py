"""What a run that made audio says when all went well: one line for a person, or all figures as JSON."""

from collections.abc import Mapping

from eleven_cli.commands.output.audio import Outlets
from eleven_cli.commands.output.meter import Meter
from eleven_cli.terminal import Terminal


def summary(name: str | None, meter: Meter, cost: str) -> str:
    """Where it is, how long it sounds, and what it cost: "hello.mp3 · 1.5 s · 12 credits"."""
    return " · ".join(filter(None, [name or "", f"{meter.audio_s:,.1f} s", cost]))


def tell_figures(
    terminal: Terminal, figures: Mapping[str, object], outlets: Outlets, *, stdout_is_taken: bool = False
) -> None:
    """One JSON object on stdout; on stderr where stdout has the audio or something else."""
    value = with_warnings(terminal, figures)
    if outlets.stdout or stdout_is_taken:
        terminal.report(value)
    else:
        terminal.json(value)


def check_place(terminal: Terminal, outlets: Outlets, *, as_json: bool) -> None:
    """Raise ElevenError where the figures could not be written, before anything is paid for."""
    if as_json and not outlets.stdout:
        terminal.refuse_closed_stdout()


def with_warnings(terminal: Terminal, figures: Mapping[str, object]) -> dict[str, object]:
    """The figures, and what would have been warned of on stderr, which is to hold no words with --json."""
    return {**figures, **({"warnings": terminal.warnings} if terminal.warnings else {})}
