"""Pages of Markdown on a terminal: rendered with rich, and shown by the user's pager where one is set."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from eleven_cli.processes import environment_for_children

WIDEST = 100
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)  # what programs read of a page
LESS = "FRX"  # exits if the page fits on the screen, passes colours, leaves the page on the screen: as git does


def rendered(markdown: str, width: int, *, plain: bool) -> str:
    """The page for a terminal of `width` columns; `plain` leaves colours out."""
    from io import StringIO

    from rich.console import Console
    from rich.theme import Theme

    theme = Theme({"markdown.code": "cyan", "markdown.h1": "bold", "markdown.h2": "bold"})
    page = StringIO()
    console = Console(
        file=page, width=min(width, WIDEST), theme=theme, force_terminal=True, no_color=plain, legacy_windows=False
    )
    console.print(_help_page(_FRONT_MATTER.sub("", markdown)), crop=False)
    return "".join(line.rstrip() + "\n" for line in page.getvalue().splitlines())


def _help_page(markdown: str) -> Any:
    """The page with rich's own elements, but for code, headings and tables.

    Code stands at the beginning of its lines, without a background, and is never wrapped, so that it can be copied from
    the screen.
    """
    from rich.markdown import CodeBlock, Heading, Markdown, TableElement
    from rich.text import Text

    class Code(CodeBlock):
        def __rich_console__(self, console: Any, options: Any) -> Iterator[Text]:
            yield Text(str(self.text).rstrip("\n"), style="markdown.code", no_wrap=True, overflow="ignore")

    class Title(Heading):
        def __rich_console__(self, console: Any, options: Any) -> Iterator[Text]:
            self.text.justify = "left"
            yield self.text

    class Grid(TableElement):
        def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
            for table in super().__rich_console__(console, options):
                for column in getattr(table, "columns", ()):
                    column.overflow = "fold"
                yield table

    class HelpPage(Markdown):
        elements: ClassVar[Any] = {
            **Markdown.elements,
            **{"fence": Code, "code_block": Code, "heading_open": Title, "table_open": Grid},
        }

    return HelpPage(markdown, hyperlinks=False)


def pager_of(environ: Mapping[str, str]) -> list[str]:
    """The pager's command; empty where none is set, or it would do nothing."""
    try:
        command = shlex.split(environ.get("PAGER", ""))
    except ValueError:
        return []
    return [] if command == ["cat"] else command


def paged(page: str, command: list[str], environ: Mapping[str, str]) -> bool:
    """Show the page with the pager; gives whether it could be started."""
    try:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, env=environment_for_children({"LESS": LESS, **environ})
        ) as pager:
            try:
                pager.communicate(page.encode())
            except BrokenPipeError:
                pass  # it was left before its end
            except KeyboardInterrupt:
                pager.wait()  # Ctrl+C is for the pager, which has the terminal
    except OSError:
        return False
    return True
