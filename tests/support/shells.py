"""Real shells on a pty: what is typed, Tab included, and what the program then gets."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

COMPLETIONS = Path(__file__).parents[2] / "completions"
PROMPT = b"<ready>"
START = {"bash": ["bash", "--noprofile", "--rcfile", "{rc}", "-i"], "zsh": ["zsh", "-i"]}
SETUP = {
    "bash": "PS1='<ready>'; bind 'set enable-bracketed-paste off'; source '{folder}/eleven.bash'",
    "zsh": "PS1='<ready>'; unsetopt prompt_sp prompt_cr; unset zle_bracketed_paste; zstyle ':completion:*' menu no\n"
    "fpath=('{folder}' $fpath); autoload -Uz compinit; compinit -u -D",
}
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
PROGRAM = """#!/bin/bash
if [ -n "$_ELEVEN_COMPLETE" ]; then
{complete}
fi
printf '%s\\0' "$@" > {got}.new
mv {got}.new {got}
"""
ELEVEN = f'exec {sys.executable} -m eleven_cli "$@"'


class InteractiveShell:
    """A shell with the completion of `eleven`, and a program of that name that keeps the words it is run with.

    `complete` is the line of bash that answers the Tab key.
    """

    def __init__(self, shell: str, folder: Path, complete: str = ELEVEN) -> None:
        self._got = folder / "got"
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        program = bin_folder / "eleven"
        program.write_text(PROGRAM.format(complete=complete, got=self._got))
        program.chmod(0o755)
        environ = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "INPUTRC": "/dev/null"}
        environ |= {"TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": "400", "HISTFILE": "/dev/null"}
        work = folder / "work"
        work.mkdir()
        (work / "poem.txt").touch()
        rc = folder / ".zshrc"
        rc.write_text(SETUP[shell].format(folder=COMPLETIONS) + "\n")
        environ["ZDOTDIR"] = str(folder)
        argv = [word.format(rc=rc) for word in START[shell]]
        self._process, self._leader = pty.fork()
        if not self._process:
            os.chdir(work)
            os.execvpe(argv[0], argv, environ)
        self.seen = b""
        self._wait_for_prompt()

    def words(self, typed: str) -> list[str]:
        """The words that the program gets when this is typed, and Enter."""
        self._got.unlink(missing_ok=True)
        self.seen = b""
        self._type(typed.encode() + b"\r")
        self._wait_for_prompt()
        return self._got.read_bytes().decode().split("\0")[:-1] if self._got.exists() else []

    def close(self) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._leader)

    def _type(self, data: bytes) -> None:
        os.write(self._leader, data)

    def _wait_for_prompt(self) -> None:
        end = time.monotonic() + 20
        while not _ESCAPES.sub(b"", self.seen).endswith(PROMPT):
            ready, _, _ = select.select([self._leader], [], [], max(0, end - time.monotonic()))
            assert ready, self.seen
            self.seen += os.read(self._leader, 65536)


def remembered(key: str, server: str, voices: Sequence[str], models: Sequence[str] = ()) -> None:
    """Make these the voices and models that are known of an account."""
    from eleven_cli.cache import AccountCache

    memory = AccountCache(server, key)
    known = [[f"{at:04}" + "abcdefghijklmnop", name] for at, name in enumerate(voices)]
    memory.put("voices", {"at": time.time(), "known": known})
    memory.put("models", {model: {} for model in models})


def complete_in_bash(line: str) -> list[str]:
    words = line.split(" ")
    known = f"COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}"
    script = f'source "$0"; {known}; _eleven_completion eleven; printf "%s\\n" "${{COMPREPLY[@]}}"'
    environ = {**os.environ, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}
    argv = ["bash", "-c", script, str(COMPLETIONS / "eleven.bash")]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, check=True).stdout.split()
