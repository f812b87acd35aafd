"""Reports a result: one line for a person, or all figures as JSON; and that an existing file was kept."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from eleven_cli.errors import LimitError
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.commands.output.audio import OutputPlan
    from eleven_cli.commands.output.meter import Meter

TOO_MUCH = "max_credits"


def counted(number: int, one: str, many: str = "") -> str:
    """Give a number with its noun: "1 credit", "1,234 credits"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def summary(name: str | None, meter: "Meter", cost: str) -> str:
    """Give name, duration and cost: "hello.mp3 · 1.5 s · 12 credits"."""
    return " · ".join(filter(None, [name or "", f"{meter.audio_s:,.1f} s", cost]))


def report_figures(
    terminal: Terminal, figures: Mapping[str, object], plan: "OutputPlan", *, stdout_is_taken: bool = False
) -> None:
    """Print one JSON object on stdout, or on stderr if stdout has audio or something else."""
    value = with_warnings(terminal, figures)
    if plan.stdout or stdout_is_taken:
        terminal.report(value)
    else:
        terminal.json(value)


def check_report(terminal: Terminal, plan: "OutputPlan", *, as_json: bool) -> None:
    """Raise ElevenError if the figures cannot be printed, before anything is paid for."""
    if as_json and not plan.stdout:
        terminal.refuse_closed_stdout()


def with_warnings(terminal: Terminal, figures: Mapping[str, object]) -> dict[str, object]:
    """Add the warnings to the figures: with --json they are not printed on stderr."""
    return {**figures, **({"warnings": terminal.warnings} if terminal.warnings else {})}


def check_limit(credits: int, max_credits: int) -> None:
    """Raise LimitError if it would cost more."""
    if credits > max_credits:
        raise LimitError(
            f"this would cost about {counted(credits, 'credit')}, more than {max_credits:,}",
            hint="allow more with --max-credits N; --dry-run shows what it would cost",
            code=TOO_MUCH,
        )


def keeps_existing(terminal: Terminal, *files: str | None, no_clobber: bool, as_json: bool = False) -> bool:
    """Whether --no-clobber keeps one of these files, so that nothing is to do; reports that, `as_json` as an object.

    The files of one run belong together: subtitles of another take would not fit.
    """
    kept = next((file for file in files if file and no_clobber and is_there(file)), None)
    if kept is None:
        return False
    if as_json:
        terminal.json({"file": kept, "skipped": True})
    else:
        terminal.note(f"{kept} exists, and is left alone")
    return True


def is_there(file: str) -> bool:
    """Whether writing to `file` would replace a file."""
    from eleven_cli.files.descriptors import is_direct, is_stdout

    return not (is_stdout(file) or is_direct(file)) and os.path.isfile(file)
