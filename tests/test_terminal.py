"""What a person at a terminal sees, and what they are spared."""

from functools import partial

import pytest

from tests.support.guard import GUARD_S
from tests.support.pty_run import run_on_terminal
from tests.support.service import MP3_FRAME, audio_reply, json_reply

LONG = [{"model_id": f"model_{n}", "name": "N" * 30, "languages": [{"language_id": "en"}] * 40} for n in range(3)]


@pytest.fixture
def at_a_terminal(spawn):
    """Run on a pty of 80 columns; gives what it showed and the exit code."""

    return partial(run_on_terminal, spawn)


def test_a_table_fits_the_terminal(at_a_terminal, service):
    service.on("/v1/models", json_reply(LONG))
    code, shown = at_a_terminal("models")
    lines = shown.splitlines()
    assert code == 0
    assert lines[0].startswith("MODEL ID")
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 2 * (1 + len(LONG) + 2)  # two models transcribe
    assert shown.count(f"{'N' * 30}  40\r\n") == len(LONG)


VOICES = [
    {"voice_id": "abcdefghij0123456789", "name": "日本語の声の名前", "category": "professional"},
    {"voice_id": "abcdefghij0123456780", "name": "Ana", "labels": {"accent": "american", "age": "middle aged"}},
]


@pytest.mark.parametrize(
    ("width", "words", "left_out"),
    [
        (120, (), ""),
        (80, (), ""),
        (60, (), ""),
        (40, (), "labels, needs"),
        (20, (), "category, labels, needs"),
        (40, ("--gender", "female", "--", "-a b"), "labels, needs"),
    ],
)
def test_columns_without_room_are_named(eleven, service, monkeypatch, width, words, left_out):
    monkeypatch.setattr("eleven_cli.terminal.results.width_of", lambda _: width)
    service.on("/v2/voices", json_reply({"voices": VOICES, "has_more": False}))
    shown = eleven("voices", *words, tty="out")
    again = "eleven voices --gender female --json -- '-a b'" if words else "eleven voices --json"
    assert shown.err == (f"not shown at {width} columns: {left_out}; all of it: {again}\n" if left_out else "")
    header = shown.text.splitlines()[0].lower()
    assert [name for name in ("name", "id", "category", "labels", "needs") if name not in header] == (
        left_out.split(", ") if left_out else []
    )


@pytest.mark.parametrize(("words", "tty"), [((), ""), (("-q",), "out"), (("--json",), "out")])
def test_columns_are_named_where_a_table_lacks_them_only(eleven, service, monkeypatch, words, tty):
    monkeypatch.setattr("eleven_cli.terminal.results.width_of", lambda _: 40)
    service.on("/v2/voices", json_reply({"voices": VOICES, "has_more": False}))
    shown = eleven("voices", *words, tty=tty)
    assert shown.err == ""
    if not tty:
        assert [len(line.split("\t")) for line in shown.text.splitlines()] == [5, 5]


def test_errors_are_coloured_on_a_terminal_only(at_a_terminal, service):
    assert at_a_terminal("tts", "hi", "-o", "/tmp")[1].startswith("\x1b[31merror:\x1b[0m /tmp is a folder")


@pytest.mark.parametrize("variable", [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_it_is_not_wanted(at_a_terminal, service, monkeypatch, variable):
    monkeypatch.setenv(*variable)
    assert at_a_terminal("tts", "hi", "-o", "/tmp")[1].startswith("error: /tmp is a folder")


def test_the_live_line_is_gone_at_the_end(at_a_terminal, service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME] * 100))
    code, shown = at_a_terminal("tts", "hi", "-o", str(tmp_path / "x.mp3"))
    assert code == 0
    assert "2.6 s of audio · 41,700 bytes · first byte " in shown
    assert f"\r\x1b[K{tmp_path / 'x.mp3'} · 2.6 s · about 2 credits" in shown
    assert "\x1b[?25l" not in shown, "the cursor stays"


@pytest.mark.parametrize("argv", [("-q", "tts", "hi"), ("tts", "hi")])
def test_no_live_line_in_a_pipe_or_when_quiet(at_a_terminal, spawn, service, tmp_path, argv):
    service.on_speech(audio_reply([MP3_FRAME] * 100))
    argv = (*argv, "-o", str(tmp_path / "x.mp3"))
    if argv[0] == "-q":
        assert at_a_terminal(*argv) == (0, "")
    else:
        out, err = spawn(*argv).communicate(timeout=GUARD_S)
        assert (out, err) == (b"", b"")


def test_no_text_on_a_terminal_fails_at_once(at_a_terminal, service):
    code, shown = at_a_terminal("tts", "-o", "/dev/null")
    assert code == 2
    assert "no text" in shown
    assert 'hint: eleven tts "Hello, world"' in shown


def test_no_words_at_all_show_the_help(eleven):
    result = eleven()
    assert (result.code, result.out) == (2, b"")
    assert result.err.startswith("Usage: eleven [options] command …\n")


def test_a_bug_is_one_sentence(eleven, service, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.models.list_models", lambda client: 1 / 0)
    result = eleven("models")
    assert (result.code, result.error) == (1, "error: unexpected ZeroDivisionError: division by zero")
    assert "Traceback" in eleven("--debug", "models").err


def test_a_value_that_is_called_like_a_command(eleven, service):
    service.on("/v1/models", json_reply(LONG))
    assert "no profile tts" in eleven("--profile", "tts", "config", "get", "model").error
    assert eleven("--base-url", service.url, "models").code == 0


def test_version(eleven):
    from eleven_cli import __version__

    assert eleven("--version").text == f"eleven {__version__}\n"
