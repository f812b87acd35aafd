"""`eleven completion --install`: one file, where the shell looks for it; everything else stays as it was."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eleven_cli.commands.completion.install import Home, install
from eleven_cli.commands.completion.scripts import SCRIPTS
from tests.support.guard import GUARD_S

PLACES = {
    "bash": ".local/share/bash-completion/completions/eleven",
    "zsh": ".local/share/zsh/site-functions/_eleven",
    "fish": ".config/fish/completions/eleven.fish",
}
STARTUP_FILES = [".bashrc", ".bash_profile", ".profile", ".zshrc", ".config/fish/config.fish"]


@pytest.fixture(autouse=True)
def places(monkeypatch):
    for name in ("XDG_DATA_HOME", "BASH_COMPLETION_USER_DIR", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bare(monkeypatch):
    """A machine without the bash-completion package, whatever this one has."""
    monkeypatch.setattr("eleven_cli.commands.completion.install._BASH_COMPLETION", ())


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("shell", PLACES)
def test_one_file_is_written_and_named(eleven, home, shell):
    result = eleven("completion", "--install", shell)
    assert result.code == 0
    assert files_in(home) == {PLACES[shell]}
    assert (home / PLACES[shell]).read_text("utf-8") == SCRIPTS[shell]
    assert f"wrote {home / PLACES[shell]}; {shell} reads it " in result.err


@pytest.mark.parametrize(
    ("shell", "variable", "place"),
    [
        ("bash", "XDG_DATA_HOME", "bash-completion/completions/eleven"),
        ("bash", "BASH_COMPLETION_USER_DIR", "completions/eleven"),
        ("zsh", "XDG_DATA_HOME", "zsh/site-functions/_eleven"),
        ("fish", "XDG_CONFIG_HOME", "fish/completions/eleven.fish"),
    ],
)
def test_a_variable_moves_the_place(eleven, tmp_path, monkeypatch, shell, variable, place):
    folder = tmp_path / "a place"
    monkeypatch.setenv(variable, f"{folder}:/other" if "BASH" in variable else str(folder))
    assert eleven("completion", "--install", shell).code == 0
    assert files_in(folder) == {place}


def test_a_folder_that_is_not_absolute_counts_as_none(eleven, home, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert eleven("completion", "--install", "zsh").code == 0
    assert files_in(home) == {PLACES["zsh"]}


@pytest.mark.parametrize(("path", "shell"), [("/bin/bash", "bash"), ("/usr/local/bin/zsh", "zsh"), ("fish", "fish")])
def test_the_shell_is_that_of_the_user(eleven, home, monkeypatch, path, shell):
    monkeypatch.setenv("SHELL", path)
    assert eleven("completion", "--install").code == 0
    assert files_in(home) == {PLACES[shell]}


@pytest.mark.parametrize("path", ["/bin/tcsh", "/bin/sh", "", None])
def test_a_shell_that_cannot_be_told(eleven, home, monkeypatch, path):
    monkeypatch.delenv("SHELL", raising=False)
    if path is not None:
        monkeypatch.setenv("SHELL", path)
    result = eleven("completion", "--install")
    assert (result.code, result.text) == (2, "")
    assert result.error.startswith("error: cannot tell which shell it is for: SHELL is ")
    assert result.hint == "hint: name it: eleven completion --install bash"
    assert not files_in(home)


def test_only_what_is_installed_has_a_default(eleven, monkeypatch):
    monkeypatch.setenv("SHELL", "/bin/bash")
    assert eleven("completion").code == 2


@pytest.mark.parametrize("how", ["named", "guessed"])
def test_powershell_has_no_such_place(eleven, home, monkeypatch, how):
    monkeypatch.setenv("SHELL", "/usr/bin/pwsh")
    result = eleven("completion", "--install", *(["powershell"] if how == "named" else []))
    assert (result.code, files_in(home)) == (2, set())
    assert result.hint == "hint: put it into your profile: eleven completion powershell"


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("shell", PLACES)
def test_start_up_files_are_left_alone_and_the_line_they_lack_is_the_result(eleven, home, shell):
    for name in STARTUP_FILES:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("# mine\n")
    result = eleven("completion", "--install", shell)
    assert {(home / name).read_text() for name in STARTUP_FILES} == {"# mine\n"}
    startup = {"bash": ".bash_profile" if sys.platform == "darwin" else ".bashrc", "zsh": ".zshrc"}.get(shell)
    assert bool(result.text) == bool(startup)
    if startup:
        assert result.err.endswith(f"{shell} reads it as soon as {home / startup} ends with this line:\n")
        (home / startup).write_text("# mine\n" + result.text)  # as >> does
        again = eleven("completion", "--install", shell)
        assert (again.code, again.text) == (0, "")
        assert again.err == f"{home / PLACES[shell]} is up to date; {shell} reads it when it starts\n"


@pytest.mark.parametrize(
    ("startup", "line", "is_enough"),
    [
        (".zshrc", "fpath+=~/.zfunc", True),
        (".zshrc", 'fpath=("$HOME/.zfunc" $fpath)', True),
        (".zshrc", "fpath=(${HOME}/.zfunc $fpath)", True),
        (".zshrc", "# fpath+=~/.zfunc", False),
        (".zshrc", "fpath+=~/.zfunc-old", False),
        (".zshrc", "fpath+=/other/.zfunc", False),
    ],
)
def test_a_folder_that_zsh_already_reads_is_taken(eleven, home, startup, line, is_enough):
    (home / startup).write_text(f"{line}\nautoload -Uz compinit; compinit\n")
    result = eleven("completion", "--install", "zsh")
    assert (home / ".zfunc" / "_eleven").exists() == is_enough
    assert bool(result.text) == (not is_enough)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("shell", "startup", "line"),
    [
        ("bash", ".bashrc", 'eval "$(eleven completion bash)"'),
        ("bash", ".bash_profile", "source <(eleven completion bash)"),
        ("zsh", ".zshrc", "source <(eleven completion zsh)"),
    ],
)
def test_a_start_up_file_that_asks_the_program_needs_nothing(eleven, home, shell, startup, line):
    (home / startup).write_text(f"{line}\n")
    assert eleven("completion", "--install", shell).text == ""


LOADER = "usr/share/bash-completion/bash_completion"
STARTED = f"  . /{LOADER}\n"


@pytest.mark.parametrize(
    ("files", "own", "is_read"),
    [
        ({}, "", False),
        ({}, STARTED, False),  # as Debian's .bashrc has it, without the package
        ({LOADER: ""}, "", False),
        ({LOADER: ""}, f"#{STARTED}", False),
        ({LOADER: ""}, STARTED, True),
        ({LOADER: "", "etc/bash.bashrc": STARTED}, "", True),
        ({LOADER: "", "etc/bash.bashrc": f"#{STARTED}"}, "", False),
        ({LOADER: "", "etc/profile.d/bash_completion.sh": ""}, "", False),  # Debian: of login shells only
        ({LOADER: "", "etc/profile.d/bash_completion.sh": "", "etc/bashrc": "for i in /etc/profile.d/*.sh"}, "", True),
        (
            {"opt/homebrew/etc/profile.d/bash_completion.sh": ""},
            ". /opt/homebrew/etc/profile.d/bash_completion.sh",
            True,
        ),
    ],
)
def test_bash_needs_a_line_where_nothing_loads_completions(home, tmp_path, files, own, is_read):
    for name, text in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (home / ".bashrc").write_text(own)
    done = install("bash", Home(os.environ, tmp_path / "root", "linux"))
    assert bool(done.line) == (not is_read)
    assert done.startup == ("" if is_read else str(home / ".bashrc"))


# what is there already


@pytest.mark.parametrize("shell", PLACES)
def test_a_file_of_somebody_else_is_left_alone(eleven, home, shell):
    path = home / PLACES[shell]
    path.parent.mkdir(parents=True)
    path.write_text("# completions that I wrote for my own eleven\n")
    result = eleven("completion", "--install", shell)
    assert (result.code, result.text) == (1, "")
    assert result.error.startswith(f"error: {path} is not from this program, and is left as it is")
    assert result.hint == f"hint: move it away, then: eleven completion --install {shell}"
    assert path.read_text() == "# completions that I wrote for my own eleven\n"
    assert files_in(home) == {PLACES[shell]}


def test_neither_a_folder_nor_a_pipe_is_replaced(eleven, home):
    path = home / PLACES["fish"]
    path.mkdir(parents=True)
    assert eleven("completion", "--install", "fish").code == 1
    path.rmdir()
    os.mkfifo(path)
    assert eleven("completion", "--install", "fish").code == 1
    assert path.is_fifo()


@pytest.mark.parametrize("former", ["", SCRIPTS["fish"].replace("string collect", "cat")], ids=["empty", "earlier"])
def test_an_earlier_script_is_replaced(eleven, home, former):
    path = home / PLACES["fish"]
    path.parent.mkdir(parents=True)
    path.write_text(former)
    assert eleven("completion", "--install", "fish").err.startswith(f"wrote {path}")
    assert path.read_text("utf-8") == SCRIPTS["fish"]
    assert files_in(home) == {PLACES["fish"]}


def test_what_is_up_to_date_is_not_written_again(eleven, home):
    eleven("completion", "--install", "fish")
    before = (home / PLACES["fish"]).stat()
    result = eleven("completion", "--install", "fish")
    assert result.err == f"{home / PLACES['fish']} is up to date; fish reads it when it starts\n"
    after = (home / PLACES["fish"]).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_link_stays_one(eleven, home):
    """As people have it who keep such files together elsewhere."""
    kept = home / "dotfiles" / "eleven.fish"
    kept.parent.mkdir()
    kept.write_text("")
    path = home / PLACES["fish"]
    path.parent.mkdir(parents=True)
    path.symlink_to(kept)
    assert eleven("completion", "--install", "fish").code == 0
    assert path.is_symlink()
    assert kept.read_text("utf-8") == SCRIPTS["fish"]


def test_a_place_that_cannot_be_written(eleven, home):
    (home / ".config").write_text("a file")
    result = eleven("completion", "--install", "fish")
    assert result.code == 1
    assert result.error.startswith(f"error: cannot write {home / PLACES['fish']}: Not a directory")
    assert result.hint == "hint: print it instead: eleven completion fish"


def test_as_json(eleven, home):
    found = json.loads(eleven("completion", "--install", "fish", "--json").text)
    wanted = {"shell": "fish", "file": str(home / PLACES["fish"]), "written": True}
    assert found == {**wanted, "startup_file": None, "line": None}
    found = json.loads(eleven("completion", "--install", "zsh", "--json").text)
    assert found["startup_file"] == str(home / ".zshrc")
    assert found["line"].endswith("compinit")
    assert json.loads(eleven("completion", "zsh", "--json").text) == {"shell": "zsh", "script": SCRIPTS["zsh"]}


# the shells themselves


def asked(*argv: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        argv, env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=GUARD_S,
    )  # fmt: skip
    return done.stdout


@pytest.mark.usefixtures("bare")
@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_bash_reads_it_with_that_line(eleven, home):
    (home / ".bashrc").write_text(eleven("completion", "--install", "bash").text)
    assert asked("bash", "--rcfile", str(home / ".bashrc"), "-ic", "complete -p eleven").endswith(" eleven\n")


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh here")
def test_zsh_reads_it_with_that_line(eleven, home):
    (home / ".zshrc").write_text(eleven("completion", "--install", "zsh").text)
    known = asked("zsh", "-ic", "print $_comps[eleven]")
    if not known and asked("zsh", "-fc", "autoload -Uz compinit; compinit && print ready") != "ready\n":
        pytest.skip("this zsh does not trust its own folders")
    assert known.endswith("_eleven\n")


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish here")
def test_fish_reads_it_by_itself(eleven):
    assert eleven("completion", "--install", "fish").text == ""
    assert "config" in asked("fish", "-c", "complete -C 'eleven conf'").split()
