"""What only a terminal obeys is not spoken, wherever the text is divided."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.text.escapes import Escapes, without_escapes

ESC, ST = "\x1b", "\x1b\\"
SEQUENCES = [
    f"{ESC}[31m",
    f"{ESC}[0m",
    f"{ESC}[m",
    f"{ESC}[38;5;196m",
    f"{ESC}[38:2::255:0:0m",
    f"{ESC}[2K",
    f"{ESC}[?25l",
    f"{ESC}[1 q",
    f"{ESC}(B",
    f"{ESC}=",
    f"{ESC}7",
    f"{ESC}c",
    f"{ESC}OA",
    "\x9b1;4m",
    f"{ESC}]0;a title\x07",
    f"{ESC}]0;a title{ST}",
    "\x9d0;a title\x9c",
    f"{ESC}]8;;https://x.y/z?a=1#b{ST}",
    f"{ESC}]8;id=1;\x07",
    f"{ESC}]1337;File=inline=1:QUJD\x07",
    f"{ESC}P1$r0m{ST}",
    f"{ESC}Pq#0;2;0\n#0~~{ST}",
    f"{ESC}_Ga=T;QUJD{ST}",
    f"{ESC}^private{ST}",
    f"{ESC}Xstart{ST}",
    f"{ESC}Ptmux;{ESC}{ESC}]8;;u\x07{ST}",
    "\x07",
    "\x0f",
    "\x0e",
    "\x7f",
    "\x9c",
    "\x84",
]
WORDS = ["", "a", "Hello. ", "you_", "_", "\n", "é你", "[x] (B 31m", "]0;", "\x85"]


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_sequence_is_not_spoken(sequence):
    assert without_escapes(f"one {sequence}two{sequence}\nthree") == "one two\nthree"


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_nor_when_it_comes_byte_by_byte(sequence):
    escapes = Escapes()
    assert "".join(map(escapes.feed, f"one {sequence}two")) + escapes.rest() == "one two"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("N\bNA\bAM\bME\bE", "NAME"),
        ("_\bf_\bi_\bl_\be", "file"),
        ("N\bN\bN", "N"),
        ("snake_case_", "snake_case_"),
        (f"a {ESC}]8;;https://x.y{ST}link{ESC}]8;;{ST} here", "a link here"),
        (f"cut {ESC}[3", "cut "),
        (f"word{ESC} word{ESC} ", f"word{ESC} word{ESC} "),  # which begins nothing
        (f"{ESC}]0;never ended\nbut this is read", "\nbut this is read"),
        (f"{ESC}{ESC}[1mbold", "bold"),
        ("plain ä 你 text", "plain ä 你 text"),
    ],
)
def test_what_remains(text, read):
    assert without_escapes(text) == read
    escapes = Escapes()
    assert "".join(map(escapes.feed, text)) + escapes.rest() == read


@given(st.lists(st.sampled_from(SEQUENCES + WORDS), max_size=12).map("".join), st.data())
def test_the_pieces_make_no_difference(text, data):
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    escapes = Escapes()
    read = "".join(escapes.feed(text[a:b]) for a, b in itertools.pairwise([0, *borders, len(text)]))
    assert read + escapes.rest() == without_escapes(text)


@given(st.text(st.characters(exclude_categories=["Cc"])))
def test_text_without_them_is_given_at_once(text):
    escapes = Escapes()
    assert escapes.feed(text) == text.removesuffix("_")
    assert escapes.rest() == text[len(text.removesuffix("_")) :]
