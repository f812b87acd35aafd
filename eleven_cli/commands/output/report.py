"""What a run says of its result: one line for a person, or all figures as JSON; and that it left a file alone."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from eleven_cli.files.descriptors import is_direct, is_stdout
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.commands.output.audio import OutputPlan
    from eleven_cli.commands.output.meter import Meter


def counted(number: int, one: str, many: str = "") -> str:
    """So many of them: "1 credit", "1,234 credits"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def summary(name: str | None, meter: "Meter", cost: str) -> str:
    """Where it is, how long it sounds, and what it cost: "hello.mp3 · 1.5 s · 12 credits"."""
    return " · ".join(filter(None, [name or "", f"{meter.audio_s:,.1f} s", cost]))


def report_figures(
    terminal: Terminal, figures: Mapping[str, object], plan: "OutputPlan", *, stdout_is_taken: bool = False
) -> None:
    """One JSON object on stdout; on stderr where stdout has the audio or something else."""
    value = with_warnings(terminal, figures)
    if plan.stdout or stdout_is_taken:
        terminal.report(value)
    else:
        terminal.json(value)


def check_report(terminal: Terminal, plan: "OutputPlan", *, as_json: bool) -> None:
    """Raise ElevenError where the figures could not be written, before anything is paid for."""
    if as_json and not plan.stdout:
        terminal.refuse_closed_stdout()


def with_warnings(terminal: Terminal, figures: Mapping[str, object]) -> dict[str, object]:
    """The figures, and what would have been warned of on stderr, which is to hold no words with --json."""
    return {**figures, **({"warnings": terminal.warnings} if terminal.warnings else {})}


def keeps_existing(terminal: Terminal, *files: str | None, no_clobber: bool, as_json: bool = False) -> bool:
    """Whether one of these files is there and to be left alone, which is said once: then there is nothing to do.

    The files of one run belong together: subtitles of another take would not fit. `as_json` says it as an object.
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
    """Whether writing there would replace something."""
    return not (is_stdout(file) or is_direct(file)) and os.path.isfile(file)
