import itertools
import subprocess
import sys

import pytest
import regex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from eleven_cli.text.boundaries import _is_plain, cluster_start
from eleven_cli.text.splitting import pieces

CLUSTERS = [
    "👩‍👩‍👧‍👦",
    "👍🏽",
    "🇩🇪",
    "e\u0301",
    "क्षि",
    "한",
    "\u1112\u1161\u11ab",
    "\r\n",
    "\u06001",
    "❤️",
    "1️⃣",
    " \u0301",
]
TAGS = ['<break time="1s"/>', "<phoneme>", "</phoneme>", "[whispers]"]
ATOMS = [*CLUSTERS, *TAGS, *"ab ,.;!?\n\t\r\0\x07<>[]你。，—", "Dr. ", ". ", "\n\n", "word ", "U.S. "]
TEXTS = st.lists(st.sampled_from(ATOMS), max_size=80).map("".join) | st.text(max_size=200)
TAG = regex.compile(r"</?[a-z][^<>]*>|\[[a-z][^\[\]\r\n]*\]")


def borders(text, limit):
    return list(itertools.accumulate(map(len, pieces(text, limit))))


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 10, []),
        ("short", 10, ["short"]),
        ("0123456789", 10, ["0123456789"]),
        ("One two.\n\nThree four. Five six", 20, ["One two.\n\n", "Three four. Five six"]),
        ("One.\n\nTwo three four. Five six", 26, ["One.\n\nTwo three four. ", "Five six"]),
        ("One two three. Four, five", 20, ["One two three. ", "Four, five"]),
        ("One two three, four five", 20, ["One two three, ", "four five"]),
        ("Talk to Mr. Smith and Dr. Jones", 20, ["Talk to Mr. Smith ", "and Dr. Jones"]),
        ("aaa bbbbbbbbb", 10, ["aaa ", "bbbbbbbbb"]),
        ("一二三。四五六七八", 6, ["一二三。", "四五六七八"]),
        ("0123456789\n\n", 11, ["0123456789\n\n"[:9], "9\n\n"]),
        ('aaaa <break time="1s"/> b', 18, ["aaaa ", '<break time="1s"/>', " b"]),
        ("aaaa [whispers] b", 12, ["aaaa ", "[whispers] b"]),
        ("     " + "x" * 30, 20, ["     " + "x" * 15, "x" * 15]),
        ("a\r\nb", 2, ["a", "\r\n", "b"]),
        ("a < b and c > d, so e", 12, ["a < b and c ", "> d, so e"]),
    ],
)
def test_pieces_end_where_it_is_heard_least(text, limit, expected):
    assert list(pieces(text, limit)) == expected


def test_what_is_longer_than_the_limit_is_cut_after_all():
    assert list(pieces('<break time="1s"/>', 10)) == ["<break tim", 'e="1s"/>']
    assert list(pieces("e" + "\u0301" * 9, 4)) == ["e" + "\u0301" * 3, "\u0301" * 4, "\u0301" * 2]
    assert list(pieces("a" + " " * 30 + "b", 10)) == ["a" + " " * 9, " " * 10, " " * 10, " b"]


def test_two_halves_of_a_character_stay_together():
    assert list(pieces("a\ud83d\ude00b", 2)) == ["a", "\ud83d\ude00", "b"]


@pytest.mark.parametrize("limit", [100, 4999, 5000])
def test_fifty_thousand_characters_without_a_blank(limit):
    text = "x" * 50_000
    found = list(pieces(text, limit))
    assert "".join(found) == text
    assert {len(piece) for piece in found[:-1]} == {limit}


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("offset", range(8))
def test_a_cluster_at_the_border(cluster, offset):
    text = "x" * (100 - offset) + cluster * 3 + "y" * 100
    whole = {found.end() for found in regex.finditer(r"\X", text)}
    assert set(borders(text, 100)) <= whole


def test_pieces_are_well_filled():
    text = "\n\n".join("A sentence of some words, and more. " * (1 + n % 7) for n in range(300))
    found = list(pieces(text, 1000))
    assert "".join(found) == text
    assert all(500 <= len(piece) <= 1000 for piece in found[:-1])
    assert all(piece.endswith("\n\n") or piece.endswith(". ") for piece in found[:-1])


@given(TEXTS, st.integers(1, 60))
@settings(max_examples=300, deadline=None)
def test_joined_pieces_are_the_text_and_fit(text, limit):
    found = list(pieces(text, limit))
    assert "".join(found) == text
    assert all(1 <= len(piece) <= limit for piece in found)


@given(TEXTS, st.integers(12, 60))
@settings(max_examples=300, deadline=None)
def test_no_cluster_is_cut(text, limit):
    clusters = regex.findall(r"\X", text)
    assume(all(len(cluster) <= limit for cluster in clusters))
    whole = set(itertools.accumulate(map(len, clusters)))
    tags = [found.span() for found in TAG.finditer(text) if len(found[0]) > limit]
    assert all(end in whole for end in borders(text, limit) if not any(a < end < b for a, b in tags))


def test_a_bracket_that_is_never_closed_is_no_tag():
    assert list(pieces('[e\u0301<break time="1s"/>', 20)) == ["[e\u0301", '<break time="1s"/>']


@given(TEXTS, st.integers(20, 80))
@settings(max_examples=300, deadline=None)
def test_no_tag_is_cut(text, limit):
    # With an accent on its last character a tag is one with what follows.
    atoms = [found.span() for found in regex.finditer(rf"(?:{TAG.pattern}|\X)\p{{M}}*", text)]
    for end in borders(text, limit):
        assert not [span for span in atoms if span[0] < end < span[1] and span[1] - span[0] <= min(limit, 80)]


@given(TEXTS, st.integers(40, 100))
@settings(max_examples=300, deadline=None)
def test_no_piece_is_only_white_space(text, limit):
    assume(not regex.search(r"\s{15}", text))
    assume(max(map(len, regex.findall(rf"{TAG.pattern}|\X", text)), default=0) <= 20)
    assert all(piece.strip() for piece in pieces(text, limit)) or not text.strip()


@given(st.text(st.sampled_from("".join(CLUSTERS) + "ax\u200d\u0915\u094d\u0937\u1100\u1161\u11a8\xa9"), max_size=60))
@settings(max_examples=500, deadline=None)
def test_clusters_begin_where_unicode_says(text):
    begin = 0
    for cluster in regex.findall(r"\X", text):
        inside = range(begin, begin + len(cluster))
        assert {cluster_start(text, at) for at in inside} == {begin}
        begin += len(cluster)


def test_the_plain_characters_join_to_nothing_before_them():
    for prefix in ("a", "👩", "\u200d", "\u0301", "🇩", "é"):
        for code in range(0x10000):
            if _is_plain(prefix[-1], chr(code)) and not (0xD800 <= code < 0xE000):
                assert len(regex.findall(r"\X", prefix + chr(code))) == 2, hex(code)


def test_common_texts_need_no_table_of_unicode():
    code = "from eleven_cli.text.splitting import pieces; import sys; list(pieces({text!r} * 999, 100)); "
    for text in ("Plain words, “quoted” – all.\r\n", "Привет, мир! ", "你好，世界。", "Καλημέρα. ", "한국어 문장. "):
        done = subprocess.run(
            [sys.executable, "-c", code.format(text=text) + "print('regex' in sys.modules)"], capture_output=True
        )
        assert done.stdout.strip() == b"False", text
