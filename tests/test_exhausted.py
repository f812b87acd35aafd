"""A process that may open nothing more says so, wherever it strikes."""

import errno
import socket

import pytest

from eleven_cli.errors import ElevenError, NetworkError, exhausted
from tests.conftest import KEY

MP3 = b"\xff\xfb\x90\x64" + bytes(413)
SAID = "error: too many open files or connections"


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
@pytest.mark.parametrize("where", ["socket.getaddrinfo", "eleven_cli.api.network.route.UnhurriedSocket"])
def test_no_socket_is_no_matter_of_the_network(eleven, monkeypatch, number, where):
    def fails(*args, **options):
        raise OSError(number, "Too many open files")

    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(where, fails)
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    result = eleven("models")
    assert (result.code, result.error) == (1, SAID)
    assert "ulimit -n" in result.hint
    assert waited == [], "another try would find the same"


def test_a_name_that_cannot_be_looked_up_for_want_of_descriptors(eleven, monkeypatch):
    def fails(*args, **options):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    def full(*args, **options):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setattr(socket, "getaddrinfo", fails)
    monkeypatch.setattr("os.open", full)
    assert eleven("models").error == SAID


def test_what_was_kept_is_said_all_the_same():
    failed = NetworkError("lost")
    failed.add_note("what arrived is kept in x.part")
    failed.__cause__ = OSError(errno.EMFILE, "Too many open files")
    assert exhausted(failed).sentence.endswith("; what arrived is kept in x.part")


@pytest.mark.parametrize("other", [ElevenError("x"), OSError(errno.ENOENT, "No such file"), ValueError("EMFILE")])
def test_nothing_else_is_taken_for_it(other):
    assert exhausted(other) is None
