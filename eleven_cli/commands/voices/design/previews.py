"""The previews of a design: played, written, and one of them chosen. They are paid for, so none gets lost."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from eleven_cli.audio.formats import Format, chosen
from eleven_cli.commands.output import OutputPlan
from eleven_cli.commands.output.audio import copy, open_sinks
from eleven_cli.commands.output.existing import keeps_existing
from eleven_cli.context import Context
from eleven_cli.errors import AuthError, ElevenError, LimitError, NotFound, OutputClosed, UsageError
from eleven_cli.terminal import Terminal

if TYPE_CHECKING:
    from eleven_cli.api.voices.design import VoicePreview

COUNT = 3
TEMPLATE = "voice-{n}.mp3"


class PreviewPlan(NamedTuple):
    """Where previews go.

    fmt       the format of the files, `fmt.wire` the one to request
    template  the files' name, with {n} for the number; None without files
    play      whether they are played
    """

    fmt: Format
    template: str | None
    play: bool

    def output(self, number: int) -> OutputPlan:
        """Where one of them goes, counted from 1."""
        return OutputPlan(self.fmt, self.file(number), False, self.play)

    def file(self, number: int) -> str | None:
        """The name of its file."""
        return None if self.template is None else _named(self.template, number)


def plan_previews(
    terminal: Terminal, template: str | None, play: bool | None, *, no_clobber: bool
) -> PreviewPlan | None:
    """Decide where three previews go; None where --no-clobber leaves files alone. Raises what would fail later."""
    heard = play if play is not None else template is None and terminal.stdout_is_terminal
    plan = PreviewPlan(chosen(None if template else "mp3", template), template, heard)
    if template is not None:
        _check_template(template)
        names = [_named(template, number) for number in range(1, COUNT + 1)]
        if keeps_existing(terminal, *names, no_clobber=no_clobber, as_json=terminal.json_errors):
            return None
        _check_places(names)
    if heard:
        from eleven_cli.audio.devices.players import player_for

        player_for(plan.fmt.wire)
    terminal.refuse_closed_stdout()
    return plan


def present(context: Context, plan: PreviewPlan, previews: Sequence["VoicePreview"], *, no_clobber: bool) -> list[bool]:
    """Play and write what there is; gives which of them came with audio."""
    terminal = context.terminal
    sounding = [bool(preview.audio) for preview in previews]
    for number, preview in enumerate(previews, 1):
        if not preview.audio:
            terminal.warn(f"preview {number} ({preview.generated_voice_id}) came without audio")
        elif plan.play or plan.template:
            show(context, plan, preview, number, no_clobber=no_clobber)
    if not any(sounding) and (plan.play or plan.template):
        raise ElevenError("none of the previews came with audio", code="no_audio")
    return sounding


def show(
    context: Context, plan: PreviewPlan, preview: "VoicePreview", number: int, *, no_clobber: bool = False
) -> None:
    """Play one, or write it, or both."""
    if plan.play:
        length = "" if preview.duration_s is None else f" · {preview.duration_s:.1f} s"
        context.terminal.remark(f"preview {number}{length} · {preview.generated_voice_id}")
    with open_sinks(plan.output(number), context.terminal, no_clobber=no_clobber) as sinks:
        copy([preview.audio], *sinks)


def choose(
    context: Context, plan: PreviewPlan, previews: Sequence["VoicePreview"], sounding: Sequence[bool], name: str
) -> "VoicePreview | None":
    """The one to keep: a user who heard them is asked; otherwise the first that came with audio."""
    terminal = context.terminal
    usable = [number for number, sounds in enumerate(sounding, 1) if sounds] or [1]
    if not (plan.play and terminal.can_ask):
        return previews[usable[0] - 1]
    numbers = ", ".join(map(str, usable))
    while True:
        try:
            said = terminal.ask(f"keep which as {name}? {numbers}; p1 plays 1 again; Enter keeps none: ")
        except EOFError:
            said = ""
        said = said.strip().lower()
        again, word = said.startswith("p"), said.removeprefix("p").strip()
        if not said:
            return None
        if not word.isdecimal() or int(word) not in usable:
            terminal.note(f"not one of {numbers}: {said}")
        elif again:
            show(context, plan._replace(template=None), previews[int(word) - 1], int(word))
        else:
            return previews[int(word) - 1]


@contextmanager
def paid_for(previews: Sequence["VoicePreview"], name: str | None) -> Iterator[None]:
    """Any error that ends the run says that the previews can still be kept, and how."""
    try:
        yield
    except OutputClosed:
        raise
    except (ElevenError, KeyboardInterrupt, SystemExit) as stopped:
        if ids := _still_there(previews, stopped):
            stopped.add_note(f"the previews are paid for and can be kept for a while: {', '.join(ids)}")
            keep = keep_command(ids[0], name)
            stopped.hint = f"{stopped.hint}; then {keep}" if _is_about_room(stopped) else keep  # type: ignore[union-attr]
        raise


def _still_there(previews: Sequence["VoicePreview"], stopped: BaseException) -> list[str]:
    """The ids of the previews, but for one of which the service says that it has it no more."""
    said = stopped.message if isinstance(stopped, NotFound) else ""
    return [preview.generated_voice_id for preview in previews if preview.generated_voice_id not in said]


def _is_about_room(stopped: BaseException) -> bool:
    """Whether what has to be done before a preview can be kept is said already."""
    return isinstance(stopped, LimitError | AuthError) and bool(stopped.hint)


def keep_command(generated_id: str, name: str | None) -> str:
    return f"eleven voices keep {quote(generated_id)} {quote(name or 'NAME')}"


def _check_template(template: str) -> None:
    from eleven_cli.files.descriptors import is_direct, is_stdout

    if is_stdout(template) or is_direct(template):
        raise UsageError("three previews need files of their own", hint=f"-o '{TEMPLATE}'")
    if _named(template, 1) == _named(template, 2):
        raise UsageError(f"three previews need three names, not {template}", hint=f"-o {quote(_numbered(template))}")


def _check_places(names: Sequence[str]) -> None:
    from eleven_cli.files.sinks import check_place

    for name in names:
        check_place(name, example=TEMPLATE.format(n=1))


def _named(template: str, number: int) -> str:
    try:
        return template.format(n=number)
    except (KeyError, IndexError, ValueError, AttributeError):
        raise UsageError(f"not a valid name for previews: {template}", hint=f"for example: -o '{TEMPLATE}'") from None


def _numbered(template: str) -> str:
    from pathlib import PurePath

    path: PurePath = PurePath(template)
    return str(path.with_name(f"{path.stem or 'voice'}-{{n}}{path.suffix or '.mp3'}")) if path.name else TEMPLATE
