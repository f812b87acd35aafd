"""When to ask for a commit, and which commit an answer belongs to."""

import pytest

from eleven_cli.api.stt.commit_policy import Asked, commit_policy
from eleven_cli.api.stt.replay import ReplayBuffer

RATE = 1000
SECOND = 2 * RATE
LOUD, QUIET = b"\x10\x27" * RATE, bytes(SECOND)


@pytest.mark.parametrize(
    ("heard_s", "quiet_s", "by_itself", "expected"),
    [
        (21.9, 0.3, None, False),
        (22.0, 0.1, None, False),
        (22.0, 0.2, None, True),
        (22.0, 0.2, 1.5, True),
        (22.0, 0.8, 1.5, False),  # it is about to do so by itself
        (22.0, 0.2, 0.3, False),
        (28.0, 0.06, None, True),
        (33.9, 0.0, None, False),
        (34.0, 0.0, 0.3, True),
        (14.9, 14.9, 1.5, False),
        (15.0, 15.0, 1.5, True),
        (15.0, 14.9, 1.5, False),
    ],
)
def test_when_to_ask(heard_s, quiet_s, by_itself, expected):
    assert commit_policy(by_itself).is_time(heard_s, quiet_s) is expected


@pytest.mark.parametrize(
    ("sounds", "asked", "by_itself", "expected"),
    [
        ([LOUD, QUIET], [], 0.5, 1.5),  # in the pause
        ([LOUD, QUIET, LOUD], [], 0.5, 1.5),  # however late the answer comes
        ([LOUD, QUIET, LOUD], [3.0], 0.5, 1.5),  # although another was asked for since
        ([LOUD, LOUD], [2.0], 0.5, None),
        ([LOUD, QUIET[:400], LOUD], [2.2], 0.5, None),
        ([LOUD, QUIET[:900], LOUD, QUIET], [], 0.5, 2.95),  # the first was a little too short
        ([LOUD, QUIET[:900], LOUD], [], 0.5, 1.5),  # but nothing else is there
        ([LOUD, QUIET[:1000], LOUD, QUIET], [], 0.5, 1.5),
        ([LOUD, QUIET, *[LOUD] * 7, QUIET], [], 0.5, 9.5),  # nobody waits so long for an answer
        ([LOUD, QUIET[:1000]], [], 0.6, 1.5),  # it was a little sooner
        ([LOUD, QUIET, LOUD, QUIET], [], 0.5, 1.5),  # the second one's is still to come
        ([LOUD, QUIET[:400], LOUD], [], 0.5, 0),  # nobody knows what it means
        ([LOUD, LOUD], [], 0.5, 1),  # too much noise to tell: by when the answer came
        ([LOUD] * 36, [], 1.0, 35.8),  # there was too much
        ([LOUD] * 36, [30.0], None, None),
        ([LOUD] * 2, [], None, 1.5),  # nobody asked: all but what may still be on its way
        ([LOUD[:600]], [], None, 0),
    ],
)
def test_up_to_where_an_answer_goes(sounds, asked, by_itself, expected):
    sound = ReplayBuffer(RATE)
    for each in sounds:
        sound.append(each)
    found = commit_policy(by_itself).unasked(sound, [Asked(round(at * SECOND)) for at in asked])
    assert found == (None if expected is None else round(expected * SECOND))
