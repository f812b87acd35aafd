"""From words to an exit code: run the command, turn an error into a sentence."""

from __future__ import annotations  # with it nothing but what is built in is loaded before Ctrl+C is minded

import _thread
import gc
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from sys import UnraisableHookArgs
    from types import FrameType
    from typing import Any, NoReturn

    from eleven_cli.context import Context
    from eleven_cli.terminal import Terminal

SIGNALLED = 128  # what a shell adds to the number of the signal that ended a command
INTERRUPTED = SIGNALLED + 2
SOON_S = 0.002
ONE_CTRL_C_S = 0.01  # timeout(1) and others send a signal twice
GLOBAL = ("--sandbox", "--profile", "--base-url", "--quiet", "--debug", "-q")
COLLECT_AFTER = 50_000  # objects; imports make many and drop none, so looking for cycles meanwhile is in vain
COMPLETION_VARIABLE = "_ELEVEN_COMPLETE"


def main(argv: Sequence[str], terminal: Terminal, environ: Mapping[str, str]) -> int:
    """Run one command line; gives the exit code. Nothing foreseen leaves it as an exception."""
    from eleven_cli.context import Context
    from eleven_cli.errors import ElevenError, ReaderLeft, notes_of

    options = argv[: list(argv).index("--")] if "--" in argv else argv
    terminal.json_errors = "--json" in options
    try:
        with Context(terminal, environ) as context:
            return _invoke(argv, context)
    except (ReaderLeft, BrokenPipeError):  # the latter from typer's own printing: a help page into `head`
        return ReaderLeft.exit_code
    except ElevenError as error:
        _trace(terminal, error)
        terminal.error(error)
        return error.exit_code
    except (KeyboardInterrupt, SystemExit) as stopped:
        if notes := notes_of(stopped):
            terminal.error(ElevenError("; ".join(["interrupted", *notes]), code="interrupted"))
        return _code_of(stopped)
    except OSError as failed:  # the working folder is gone, or the disk is full under a help page
        terminal.error(ElevenError(f"{failed.strerror or failed}{_place_of(failed)}", code="system_error"))
        return 1
    except Exception as bug:
        if (signalled := _stopped_by(bug)) is not None:
            return _code_of(signalled)
        _trace(terminal, bug)
        hint = "please report it with what --debug shows: eleven --debug …"
        terminal.error(ElevenError(f"unexpected {type(bug).__name__}: {bug}", hint=hint, code="unexpected"))
        return 1


def run() -> NoReturn:
    """The console script: this process's streams, signals and exit code."""
    try:
        gc.set_threshold(COLLECT_AFTER)
        Signals().mind()
        from eleven_cli.terminal import Terminal

        terminal = Terminal.of_process()
        code = main(sys.argv[1:], terminal, os.environ)
        terminal.flush()
    except BaseException as early:
        if (stopped := _stopped_by(early)) is None:
            raise
        code = _code_of(stopped)
    _leave(code)


def _leave(code: int) -> NoReturn:
    """Everything that was opened is closed by now, or has to go as it is; only the terminal must be as it was."""
    try:
        from eleven_cli.terminal.keyboard import put_back

        put_back()
    finally:
        os._exit(code)  # taking the interpreter apart would cost a tenth of a short run


