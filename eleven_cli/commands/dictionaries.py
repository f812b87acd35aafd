"""`eleven dictionaries`: how words are said, kept in the account."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.options import JsonFlag, Yes
from eleven_cli.context import Context
from eleven_cli.errors import NotFound, UsageError
from eleven_cli.files.reading import content_of
from eleven_cli.parsing.list_group import ListOrCommand
from eleven_cli.terminal.messages import counted
from eleven_cli.terminal.text import iso_time

if TYPE_CHECKING:
    from eleven_cli.api.dictionaries import Dictionary, PronunciationRule

EXAMPLES = """eleven dictionaries
eleven dictionaries add names.pls
eleven dictionaries show names
eleven tts "We follow WCAG." --dictionary names
eleven help tags"""
SHOW_EXAMPLES = """eleven dictionaries show names
eleven dictionaries show names --pls > names.pls"""
ADD_EXAMPLES = """eleven dictionaries add names.pls
eleven dictionaries add words.txt --name Names"""
ARCHIVE_EXAMPLES = """eleven dictionaries archive names
eleven dictionaries archive names --yes"""
COLUMNS = ("name", "id", "rules", "created", "description")
RULE_COLUMNS = ("word", "spoken", "kind")
NONE = "this account has no dictionaries; make one: eleven dictionaries add FILE.pls"


app = typer.Typer(cls=ListOrCommand, epilog=EXAMPLES, rich_markup_mode=None, invoke_without_command=True)
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="The dictionary's name or id.",
        autocompletion=completed_by("complete_dictionary"),
        show_default=False,
    ),
]


@app.callback()
def dictionaries(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List your account's pronunciation dictionaries, or add one.

    The columns: name, id, rules, created, description. Archived ones are not listed.
    """
    if ctx.invoked_subcommand is not None:
        return
    from eleven_cli.commands.lookup.dictionaries import fetch_dictionaries

    context: Context = ctx.obj
    found = fetch_dictionaries(context)
    if not found:
        context.terminal.note(NONE)
    if json:
        context.terminal.json(found)
    elif found:
        context.terminal.rows(COLUMNS, map(_row, found), again=context.words)


@app.command(epilog=SHOW_EXAMPLES)
def show(
    ctx: typer.Context,
    name: Name,
    pls: Annotated[bool, typer.Option("--pls", help="Print the rules as a PLS file.")] = False,
    json: JsonFlag = False,
) -> None:
    """Show a dictionary and its rules."""
    from eleven_cli.api.dictionaries import dictionary_with_rules, download_dictionary
    from eleven_cli.commands.lookup.dictionaries import dictionary_called

    context: Context = ctx.obj
    terminal = context.terminal
    if pls and json:
        raise UsageError("--pls and --json cannot be combined", hint="omit one of them")
    dictionary = dictionary_called(context, name)
    if pls:
        for line in download_dictionary(context.client, dictionary).decode("utf-8", "replace").splitlines():
            terminal.print(line)
        return
    dictionary, rules = dictionary_with_rules(context.client, dictionary.dictionary_id)
    if json:
        terminal.json({**vars(dictionary), "rules": [vars(rule) for rule in rules]})
        return
    terminal.facts(_details(dictionary))
    if rules:
        terminal.print("")
        terminal.rows(RULE_COLUMNS, map(_rule_row, rules), again=context.words)


@app.command(epilog=ADD_EXAMPLES)
def add(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="PLS, or WORD=SPOKEN on each line.", show_default=False)],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What to call it. Default: the file's name.")] = None,
    json: JsonFlag = False,
) -> None:
    """Add a dictionary to your account.

    The file is checked before it is sent. Speak with it: eleven tts --dictionary NAME.
    """
    from eleven_cli.api.dictionaries import add_dictionary_aliases, add_dictionary_file
    from eleven_cli.commands.lookup.dictionaries import remember_change
    from eleven_cli.text.spoken.lexicon_file import is_pls, lexicon_file

    context: Context = ctx.obj
    context.terminal.refuse_closed_stdout()
    content = content_of(file)
    found = lexicon_file(file, content)
    called = _checked_name(Path(file).stem if name is None else name)
    if is_pls(content):
        added = add_dictionary_file(context.client, called, content)
    else:
        added = add_dictionary_aliases(context.client, called, found.entries)
    if added.dictionary_id:
        remember_change(context, added)
    else:
        context.terminal.warn(f"the service did not tell the id of {added.name}; it is listed by: eleven dictionaries")
    if json:
        context.terminal.json(added)
        return
    rules = "" if added.rules is None else f" with {counted(added.rules, 'rule')}"
    context.terminal.remark(f"added {added.name}{rules}")
    if added.dictionary_id:
        context.terminal.print(added.dictionary_id)


@app.command(epilog=ARCHIVE_EXAMPLES)
def archive(
    ctx: typer.Context,
    name: Name,
    yes: Yes = False,
    json: JsonFlag = False,
) -> None:
    """Archive a dictionary, so that it is no longer listed.

    The whole name or the id is needed. You are asked on a terminal; elsewhere --yes is needed.
    """
    from eleven_cli.api.dictionaries import archive_dictionary
    from eleven_cli.commands.input.confirmation import confirmed, require_yes
    from eleven_cli.commands.lookup.dictionaries import dictionary_called, is_whole_name, remember_change

    context: Context = ctx.obj
    require_yes(context, "archive", "confirm that the dictionary is to be archived", yes=yes)
    dictionary = dictionary_called(context, name)
    if not is_whole_name(dictionary, name):
        said = f'no dictionary is called "{name}"; {dictionary.name} ({dictionary.dictionary_id}) begins so'
        raise NotFound(said, hint="give the whole name, or the id", code="dictionary_not_found")
    confirmed(context, "archive", lambda: f"Archive {dictionary.name} ({dictionary.dictionary_id})?", yes=yes)
    archive_dictionary(context.client, dictionary.dictionary_id)
    remember_change(context, dictionary, is_gone=True)
    if json:
        archived = {"dictionary_id": dictionary.dictionary_id, "name": dictionary.name, "archived": True}
        context.terminal.json(archived)
    else:
        context.terminal.remark(f"archived {dictionary.name} ({dictionary.dictionary_id})")


def _checked_name(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UsageError("the name is not valid UTF-8 text", hint="give another one: --name NAME") from None
    if not name.strip():
        raise UsageError("the dictionary's name is empty")
    return name.strip()


def _row(dictionary: "Dictionary") -> tuple[str, ...]:
    rules = "" if dictionary.rules is None else str(dictionary.rules)
    day = iso_time(dictionary.created_at)[:10]
    return dictionary.name, dictionary.dictionary_id, rules, day, dictionary.description


def _details(dictionary: "Dictionary") -> list[tuple[str, str]]:
    """Names and values, also of what is not there."""
    return [
        ("name", dictionary.name),
        ("id", dictionary.dictionary_id),
        ("version", dictionary.version_id),
        ("description", dictionary.description),
        ("permission", dictionary.permission),
        ("created", iso_time(dictionary.created_at)),
        ("archived", iso_time(dictionary.archived_at)),
    ]


def _rule_row(rule: "PronunciationRule") -> tuple[str, ...]:
    return rule.word, rule.spoken, " ".join(filter(None, (rule.kind, rule.alphabet)))
