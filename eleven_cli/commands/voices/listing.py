"""`eleven voices`: the account's voices."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.lookup.voices import remember, remembered
from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.errors import DESIGN_COMMAND
from eleven_cli.parsing.pasting import shown
from eleven_cli.suggestions import near, question

if TYPE_CHECKING:
    from eleven_cli.api.voices.voice import Voice

NO_VOICES = f"this account has no voices; make one: {DESIGN_COMMAND}"
COLUMNS = ("name", "id", "category", "labels", "needs")
_SEARCHING = ("search", "find")  # commands elsewhere
LABELS = ("accent", "age", "gender", "use_case")


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    NEUTRAL = "neutral"


class Category(StrEnum):
    PREMADE = "premade"
    CLONED = "cloned"
    GENERATED = "generated"
    PROFESSIONAL = "professional"


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
            metavar="CODE",
            help="Only voices of this language, such as de.",
            autocompletion=completed_by("complete_language"),
        ),
    ] = None,
    gender: Annotated[Gender | None, typer.Option(case_sensitive=False, help="Only these voices.")] = None,
    category: Annotated[Category | None, typer.Option(case_sensitive=False, help="Only voices of this kind.")] = None,
    json: JsonFlag = False,
) -> None:
    """List the voices of your account; make, change or play one.

    The columns: name, id, category, labels (accent, age, gender, use case), and the plan that
    a voice needs, where not every plan will do.
    """
    if ctx.invoked_subcommand is not None:
        return
    from eleven_cli.api.voices.listing import each_voice

    context: Context = ctx.obj
    sought = " ".join(search or []).strip()
    wanted = {"language": checked_language(language), "gender": gender, "category": category}
    chosen = {name: str(value) for name, value in wanted.items() if value is not None}
    found = list(each_voice(context.client, sought, **chosen))
    remember(context, found, all_of_them=not (sought or chosen))
    if not found and chosen and not sought:
        context.terminal.note(f"no voice has {' and '.join(f'{name} {value}' for name, value in chosen.items())}")
    elif not found:
        context.terminal.note(_none_of(ctx, search or []) if sought else NO_VOICES)
    if json:
        context.terminal.json(found)
    elif found:
        context.terminal.rows(COLUMNS, map(row, found), again=context.words)


def _none_of(ctx: typer.Context, words: list[str]) -> str:
    """That no voice matches, and what was meant: a command, or the name of a voice that is remembered."""
    sought = " ".join(words)
    group: Any = ctx.command
    if words[0] in _SEARCHING and words[1:]:
        return f"no voice matches {sought}{question([shown(['voices', *words[1:]])])}"
    commands = [shown(["voices", command, *words[1:]]) for command in near(words[0], group.commands)]
    names = near(sought, [voice.name for voice in remembered(ctx.obj)[0]])
    meant = commands if len(words) > 1 and any(commands) else names or commands
    return f"no voice matches {sought}{question(list(filter(None, meant)))}"


def shown_labels(labels: Mapping[str, str]) -> str:
    """Gives the labels that a listing shows, in one text."""
    return ", ".join(labels[label].replace("_", " ") for label in LABELS if label in labels)


def row(voice: "Voice") -> tuple[str, ...]:
    return voice.name, voice.voice_id, voice.category, shown_labels(voice.labels), voice.needs or ""
