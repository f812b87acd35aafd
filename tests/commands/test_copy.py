"""What a source holds back when a signal strikes between two of its chunks."""

import pytest

from eleven_cli.audio.formats import Format
from eleven_cli.commands.output import audio
from eleven_cli.commands.output.audio import Meter, copy
from eleven_cli.files.sinks import file_sink


class Shown:
    """A live line, in whose update a signal strikes."""

    def __init__(self, stopped):
        self.stopped = stopped

    def update(self, line):
        if self.stopped is not None:
            raise self.stopped


class Collecting:
    """A player, which may be full, so that nothing more is written to it."""

    def __init__(self):
        self.data = b""

    def write(self, data):
        self.data += data

    def finish(self):
        raise AssertionError("it was stopped")


def held_back():
    """Gives its first chunk, and what it holds back only at the end, or when it is stopped."""
    try:
        yield b"first"
        yield b"second"
    except (KeyboardInterrupt, SystemExit):
        yield b"held back"
        raise


def at_once():
    yield b"first"
    yield b"second"


@pytest.mark.parametrize("stopped", [KeyboardInterrupt(), SystemExit(143)], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(("source", "kept"), [(held_back, b"firstheld back"), (at_once, b"first")])
def test_it_comes_when_the_signal_strikes_while_the_chunks_are_counted(tmp_path, monkeypatch, source, kept, stopped):
    monkeypatch.setattr(audio, "REFRESH_S", -1.0)
    meter, player = Meter(Format("mp3", 44100)), Collecting()
    with pytest.raises(type(stopped)), file_sink(str(tmp_path / "a.mp3")) as sink:  # noqa: PT012
        meter.start()
        copy(meter.watch(source(), Shown(stopped)), sink, player)
    assert (tmp_path / "a.mp3.part").read_bytes() == kept
    assert player.data == kept


@pytest.mark.parametrize("stopped", [KeyboardInterrupt(), SystemExit(143)], ids=["SIGINT", "SIGTERM"])
def test_it_goes_to_nothing_that_may_be_full_when_the_signal_strikes_in_a_write(tmp_path, stopped):
    class Struck(Collecting):
        def write(self, data):
            super().write(data)
            raise stopped

    meter, player = Meter(Format("mp3", 44100)), Struck()
    with pytest.raises(type(stopped)), file_sink(str(tmp_path / "a.mp3")) as sink:  # noqa: PT012
        meter.start()
        copy(meter.watch(held_back(), Shown(None)), sink, player)
    assert (tmp_path / "a.mp3.part").read_bytes() == b"firstheld back"
    assert player.data == b"first"
