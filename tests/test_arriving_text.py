"""Sentences out of text that comes bit by bit; the clock is the test's."""

import pytest

from eleven_cli.commands.tts.arriving_text import utterances
from eleven_cli.errors import UsageError

LONG, SHORT = 0.4, 0.1


class Scripted:
    """Gives what the script says: bytes, or None for a pause, and notes how long it was waited for."""

    def __init__(self, *script):
        self._script = list(script)
        self.waits = []

    def get(self, timeout_s):
        self.waits.append(timeout_s)
        return self._script.pop(0)


def said(*script):
    return [each and (each.text.strip(), each.whole) for each in utterances(Scripted(*script, b""), str)]


@pytest.mark.parametrize(
    ("script", "spoken"),
    [
        ([b"One. Two.\n"], [("One.", True), ("Two.", True)]),
        ([b"One", b". ", b"Two"], [("One.", True), ("Two", True)]),
        ([b"half a sen", None, b"tence.\n"], [("half a sen", False), ("tence.", True)]),
        ([b"Whole.", None, b" Next.\n"], [("Whole.", True), ("Next.", True)]),
        ([b"One.\n", None, None, None, b"Two.\n"], [("One.", True), None, None, ("Two.", True)]),
        ([None, None], [None, None]),
        ([b"   \n\n", None], []),
    ],
)
def test_what_is_said_and_when(script, spoken):
    assert said(*script) == spoken


def test_a_whole_sentence_is_waited_for_less_than_half_of_one():
    half, whole = Scripted(b"half a", b""), Scripted(b"Whole.", b"")
    list(utterances(half, str))
    list(utterances(whole, str))
    assert half.waits[1] == LONG
    assert whole.waits[1] < SHORT


@pytest.mark.parametrize("bad", [b"\xff", b"\x00", b"\xe2\x82"])
def test_what_is_no_text_comes_last(bad):
    heard = utterances(Scripted(b"One.\nTwo" + bad, b""), str)
    assert [next(heard).text.strip() for _ in range(2)] == ["One.", "Two"]
    with pytest.raises(UsageError, match="stdin"):
        next(heard)
