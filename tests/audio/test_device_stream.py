"""A device that fails as it is started, looked at or opened again is an AudioError, and nothing of it stays open."""

import pytest

from eleven_cli.audio.devices import portaudio
from eleven_cli.audio.devices.portaudio import GONE_S, STALL_S, DeviceStream
from eleven_cli.errors import AudioError


class OpenedStream:
    """PyAudio's stream, failing where it is told to."""

    def __init__(self, fails=()):
        self.fails, self.calls = fails, []

    def _called(self, name, result=None):
        self.calls.append(name)
        if name in self.fails:
            raise OSError(-9999, "Unanticipated host error")
        return result

    def get_input_latency(self):
        return 0.0

    get_output_latency = get_input_latency

    def start_stream(self):
        self._called("start")

    def is_active(self):
        return self._called("is_active", result=True)

    def close(self):
        self._called("close")


@pytest.fixture
def opened(monkeypatch):
    """Gives a speaker whose streams are these, in turn; what is not a stream is called for one."""

    def speaker(*streams):
        waiting = iter(streams)

        class Library:
            def open(self, **_options):
                stream = next(waiting)
                return stream() if callable(stream) else stream

        monkeypatch.setattr(portaudio, "library", Library)
        monkeypatch.setattr(DeviceStream, "_opened_at", lambda self, _rate: Library().open())
        return DeviceStream("speaker", 0, (16_000,), lambda *_: (b"", 0))

    return speaker


@pytest.fixture
def after(monkeypatch):
    """It is so many seconds after this speaker was started."""
    monkeypatch.setattr(portaudio, "REOPEN_S", 30)
    monkeypatch.setattr(portaudio, "CLOSE_S", 30)

    def after(seconds, speaker):
        now = speaker._called_at + seconds
        monkeypatch.setattr(portaudio.time, "monotonic", lambda: now)

    return after


STALLED_S = (STALL_S + GONE_S) / 2  # long enough to be opened again, and not so long that it is gone


def test_it_cannot_be_started(opened):
    stream = OpenedStream(fails=("start",))
    with pytest.raises(AudioError, match=r"^the speaker cannot be started: Unanticipated host error$"):
        opened(stream).start()
    assert stream.calls == ["start", "close"]


def test_unplugged_while_it_is_looked_at_it_is_opened_again(opened, after):
    first, second = OpenedStream(fails=("is_active",)), OpenedStream()
    speaker = opened(first, second)
    speaker.start()
    after(0, speaker)
    speaker.check()
    assert (first.calls, second.calls) == (["start", "is_active", "close"], ["start"])


def test_what_cannot_be_started_again_is_gone(opened, after):
    speaker = opened(OpenedStream(), OpenedStream(fails=("start",)))
    speaker.start()
    after(STALLED_S, speaker)
    with pytest.raises(AudioError, match=r"^the speaker stopped working$"):
        speaker.check()


def test_closed_while_it_is_opened_again_it_does_not_stay_open(opened, after):
    second = OpenedStream()

    def opening():
        speaker.close()
        return second

    speaker = opened(OpenedStream(), opening)
    speaker.start()
    after(STALLED_S, speaker)
    speaker.check()
    assert second.calls == ["close"]
