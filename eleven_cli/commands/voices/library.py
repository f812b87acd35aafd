"""`eleven voices library` and `add`: the Voice Library, and its voices on their way into the account."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.lookup.languages import checked_language
from eleven_cli.commands.options import JsonFlag, Limit
from eleven_cli.commands.voices.fields import checked_name, checked_text
from eleven_cli.commands.voices.listing import Gender, shown_labels
from eleven_cli.context import Context
from eleven_cli.errors import DESIGN_COMMAND, LimitError

if TYPE_CHECKING:
    from eleven_cli.api.voices.library import LibraryVoice

LIBRARY_EXAMPLES = """eleven voices library narrative --language it
eleven voices library --gender female --sort trending --limit 20"""
ADD_EXAMPLES = """eleven voices add Marlene
eleven voices add "Marlene Voss" --as Reader"""
COLUMNS = ("name", "id", "language", "labels", "needs")
AGES = ("young", "middle_aged", "old")


class LibraryCategory(StrEnum):
    PROFESSIONAL = "professional"
    FAMOUS = "famous"
    HIGH_QUALITY = "high_quality"


class Sort(StrEnum):
    CREATED_DATE = "created_date"
    TRENDING = "trending"
    CLONED_BY_COUNT = "cloned_by_count"
    USAGE = "usage_character_count_1y"


def library(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="Only voices that match these words.", show_default=False),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Only voices of this language, such as it.",
            autocompletion=completed_by("complete_language"),
        ),
    ] = None,
    gender: Annotated[Gender | None, typer.Option(case_sensitive=False, help="Only these voices.")] = None,
    age: Annotated[
        str | None,
        typer.Option(
            metavar="AGE", help="Only voices that sound young, middle_aged or old.", autocompletion=lambda: AGES
        ),
    ] = None,
    accent: Annotated[str | None, typer.Option(metavar="NAME", help="Only voices of this accent.")] = None,
    category: Annotated[
        LibraryCategory | None, typer.Option(case_sensitive=False, help="Only voices of this kind.")
    ] = None,
    sort: Annotated[
        Sort | None, typer.Option(case_sensitive=False, help="Which ones first. Default: created_date.")
    ] = None,
    limit: Limit = None,
    json: JsonFlag = False,
) -> None:
    """List the voices of the Voice Library.

    The columns: name, id, language, labels (accent, age, gender, use case), and the plan that a voice needs
    through the API. eleven voices preview NAME plays one, eleven voices add NAME adds it to your account.
    """
    from eleven_cli.api.voices.library import PAGE_SIZE, library_pages

    context: Context = ctx.obj
    sought = checked_text(" ".join(words or []), "the search")
    chosen = {
        "language": checked_language(language), "gender": gender, "age": age, "accent": accent, "category": category,
    }  # fmt: skip
    filters = {name: checked_text(str(value), f"--{name}") for name, value in chosen.items() if value is not None}
    query = {**filters, **({"sort": str(sort)} if sort else {})}
    pages = library_pages(context.client, sought, query, page_size=min(limit or PAGE_SIZE, PAGE_SIZE))
    portions = _at_most(limit, pages)
    if json:
        count = _print_json(context, portions)
    else:
        rows = ([_row(voice) for voice in page] for page in portions)
        count = context.terminal.growing_rows(COLUMNS, rows, again=context.words)
    if not count:
        context.terminal.note(_none_found(sought, filters))


def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The voice's name or id.", show_default=False)],
    as_name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Its name in your account.")] = None,
    json: JsonFlag = False,
) -> None:
    """Add a voice of the Voice Library to your account.

    It takes one of your voice slots, and needs a paid plan to be used.
    """
    from eleven_cli.api.voices.library import add_to_account
    from eleven_cli.commands.lookup.library import find_in_library
    from eleven_cli.commands.voices.new_voice import announce, refuse_library_voice, warn_if_taken

    context: Context = ctx.obj
    name, new_name = checked_name(name), None if as_name is None else checked_name(as_name)
    refuse_library_voice(context)
    voice = find_in_library(context, name, "add")
    new_name = new_name or voice.name
    known = warn_if_taken(context, new_name)
    try:
        voice_id = add_to_account(context.client, voice, new_name, known=known)
    except LimitError as refused:
        refused.hint = DESIGN_COMMAND if "paid_plan_required" in refused.code else refused.hint
        raise
    announce(context, voice_id, new_name, as_json=json)


def _at_most(limit: int | None, pages: Iterator[list["LibraryVoice"]]) -> Iterator[list["LibraryVoice"]]:
    """The pages up to so many voices; a page that is not needed is not asked for."""
    left = limit
    while left is None or left > 0:
        page = next(pages, None)
        if page is None:
            return
        yield page[:left]
        left = None if left is None else left - len(page)


def _print_json(context: Context, pages: Iterator[list["LibraryVoice"]]) -> int:
    voices = [voice for page in pages for voice in page]
    context.terminal.json(voices)
    return len(voices)


def _row(voice: "LibraryVoice") -> tuple[str, ...]:
    costs = "" if voice.rate in (None, 1) else f", {voice.rate:g}x credits"
    return voice.name, voice.voice_id, " ".join(voice.languages), shown_labels(voice.labels), f"{voice.needs}{costs}"


def _none_found(sought: str, filters: dict[str, str]) -> str:
    wanted = [f"{name} {value}" for name, value in filters.items()]
    about = ", ".join(filter(None, [f'"{sought}"' if sought else "", *wanted]))
    return f"the Voice Library has no voice for {about}" if about else "the Voice Library is empty"
