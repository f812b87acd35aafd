"""The command tree on one screen, and the global options."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from eleven_cli import __version__
from eleven_cli.commands import COMMAND_NAMES, SECTIONS, completed_by
from eleven_cli.parsing.command_line import END_OF_OPTIONS, arranged, command_in, read
from eleven_cli.settings.config import is_on

EXAMPLES = """eleven tts "Hello, world"                speak it
eleven tts -f book.md -o book.mp3        write it
llm "Tell me a story" | eleven tts       speak while it is being written
eleven stt note.mp3 -o note.srt          transcribe it
eleven --sandbox tts "Hello, world"      try it without an account
eleven help                              more: pipes, books, talk …"""
LISTS = ("devices",)  # "eleven devices list" is "eleven devices"


class _HelpPage:
    """What the help pages of commands and groups share: they fit the terminal."""

    def format_help(self: Any, ctx: Any, formatter: Any) -> None:
        _columns().fit_to_terminal(formatter)
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def format_usage(self: Any, ctx: Any, formatter: Any) -> None:
        _columns().write_usage(" ".join([ctx.command_path, *self.collect_usage_pieces(ctx)]), formatter)

    def format_help_text(self: Any, ctx: Any, formatter: Any) -> None:
        _columns().write_text(self.help or "", formatter)

    def format_epilog(self: Any, ctx: Any, formatter: Any) -> None:
        _columns().write_examples(self.epilog, formatter)


class Command(_HelpPage, TyperCommand):
    """A command whose help page has its options in groups, and examples at the end.

    groups   the parameters of each group by its title; what is in none stands last
    """

    groups: Mapping[str, Sequence[str]] = {}

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        usage: list[str] = _layout().usage_of(self.get_params(ctx))
        return usage

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _layout().write_parameters(self.get_params(ctx), formatter, self.groups)


class Group(_HelpPage, TyperGroup):
    """A command with commands below it.

    sections   the commands of each section by its title; without any, they stand in one list
    groups     the group's own parameters by titles, as those of a command
    """

    sections: Mapping[str, Sequence[str]] = {}
    groups: Mapping[str, Sequence[str]] = {}
    usage: Sequence[str] = ("[options]", "command …")

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return list(self.usage)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        known = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        _layout().write_commands(known, self.sections, formatter)
        _layout().write_parameters(self.get_params(ctx), formatter, self.groups)


class GlobalOptionsAnywhere(Group):
    """Takes the global options anywhere in the line, and "-5" for the text that it is."""

    sections: Mapping[str, Sequence[str]] = {title: tuple(commands) for title, commands in SECTIONS.items()}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        line = read(self, args)
        if not line.is_possible:
            from eleven_cli.completion.tree import KnownCommand
            from eleven_cli.parsing.usage_errors import refuse_impossible

            refuse_impossible(line, KnownCommand(""))
        return super().parse_args(ctx, arranged(line))


class ListCommand(Command):
    """A command that lists, with or without the word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        before = args[: args.index(END_OF_OPTIONS)] if END_OF_OPTIONS in args else args
        if "list" in before:
            args = [*args]
            args.remove("list")
        return super().parse_args(ctx, args)


def _columns() -> Any:
    """Loaded for help pages, and for nothing else."""
    from eleven_cli.parsing import help_columns

    return help_columns


def _layout() -> Any:
    """The same."""
    from eleven_cli.parsing import help_layout

    return help_layout


def tree(words: Sequence[str] | None = None) -> typer.Typer:
    """The app with what the words can mean: the one command they name, all commands by their names alone where they
    hold none of these, all of them without words. Loading the others would only delay the one that is wanted.
    """
    app = typer.Typer(
        name="eleven",
        cls=GlobalOptionsAnywhere,
        help="Speak, transcribe and talk with ElevenLabs.",
        epilog=EXAMPLES,
        rich_markup_mode=None,  # halves the time of help and usage errors
        add_completion=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(options)
    named = command_in(words or ())
    if words is not None and named is None and not set(words) & set(COMMAND_NAMES):
        _add_names(app)
        return app
    for name in (named,) if named in COMMAND_NAMES and not _describes(words or ()) else COMMAND_NAMES:
        _add(app, name)
    return app


def _add(app: typer.Typer, name: str) -> None:
    """Load a command, or a group with its commands, and give it help pages as all have them."""
    module = import_module(f"eleven_cli.commands.{name}")
    if not hasattr(module, "app"):
        kind = type(name, (ListCommand if name in LISTS else Command,), {"groups": getattr(module, "GROUPS", {})})
        app.command(name, cls=kind, epilog=getattr(module, "EXAMPLES", None))(getattr(module, name))
        return
    for command in module.app.registered_commands:
        groups = getattr(module, "GROUPS", {}).get(command.name, {})
        command.cls = type(str(command.name), (Command,), {"groups": groups})
    own: Any = module.app.info.cls  # how the group reads its words
    app.add_typer(module.app, name=name, cls=type(name, (own, Group), {}) if isinstance(own, type) else Group)


def _add_names(app: typer.Typer) -> None:
    """For the help page, and for what is wrong with the global options."""
    for commands in SECTIONS.values():
        for name, summary in commands.items():
            app.command(name, help=summary, cls=Command)(lambda: None)


def _describes(words: Sequence[str]) -> bool:
    """Whether these are `eleven help --json`, which shows the whole tree."""
    return command_in(words) == "help" and "--json" in words


def without_help_command(words: Sequence[str]) -> Sequence[str]:
    """`eleven tts --help` for `eleven help tts`; other words as they are, and topics that are called like a command."""
    if command_in(words) != "help" or _describes(words):
        return words
    from eleven_cli.commands.help import TOPICS

    at = list(words).index("help")
    if len(words) > at + 1 and words[at + 1] in COMMAND_NAMES and words[at + 1] not in TOPICS:
        return [*words[:at], *words[at + 1 :], "--help"]
    return words


def _show_version(ctx: typer.Context, wanted: bool) -> None:
    if wanted:
        ctx.obj.terminal.print(f"eleven {__version__}")
        raise typer.Exit


def options(
    ctx: typer.Context,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Use this profile of the settings file.",
            autocompletion=completed_by("complete_profile"),
        ),
    ] = None,
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Talk to this server.")] = None,
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox",
            help="Use a local server with a synthetic voice: no key, no network, no credits. [env var: ELEVEN_SANDBOX]",
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors on stderr. [env var: ELEVEN_QUIET]")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the exchange with the service.")] = False,
    retries: Annotated[
        str | None, typer.Option(metavar="N", help="Try again up to N times when the service is busy or unreachable.")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="SECONDS", help="Give up after this long without an answer.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    environ = ctx.obj.environ
    ctx.obj.terminal.quiet, ctx.obj.terminal.debug = quiet or is_on(environ, "ELEVEN_QUIET"), debug
    sandbox = sandbox or (is_on(environ, "ELEVEN_SANDBOX") and not base_url)  # an option wins over the environment
    given = {key: value for key, value in {"retries": retries, "timeout": timeout}.items() if value is not None}
    ctx.obj.configure(profile=profile, base_url=base_url, sandbox=sandbox, options=given)
