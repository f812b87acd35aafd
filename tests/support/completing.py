"""`eleven` for hundreds of Tab keys: one process loads all that completion needs, and forks for each of them.

Run as a module it says its port on stdout, and answers until it is killed.
"""

import os
import signal
import socket
from collections.abc import Sequence

CLIENT = """\
exec 3<>/dev/tcp/127.0.0.1/{port}
{{ printf '%s\\0' "$PWD" $#; printf '=%s\\0' "$@"; env -0; printf '\\0'; }} >&3
answer=$(cat <&3)
printf '%s\\n' "${{answer%$'\\n'*}}"
exit "${{answer##*$'\\n'}}"
"""
"""What asks it, for bash: the folder, the words and the environment go, the answer and the exit code come."""


def _read_question(connection: socket.socket) -> tuple[str, list[str], dict[str, str]]:
    data = b""
    while not data.endswith(b"\0\0"):
        data += connection.recv(65536)
    folder, count, *rest = os.fsdecode(data[:-2]).split("\0")
    pairs = [item.partition("=")[::2] for item in rest]
    return folder, [word for _, word in pairs[: int(count)]], {name: value for name, value in pairs if name}


def _completed(words: Sequence[str]) -> int:
    from eleven_cli.__main__ import main
    from eleven_cli.terminal import Terminal

    return main(words, Terminal.of_process(), os.environ)


def _answer(connection: socket.socket) -> None:
    folder, words, variables = _read_question(connection)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    os.dup2(connection.fileno(), 1)
    code = _completed(words)
    connection.sendall(f"\n{code}\n".encode())


def _forked(connection: socket.socket) -> None:
    if os.fork():
        return
    try:
        _answer(connection)
    finally:
        os._exit(0)


def serve() -> None:
    """Answer for ever; the first question is one of its own, so that all is loaded before the others come."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system takes the children away
    listener = socket.create_server(("127.0.0.1", 0))
    said = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    for shell in ("bash", "zsh", "fish"):
        os.environ.update({"_ELEVEN_COMPLETE": f"complete_{shell}", "COMP_WORDS": "eleven tts -v x"})
        _completed([])
    os.write(said, f"{listener.getsockname()[1]}\n".encode())
    os.close(said)
    while True:
        connection, _ = listener.accept()
        _forked(connection)
        connection.close()


if __name__ == "__main__":
    serve()
