"""Which device is meant."""

import pytest

from eleven_cli.audio.devices.listing import Device, find
from eleven_cli.errors import AudioError

DEVICES = [
    Device(0, "Built-in Microphone", 1, 0, 48000, default_input=True),
    Device(1, "Built-in Speakers", 0, 2, 48000),
    Device(2, "USB Headset", 1, 2, 16000, default_output=True),
    Device(3, "USB Headset", 1, 2, 16000),
    Device(4, "USB Headset Pro", 1, 2, 44100),
    Device(7, "Dock 2", 0, 2, 44100),
]


@pytest.mark.parametrize(
    ("kind", "wanted", "index"),
    [
        ("microphone", None, 0),
        ("speaker", None, 2),
        ("speaker", "1", 1),
        ("speaker", "built", 1),
        ("microphone", "BUILT-IN", 0),
        ("speaker", "usb headset", 2),
        ("speaker", "pro", 4),
        ("speaker", "dock 2", 7),
        ("speaker", "7", 7),
        ("speaker", " 7 ", 7),
    ],
)
def test_by_index_and_by_name(kind, wanted, index):
    assert find(kind, wanted, DEVICES).index == index


@pytest.mark.parametrize(
    ("kind", "wanted", "message", "hint"),
    [
        ("microphone", "dock", "no microphone is called dock", "0 Built-in Microphone, 2 USB Headset"),
        ("microphone", "1", "no microphone is called 1", "0 Built-in Microphone"),
        ("speaker", "", "no speaker is called ", "1 Built-in Speakers"),
        ("speaker", "usb", "several speakers are called usb", "2 USB Headset, 3 USB Headset, 4 USB Headset Pro"),
    ],
)
def test_what_is_unknown_or_not_clear_lists_the_candidates(kind, wanted, message, hint):
    with pytest.raises(AudioError) as refused:
        find(kind, wanted, DEVICES)
    assert refused.value.message == message
    assert hint in refused.value.hint


@pytest.mark.parametrize(("kind", "among"), [("microphone", [DEVICES[1]]), ("speaker", [])])
def test_none_at_all(kind, among):
    with pytest.raises(AudioError, match=f"there is no {kind}") as refused:
        find(kind, "usb", among, hint="--text")
    assert (refused.value.exit_code, refused.value.hint) == (7, "--text")


def test_without_a_default_the_first_is_taken():
    assert find("speaker", None, [DEVICES[1], DEVICES[7 - 2]]).index == 1