class Signals:
    """Ctrl+C and its like end the command in good order; a second Ctrl+C does at once, whatever is being done."""

    def __init__(self) -> None:
        self._main = _thread.get_ident()
        self._first_at: float | None = None

    def mind(self) -> None:
        import signal

        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup and background jobs want it
                signal.signal(number, self._stop)
        told, tell = os.pipe()
        os.set_blocking(tell, False)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        _thread.start_new_thread(self._watch, (told,))
        sys.unraisablehook = self._lost

    def _stop(self, number: int, _frame: FrameType | None) -> NoReturn:
        if number + SIGNALLED != INTERRUPTED:
            raise SystemExit(number + SIGNALLED)
        import signal

        signal.signal(number, lambda *_: None)  # a second one must not disturb what is put in order after the first
        raise KeyboardInterrupt

    def _watch(self, told: int) -> None:
        """See the second Ctrl+C, even while the main thread waits in C, where it heeds no signal."""
        while numbers := os.read(told, 64):
            if INTERRUPTED - SIGNALLED in numbers:
                now = time.monotonic()
                self._first_at = now if self._first_at is None else self._first_at
                if now - self._first_at > ONE_CTRL_C_S:
                    _leave(INTERRUPTED)

    def _lost(self, lost: UnraisableHookArgs) -> None:
        """What is raised amid a callback, such as those of the import system, goes nowhere: try again after it."""
        if not isinstance(lost.exc_value, KeyboardInterrupt | SystemExit):
            sys.__unraisablehook__(lost)
            return
        import signal

        number = _code_of(lost.exc_value) - SIGNALLED
        signal.signal(number, self._stop)
        self._first_at = None
        _thread.start_new_thread(self._send_again, (number,))

    def _send_again(self, number: int) -> None:
        import signal

        time.sleep(SOON_S)
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(self._main, number)
        else:
            _thread.interrupt_main(signal.Signals(number))


def _stopped_by(raised: BaseException) -> BaseException | None:
    """The signal's exception behind another: Python 3.11 disguises what is raised in the middle of a class."""
    return next((one for one in (raised, raised.__cause__) if isinstance(one, KeyboardInterrupt | SystemExit)), None)


def _code_of(stopped: BaseException) -> int:
    return INTERRUPTED if isinstance(stopped, KeyboardInterrupt) else int(getattr(stopped, "code", 0) or 0)


def _invoke(argv: Sequence[str], context: Context) -> int:
    import typer

    from eleven_cli.app import tree

    completing = bool(os.environ.get(COMPLETION_VARIABLE))
    command = typer.main.get_command(tree(() if completing else argv))
    if completing:
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()
        command.main(list(argv), prog_name="eleven", complete_var=COMPLETION_VARIABLE)
    usage_error: Any = typer.BadParameter.__base__  # typer carries its own click: this is the public way to its class
    try:
        # not command.main(): it takes any EPIPE for a closed stdout, and loses what an interrupt has to say
        with command.make_context("eleven", list(argv), obj=context) as ctx:
            command.invoke(ctx)
        return 0
    except typer.Exit as done:
        return done.exit_code
    except usage_error as wrong:
        return _explain(wrong, context.terminal, argv)


def _explain(wrong: Any, terminal: Terminal, argv: Sequence[str]) -> int:
    """What was impossible about the command line; for none at all, the help page."""
    from eleven_cli.errors import UsageError

    message = wrong.format_message()
    if type(wrong).__name__ == "NoArgsIsHelpError":
        terminal.block(message)
        return 2
    hint = f"{wrong.ctx.command_path if wrong.ctx else _command_named(argv)} --help"
    if "No such option: -" in message and message.rpartition("-")[2].replace(".", "").isdigit():
        hint = "a text that begins with - stands after --: eleven tts -- -5"
    if any(f" {name}" in message for name in GLOBAL):
        name = next((word for word in argv if word in GLOBAL), "--sandbox")
        hint = f"global options stand before the command: eleven {name} …"
    raise UsageError(message.rstrip("."), hint=hint)


def _command_named(argv: Sequence[str]) -> str:
    from eleven_cli.app import command_in

    return f"eleven {command_in(argv) or ''}".rstrip()


def _place_of(failed: OSError) -> str:
    return f": {failed.filename}" if failed.filename else ""


def _trace(terminal: Terminal, error: BaseException) -> None:
    if terminal.debug:
        import traceback

        terminal.block("".join(traceback.format_exception(error)))


if __name__ == "__main__":
    run()
