import itertools
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from eleven_cli.text.subtitles import Cue, TimedText, cues, srt, vtt

TICK_S = 0.0011


def spoken(text, rate=0.06, start=0.0):
    return [TimedText(character, start + at * rate, start + (at + 1) * rate) for at, character in enumerate(text)]


def lines(text, **timing):
    return [cue.lines for cue in cues(spoken(text, **timing))]


def test_one_line():
    assert list(cues(spoken("Hello there, you.", rate=0.1))) == [Cue(0.0, 1.7, ("Hello there, you.",))]


def test_nothing_gives_no_cues():
    assert list(cues([])) == list(cues(spoken(" \n "))) == []


def test_two_lines_are_balanced():
    found = lines("The quick brown fox jumps over the lazy dog and runs away")
    assert found == [("The quick brown fox jumps over", "the lazy dog and runs away")]


def test_a_cue_ends_with_its_sentence():
    found = lines(
        "The first sentence has some words in it. The second one is longer than what would fit with it on two."
    )
    assert found[0] == ("The first sentence has some words in it.",)
    assert found[1][0].startswith("The second")


def test_or_with_a_clause():
    found = lines("The first clause has some words in it, the second one is longer than what would fit with it on two.")
    assert found[0] == ("The first clause has some words in it,",)


def test_but_not_after_less_than_a_second():
    found = lines("Yes. The second sentence is longer than what would fit with the first on two whole lines of it.")
    assert found[0][0].startswith("Yes. The second")


def test_an_abbreviation_ends_no_cue():
    found = lines("It was always said around the city that Dr. Smithson knew everything about his old neighbours there")
    assert not found[0][-1].endswith("Dr.")


def test_a_pause_begins_a_cue():
    found = list(cues([*spoken("One two "), *spoken("three", start=5.0)]))
    assert [cue.lines for cue in found] == [("One two",), ("three",)]
    assert found[0].end_s == 1.0
    assert found[1].start_s == 5.0


def test_a_pause_parts_what_no_blank_does():
    assert [cue.lines for cue in cues([*spoken("Hello."), *spoken("There", start=5.0)])] == [("Hello.",), ("There",)]


def test_a_short_cue_is_shown_for_a_second_or_until_the_next():
    late, early = (list(cues([*spoken("Hi ", 0.01), *spoken("there", 0.01, start)])) for start in (3.0, 0.9))
    assert [cue.end_s for cue in late] == [1.0, 4.0]
    assert [cue.end_s for cue in early] == [0.9, 1.9]


def test_seven_seconds_are_enough():
    for cue in cues(spoken("slow words come one by one and take their time " * 3, rate=0.5)):
        assert cue.end_s - cue.start_s <= 7.001


def test_a_word_longer_than_a_line_is_broken():
    found = lines("Donau" * 30)
    assert "".join(itertools.chain(*found)) == "Donau" * 30
    assert max(map(len, itertools.chain(*found))) == 42


def test_a_cluster_is_not_broken():
    family = "👩‍👩‍👧‍👦"
    assert all(line == family * (len(line) // 7) for line in itertools.chain(*lines(family * 30)))


def test_lines_without_blanks_end_after_punctuation():
    found = list(itertools.chain(*lines("今天天气很好，我们一起去公园散步吧。" * 6)))
    assert "".join(found) == "今天天气很好，我们一起去公园散步吧。" * 6
    assert all(line[-1] in "，。" for line in found)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('Wait <break time="1s"/> here', "Wait here"),
        ('Wait.<break time="1s"/>Here', "Wait. Here"),
        ("<phoneme alphabet='ipa' ph='x'>Madison</phoneme>'s", "Madison's"),
        ("[whispers] Come [laughs hard] in", "Come in"),
        ("a < b [1] c > d", "a < b [1] c > d"),
        ("x <y and [z", "x <y and [z"),
        ("[open <break/>\nend", "[open end"),
        ("<" + "a" * 10 + "<b>", "<" + "a" * 10),
        ("a  \n\n b\tc\u2028d", "a b c d"),
        ("a\0b\x07c", "abc"),
        ("\ud83d\ude00 \ud83d", "😀 \ufffd"),
    ],
)
def test_only_what_is_heard_is_shown(text, shown):
    assert lines(text, rate=0.01) == [(shown,)]


def test_a_character_may_be_a_whole_word():
    assert list(cues([TimedText("Hello ", 0, 1), TimedText("world.", 1, 2)])) == [Cue(0.0, 2.0, ("Hello world.",))]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -1.0, 1e300, 0.1])
def test_impossible_times_are_repaired(bad):
    found = list(cues([*spoken("One two "), TimedText("x ", bad, bad), *spoken("three", start=5.0)]))
    assert [cue.lines for cue in found] == [("One two x",), ("three",)]
    assert [cue.start_s for cue in found] == [0.0, 5.0]


