"""`eleven devices`"""

import json
import os
import pty

import pytest

from eleven_cli.audio.devices.listing import Device
from eleven_cli.audio.pcm import tone
from tests.support.pty_run import read_all
from tests.support.soundcard import RATE, heard_s

TWO = [
    Device(0, "Built-in\tMicrophone", 1, 0, 48000, default_input=True),
    Device(3, "USB [Headset]", 1, 2, 16000, default_output=True),
]


@pytest.fixture
def two(monkeypatch):
    monkeypatch.setattr("eleven_cli.audio.devices.listing.devices", lambda: TWO)


@pytest.fixture
def on_card(spawn, card):
    def start(*argv, **options):
        return spawn("devices", *argv, env={**os.environ, **card.environ}, **options)

    return start


def test_a_pipe_gets_tabs(eleven, two):
    assert eleven("devices").text.splitlines() == [
        "0\tBuilt-in Microphone\t1\t0\t48000\tinput",
        "3\tUSB [Headset]\t1\t2\t16000\toutput",
    ]


def test_a_terminal_gets_a_table(eleven, two):
    lines = eleven("devices", tty="out").text.splitlines()
    assert lines[0].split() == ["INDEX", "NAME", "INPUTS", "OUTPUTS", "RATE", "DEFAULT"]
    assert lines[2].index("USB [Headset]") == lines[0].index("NAME")


def test_json(eleven, two):
    first, second = json.loads(eleven("devices", "--json").out)
    assert second == {
        "index": 3,
        "name": "USB [Headset]",
        "inputs": 1,
        "outputs": 2,
        "rate": 16000,
        "default_input": False,
        "default_output": True,
    }
    assert first["name"] == TWO[0].name


def test_none(eleven, monkeypatch):
    monkeypatch.setattr("eleven_cli.audio.devices.listing.devices", list)
    outcome = eleven("devices")
    assert outcome.code == 7
    assert outcome.error == "error: no sound device found"
    assert "--text" in outcome.hint


@pytest.mark.parametrize("argv", [["--mic", "usb"], ["--speaker", "usb"]])
def test_a_device_to_test_without_the_test(eleven, two, argv):
    outcome = eleven("devices", *argv)
    assert outcome.code == 2
    assert "--test" in outcome.hint


def test_a_wrong_name_lists_the_right_ones(eleven, two):
    outcome = eleven("devices", "--test", "--speaker", "dock")
    assert outcome.code == 7
    assert outcome.error == "error: no speaker is called dock"
    assert outcome.hint == "hint: one of: 3 USB [Headset]"


def test_without_pyaudio(spawn, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'pyaudio' else real(name, *more)\n"
    )
    process = spawn("devices", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    _, err = process.communicate(timeout=20)
    assert process.returncode == 7
    assert err.decode().splitlines()[0] == "error: PyAudio is not installed"


def test_the_real_ones_are_listed_without_a_word_from_below(on_card):
    out, err = on_card().communicate(timeout=20)
    assert err == b""
    assert any(line.endswith("\tinput output") for line in out.decode().splitlines())


def test_only_zeros_are_said_and_on_a_terminal_the_level_is_shown(on_card, card):
    leader, follower = pty.openpty()
    with card.recording():
        process = on_card("--test", stdout=follower, stderr=follower)
        os.close(follower)
        seen = b"".join(read_all(leader)).decode()
        assert process.wait(timeout=20) == 7
    assert "-96 dBFS" in seen
    assert "the microphone delivers only zeros" in seen
    assert "microphone: default (loudest -96 dBFS)" in seen


def test_the_test_plays_and_listens(on_card, card):
    """The last one here: what it says may go on after it."""
    with card.recording() as recording:
        process = on_card("--test", "--json")
        recording.wait(lambda samples: heard_s(samples) > 0.5)
        card.microphone.say(tone(440, 4, RATE))
        out, err = process.communicate(timeout=20)
        assert heard_s(recording.samples) == pytest.approx(0.7, abs=0.1)
    figures = json.loads(out)
    assert process.returncode == 0
    assert figures["speaker"]["name"] == figures["microphone"]["name"] == "default"
    assert (figures["peak_db"], figures["only_zeros"]) == (pytest.approx(-17, abs=1), False)
    assert "say something" in err.decode()
