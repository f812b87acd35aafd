"""From words to an exit code: run the command, turn an error into a sentence."""

from __future__ import annotations  # with it nothing but what is built in is loaded before Ctrl+C is handled

import errno
import gc
import os
import sys

from eleven_cli import __version__
from eleven_cli.processes import fill_closed_descriptors
from eleven_cli.signals.handlers import Signals, code_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn

    from eleven_cli.context import Context
    from eleven_cli.terminal import Terminal

COLLECT_AFTER = 50_000  # objects; imports allocate many and free none: collecting during start-up is wasted
COMPLETION_VARIABLE = "_ELEVEN_COMPLETE"
WITHOUT_REQUEST = ("-h", "--help", "--version", "--dry-run", "--curl")
TO_ANOTHER_SERVER = ("--profile", "--base-url", "--sandbox")
_NO_DESCRIPTOR = b"""error: too many open files or connections
hint: raise the limit of open files: ulimit -n 4096
"""


def main(argv: Sequence[str], terminal: Terminal, environ: Mapping[str, str]) -> int:
    """Run one command line; gives the exit code. Nothing foreseen leaves it as an exception."""
    from eleven_cli.errors import ElevenError, OutputClosed, exhausted, notes_of

    options = argv[: list(argv).index("--")] if "--" in argv else argv
    terminal.json_errors = "--json" in options
    if "--sandbox" in options:
        terminal.reworded = in_the_sandbox
    try:
        return _answered(argv, terminal, environ)
    except (OutputClosed, BrokenPipeError):  # the latter from typer's own printing: a help page into `head`
        return OutputClosed.exit_code
    except ElevenError as error:
        error = exhausted(error) or error
        terminal.error(error)
        return error.exit_code
    except (KeyboardInterrupt, SystemExit) as stopped:
        if notes := notes_of(stopped):
            hint = getattr(stopped, "hint", "")
            terminal.error(ElevenError("; ".join(["interrupted", *notes]), hint=hint, code="interrupted"))
        return code_of(stopped)
    except OSError as failed:  # no descriptors, no working folder, or a disk that is full under a help page
        said = ElevenError(f"{failed.strerror or failed}{_place_of(failed)}", code="system_error")
        terminal.error(exhausted(failed) or said)
        return 1
    except Exception as bug:
        if (signalled := _stopped_by(bug)) is not None:
            return code_of(signalled)
        _trace(terminal, bug)
        if (out := exhausted(bug)) is not None:
            terminal.error(out)
            return out.exit_code
        hint = "run it again with --debug, and report what it shows"
        terminal.error(ElevenError(f"unexpected {type(bug).__name__}: {bug}", hint=hint, code="unexpected"))
        return 1
    finally:
        terminal.release()


def run() -> NoReturn:
    """The console script: this process's streams, signals and exit code."""
    try:
        fill_closed_descriptors()
        gc.set_threshold(COLLECT_AFTER)
        Signals(_leave, _put_back, _release).install()
        from eleven_cli.terminal import Terminal

        terminal = Terminal.of_process()
        terminal.install()
        code = main(sys.argv[1:], terminal, os.environ)
    except OSError as failed:
        if failed.errno not in (errno.EMFILE, errno.ENFILE):
            _put_back()
            raise
        os.write(2, _NO_DESCRIPTOR)  # nothing could be imported to say it otherwise
        code = 1
    except BaseException as early:
        if (stopped := _stopped_by(early)) is None:
            _put_back()
            raise
        code = code_of(stopped)
    _leave(code)


def _leave(code: int) -> NoReturn:
    """Everything that was opened is closed by now, or has to go as it is; only the terminal must be as it was."""
    try:
        _put_back()
    finally:
        os._exit(code)  # taking the interpreter apart would cost a tenth of a short run


def _put_back() -> None:
    if (screen := sys.modules.get("eleven_cli.terminal.screen")) is not None:
        screen.clear_all()
    if (modes := sys.modules.get("eleven_cli.terminal.modes")) is not None:
        modes.put_back()


