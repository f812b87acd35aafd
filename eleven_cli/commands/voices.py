"""`eleven voices`: the account's voices, one of them, and how it sounds."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePath
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eleven_cli.commands.lookup.completion import complete_language, complete_voice
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.lookup.voice_candidates import voice_candidates
from eleven_cli.commands.lookup.voices import remember, remembered
from eleven_cli.commands.options import JsonFlag, NoClobber, Play
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, UsageError
from eleven_cli.parsing.command_line import first_word
from eleven_cli.parsing.help_layout import Group
from eleven_cli.suggestions import did_you_mean, near

if TYPE_CHECKING:
    from eleven_cli.api.voices import Voice

COLUMNS = ("name", "id", "category", "labels", "needs")
LABELS = ("accent", "age", "gender", "use_case")


class SearchOrCommand(Group):
    """A group whose first word is a search unless it is the name of a command, or "list", which it does anyway.

    After -- it always is a search.
    """

    usage = ("[options]", "[SEARCH…] | show NAME | preview NAME")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        word, rest = first_word(args)
        if word not in self.commands:
            ctx.allow_interspersed_args = True
            return super().parse_args(ctx, rest if word == "list" else args)
        ctx.meta["command"] = True
        return super().parse_args(ctx, [word, *rest])

    def get_params(self, ctx: Any) -> list[Any]:
        """Before a command there is no search."""
        params = super().get_params(ctx)
        return [param for param in params if param.name != "search"] if "command" in ctx.meta else params


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    NEUTRAL = "neutral"


class Category(StrEnum):
    PREMADE = "premade"
    CLONED = "cloned"
    GENERATED = "generated"
    PROFESSIONAL = "professional"


EXAMPLES = """eleven voices british
eleven voices --language de --gender female
eleven voices show Imogen
eleven voices preview Imogen"""
app = typer.Typer(cls=SearchOrCommand, epilog=EXAMPLES, rich_markup_mode=None, invoke_without_command=True)


Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The voice's name or id.", autocompletion=complete_voice, show_default=False),
]


@app.callback()
def voices(
    ctx: typer.Context,
    search: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SEARCH]...",
            help="Only voices with these words in name, description, labels or category.",
            show_default=False,
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="Only voices of this language, such as de.", autocompletion=complete_language
        ),
    ] = None,
    gender: Annotated[Gender | None, typer.Option(case_sensitive=False, help="Only these voices.")] = None,
    category: Annotated[Category | None, typer.Option(case_sensitive=False, help="Only voices of this kind.")] = None,
    json: JsonFlag = False,
) -> None:
    """List the voices of your account, or show or play one.

    The columns: name, id, category, labels (accent, age, gender, use case), and what a voice needs to be used, if that
    is more than any plan has.
    """
    if ctx.invoked_subcommand is not None:
        return
    from eleven_cli.api.voices import each_voice

    context: Context = ctx.obj
    sought = " ".join(search or []).strip()
    wanted = {"language": checked_language(language), "gender": gender, "category": category}
    chosen = {name: str(value) for name, value in wanted.items() if value is not None}
    found = list(each_voice(context.client, sought, **chosen))
    remember(context, found, all_of_them=not (sought or chosen))
    if not found and chosen and not sought:
        context.terminal.note(f"no voice has {' and '.join(f'{name} {value}' for name, value in chosen.items())}")
    elif not found:
        context.terminal.note(_none_of(context, search or []) if sought else "this account has no voices")
    if json:
        context.terminal.json(found)
    elif found:
        context.terminal.rows(COLUMNS, map(_row, found))


def _none_of(context: Context, words: list[str]) -> str:
    """That no voice matches, and what was meant: a command, or the name of a voice that is remembered."""
    sought = " ".join(words)
    commands = near(words[0], ("show", "preview"))
    if len(words) > 1 and commands:
        return f"no voice matches {sought}. Did you mean eleven voices {' '.join([commands[0], *words[1:]])}?"
    names = [voice.name for voice in remembered(context)[0]]
    return f"no voice matches {sought}{did_you_mean(sought, names)}"


@app.command()
def show(ctx: typer.Context, name: Name, json: JsonFlag = False) -> None:
    """Show what there is to know of one voice."""
    from eleven_cli.api.voices import with_settings

    context: Context = ctx.obj
    voice = with_settings(context.client, _called(context, name))
    if json:
        context.terminal.json(voice)
    else:
        context.terminal.rows(("", ""), _details(voice))


@app.command()
def preview(
    ctx: typer.Context,
    name: Name,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the MP3 there; - is stdout.")
    ] = None,
    play: Play = None,
    no_clobber: NoClobber = False,
) -> None:
    """Play a voice's free sample.

    On a terminal it is heard; into a pipe, or with --output, it is written as an MP3. It costs no credits.
    """
    from eleven_cli.api.network.route import is_loopback
    from eleven_cli.api.previews import sample
    from eleven_cli.audio.sinks import copy
    from eleven_cli.commands.output.audio import open_sinks, plan_output
    from eleven_cli.commands.output.report import keeps_existing

    context: Context = ctx.obj
    terminal = context.terminal
    _refuse_other_formats(output)
    if keeps_existing(terminal, output, no_clobber=no_clobber):
        return
    plan = plan_output(output, "mp3", play, on_terminal=terminal.stdout_is_terminal)
    with open_sinks(plan, terminal, no_clobber=no_clobber) as sinks:
        url = _sample_of(_called(context, name))
        here = is_loopback(context.client.base_url)
        with sample(url, on_this_machine=here, trace=terminal.trace, environ=context.environ) as audio:
            copy(audio, *sinks)


def _called(context: Context, name: str) -> "Voice":
    """The voice of that name or id."""
    from eleven_cli.api.voices import voice_with

    try:
        for candidate in voice_candidates(context, name):
            with candidate as voice_id:
                return voice_with(context.client, voice_id)
        raise AssertionError("the last candidate's refusal is raised")
    except NotFound as unknown:
        if unknown.status:
            unknown.hint = "see your voices: eleven voices"
        raise


def _sample_of(voice: "Voice") -> str:
    if not voice.preview_url:
        hint = f"hear it for some credits: eleven tts Hello --voice {voice.voice_id}"
        raise NotFound(f"{voice.name} has no sample", hint=hint, code="no_sample")
    return voice.preview_url


def _refuse_other_formats(output: str | None) -> None:
    from eleven_cli.files.descriptors import is_stdout

    suffix = PurePath(output or "").suffix.lower()
    if output and not is_stdout(output) and suffix not in ("", ".mp3"):
        hint = f"name the file {quote(str(PurePath(output).with_suffix('.mp3')))}"
        raise UsageError(f"samples are MP3, not {suffix}: {output}", hint=hint)


def _row(voice: "Voice") -> tuple[str, ...]:
    labels = ", ".join(_words(voice.labels[label]) for label in LABELS if label in voice.labels)
    return voice.name, voice.voice_id, voice.category, labels, voice.needs or ""


def _details(voice: "Voice") -> list[tuple[str, str]]:
    """Names and values; only what there is."""
    rows = [
        ("name", voice.name),
        ("id", voice.voice_id),
        ("category", voice.category),
        ("needs", voice.needs),
        ("description", voice.description),
        *((_words(name), _words(label)) for name, label in voice.labels.items()),
        ("languages", " ".join(voice.languages)),
        ("models", " ".join(voice.models)),
        ("created", _iso(voice.created_at)),
        ("preview", voice.preview_url),
        *((_words(name), _setting(value)) for name, value in (voice.settings or {}).items() if value is not None),
    ]
    return [(name, value) for name, value in rows if value]


def _setting(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(label: str) -> str:
    return label.replace("_", " ")


def _iso(moment: int | None) -> str:
    try:
        return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""
