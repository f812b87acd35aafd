"""The figures of audio, for --stats and --json."""

from collections.abc import Mapping

from eleven_cli.commands.output import OutputPlan
from eleven_cli.terminal import Terminal

_NAMED = (("voice", "voice_id"), ("request", "request_id"))


def check_report(terminal: Terminal, plan: OutputPlan, *, as_json: bool) -> None:
    """Raise ElevenError if the figures cannot be printed, before anything is paid for."""
    if as_json and not plan.stdout:
        terminal.refuse_closed_stdout()


def report_figures(
    terminal: Terminal, figures: Mapping[str, object], plan: OutputPlan, *, stdout_is_taken: bool = False
) -> None:
    """Print one JSON object on stdout, or on stderr if stdout has audio or something else."""
    value = with_warnings(terminal, figures)
    if plan.stdout or stdout_is_taken:
        terminal.report(value)
    else:
        terminal.json(value)


def measures(figures: Mapping[str, object]) -> list[str]:
    """Give what --stats says of any audio: timings, size, voice and request."""
    return [
        f"first byte {figures['first_byte_ms']} ms",
        f"{figures['audio_s']} s of audio in {figures['total_ms']} ms",
        f"{figures['bytes']} bytes of {figures['format']}",
        *(f"{word} {figures[name]}" for word, name in _NAMED if figures.get(name)),
    ]


def with_warnings(terminal: Terminal, figures: Mapping[str, object]) -> dict[str, object]:
    """Add the warnings to the figures: with --json they are not printed on stderr."""
    return {**figures, **({"warnings": terminal.warnings} if terminal.warnings else {})}
