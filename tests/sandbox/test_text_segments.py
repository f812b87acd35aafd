"""Cutting texts: nothing is lost, nothing is too long."""

import pytest

from eleven_cli.sandbox.sound.text_segments import MAX_SEGMENT, Markup, TextSegment, split_text

TEXTS = [
    "",
    "One.",
    "One. Two! Three?\n\nFour… five",
    "word " * 200,
    "x" * 1000,
    "clause, " * 100,
    'A <break time="1s" /> b<break time="2.5s"/>',
    "Dr. Who met Mr. Bean. They left.",
    "[laughs] Well [pause] then [",
    "हिन्दी। दूसरा वाक्य।",
]


@pytest.mark.parametrize("markup", Markup)
@pytest.mark.parametrize("text", TEXTS)
def test_the_pieces_are_the_text(text: str, markup: Markup) -> None:
    found = list(split_text(text, markup))
    assert "".join(piece.text for piece in found) == text
    assert all(0 < len(piece.text) <= MAX_SEGMENT for piece in found)


def test_sentences_and_tags() -> None:
    found = list(split_text('Go. Stop <break time="250ms"/>here', Markup.SSML))
    tag = TextSegment('<break time="250ms"/>', pause_s=0.25)
    assert found == [TextSegment("Go. "), TextSegment("Stop "), tag, TextSegment("here")]


def test_without_ssml_a_tag_is_text() -> None:
    assert all(piece.pause_s is None for piece in split_text('a <break time="1s"/> b', Markup.NONE))


def test_a_cut_inside_a_sentence_has_no_pause() -> None:
    first, *_ = split_text("word " * 100, Markup.NONE)
    assert not first.ends
    clause, *_ = split_text("some words here, " * 20, Markup.NONE)
    assert clause.ends


@pytest.mark.parametrize(
    ("direction", "pause_s"),
    [("[laughs]", 0), ("[pause]", 0.6), ("[ Long Pause ]", 1.2), ("[1]", 0), ("[]", 0), ('<break time="1s"/>', 0)],
)
def test_directions_are_not_read_aloud_and_only_pauses_are_heard(direction: str, pause_s: float) -> None:
    found = list(split_text(f"Well {direction} then", Markup.DIRECTIONS))
    assert found == [TextSegment("Well "), TextSegment(direction, pause_s=pause_s), TextSegment(" then")]


def test_a_million_open_brackets_take_no_longer_than_a_million_letters() -> None:
    assert sum(len(piece.text) for piece in split_text("[" * 10**6, Markup.DIRECTIONS)) == 10**6
