"""Screen: what is written to stdout and stderr, and what stands below it where they are a terminal."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TextIO

from eleven_cli.errors import ElevenError, OutputClosed

if TYPE_CHECKING:
    from eleven_cli.terminal.live import LiveLine, LiveLines
    from eleven_cli.terminal.prompt import Prompt

SHORTEST_SECRET = 8
PATIENCE_S = 0.5
_screens: "set[Screen]" = set()  # those with something at their bottom


def clear_all() -> None:
    """Take live lines and prompts off every screen, for a way out that leaves nothing else in order."""
    for screen in list(_screens):
        screen.clear()


class Screen:
    """Writes to stdout and stderr, from any thread, so that no two texts run into one line.

    At the bottom of a terminal stands a prompt, or the newest live line. Whatever is written goes above it, and a line
    that is still growing is ended before another begins. One lock guards all of it: both streams, and what is known of
    what stands there.
    """

    def __init__(self, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]) -> None:
        self.stdout, self.stderr, self._environ = stdout, stderr, environ
        self._lock = threading.RLock()
        self._live: LiveLines | None = None
        self._prompt: Prompt | None = None
        self._at_line_start = True
        self._growing = ""  # a line whose parts wait above the prompt for their end
        self._secrets: list[str] = []

    def redact(self, secret: str) -> None:
        """Mask this secret in everything that is shown."""
        if len(secret) >= SHORTEST_SECRET:
            self._secrets.append(secret)

    def write_result(self, text: str) -> None:
        """Write text, which need not end its line, to stdout. Raises OutputClosed, ElevenError."""
        text = self._without_secrets(text)
        with self._lock:
            self._erase_live_line()
            if text.endswith("\n"):
                text = self._above_prompt(text, self.stdout)
            with writing_stdout():
                self.stdout.write(text)
                self.stdout.flush()
            if text:
                is_whole = text.endswith("\n") or bool(self._asked(self.stdout))
                self._at_line_start = is_whole or not self.stdout.isatty()
            self._draw_live_line()

    def write_part(self, text: str) -> None:
        """Write a piece of a line that is still growing; "\\n" ends it. Above a prompt it is shown when it is whole."""
        with self._lock:
            if self._growing or self._asked(self.stdout):
                self._growing += text
                if text == "\n":
                    whole, self._growing = self._growing, ""
                    self.write_result(whole)
            elif text != "\n" or not (self._at_line_start and self.stdout.isatty()):  # a warning may have ended it
                self.write_result(text)

    def write_line(self, line: str, *, is_result: bool = False) -> None:
        """Write a whole line to stderr. Raises ElevenError if it is a result that cannot be written; any other
        line is dropped."""
        text = self._without_secrets(line) + "\n"
        with self._lock:
            self._erase_live_line()
            if not self._at_line_start and self.stderr.isatty():
                text, self._at_line_start = "\n" + text, True
            text = self._above_prompt(text, self.stderr)
            try:
                self.stderr.write(text)
                self.stderr.flush()
            except (OSError, ValueError) as failed:
                if is_result and isinstance(failed, OSError):
                    raise cannot_write("standard error", failed) from failed
            self._draw_live_line()

    @contextmanager
    def live_line(self, *, is_dim: bool, echoes: bool = True) -> "Iterator[LiveLine]":
        """A line at the bottom of stderr's terminal for the time of the `with`; for `echoes` see `LiveLines`."""
        from eleven_cli.terminal.live import LiveLine, LiveLines, reflows

        with self._lock:
            if self._live is None:
                columns = partial(width_of, self.stderr)
                self._live = LiveLines(self.stderr, columns, reflows=reflows(self._environ), echoes=echoes)
                _screens.add(self)
            line, lines = LiveLine(self._refresh_live_line, is_dim=is_dim), self._live
            lines.add(line)
        try:
            yield line
        finally:
            with self._lock:
                lines.remove(line)
                self._refresh_live_line()
                lines.show_keys(unless_drawn=True)

    def ask_with(self, prompt: "Prompt") -> None:
        """Have this prompt at the bottom, in place of any live line."""
        with self._lock:
            self._erase_live_line()
            if self._live is not None:
                self._live.show_keys()
            self._prompt = prompt
            _screens.add(self)

    def hide_prompt(self) -> None:
        """Take the prompt off the screen, though a line is still waited for."""
        with self._lock:
            if self._prompt is None:
                return
            stream = self.stdout if self.stdout.isatty() else self.stderr
            erased, self._prompt = self._above_prompt("", stream, is_last=True), None
            if erased:
                with suppress(OSError, ValueError):
                    stream.write(erased)
                    stream.flush()

    def clear(self) -> None:
        """Clear the bottom for the rest of the run; gives up if the terminal accepts no output."""
        # another thread that is just writing makes it look full
        if not has_room(self.stderr, within_s=PATIENCE_S) or not self._lock.acquire(timeout=PATIENCE_S):
            return
        try:
            self._erase_live_line()
            self._live = None
            self.hide_prompt()
        finally:
            self._lock.release()

    def _asked(self, stream: TextIO) -> str:
        """The prompt and what has been typed at it, where they stand on this stream."""
        return self._prompt.shown() if self._prompt is not None and stream.isatty() else ""

    def _above_prompt(self, text: str, stream: TextIO, *, is_last: bool = False) -> str:
        """Whole lines, and the prompt drawn again below them, unless it `is_last`."""
        asked = self._asked(stream)
        if not asked:
            return text
        from eleven_cli.terminal.prompt import erasing

        return f"{erasing(asked, width_of(stream))}{text}{'' if is_last else asked}"

    def _refresh_live_line(self) -> None:
        with self._lock:
            if self._live is not None and self._live.has_changed():
                self._erase_live_line()
                self._draw_live_line()

    def _erase_live_line(self) -> None:
        if self._live is not None:
            self._live.erase()

    def _draw_live_line(self) -> None:
        if self._live is not None and self._at_line_start and self._prompt is None:
            self._live.draw()

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "****")
        return text


def has_room(stream: TextIO, *, within_s: float = 0) -> bool:
    """Whether a line can be written without waiting for the reader, or only so long."""
    try:
        import select

        poll = select.poll()
        poll.register(stream.fileno(), select.POLLOUT)
        return bool(poll.poll(round(within_s * 1000)))
    except (AttributeError, OSError, ValueError):  # it has no number, or the system has no poll
        return True


@contextmanager
def writing_stdout() -> Iterator[None]:
    """Raises OutputClosed, ElevenError where stdout takes nothing."""
    try:
        yield
    except BrokenPipeError as gone:
        raise OutputClosed from gone
    except OSError as failed:
        raise cannot_write("standard output", failed) from failed


def cannot_write(where: str, failed: OSError) -> ElevenError:
    """What to say when writing failed for a reason of the system's."""
    return ElevenError(f"cannot write to {where}: {failed.strerror or failed}", code="write_failed")


def width_of(stream: TextIO) -> int:
    """Columns of a terminal; 80 where it does not say."""
    return _size_of(stream).columns or 80


def height_of(stream: TextIO) -> int:
    """Lines of a terminal; 24 where it does not say."""
    return _size_of(stream).lines or 24


def _size_of(stream: TextIO) -> os.terminal_size:
    try:
        return os.get_terminal_size(stream.fileno())
    except OSError:
        return os.terminal_size((0, 0))
