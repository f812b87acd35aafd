"""`eleven help`, and the help pages of the commands: whole sentences, in groups, at any width."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import eleven_cli
from eleven_cli.app import tree
from eleven_cli.commands import COMMAND_NAMES, SECTIONS
from eleven_cli.commands.help import TOPICS, path_of
from eleven_cli.parsing.help_layout import short_help
from eleven_cli.terminal.text import cells
from tests.support.pty_run import run_on_terminal

PAGES = Path(eleven_cli.__file__).parent / "help"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def test_the_topics_are_listed(eleven):
    lines = eleven("help").text.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(TOPICS)


@pytest.mark.parametrize("columns", [40, 80])
def test_what_a_topic_explains_is_shown_whole(spawn, columns):
    code, shown = run_on_terminal(spawn, "help", columns=columns)
    assert code == 0
    assert all(cells(line) <= columns for line in shown.splitlines())
    assert "…" not in shown
    assert {word for text in TOPICS.values() for word in text.split()} <= {*shown.split()}


def test_there_is_a_page_for_each_topic_and_no_other():
    assert set(PAGES.glob("*.md")) == {path_of(topic) for topic in TOPICS}


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_is_its_markdown_in_a_pipe(eleven, topic):
    assert eleven("help", topic).text == path_of(topic).read_text("utf-8")


@pytest.mark.parametrize("topic", ["pipe", "cookies", ""])
def test_a_topic_that_there_is_not(eleven, topic):
    result = eleven("help", topic)
    assert result.code == 2
    assert f'no help page "{topic}"' in result.error
    assert ("Did you mean pipes?" in result.error) == (topic == "pipe")
    assert result.hint == "hint: see the topics: eleven help"


@pytest.mark.parametrize("words", [["tts"], ["config", "set"], ["models"]], ids=" ".join)
def test_help_for_a_command_is_that_of_the_command(eleven, words):
    assert eleven("help", *words).text == eleven(*words, "--help").text


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_fits_the_terminal(topic, width):
    """Code stays on its lines, to be copied."""
    from eleven_cli.terminal.pages import rendered

    markdown = path_of(topic).read_text("utf-8")
    code = "".join(re.findall(r"```\w*\n(.*?)```", markdown, re.DOTALL)).splitlines()
    lines = COLOURS.sub("", rendered(markdown, width, plain=False)).splitlines()
    assert not [line for line in lines if cells(line) > width and line not in code]
    assert {line.rstrip() for line in code} <= set(lines)


def test_a_page_has_no_colours_where_none_are_wanted():
    from eleven_cli.terminal.pages import rendered

    assert not re.search(r"\x1b\[[0-9;]*3\d", rendered("`code`\n\n# Title", 40, plain=True))


@pytest.mark.parametrize(("pager", "shown"), [("sed 's/^/PAGED /'", True), ("cat", False), ("", False), ("'", False)])
def test_the_pager_that_is_set_shows_a_long_page(pty_run, pager, shown):
    text = pty_run("help", "books", PAGER=pager)
    assert ("PAGED Books and long texts" in COLOURS.sub("", text)) == shown
    assert "Books and long texts" in COLOURS.sub("", text)


def test_a_pager_that_is_not_there_costs_nothing(pty_run):
    assert "Books and long texts" in pty_run("help", "books", PAGER="no-such-pager --fast")


def test_a_page_that_fits_needs_no_pager(pty_run):
    assert "PAGED" not in pty_run("help", "exit-codes", rows=60, PAGER="sed 's/^/PAGED /'")


@pytest.fixture
def pty_run(spawn, monkeypatch):
    """Runs the program on a terminal of 80 columns; gives what stood on it."""

    def run(*argv, rows=24, **environ):
        for name, value in {"TERM": "xterm", **environ}.items():
            monkeypatch.setenv(name, value)
        code, shown = run_on_terminal(spawn, *argv, lines=rows)
        assert code == 0
        return shown.replace("\r\n", "\n")

    return run


GROUP = typer.main.get_command(tree())


def every_command(command=GROUP, path=()):
    for name, child in command.commands.items():
        yield (*path, name), child
        if hasattr(child, "commands"):
            yield from every_command(child, (*path, name))


COMMANDS = dict(every_command())


def test_every_command_has_a_section_of_the_page(eleven):
    page = eleven("--help").text
    assert sorted(COMMAND_NAMES) == sorted(GROUP.commands)
    for title, names in SECTIONS.items():
        listed = page.split(f"\n{title}:\n")[1].split("\n\n")[0]
        assert re.findall(r"^  (\S+)", listed, re.MULTILINE) == list(names)


def test_the_page_says_of_each_command_what_its_own_page_begins_with():
    said = {name: sentence for commands in SECTIONS.values() for name, sentence in commands.items()}
    assert said == {name: short_help(command) for name, command in GROUP.commands.items()}


@pytest.mark.parametrize("words", [["--help"], [], ["--nonsense"], ["-q", "--help"]], ids=" ".join)
def test_no_command_is_loaded_where_none_is_named(words):
    assert set(typer.main.get_command(tree(words)).commands) == set(COMMAND_NAMES)
    code = f"import sys; from eleven_cli.app import tree; tree({words}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith("eleven_cli.commands.")]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_what_a_command_does_is_one_whole_short_sentence(path):
    sentence = short_help(COMMANDS[path])
    assert 0 < len(sentence) <= 62
    assert not sentence.endswith("...")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_help_page_is_written_for_people(eleven, path):
    page = eleven(*path, "--help").text
    assert not re.search(r"<=|\[x|\[default|\[env var|\[required\]|\{[A-Z]+\}|<\w+( \w+)?>|\.\.\.", page)
    assert all(cells(line) <= 80 for line in page.splitlines())


PAGES_OF_COMMANDS = {(): GROUP, **COMMANDS}


@pytest.fixture
def page_at(eleven, monkeypatch):
    """The help page of a command on a terminal so wide."""

    def page(path, columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        return eleven(*path, "--help").text

    return page


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80, 120])
@pytest.mark.parametrize("path", PAGES_OF_COMMANDS, ids=lambda path: " ".join(path) or "eleven")
def test_a_help_page_fits_any_terminal(page_at, path, columns):
    page, widest = page_at(path, columns), page_at(path, 1000)
    too_long = [line for line in page.splitlines() if cells(line) > columns]
    assert not [line for line in too_long if len(line.split()) > 1 and columns >= 40]
    assert _words(page) == _words(widest), "whole words, and all of them"


def _words(page):
    """What stands there, whatever the line; a value of several choices is one word, wherever it was folded."""
    return re.sub(r"(?<=\w\|)\n\s+", "", page.replace(" \\\n", "\n")).split()


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("path", PAGES_OF_COMMANDS, ids=lambda path: " ".join(path) or "eleven")
def test_every_option_is_shown_whole(page_at, path, columns):
    words = page_at(path, columns).replace(",", " ").split()
    options = [param for param in PAGES_OF_COMMANDS[path].params if param.param_type_name == "option"]
    assert {name for option in options if not option.hidden for name in (*option.opts, *option.secondary_opts)} <= {
        *words
    }


@pytest.mark.parametrize("columns", [20, 40])
@pytest.mark.parametrize("path", PAGES_OF_COMMANDS, ids=lambda path: " ".join(path) or "eleven")
def test_an_example_can_be_pasted_as_it_stands(page_at, path, columns):
    """A line that goes on ends with the shell's mark for it; what an example does is not part of it."""
    examples = page_at(path, columns).partition("\nExamples:\n")[2]
    joined = [line.strip() for line in re.sub(r" \\\n +", " ", examples).splitlines()]
    wanted = [line.split("   ")[0].strip() for line in (PAGES_OF_COMMANDS[path].epilog or "").splitlines()]
    assert [line for line in joined if line in wanted] == wanted


def test_on_a_narrow_terminal_what_an_option_does_stands_beneath_it(page_at):
    page = page_at(["tts"], 40)
    assert "\n  --normalize auto|on|off\n      Spell out numbers and dates.\n" in page
    assert "\n  --category premade|cloned|generated|\n      professional\n      Only" in page_at(["voices"], 40)
    assert "\n  --normalize auto|on|off     Spell out" in page_at(["tts"], 80)


@pytest.mark.parametrize("path", [path for path in COMMANDS if len(path) == 1], ids=" ".join)
def test_a_command_shows_two_examples(eleven, path):
    page = eleven(*path, "--help").text
    examples = page.split("\nExamples:\n")[1].strip().splitlines()
    assert len(examples) >= 2
    assert all("eleven" in line for line in examples)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_long_lists_of_options_have_groups(eleven, path):
    page = eleven(*path, "--help").text
    groups = re.findall(r"^(\w[\w ]*):\n(.*?)(?=^\w|\Z)", page, re.DOTALL | re.MULTILINE)
    assert all(len(re.findall(r"^  -", text, re.MULTILINE)) <= 12 for _, text in groups)
