"""Where a command's result goes: here, where audio goes, decided before anything is paid for."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.errors import UsageError

if TYPE_CHECKING:
    from eleven_cli.audio.formats import Format


class OutputPlan(NamedTuple):
    """Where audio goes.

    fmt     the format of file or pipe; `fmt.wire` is what arrives, `fmt.requested` the one to request
    file    its name, or None
    stdout  whether audio is written there
    play    whether it is played
    """

    fmt: "Format"
    file: str | None
    stdout: bool
    play: bool

    @property
    def name(self) -> str | None:
        """The file as it is reported: where its name tells no format, beside it the one that was chosen for it."""
        if self.file and self.fmt.codec == "mp3" and "." not in os.path.basename(self.file):
            return f"{self.file} (MP3)"
        return self.file


def plan_output(
    output: str | None,
    word: str | None,
    play: bool | None,
    *,
    on_terminal: bool,
    best_rate: Callable[[], int] = lambda: _best_rate(),
) -> OutputPlan:
    """Resolve `-o output --format word --play/--no-play`. Pure but for `best_rate`, called for playback alone."""
    from eleven_cli.audio.formats import Format, chosen

    file, stdout, heard = plan_places(output, play, on_terminal=on_terminal)
    if not (file or stdout or word):
        return OutputPlan(Format("pcm", best_rate()), file, stdout, heard)
    return OutputPlan(chosen(word, file), file, stdout, heard)


def plan_places(output: str | None, play: bool | None, *, on_terminal: bool) -> tuple[str | None, bool, bool]:
    """The file, whether stdout gets it, and whether it is played. Raises UsageError where it would go nowhere."""
    to_stdout = output is not None and _is_stdout(output)
    file = None if to_stdout else output
    if file:
        from eleven_cli.files.sinks import refuse_folder

        refuse_folder(file)
    stdout = to_stdout or (output is None and not on_terminal)
    heard = play if play is not None else output is None and on_terminal
    if not (file or stdout or heard):
        raise UsageError(
            "nowhere to write the audio: stdout is a terminal, and it is not played", hint="write a file: -o speech.mp3"
        )
    return file, stdout, heard


def _is_stdout(path: str) -> bool:
    from eleven_cli.files.descriptors import is_stdout

    return is_stdout(path)


def _best_rate() -> int:
    from eleven_cli.audio.devices.players import best_rate

    return best_rate()
