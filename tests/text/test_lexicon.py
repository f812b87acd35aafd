"""Words that are said in another way, and back to how they were written."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eleven_cli.errors import UsageError
from eleven_cli.text.spoken.form import Said, SpokenRules, joined
from eleven_cli.text.spoken.lexicon import Lexicon, Replacer
from eleven_cli.text.spoken.lexicon_file import entry, lexicon_file
from eleven_cli.text.spoken.restoring import restored
from eleven_cli.text.subtitles import TimedText


def said(words, text, *, skips_brackets=True):
    replacer = Replacer(Lexicon(words), skips_brackets=skips_brackets)
    return replacer.feed(text) + replacer.rest()


@pytest.mark.parametrize(
    ("words", "text", "spoken"),
    [
        ({"a": "b", "b": "a"}, "a b", "b a"),
        ({"WCAG": "W C A G"}, "WCAG's (WCAG) WCAG2 xWCAG wcag WCAG.", "W C A G's (W C A G) WCAG2 xWCAG wcag W C A G."),
        ({"New York": "NY", "New": "N"}, "New\nYork New  York New\n\nYork New Yorks", "NY NY N\n\nYork N Yorks"),
        ({"C++": "see plus plus", "C": "see"}, "C++ and C.", "see plus plus and see."),
        ({".NET": "dot net", "AT&T": "A T and T"}, "AT&T uses .NET", "A T and T uses dot net"),
        ({"don't": "do not", "don": "Don"}, "don't, don", "do not, Don"),
        ({"E=mc2": "e equals"}, "E=mc2", "e equals"),
        ({"St. John": "Saint John"}, "St. John, St. Johns", "Saint John, St. Johns"),
        ({"e-mail": "email", "mail": "post"}, "e-mail mail", "email post"),
        ({"日本": "にほん"}, "日本語とWCAG日本", "にほん語とWCAGにほん"),
        ({"WCAG": "W"}, "日本WCAG対応", "日本W対応"),
        ({"ไทย": "Thai"}, "ประเทศไทยและ", "ประเทศThaiและ"),
        ({"ท": "x"}, "ทที", "xที"),
        ({"서울": "Seoul"}, "서울은", "Seoul은"),
        ({"cafe": "X", "cafe\u0301": "Y"}, "cafe cafe\u0301 cafes", "X Y cafes"),
        ({"हिन्दी": "Hindi", "ह": "h"}, "हिन्दी ह", "Hindi h"),
        ({"whispers": "X"}, "[whispers] whispers <b whispers>", "[whispers] X <b whispers>"),
    ],
)
def test_whole_words_the_longest_first_in_one_pass(words, text, spoken):
    assert said(words, text) == spoken


def test_brackets_are_text_to_a_model_that_reads_them():
    assert said({"WCAG": "W"}, "[WCAG] <b WCAG>", skips_brackets=False) == "[W] <b WCAG>"


def test_an_entry_may_say_a_tag():
    words = {"LOL": "[laughs]", "HM": '<break time="1s"/>'}
    assert SpokenRules(acts=True, words=words).form().whole("LOL HM ok") == "[laughs] [pause] ok"
    assert SpokenRules(acts=False, words=words).form().whole("LOL ok").strip() == "ok"


FRAGMENTS = [
    "WCAG",
    "W",
    "CAG",
    " ",
    "\n",
    "\n\n",
    "New",
    "York",
    "a",
    "日",
    "本",
    "e\u0301",
    "e",
    "\u0301",
    ".NET",
    "C",
]
FRAGMENTS += ["+", "[", "]", "<b", ">", "'", "_", "1", "\u200d", "ท", "ี", "[WCAG]", "[la", "ughs]", "<break/>"]
WORDS = [
    "WCAG",
    "New York",
    "New",
    "a",
    "日本",
    "日",
    "e\u0301",
    "e",
    ".NET",
    "C++",
    "C",
    "a<b",
    "York a b",
    "ท",
    "a'b",
]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(FRAGMENTS), max_size=14),
    st.dictionaries(st.sampled_from(WORDS), st.text("xyz ", min_size=1), min_size=1),
    st.lists(st.integers(1, 5), min_size=1),
    st.booleans(),
)
def test_however_the_text_arrives_it_is_spoken_alike(fragments, words, sizes, acts):
    text, rules = "".join(fragments), SpokenRules(acts=acts, words=words)
    form, whole = rules.form().remember(), rules.form().remember()
    spoken, at, turn = "", 0, 0
    while at < len(text):
        spoken += form.feed(text[at : at + sizes[turn % len(sizes)]])
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    spoken += form.rest()
    assert spoken == whole.whole(text)
    assert form.said == whole.said
    for start, end, written in form.said.replaced:
        assert spoken[start:end] == words[" ".join(written.split())]


def test_a_pause_does_not_cut_a_word_of_the_lexicon():
    replacer = Replacer(Lexicon({"WCAG": "W C A G", "New York": "NY"}), skips_brackets=True)
    assert replacer.feed("the WC") + replacer.pause() == "the "
    assert replacer.feed("AG") + replacer.pause() == "W C A G"
    assert replacer.feed(" New ") + replacer.pause() == " "
    assert replacer.feed("York and we") + replacer.pause() == "NY and we"


def test_a_large_lexicon_and_a_large_text_are_fast():
    words = {f"word{number} of{number}": f"said {number}" for number in range(49_999)} | {"WCAG": "W C A G"}
    text = "It was the best of times, it was the [1] worst of WCAG times. " * 20_000
    start_s = time.process_time()
    form = SpokenRules(acts=True, words=words).form()
    spoken = form.whole(text)
    assert spoken.count("W C A G") == 20_000
    assert "[1]" not in spoken
    assert time.process_time() - start_s < 15


@pytest.mark.parametrize("text", ["a" * 1_000_000, "<" * 500_000, "New " * 250_000, "New" + " " * 1_000_000])
def test_no_text_is_slow(text):
    replacer = Replacer(Lexicon({"New York City": "x", "New New New New York": "y"}), skips_brackets=True)
    start_s = time.process_time()
    assert "".join(replacer.feed(text[at : at + 99]) for at in range(0, len(text), 99)) + replacer.rest() == text
    assert time.process_time() - start_s < 20


@pytest.mark.parametrize(
    ("line", "word", "spoken"),
    [
        ("WCAG=W C A G", "WCAG", "W C A G"),
        (" New York = Noo Yawk ", "New York", "Noo Yawk"),
        ("E=mc2 = E equals m c squared", "E=mc2", "E equals m c squared"),
        ("a=b=c", "a", "b=c"),
        ('"#tag" = "hash tag"', "#tag", "hash tag"),
        ('"x = y"=x is y', "x = y", "x is y"),
        ("don't=do not", "don't", "do not"),
    ],
)
def test_a_line(line, word, spoken):
    assert entry(line) == (word, spoken)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"a=b\nWCAG\n", "x, line 2: there is no = in it: WCAG"),
        (b"\n# a\nWCAG=\n", "x, line 3: there is nothing to say after the =: WCAG="),
        (b"=b", "x, line 1: there is no word before the =: =b"),
        (b"# nothing\n\n", "x has no words"),
        (b"", "x has no words"),
        (b"a=\xff", "x is not UTF-8 text"),
        (b"<lexicon>\n<lexeme>", "x, line 2: not well-formed XML: no element found"),
        (b"<lexicon>\n<lexeme><alias>b</alias></lexeme></lexicon>", "x, line 2: a <lexeme> without a word"),
        (b"<lexicon><lexeme><grapheme>a</grapheme></lexeme></lexicon>", "x, line 1: nothing is said for a"),
        (b"<?xml version='1.0'?>\n<html/>", "x, line 2: its root is <html>, not <lexicon>"),
        (b"<!DOCTYPE lexicon [\n<!ENTITY a 'b'>]><lexicon/>", "x, line 2: it declares entities"),
        (b"<lexicon/>", "x has no words"),
    ],
)
def test_what_is_no_lexicon_is_refused_with_its_line(content, wrong):
    with pytest.raises(UsageError) as refused:
        lexicon_file("x", content)
    assert refused.value.message.startswith(wrong)


def test_pls():
    content = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" xml:lang="en">\n'
        b"<lexeme><grapheme>WCAG</grapheme><grapheme> W3C\n WCAG </grapheme><alias>W C A G</alias></lexeme>\n"
        b"<lexeme><grapheme>tomato</grapheme><phoneme>t\xc9\x99</phoneme></lexeme>\n"
        b"<lexeme><grapheme>WCAG</grapheme><alias>w&amp;c</alias></lexeme></lexicon>"
    )
    assert lexicon_file("x", content) == ({"WCAG": "w&c", "W3C WCAG": "W C A G"}, 1)
    assert lexicon_file("x", content.decode().replace("UTF-8", "UTF-16").encode("utf-16")).phonemes == 1


def test_lines():
    content = "\ufeff# ours\r\nWCAG=W C A G\r\n\r\na=1\na=2\n".encode()
    assert lexicon_file("x", content).entries == {"WCAG": "W C A G", "a": "2"}


def timed(text):
    return [TimedText(character, at / 10, (at + 1) / 10) for at, character in enumerate(text)]


def written(text, words, heard=None):
    form = SpokenRules(acts=False, words=words).form().remember()
    spoken = form.whole(text)
    return list(restored(timed(heard or spoken), form.said))


def test_a_replaced_word_has_the_time_of_what_was_said():
    found = written("On WCAG now", {"WCAG": "W C A G"})
    assert "".join(each.character for each in found) == "On WCAG now"
    assert found[3].start_s == 0.3
    assert found[6].end_s == pytest.approx(1.0)
    assert found[4].start_s == pytest.approx(0.3 + 0.7 / 4)
    assert [each.start_s for each in found] == sorted(each.start_s for each in found)


def test_words_that_were_written_so_stay():
    found = written("colour color", {"color": "colour"})
    assert "".join(each.character for each in found) == "colour color"


@pytest.mark.parametrize(
    ("heard", "shown"),
    [
        ("On W C A G now", "On WCAG now"),
        ("OnWCAG now", "OnWCAG now"),  # blanks do not matter
        ("now", "now"),  # a piece without times
        ("On the W C A G now", "On the WCAG now"),  # more than was sent
    ],
)
def test_times_of_another_text_are_borne(heard, shown):
    found = written("On WCAG now", {"WCAG": "W C A G"}, heard)
    assert "".join(each.character for each in found) == shown


def test_texts_are_joined():
    rules = SpokenRules(acts=False, words={"a": "bcd"})
    forms = [rules.form().remember() for _ in range(3)]
    parts = [form.said for form, text in zip(forms, ["x a.", "a", "y"], strict=True) if form.whole(text)]
    whole = joined(parts, "\n\n")
    assert whole.text == "x bcd.\n\nbcd\n\ny"
    assert [whole.text[place.start : place.end] for place in whole.replaced] == ["bcd", "bcd"]
    shown = restored(timed("x bcd.bcdy"), whole)
    assert "".join(each.character for each in shown) == "x a.ay"
    assert list(restored([], Said("", ()))) == []
