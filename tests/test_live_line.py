"""The live line: whoever writes to the terminal meanwhile does so above it, and it never takes more than its line."""

import fcntl
import os
import pty
import re
import struct
import termios

import pytest
from rich.cells import cell_len

from eleven_cli.errors import ElevenError
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.table import table
from eleven_cli.terminal.text import fitted

JAPANESE = "これは日本語の長い文章で、端末の幅よりもずっと長くなります。" * 3
LINES = ["ready", "x" * 200, JAPANESE, "👩‍👩‍👧‍👦 " * 60, "e\u0301" * 200, "a\x1b[2J\u202e" * 20]


def resize(descriptor, columns):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class Screen:
    """A terminal on a pty that is read as a person sees it: rows of text, lines that were erased are gone."""

    def __init__(self, columns=80):
        self.leader, self.follower = pty.openpty()
        resize(self.follower, columns)
        self._in = open(self.follower, encoding="utf-8", closefd=False)  # noqa: SIM115
        self._out = open(self.follower, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        self.terminal = Terminal(self._in, self._out, self._out, {})
        os.set_blocking(self.leader, False)
        self._raw = b""

    def close(self):
        for file in (self._in, self._out):
            file.close()
        os.close(self.leader)
        os.close(self.follower)

    @property
    def raw(self):
        try:
            while piece := os.read(self.leader, 65536):
                self._raw += piece
        except BlockingIOError:
            pass
        return self._raw.decode()

    @property
    def drawn(self):
        """Everything that stood on a line at some time, without colours."""
        plain = re.sub(r"\x1b\[[\d;]*m", "", self.raw)
        return [part for part in re.split(r"\r\x1b\[K|\r\n", plain) if part]

    @property
    def rows(self):
        """What is to be seen at the end."""
        plain = re.sub(r"\x1b\[[\d;]*m", "", self.raw)
        return [line.rpartition("\r\x1b[K")[2] for line in plain.split("\r\n")]


@pytest.fixture
def screen():
    screen = Screen()
    yield screen
    screen.close()


SAID = {
    "note": (lambda terminal: terminal.note("said"), "said"),
    "warning": (lambda terminal: terminal.warn("said"), "warning: said"),
    "error": (lambda terminal: terminal.error(ElevenError("said")), "error: said"),
    "figures": (lambda terminal: terminal.figures("said"), "said"),
    "report": (lambda terminal: terminal.report({"a": 1}), '{"a":1}'),
    "block": (lambda terminal: terminal.block("said"), "said"),
    "result": (lambda terminal: terminal.print("said"), "said"),
    "JSON": (lambda terminal: terminal.json_line({"a": 1}), '{"a":1}'),
}


@pytest.mark.parametrize("kind", ["progress", "status"])
@pytest.mark.parametrize(("say", "line"), SAID.values(), ids=SAID)
def test_nothing_is_glued_to_it(screen, kind, say, line):
    with getattr(screen.terminal, kind)() as progress:
        progress.update("3.2 s of audio")
        say(screen.terminal)
        assert screen.rows == [line, "3.2 s of audio"]
        progress.update("3.3 s of audio")
        assert screen.rows == [line, "3.3 s of audio"]
    assert screen.rows == [line, ""]


@pytest.mark.parametrize(("say", "line"), [SAID[name] for name in ("note", "warning", "error", "report")])
def test_nothing_is_glued_to_a_line_that_grows(screen, say, line):
    with screen.terminal.status() as status:
        status.update("0:01")
        screen.terminal.part("Agent: Hel")
        say(screen.terminal)
        assert screen.rows == ["Agent: Hel", line, "0:01"]
        screen.terminal.part("lo")
        status.update("0:02")
        assert screen.rows == ["Agent: Hel", line, "lo"]
        screen.terminal.part("\n")
    assert screen.rows == ["Agent: Hel", line, "lo", ""]


def test_a_line_that_was_ended_is_not_ended_again(screen):
    screen.terminal.part("Hel")
    screen.terminal.note("said")
    screen.terminal.part("\n")
    assert screen.rows == ["Hel", "said", ""]


@pytest.mark.parametrize("columns", [10, 40, 80])
@pytest.mark.parametrize("keep_end", [False, True])
@pytest.mark.parametrize("line", LINES)
def test_it_stays_within_the_width(screen, line, keep_end, columns):
    resize(screen.follower, columns)
    with screen.terminal.status() as status:
        status.update(line, keep_end=keep_end)
        status.update("")
    assert all(cell_len(drawn) < columns for drawn in screen.drawn)


def test_after_a_resize_the_same_line_is_drawn_anew(screen):
    with screen.terminal.status() as status:
        for columns in (80, 40, 100, 20):
            resize(screen.follower, columns)
            status.update(JAPANESE, keep_end=True)
            status.update(JAPANESE, keep_end=True)
            assert columns - 4 <= cell_len(screen.drawn[-1]) <= columns - 3, "with room for ^C"
    assert len(screen.drawn) == 4, "drawn once for each width"


@pytest.mark.parametrize(
    ("environ", "is_cleared"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, True),
        ({"TERM": "screen-256color", "STY": "1.pts-0"}, False),
        ({"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(379)"}, False),
        ({"TERM": "linux"}, False),
    ],
)
@pytest.mark.parametrize("line", ["x" * 200, JAPANESE])
@pytest.mark.parametrize(("columns", "above"), [(80, 0), (60, 1), (38, 2), (20, 3)])
def test_what_a_narrower_terminal_makes_two_lines_of_is_cleared_where_it_does_so(
    screen, environ, is_cleared, line, columns, above
):
    """A terminal that breaks lines anew leaves the cursor on the last of them; elsewhere other lines stand above."""
    terminal = Terminal(screen._in, screen._out, screen._out, environ)
    with terminal.status() as status:
        status.update(line)
        resize(screen.follower, columns)
        before = len(screen.raw)
        status.update("y")
    cleared = f"\r\x1b[{above}A\x1b[J" if above and is_cleared else "\r\x1b[K"
    assert screen.raw[before:].startswith(f"{cleared}y")