def _release() -> None:
    if (modes := sys.modules.get("eleven_cli.terminal.modes")) is not None:
        modes.release()


def _stopped_by(raised: BaseException) -> BaseException | None:
    """The signal's exception behind another.

    Python 3.11 disguises what is raised in the middle of a class; in the middle of Thread.start it ends as a
    RuntimeError about a lock.
    """
    from eleven_cli.errors import chain_of

    return next((one for one in chain_of(raised) if isinstance(one, KeyboardInterrupt | SystemExit)), None)


def _answered(argv: Sequence[str], terminal: Terminal, environ: Mapping[str, str]) -> int:
    is_completing = bool(environ.get(COMPLETION_VARIABLE))
    if [*argv] == ["--version"] and not is_completing:  # scripts ask for nothing else so often: it loads nothing
        terminal.print(f"eleven {__version__}")
        return 0
    from eleven_cli.context import Context

    with Context(terminal, environ, argv) as context:
        if is_completing:
            from eleven_cli.completion.answer import answer

            return answer(context, argv)
        if will_ask(argv):
            context.connect_early()
        return _invoke(argv, context)


def will_ask(words: Sequence[str]) -> bool:
    """Whether they will likely ask the server that the settings name, judged before any of them is checked."""
    from eleven_cli.commands import COMMAND_NAMES, WITHOUT_EARLY_CONNECTION
    from eleven_cli.parsing.command_line import command_in

    command, names = command_in(words), {word.partition("=")[0] for word in words}
    if command not in COMMAND_NAMES or command in WITHOUT_EARLY_CONNECTION:
        return False
    return names.isdisjoint((*WITHOUT_REQUEST, *TO_ANOTHER_SERVER))


def _invoke(argv: Sequence[str], context: Context) -> int:
    import typer

    from eleven_cli.app import tree, without_help_command
    from eleven_cli.errors import UsageError

    usage_error: Any = typer.BadParameter.__base__  # typer carries its own click: this is the public way to its class
    argv = without_help_command(argv)
    command = typer.main.get_command(tree(argv))
    try:
        # not command.main(): it takes any EPIPE for a closed stdout, and loses what an interrupt has to say
        with command.make_context("eleven", list(argv), obj=context) as ctx:
            command.invoke(ctx)
        return 0
    except typer.Exit as done:
        return done.exit_code
    except usage_error as wrong:
        return _explain(wrong, command, argv, context)
    except UsageError as refused:
        from eleven_cli.parsing.command_line import read
        from eleven_cli.parsing.usage_errors import dash_hint

        refused.hint = dash_hint(read(command, argv)) or refused.hint
        raise


def _explain(wrong: Any, command: Any, argv: Sequence[str], context: Context) -> int:
    """What was impossible about the command line; for none at all, the help page."""
    from eleven_cli.parsing.command_line import read
    from eleven_cli.parsing.usage_errors import in_words

    if type(wrong).__name__ == "NoArgsIsHelpError":
        context.terminal.block(wrong.format_message())
        return 2
    raise in_words(wrong, read(command, argv))


def in_the_sandbox(text: str) -> str:
    """The commands in a sentence keep --sandbox where the user gave it: pasted without, they would ask the service.

    What is in quotes is the user's.
    """
    if "eleven " not in text or "--sandbox" in text:
        return text
    import re

    from eleven_cli.commands import COMMAND_NAMES, LOCAL

    asking = "|".join(name for name in COMMAND_NAMES if name not in LOCAL)
    quoted, command = r"""(?<!\w)(?:'[^']*'|"[^"]*")""", rf"(?<![\w./-])eleven (?=(?:--debug )?(?:{asking})\b)"
    return re.sub(rf"{quoted}|({command})", lambda found: "eleven --sandbox " if found[1] else found[0], text)


def _place_of(failed: OSError) -> str:
    return f": {failed.filename}" if failed.filename else ""


def _trace(terminal: Terminal, error: BaseException) -> None:
    if terminal.debug:
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            terminal.trace(line)  # the service's words may stand in it


if __name__ == "__main__":
    run()
