"""Square brackets and SSML's pauses, by what a model makes of them."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eleven_cli.text.spoken.form import SpokenRules
from eleven_cli.text.spoken.tags import Brackets, TagFilter

ACTS, READS = SpokenRules(acts=True), SpokenRules(acts=False)


@pytest.mark.parametrize(
    ("written", "acted", "read"),
    [
        ("[whispers] Come in. [laughs softly]", "[whispers] Come in. [laughs softly]", "Come in. "),
        ("Hi [laughs] there.", "Hi [laughs] there.", "Hi there."),
        ("Well[laughs]there", "Well[laughs]there", "Well there"),
        ("[French accent]Bonjour", "[French accent]Bonjour", "Bonjour"),
        ("[STRONG RUSSIAN ACCENT] Da", "[STRONG RUSSIAN ACCENT] Da", "Da"),
        ("[clears throat] So [excited]", "[clears throat] So [excited]", "So"),
        ("Stop.[a door opens]Go", "Stop.[a door opens]Go", "Stop. a door opens Go"),
        ("[like a robot] Hi", "[like a robot] Hi", "like a robot Hi"),
        ("[10 knocks on wood] Hi", "[10 knocks on wood] Hi", "10 knocks on wood Hi"),
        ("(“[sighs] no”)", "(“[sighs] no”)", "(“no”)"),
    ],
)
def test_tags_are_acted_or_left_out_and_other_words_acted_or_read(written, acted, read):
    assert ACTS.form().whole(written) == acted
    assert READS.form().whole(written) == read


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("It rained [1].", "It rained."),
        ("It rained.[1][2] Then [3, 4–6] it [12a] stopped", "It rained. Then it stopped"),
        ("So it is [Smith et al., 2019; Jones 2020], or [Knu84], or [RFC 2119].", "So it is, or, or."),
        ("Text[^1] and [^note].\n[^1]: The note.", "Text and.\nThe note."),
        ("as they say[a] there [citation needed]", "as they say there"),
        ("- [ ] milk\n- [x] bread\n- [X] eggs []", "- milk\n- bread\n- eggs"),
        ('See [the page](https://example.com/a?b=1 "Title") and [more](#here).', "See the page and more."),
        ("See [the page][1] or [it][] now", "See the page or it now"),
        ("[1](https://example.com) Hi", "Hi"),
        ("[[Page|the label]] and [[Name]]", "the label and Name"),
        ("[T]he colo[u]r, walk[ing] home", "The colour, walking home"),
        ("at [10:30] on [2026-01-02]", "at 10:30 on 2026-01-02"),
        ("see [https://example.com] and [a@b.org]", "see https://example.com and a@b.org"),
        ("[?] What [...] is [—] that [sic]", "What is that"),
    ],
)
def test_what_nobody_should_act(written, spoken):
    assert ACTS.form().whole(written) == spoken
    assert READS.form().whole(written) == spoken


@pytest.mark.parametrize(
    "tag",
    [
        *('<break time="1s"/>', "<break time='500ms' />", "<break time=1.5s>", '<BREAK TIME="0.25s"/>', "<break/>"),
        *('<break time="1s"></break>', '<break\ttime = "2s" />', '<break strength="strong"/>'),
    ],
)
def test_a_pause_in_ssml_is_one_that_the_model_knows(tag):
    assert ACTS.form().whole(f"One {tag} two.") == "One [pause] two."
    assert ACTS.form().whole(f"One{tag}two.") == "One [pause] two."
    assert READS.form().whole(f"One {tag} two.") == f"One {tag} two."
    for mode in ("keep", "strip"):
        assert SpokenRules(acts=True, tags=mode).form().whole(f"One {tag} two.") == "One [pause] two."


@pytest.mark.parametrize(
    "text", ["a < b", "<breakfast>", "<br>", "a <b> c", "<break", "[open", "a] b", "<", "x [y\nz]"]
)
def test_what_is_no_tag_stays(text):
    assert ACTS.form().whole(text) == text
    assert READS.form().whole(text) == text


def test_no_pause_is_none():
    assert ACTS.form().whole('One <break time="0s"/> two <break strength="none"/> three') == "One two three"


def test_the_user_decides():
    text = "[laughs] Hi [there] [1] [x](https://y.z)"
    for acts in (True, False):
        assert SpokenRules(acts=acts, tags="keep").form().whole(text) == text
        assert SpokenRules(acts=acts, tags="strip").form().whole(text) == "Hi there"


FRAGMENTS = ["[", "]", "[laughs]", "[note]", "[1]", "[^1]", ":", "(", "http://a.b/c", ")", '"t"', " ", "  ", "a", "Hi"]
FRAGMENTS += [
    ".",
    ". ",
    ",",
    "\n",
    "\r\n",
    "<break time='1s'/>",
    "<br",
    "<",
    "</break>",
    "eak>",
    "[[w|v]]",
    "笑",
    "[12",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14), st.lists(st.integers(1, 5), min_size=1), st.data())
def test_however_the_text_arrives_it_is_spoken_alike(fragments, sizes, data):
    text = "".join(fragments)
    brackets, has_pauses = data.draw(st.sampled_from([(Brackets.ACTED, True), (Brackets.READ, False)]))
    filtering = TagFilter(brackets, has_pauses=has_pauses)
    said, at, turn = "", 0, 0
    while at < len(text):
        said += filtering.feed(text[at : at + sizes[turn % len(sizes)]])
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    whole = TagFilter(brackets, has_pauses=has_pauses)
    assert said + filtering.rest() == whole.feed(text) + whole.rest()


@pytest.mark.parametrize(
    "text", ["[" * 1_000_000, "[a" * 500_000, "[" + "a " * 600_000, "<b" * 500_000, "[ab](b" * 200_000]
)
def test_a_bracket_that_never_closes_loses_nothing_in_linear_time(text):
    filtering, start_s = TagFilter(Brackets.ACTED, has_pauses=True), time.process_time()
    said = "".join(filtering.feed(text[at : at + 1000]) for at in range(0, len(text), 1000)) + filtering.rest()
    assert len(re.findall(r"\w", said)) == len(re.findall(r"\w", text))
    assert time.process_time() - start_s < 20


def test_a_pause_does_not_cut_a_tag():
    filtering = TagFilter(Brackets.READ, has_pauses=True)
    assert filtering.feed("Hi [whis") + filtering.pause() == "Hi"
    assert filtering.feed("pers] there <bre") + filtering.pause() == " there"
    assert filtering.feed("ak/>. [laughs]") + filtering.pause() == " [pause]. "
