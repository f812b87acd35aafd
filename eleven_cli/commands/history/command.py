"""`eleven history`: the generations of the account."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.options import After, Before, JsonFlag, Limit, NoClobber, Play, Yes, moment
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, UsageError
from eleven_cli.parsing.list_group import ListOrCommand
from eleven_cli.terminal.text import iso_time, json_text

if TYPE_CHECKING:
    from eleven_cli.api.account.history import HistoryItem

EXAMPLES = """eleven history
eleven history --voice Imogen --after 2026-11-01 --limit 20
eleven history get last
eleven help scripting"""
SHOW_EXAMPLES = """eleven history show last
eleven history show ja9xsmfGhxYcymxGcOGB --json"""
GET_EXAMPLES = """eleven history get last
eleven history get last -o again.mp3"""
DELETE_EXAMPLES = """eleven history delete ja9xsmfGhxYcymxGcOGB
eleven history delete last --yes"""
COLUMNS = ("id", "created", "voice", "credits", "text")
LAST = "last"
SEE_HISTORY = "see them: eleven history"


app = typer.Typer(cls=ListOrCommand, epilog=EXAMPLES, rich_markup_mode=None, invoke_without_command=True)
Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The item's id; last is the newest one.", autocompletion=lambda: [LAST], show_default=False
    ),
]


@app.callback()
def history(
    ctx: typer.Context,
    voice: Annotated[
        str | None,
        typer.Option(
            "--voice", "-v", metavar="NAME", help="Only this voice's.", autocompletion=completed_by("complete_voice")
        ),
    ] = None,
    search: Annotated[str | None, typer.Option(metavar="WORDS", help="Only those with these words.")] = None,
    after: After = None,
    before: Before = None,
    limit: Limit = None,
    json: JsonFlag = False,
) -> None:
    """List the speech you generated; play, write or delete it.

    The newest come first; sound effects are not listed. The columns: id, created, voice, credits, text.
    """
    if ctx.invoked_subcommand is not None:
        return
    from eleven_cli.api.account.history import PAGE_SIZE, each_item
    from eleven_cli.commands.output.listing import BEGINS_ANEW, show_listed

    context: Context = ctx.obj
    since, until = moment(after, "--after"), moment(before, "--before")
    voice_id, words = _voice_id(context, voice), (search or "").strip()
    size = min(limit or PAGE_SIZE, PAGE_SIZE)
    found = each_item(context.client, voice_id=voice_id, search=words, after=since, before=until, page_size=size)
    entries, again = islice(found, limit), context.words
    if not show_listed(context.terminal, COLUMNS, entries, _row, size=size, as_json=json, kept="text", again=again):
        context.terminal.note("nothing was generated" + (" that fits" if voice or words or after or before else ""))
        if context.config.sandbox:
            context.terminal.remark(BEGINS_ANEW)


@app.command(epilog=SHOW_EXAMPLES)
def show(ctx: typer.Context, item_id: Id, json: JsonFlag = False) -> None:
    """Show what an item was made of: text, voice, model, settings.

    --json prints all that the service tells of it.
    """
    from eleven_cli.api.account.history import item_answer, item_of

    context: Context = ctx.obj
    with _known():
        answer = item_answer(context.client, _resolved(context, item_id))
    if json:
        context.terminal.json(answer)
    else:
        context.terminal.facts(_details(item_of(answer), answer.get("settings")))


@app.command(epilog=GET_EXAMPLES)
def get(
    ctx: typer.Context,
    item_id: Id,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write there, as it was made; - is stdout.")
    ] = None,
    play: Play = None,
    no_clobber: NoClobber = False,
    json: Annotated[
        bool, typer.Option("--json", help="Timings and format as JSON on stdout (on stderr where stdout has audio).")
    ] = False,
) -> None:
    """Play or write the audio of an item, without paying again.

    On a terminal it is heard; into a pipe, or with --output, it is written in the format it was made in, mostly MP3.
    Raw samples become a WAV where the file is called so.
    """
    from eleven_cli.api.account.history import item_answer, item_of
    from eleven_cli.commands.history.replay import replay
    from eleven_cli.commands.output import plan_places
    from eleven_cli.commands.output.existing import keeps_existing

    context: Context = ctx.obj
    word = _checked(item_id)
    places = plan_places(output, play, on_terminal=context.terminal.stdout_is_terminal)
    if keeps_existing(context.terminal, output, no_clobber=no_clobber, as_json=json):
        return
    with _known():
        item = _newest(context) if word == LAST else item_of(item_answer(context.client, word))
        replay(context, item, places, no_clobber=no_clobber, as_json=json)


@app.command(epilog=DELETE_EXAMPLES)
def delete(
    ctx: typer.Context,
    item_id: Id,
    yes: Yes = False,
    json: JsonFlag = False,
) -> None:
    """Delete an item and its audio, for good.

    You are asked on a terminal; elsewhere --yes is needed.
    """
    from eleven_cli.api.account.history import delete_item
    from eleven_cli.commands.input.confirmation import confirmed_deletion, report_deletion

    context: Context = ctx.obj
    found = confirmed_deletion(context, "item", lambda: _resolved(context, item_id), yes=yes)
    with _known():
        delete_item(context.client, found)
    report_deletion(context, "history_item_id", found, as_json=json)


def _voice_id(context: Context, voice: str | None) -> str:
    """The id of the voice that an id or a name means; "" without one."""
    if voice is None:
        return ""
    from eleven_cli.commands.lookup.voice_candidates import voice_id_of

    return voice_id_of(context, voice, has_key=True)


@contextmanager
def _known() -> Iterator[None]:
    """Say where the ids are to be seen, should the service know none like this."""
    try:
        yield
    except NotFound as unknown:
        unknown.hint = unknown.hint or SEE_HISTORY
        raise


def _resolved(context: Context, word: str) -> str:
    """The id; of "last" that of the newest item. Raises NotFound without any."""
    word = _checked(word)
    return _newest(context).history_item_id if word == LAST else word


def _checked(word: str) -> str:
    if not word.strip():
        raise UsageError("the item's id is empty", hint=SEE_HISTORY)
    return word.strip()


def _newest(context: Context) -> "HistoryItem":
    from eleven_cli.api.account.history import newest_item
    from eleven_cli.commands.output.listing import BEGINS_ANEW

    newest = newest_item(context.client)
    if newest is None:
        hint = BEGINS_ANEW if context.config.sandbox else "the history begins with: eleven tts Hello"
        raise NotFound("nothing was generated yet", hint=hint, code="history_item_not_found")
    return newest


def _row(item: "HistoryItem") -> tuple[str, ...]:
    credits = "" if item.credits is None else str(item.credits)
    return item.history_item_id, iso_time(item.created_at), item.voice, credits, " ".join(item.text.split())


def _details(item: "HistoryItem", settings: Any) -> list[tuple[str, str]]:
    """Names and values, also of what is not there."""
    set_so = settings.items() if isinstance(settings, dict) else ()
    said = [f"{name}={json_text(value)}" for name, value in set_so if value is not None]
    return [
        ("id", item.history_item_id),
        ("created", iso_time(item.created_at)),
        ("source", item.source),
        ("voice", item.voice),
        ("voice id", item.voice_id),
        ("model", item.model_id),
        ("settings", " ".join(said)),
        ("credits", "" if item.credits is None else str(item.credits)),
        ("format", item.format or item.content_type),
        ("state", item.state),
        ("request", item.request_id),
        ("text", item.text),
    ]