def test_cues_come_before_all_is_known():
    endless = (
        TimedText(character, at * 0.06, at * 0.06 + 0.06) for at, character in enumerate(itertools.cycle("word, "))
    )
    assert len(list(itertools.islice(cues(endless), 100))) == 100


def test_subrip():
    found = "".join(srt([Cue(1.2344, 3.0, ("Hello & <you>", "there")), Cue(400000.5, 400001.0, ("Bye",))]))
    assert found == (
        "1\n00:00:01,234 --> 00:00:03,000\nHello & <you>\nthere\n\n2\n111:06:40,500 --> 111:06:41,000\nBye\n\n"
    )


def test_subrip_has_nothing_that_reads_like_a_cue():
    found = "".join(srt([Cue(0, 1, ("42", "00:00:01,000 --> 00:00:02,000"))]))
    assert found.count("-->") == 1
    assert [line for line in found.splitlines() if re.fullmatch(r"\s*\d+\s*", line)] == ["1"]


def test_webvtt():
    found = "".join(vtt([Cue(1.2344, 3.0, ("Hello & <you>", "a --> b"))]))
    assert found == "WEBVTT\n\n00:00:01.234 --> 00:00:03.000\nHello &amp; &lt;you&gt;\na --&gt; b\n\n"
    assert "".join(vtt([])) == "WEBVTT\n\n"


TIMES = st.floats() | st.floats(0, 100)
WORDS = st.lists(
    st.sampled_from(["a", "word", "Longer,", "end.", "x" * 50, "Dr.", "42", "-->", "你好。再见，", "&<", "e\u0301"])
)
STEPS = st.floats(0, 0.5) | st.sampled_from([0.0, 1.0, 10.0])


@st.composite
def speech(draw):
    now, found = 0.0, []
    for word in draw(WORDS):
        step = draw(STEPS)
        for character in word + " ":
            found.append(TimedText(character, now, now + step / 4))
            now += step / 4
        now += draw(STEPS)
    return found


@settings(deadline=None)
@given(speech() | st.lists(st.builds(TimedText, st.text("ab .,<>[]\n", max_size=3), TIMES, TIMES), max_size=80))
def test_cues_are_readable_and_in_order(characters):
    found = list(cues(characters))
    for before, after in itertools.pairwise(found):
        assert before.end_s <= after.start_s
    for cue in found:
        assert 0 <= cue.start_s < cue.end_s <= cue.start_s + 7 + TICK_S
        assert 1 <= len(cue.lines) <= 2
        assert all(0 < cell_len(line) <= 42 and line == line.strip() for line in cue.lines)


@settings(deadline=None)
@given(speech())
def test_all_words_are_there_in_order(characters):
    found = list(cues(characters))
    said = "".join(character for character, _, _ in characters)
    assert "".join("".join(line.split()) for cue in found for line in cue.lines) == "".join(said.split())
    starts = [cue.start_s for cue in found]
    assert all(any(abs(start - timed.start_s) < len(found) * TICK_S for timed in characters) for start in starts)


@settings(deadline=None)
@given(speech())
def test_the_formats_can_be_read_back(characters):
    found = list(cues(characters))
    for text, mark in (("".join(srt(found)), ","), ("".join(vtt(found)), ".")):
        blocks = text.removeprefix("WEBVTT\n\n").split("\n\n")[:-1]
        assert len(blocks) == len(found)
        times = re.findall(
            rf"^(\d\d+):(\d\d):(\d\d)\{mark}(\d{{3}}) --> (\d\d+):(\d\d):(\d\d)\{mark}(\d{{3}})$", text, re.M
        )
        assert len(times) == text.count("-->") == len(found)


SCRIPTS = [
    "我们一起去公园散步吧",
    "今日はとてもいい天気ですね",
    "ｈａｎｋａｋｕ",
    "오늘은날씨가좋습니다",
    "Latin words ",
]


@pytest.mark.parametrize("text", SCRIPTS)
@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
def test_lines_are_counted_in_cells(text, rate):
    for cue in cues(spoken(text * 8, rate)):
        assert all(0 < cell_len(line) <= 42 for line in cue.lines)


@pytest.mark.parametrize("text", ["说" * 42, "a" * 42, "说a" * 30, "말" * 42, "word" * 30])
@pytest.mark.parametrize("rate", [0.1, 0.2, 0.4, 1.0])
def test_a_cue_is_shown_as_long_as_it_is_spoken(text, rate):
    found, at = list(cues(spoken(text, rate))), 0
    for cue in found:
        at += len("".join(cue.lines))
        assert at * rate - 0.002 <= cue.end_s <= max(at * rate, cue.start_s + 1) + 0.002
        assert cue.end_s - cue.start_s <= 7.001
    assert at == len(text)


def test_no_line_begins_with_the_end_of_a_sentence():
    found = list(itertools.chain(*lines(("说" * 21 + "。") * 3)))
    assert "".join(found) == ("说" * 21 + "。") * 3
    assert not [line for line in found if line.startswith("。")]
