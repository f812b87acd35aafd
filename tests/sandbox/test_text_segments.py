"""Cutting texts: nothing is lost, nothing is too long."""

import pytest

from eleven_cli.sandbox.sound.text_segments import MAX_SEGMENT, TextSegment, split_text

TEXTS = [
    "",
    "One.",
    "One. Two! Three?\n\nFour… five",
    "word " * 200,
    "x" * 1000,
    "clause, " * 100,
    'A <break time="1s" /> b<break time="2.5s"/>',
    "Dr. Who met Mr. Bean. They left.",
    "हिन्दी। दूसरा वाक्य।",
]


@pytest.mark.parametrize("ssml", [True, False])
@pytest.mark.parametrize("text", TEXTS)
def test_the_pieces_are_the_text(text: str, ssml: bool) -> None:
    found = list(split_text(text, ssml=ssml))
    assert "".join(piece.text for piece in found) == text
    assert all(0 < len(piece.text) <= MAX_SEGMENT for piece in found)


def test_sentences_and_tags() -> None:
    found = list(split_text('Go. Stop <break time="250ms"/>here', ssml=True))
    tag = TextSegment('<break time="250ms"/>', pause_s=0.25)
    assert found == [TextSegment("Go. "), TextSegment("Stop "), tag, TextSegment("here")]


def test_without_ssml_a_tag_is_text() -> None:
    assert all(piece.pause_s is None for piece in split_text('a <break time="1s"/> b', ssml=False))


def test_a_cut_inside_a_sentence_has_no_pause() -> None:
    first, *_ = split_text("word " * 100, ssml=False)
    assert not first.ends
    clause, *_ = split_text("some words here, " * 20, ssml=False)
    assert clause.ends
