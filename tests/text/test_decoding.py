"""Text that arrives in pieces is the same as text that comes at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.errors import UsageError
from eleven_cli.text.decoding import Decoder, decoded


def in_pieces(data, size):
    decoder = Decoder("stdin")
    text = "".join(decoder.feed(data[at : at + size]) for at in range(0, len(data), size))
    decoder.end()
    return text, decoder.trouble


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(1, 7), st.booleans())
def test_any_pieces_give_the_same_text(text, size, mark):
    data = (b"\xef\xbb\xbf" if mark else b"") + text.encode()
    assert in_pieces(data, size) == (text.removeprefix("\ufeff") if not mark else text, None)


@given(st.binary(max_size=40), st.integers(1, 40))
def test_what_is_no_text_is_found_in_pieces_too(data, size):
    try:
        expected = decoded(data, "stdin")
    except UsageError:
        assert in_pieces(data, size)[1] is not None
    else:
        assert in_pieces(data, size) == (expected, None)


@pytest.mark.parametrize(
    ("data", "before", "reason"),
    [
        (b"ab\xffcd", "ab", "is not UTF-8 text: byte 0xff at offset 2"),
        (b"ab\x00cd", "ab", "is binary, not text: byte 0x00 at offset 2"),
        (b"ab\xe2\x82", "ab", "ends in the middle of a character: byte 0xe2 at offset 2"),
        (b"\xef\xbb\xbfa\xff", "a", "is not UTF-8 text: byte 0xff at offset 4"),
        (b"\xff\xfea\x00", "", "is UTF-16, not UTF-8"),
        (b"\xfe\xff\x00a", "", "is UTF-16, not UTF-8"),
        (b"\xff\xfe", "", "is UTF-16, not UTF-8"),
        (b"\xff\xfea", "", "is UTF-16, not UTF-8"),
        (b"\xff\xfe\x00", "", "is UTF-16, not UTF-8"),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", "", "is UTF-32, not UTF-8"),
        (b"\x00\x00\xfe\xff\x00\x00\x00a", "", "is UTF-32, not UTF-8"),
        (b"\xff", "", "is not UTF-8 text: byte 0xff at offset 0"),
        (b"\xff\xffab", "", "is not UTF-8 text: byte 0xff at offset 0"),
        (b"\xfea", "", "is not UTF-8 text: byte 0xfe at offset 0"),
        (b"\x00\x00ab", "", "is binary, not text: byte 0x00 at offset 0"),
        (b"\xef\xbb", "", "ends in the middle of a character: byte 0xef at offset 0"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_where_it_stops_to_be_text(data, before, reason, size):
    text, trouble = in_pieces(data, size)
    assert text == before
    assert trouble.message == f"stdin {reason}"


@pytest.mark.parametrize("text", ["plain", "\ufeffmarked", "é", ""])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_utf_8_with_and_without_its_mark(text, size):
    assert in_pieces(text.encode(), size) == (text.removeprefix("\ufeff"), None)


def test_the_first_letter_is_not_kept_waiting():
    assert Decoder("stdin").feed(b"H") == "H"


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("words.txt", "iconv -f UTF-16 -t UTF-8 words.txt > words.utf8.txt"),
        ("my words", "iconv -f UTF-16 -t UTF-8 'my words' > 'my words.utf8'"),
        ("stdin", "iconv -f UTF-16 -t UTF-8 FILE | eleven tts"),
    ],
)
def test_the_way_to_utf_8_is_a_command(source, hint):
    with pytest.raises(UsageError) as refused:
        decoded("a".encode("utf-16"), source)
    assert refused.value.hint == hint
