"""Sentences out of text that comes bit by bit; the clock is the test's."""

import pytest

from eleven_cli.commands.input.arriving import sentences
from eleven_cli.errors import UsageError

LONG, SHORT = 0.4, 0.1


class Scripted:
    """Gives what the script says: bytes, or None for a pause, and notes how long it was waited for.

    Bytes take a second.
    """

    def __init__(self, *script):
        self._script = list(script)
        self.waits = []
        self.now = 0.0

    def get(self, timeout_s):
        self.waits.append(timeout_s)
        given = self._script.pop(0)
        self.now += timeout_s + 0.01 if given is None else 1.0
        return given

    def clock(self):
        return self.now


def said(*script, clean=str):
    scripted = Scripted(*script, b"")
    return [each and (each.text.strip(), each.complete) for each in sentences(scripted, clean, scripted.clock)]


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


@pytest.mark.parametrize("text", [b"\n", b"word "])
def test_what_comes_and_is_not_said_does_not_keep_from_keeping_alive(text):
    heard = said(b"One.\n", *[text] * 40)
    silences = [at for at, each in enumerate(heard) if each is None]
    assert len(silences) >= 3


def test_what_is_swallowed_does_not_keep_from_keeping_alive():
    heard = said(*[b"code\n"] * 20, clean=lambda text: "")
    assert heard.count(None) == 2


@pytest.mark.parametrize("tag", ['<break time="1s"/>', "<break>", '<phoneme alphabet="ipa" ph="x">', "</phoneme>"])
def test_tags_that_nobody_obeys_are_not_read_out(tag):
    assert said(f"Wait {tag} here.\n".encode()) == [("Wait  here.", True)]


def test_a_whole_sentence_is_waited_for_less_than_half_of_one():
    half, whole = Scripted(b"half a", b""), Scripted(b"Whole.", b"")
    list(sentences(half, str))
    list(sentences(whole, str))
    assert half.waits[1] == LONG
    assert whole.waits[1] < SHORT


@pytest.mark.parametrize(
    ("script", "before"),
    [
        ([b"One.\n", b"Two\xff"], ["One.", "Two"]),
        ([b"One.\n", b"Two\x00"], ["One.", "Two"]),
        ([b"One.\nTwo\xe2\x82"], ["One.", "Two"]),  # cut off, and text until then
        ([b"One.\nTwo.\n" + b"three " * 9000 + b"caf\xe9 au lait"], []),
        ([b"One.\nTwo\x00"], []),
        ([b"On", b"e\xff.\n"], []),
        ([b"One", None, b"\xff"], ["One"]),
        ([b"\n \n", b"\xff"], []),
    ],
)
def test_what_is_no_text_comes_last_and_nothing_before_it_where_nothing_was_said(script, before):
    heard, given = sentences(Scripted(*script, b""), str), []
    with pytest.raises(UsageError, match="stdin"):
        given.extend(each.text.strip() for each in heard if each)
    assert given == before
