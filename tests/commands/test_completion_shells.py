"""Tab in real shells: what is offered is data, whatever it holds, and arrives at the program as one word."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import KEY
from tests.support.completing import CLIENT
from tests.support.shells import COMPLETIONS, ELEVEN, InteractiveShell, remembered

SERVER = "http://127.0.0.1:9"
HOSTILE = [
    "$(touch owned)", "`touch owned`", "; touch owned", "| touch owned", "& touch owned", "' ; touch owned ; '",
    '" ; touch owned ; "', "${x:-$(touch owned)}", "$[$(touch owned)]", "\\$(touch owned)", "<(touch owned)",
    "=(touch owned)", "$'\\x24(touch owned)'", "> owned", "))'; touch owned; : '((",
]  # fmt: skip
STRANGE = [
    ": the voice", "'Neil", ' "the" one', "$HOME", " $HOME/x", "\\back", "wow!", "!!", "日本 語", "Élodie", "*?[c]",
    "{1,2}", "#hash", "=equals", "~tilde", "%1", "^caret", "@at", "a:b:c", "(x)", "[x]", "🎤 mic", " -- dashes",
    "::: x", ",comma",
]  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NAMES = [f"{one}{two}{name}" for (one, two), name in zip(
    [(one, two) for one in LETTERS for two in "xy"], HOSTILE + STRANGE, strict=False)]  # fmt: skip
FIRST = [
    "$(touch owned)",
    "`touch owned`",
    "~root",
    "#x",
    "=ls",
    "!!",
    "*",
    "'quoted'",
    '"double"',
    "{a,b}",
    "%x",
    ":x",
]


def needs(shell):
    return pytest.param(shell, marks=pytest.mark.skipif(not shutil.which(shell), reason=f"no {shell} here"))


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("ELEVENLABS_BASE_URL", SERVER)

    def account(voices=(), models=()):
        remembered(KEY, SERVER, voices, models)

    return account


@pytest.fixture(scope="module")
def loaded():
    """The line of bash that completes with a program that is loaded once, for tests that press Tab very often."""
    argv = [sys.executable, "-m", "tests.support.completing"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        yield CLIENT.format(port=int(server.stdout.readline()))
        server.kill()


@pytest.fixture
def interactive(tmp_path):
    opened = []

    def interactive(shell, complete=ELEVEN):
        opened.append(InteractiveShell(shell, tmp_path, complete))
        return opened[0]

    yield interactive
    assert not list((tmp_path / "work").glob("*owned*"))
    for shell in opened:
        shell.close()


def voice_id(at):
    return f"{at:04}abcdefghijklmnop"


@pytest.mark.parametrize(
    ("before", "step"),  # a long option quotes as a short one does: some of the names are enough
    [("-v ", 1), ('-v "', 1), ("-v '", 1), ("-v", 4), ("--voice ", 4), ("--voice=", 2), ('--voice="', 4)],
)
@pytest.mark.parametrize("shell", [needs("bash"), needs("zsh")])
def test_a_name_arrives_as_one_word(account, interactive, loaded, shell, before, step):
    account(NAMES)
    tab = interactive(shell, loaded)
    wrong = {}
    for at, name in list(enumerate(NAMES))[::step]:
        quote = before[-1] if before[-1] in "'\"" else ""
        words = tab.words(f"eleven tts {before}{name[:2]}\t")
        option = before.strip().rstrip("\"'= ")
        value = words[-1].removeprefix(option).removeprefix("=") if words else None
        if value != name and not (quote and value == voice_id(at)):
            wrong[name] = words
    assert not wrong


@pytest.mark.parametrize("shell", [needs("bash"), needs("zsh")])
def test_a_name_that_begins_strangely(account, interactive, loaded, shell):
    tab = interactive(shell, loaded)
    for name in FIRST:
        account([name], [name])
        assert tab.words("eleven tts -v \t") == ["tts", "-v", name]
        assert tab.words("eleven tts -m \t") == ["tts", "-m", name]


@pytest.mark.parametrize("shell", [needs("bash"), needs("zsh")])
def test_what_lies_before_the_cursor_may_hold_breaks(account, interactive, shell):
    account(["Zoe: the voice", "a@b=c d"])
    tab = interactive(shell)
    for typed in ("zoe:", "Zoe\\:\\ t", "Zoe:\\ the\\ v"):
        assert tab.words(f"eleven tts -v {typed}\t")[-1].casefold() == "zoe: the voice", typed
    assert tab.words("eleven tts -v a@b\t")[-1] == "a@b=c d"
    assert tab.words("eleven tts -v a@b=c\t")[-1] == "a@b=c d"


@pytest.mark.parametrize("shell", [needs("bash"), needs("zsh")])
def test_several_that_fit_run_nothing(account, interactive, shell):
    account([f"same {name}" for name in HOSTILE], [f"same-{name}" for name in HOSTILE])
    tab = interactive(shell)
    for option in ("-v", "-m"):
        assert tab.words(f"eleven tts {option} same\t\t\x15eleven done") == ["done"]  # Ctrl+U empties the line


NAMES_WANTED = [
    "--profile", "--base-url", "talk --agent-id", "talk --mic", "talk --speaker", "talk --tool", "talk --var", "tts",
    "tts --language", "tts --seed", "tts -v", "tts -m", "tts --format", "stt --language", "stt --url", "stt --keyterm",
    "voices show", "config get", "config set voice", "config set agent_id", "config set base_url",
]  # fmt: skip
OFFERED = {
    "tts -f po": "poem.txt",
    "tts --file=po": "--file=poem.txt",
    "stt po": "poem.txt",
    "tts hi -o po": "poem.txt",
    "align po": "poem.txt",
    "talk --input po": "poem.txt",
    "sandbox --agents po": "poem.txt",
    "tts hi > po": "hi",  # the shell's own; the file is not one of the program's words
    "config set region e": "eu",
    "--profile w": "work",
    "sts -m eleven_e": "eleven_english_sts_v2",
    "sts -m eleven_m": "eleven_multilingual_sts_v2",
    "stt --live -m scr": "scribe_v2_realtime",
    "--sandbox tts --norm": "--normalize",
    "tts --normalize=of": "--normalize=off",
    "tts --language yu": "yue",
    "talk --language=yu": "--language=yue",
    "conf": "config",
}


@pytest.mark.parametrize("shell", [needs("bash"), needs("zsh")])
def test_no_files_where_a_name_is_wanted(account, interactive, loaded, shell):
    account()
    tab = interactive(shell, loaded)
    assert {words: tab.words(f"eleven {words} po\t")[-1] for words in NAMES_WANTED} == dict.fromkeys(NAMES_WANTED, "po")


@pytest.mark.parametrize("shell", [needs("bash"), needs("zsh")])
def test_what_is_offered(account, interactive, shell, home):
    account(models=["eleven_v3"])
    path = home / ".config" / "eleven" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[profiles.work]\n")
    tab = interactive(shell)
    assert {typed: tab.words(f"eleven {typed}\t")[-1] for typed in OFFERED} == OFFERED


def in_fish(line, environ):
    script = f"source {COMPLETIONS / 'eleven.fish'}; complete -C (cat | string collect)"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], input=line, capture_output=True, text=True, env=environ
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish here")
def test_fish(account, loaded, tmp_path, monkeypatch):
    account(NAMES, ["m$(touch owned)"])
    InteractiveShell("bash", tmp_path, loaded).close()
    environ = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    monkeypatch.chdir(tmp_path / "work")
    for name in NAMES:
        if "'" not in name and "\\" not in name:
            assert in_fish(f"eleven tts -v {name[:2]}", environ) == [name]
    assert in_fish("eleven tts -m m", environ) == ["m$(touch owned)"]
    assert in_fish("eleven tts --voice=ax", environ) == [f"--voice={NAMES[0]}"]
    assert in_fish("eleven talk --mic po", environ) == []
    assert in_fish("eleven tts -f po", environ) == ["poem.txt"]
