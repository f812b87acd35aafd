"""When somebody has said what there was to say."""

import pytest

from eleven_cli.audio.endpointing import Endpointer
from eleven_cli.audio.pcm import frame_bytes, tone

RATE = 16_000
SECOND = 50  # frames


@pytest.mark.parametrize(
    ("levels", "ended_after"),
    [
        ([-80] * 1000, None),
        ([-80] * 50 + [-20] * 50 + [-80] * 200, 200),
        ([-20] * 9 + [-80] * 200, None),
        ([-20] * 50 + [-80] * 99 + [-20] * 5 + [-80] * 100, 254),
        ([-45] * 500 + [-20] * 50 + [-45] * 100, 650),
        ([-20] * 5000, 625),
    ],
    ids=["nothing said", "said", "a click", "a pause", "in a noisy room", "a hum"],
)
def test_when_speech_has_ended(levels, ended_after):
    endpointer = Endpointer()
    ended = next((at for at, level in enumerate(levels, 1) if endpointer.ends_with(level)), None)
    assert ended == ended_after


def test_frames_pass_until_speech_has_ended():
    said = tone(440, 1, RATE)
    size = frame_bytes(RATE)
    frames = [said[at : at + size] for at in range(0, len(said), size)] + [bytes(size)] * 500
    levels = []
    assert list(Endpointer(0.5).speech(frames, levels.append)) == frames[: len(levels)]
    assert len(levels) == pytest.approx(1.5 * SECOND, abs=2)


def test_one_line_after_the_other():
    endpointer = Endpointer(0.5, spoken_s=0.1)
    levels = [*[-45] * 200, *([-20] * 30 + [-45] * 40) * 3, *[-20] * 4, *[-45] * 40]  # and a click
    ends = []
    for at, level in enumerate(levels, 1):
        if endpointer.ends_with(level):
            assert endpointer.has_spoken
            endpointer.restart()
            assert not endpointer.has_spoken
            ends.append(at)
    assert ends == [200 + 55, 270 + 55, 340 + 55]
