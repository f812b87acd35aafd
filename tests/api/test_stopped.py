"""A process that was stopped has not waited."""

import itertools
import socket
import time

import pytest

from eleven_cli.api.network import route
from eleven_cli.api.sockets.socket import AwakeClock


@pytest.fixture
def now(monkeypatch):
    """The monotonic clock, in a list of one."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_its_clock_stands_still_meanwhile(now):
    clock = AwakeClock()
    began = clock()
    for _ in range(10):
        now[0] += 0.5
        clock()
    now[0] += 70
    assert clock() - began == 5.0 + AwakeClock.LONGEST_STEP_S


@pytest.mark.parametrize("name", ["recv", "recv_into"])
@pytest.mark.parametrize(("stops_s", "tries"), [([0.01], 1), ([70.0, 0.01], 2), ([70.0, 3600.0, 0.01], 3)])
def test_a_silence_that_it_did_not_hear_is_none(now, stops_s, tries, name):
    asked, stops = itertools.count(1), iter(stops_s)

    class Silent:
        def recv_into(self, *args):
            next(asked)
            now[0] += self.gettimeout() + next(stops)
            raise TimeoutError("timed out")

        recv = recv_into

        def gettimeout(self):
            return 0.05

    unhurried = type("Unhurried", (route.Unhurried, Silent), {})()
    with pytest.raises(TimeoutError):
        getattr(unhurried, name)(1)
    assert next(asked) == tries + 1


def test_what_it_waits_for_comes_at_last():
    one, other = socket.socketpair()
    with one, other, route.UnhurriedSocket(fileno=one.detach()) as unhurried:
        other.sendall(b"x")
        unhurried.settimeout(5)
        assert unhurried.recv_into(buffer := bytearray(4)) == 1
        assert buffer[:1] == b"x"
        other.sendall(b"y")
        assert unhurried.recv(4) == b"y"
