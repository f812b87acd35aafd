"""Plans where audio goes (format, file, stdout, speakers) before anything is paid for, opens it, and copies there."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.audio.formats import Format, chosen
from eleven_cli.errors import AudioError, UsageError
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.audio.sinks import SeekableSink, Sink


class OutputPlan(NamedTuple):
    """Where audio goes.

    fmt     the format of file or pipe; `fmt.wire` is the one to request
    file    its name, or None
    stdout  whether audio is written there
    play    whether it is played
    """

    fmt: Format
    file: str | None
    stdout: bool
    play: bool


def plan_output(
    output: str | None,
    word: str | None,
    play: bool | None,
    *,
    on_terminal: bool,
    best_rate: Callable[[], int] = lambda: _best_rate(),
) -> OutputPlan:
    """Resolve `-o output --format word --play/--no-play`. Pure but for `best_rate`, called for playback alone."""
    to_stdout = output is not None and _is_stdout(output)
    file = None if to_stdout else output
    stdout = to_stdout or (output is None and not on_terminal)
    heard = play if play is not None else output is None and on_terminal
    if not (file or stdout or heard):
        raise UsageError("no place for the audio: no file, no pipe, no playback", hint="write a file: -o speech.mp3")
    if not (file or stdout or word):
        return OutputPlan(Format("pcm", best_rate()), file, stdout, heard)
    return OutputPlan(chosen(word, file), file, stdout, heard)


@contextmanager
def open_sinks(plan: OutputPlan, terminal: Terminal, *, no_clobber: bool) -> "Iterator[list[Sink]]":
    """Open all sinks or none; files come first, so that they are complete before playback ends."""
    with ExitStack() as stack:
        places: list[SeekableSink] = []
        if plan.file:
            from eleven_cli.files.sinks import file_sink

            places.append(file_sink(plan.file, no_clobber=no_clobber))
        if plan.stdout:
            places.append(terminal.audio())
        sinks: list[Sink] = [_with_header(place, plan.fmt) for place in places]
        if plan.play:
            from eleven_cli.audio.devices.players import player_for

            player = player_for(plan.fmt.wire)
            sinks.append(player if places else _with_backup(player, plan.fmt.wire))
        for sink in sinks:
            stack.enter_context(sink)
        yield sinks


def copy(chunks: Iterable[bytes], *sinks: "Sink") -> None:
    """Write each chunk to each sink as it arrives, then finish them in order.

    A sink that fails with AudioError is dropped while others still work, and its error is raised at the end: a broken
    player must not cost the file.
    """
    alive, broken = list(sinks), None
    for chunk in chunks:
        for sink in list(alive):
            try:
                sink.write(chunk)
            except AudioError as error:
                if len(alive) == 1:
                    raise
                alive.remove(sink)
                broken = error
    for sink in alive:
        sink.finish()
    if broken:
        raise broken


def _is_stdout(path: str) -> bool:
    from eleven_cli.files.descriptors import is_stdout

    return is_stdout(path)


def _with_backup(player: "Sink", fmt: Format) -> "Sink":
    """Without a file, keep a backup: a playback failure must not lose paid audio."""
    from eleven_cli.audio.devices.backup import BackupPlayer

    return BackupPlayer(player, fmt)


def _best_rate() -> int:
    from eleven_cli.audio.devices.players import best_rate

    return best_rate()


def _with_header(place: "SeekableSink", fmt: Format) -> "Sink":
    if fmt.codec != "wav":
        return place
    from eleven_cli.audio.codecs.wav import WavSink

    return WavSink(place, fmt.rate)
