"""Asks the loaded program for a process; as a script it is that process for a shell: `loaded_client.py PATH WORDS…`."""

import contextlib
import json
import os
import signal
import socket
import struct
import sys

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def ask(path, argv, environ, folder, descriptors):
    """descriptors  what the process gets open: its number of each, and ours"""
    mask = os.umask(0)
    os.umask(mask)
    ignored = [number for number in PASSED_ON if signal.getsignal(number) == signal.SIG_IGN]
    wanted = {"argv": [*map(str, argv)], "environ": {**environ}, "folder": os.fspath(folder or os.getcwd())}
    asked = json.dumps({**wanted, "mask": mask, "ignored": ignored, "targets": [*descriptors]}).encode()
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    socket.send_fds(connection, [struct.pack("i", len(asked))], [*descriptors.values()])
    connection.sendall(asked)
    return connection


def number(connection):
    data = connection.recv(4)
    if len(data) < 4:
        raise OSError("the loaded program has ended")
    return struct.unpack("i", data)[0]


def _open_descriptors():
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):  # that of the list itself
            os.fstat(int(name))
            yield int(name)


def main():
    connection = ask(sys.argv[1], sys.argv[2:], os.environ, None, {number: number for number in _open_descriptors()})
    pid = number(connection)
    for signal_number in PASSED_ON:
        if signal.getsignal(signal_number) != signal.SIG_IGN:
            signal.signal(signal_number, lambda number, _: os.kill(pid, number))
    code = os.waitstatus_to_exitcode(number(connection))
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