def test_every_part_of_a_text_may_be_cut(screen):
    for text in LINES:
        for width in range(12):
            for keep_end in (False, True):
                shown = fitted(text, width, keep_end=keep_end)
                assert cell_len(shown) <= width
                assert text.startswith(shown.rstrip("…")) or text.endswith(shown.lstrip("…"))
                assert not shown.startswith("…\u0301"), "an accent stays with its letter"


ROWS = [
    ["日本語の声の名前", "abcdefghij0123456789", "professional", "ja, en"],
    ["한국어 목소리", "abcdefghij0123456780", "premade", "ko"],
    ["Ana", "abcdefghij0123456781", "cloned", "en"],
    ["👩‍👩‍👧‍👦 family", "abcdefghij0123456782", "x", "𝒶𝒷"],
]


@pytest.mark.parametrize("columns", [12, 20, 40, 80, 120])
def test_tables_are_measured_in_cells(columns):
    shown = table(("name", "voice id", "category", "languages"), ROWS, width=columns).splitlines()
    if columns >= 40:  # below, an id alone is wider
        assert max(map(cell_len, shown)) <= columns
    if columns >= 80:
        assert len(shown) == 1 + len(ROWS), "nothing is folded where there is room"
        at = shown[0].index("VOICE ID")
        assert {cell_len(line[: line.index("abcdefghij")]) for line in shown[1:]} == {at}


def test_a_table_keeps_ids_whole_at_40_columns():
    shown = table(("name", "voice id"), [row[:2] for row in ROWS], width=40)
    assert all(row[1] in shown for row in ROWS)


def test_a_column_is_left_out_before_a_word_of_several_is_broken():
    rows = [["Robin (my clone)", "abcdefghij0123456789", "professional"]]
    assert table(("name", "id", "category"), rows, width=40).splitlines()[1] == "Robin (my clone)  abcdefghij0123456789"
    assert "professional" in table(("name", "id", "category"), rows, width=44)
    assert (
        table(("model id", "name"), [["e" * 26, "conversational"]], width=40).splitlines()[1].endswith("conversation")
    )


def test_names_keep_their_values_however_narrow_it_is():
    assert table(("", ""), [["name", "Ana"], ["category", "premade"]], width=10).split() == [
        *("name", "Ana", "catego", "premad", "ry", "e"),
    ]


def test_a_line_separator_breaks_no_row():
    shown = table(("name", "id"), [["a\u2028b\x85c", "x"]], width=40)
    assert shown.count("\n") == 2


def test_a_dumb_terminal_has_none(screen):
    terminal = Terminal(screen._in, screen._out, screen._out, {"TERM": "dumb"})
    with terminal.progress() as progress:
        progress.update("3.2 s of audio")
        terminal.note("said")
    assert screen.raw == "said\r\n"


def test_marks_of_direction_are_shown_on_a_terminal_and_kept_in_a_pipe(screen, eleven, tmp_path):
    import io

    screen.terminal.print("a\u200fb\x1b[2J")
    assert screen.rows[0] == "a\\u200fb\\x1b[2J"
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    Terminal(pipe, pipe, pipe, {}).print("a\u200fb\x1b[2J")
    assert pipe.buffer.getvalue().decode() == "a\u200fb\\x1b[2J\n"
