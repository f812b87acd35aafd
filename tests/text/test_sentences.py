import itertools

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eleven_cli.text.endings import sentence_ends
from eleven_cli.text.sentences import LONGEST_SENTENCE, Sentences, sentences

ATOMS = [
    *"aIZ3 .!?…,;—\n\r\t\"'”)(<>[]/。！「」你ß",
    *["« Oui ! » ", "« ", " »", "z. B. ", "p. ex. ", "．", "؟", "।", "“", "«", "Go. "],
    *["\r\n", "Dr. ", "e.g. ", "U.S. ", "No. ", "3. ", "1984. ", "...", ". ", "? ", "Hello there", " and ", "e\u0301"],
    *["👩‍👩‍👧‍👦", "🇩🇪", "क्षि", '<break time="1.5s"/>', "[whispers. now]", "</phoneme>", "<phoneme ph='a. b'>", "x <y "],
]
TEXTS = st.lists(st.sampled_from(ATOMS), max_size=60).map("".join) | st.text(max_size=200)
LONG = st.tuples(TEXTS, st.sampled_from(ATOMS), st.integers(100, 900), TEXTS).map(lambda t: t[0] + t[1] * t[2] + t[3])


def fed(chunks):
    cutter = Sentences()
    found = [sentence for chunk in chunks for sentence in cutter.feed(chunk)]
    return [*found, rest] if (rest := cutter.rest()) else found


@pytest.mark.parametrize(
    "expected",
    [
        ["Hello. ", "World! ", "How? ", "So."],
        ["Dr. Smith paid Mr. and Mrs. Jones. ", "Thanks."],
        ["Pi is 3.14 or so. ", "Yes."],
        ["Fruit, e.g. this one, i.e. that. ", "Yes."],
        ["J. R. R. Tolkien wrote it. ", "Yes."],
        ["The U.S. army and the U.S. Navy. ", "Yes."],
        ["No. 5 is alive. ", "Yes."],
        ["Is it? ", "No. ", "It is not."],
        ["Well... maybe. ", "So... ", "Then."],
        ["Well… maybe. ", "So… ", "Then."],
        ['"Stop!" he said. ', '"Why?" ', "He left."],
        ['He said "Hi." ', "(Then he left.) ", "Gone."],
        ["3. First of all. ", "Yes."],
        ["Am 3. Mai. ", "Ja."],
        ["That was in 1984. ", "Then came 1985. ", "End."],
        ["At 5 p.m. ", "We left at 6 p.m. sharp."],
        ["Apples, pears etc. are fruit. ", "Cars etc. ", "Are not."],
        ["So do I. ", "I. Newton did not."],
        ["你好。", "「好。」", "他说！", "好吗？？", "OK."],
        ["One line\n", "another\r\n", "a third\r", "a fourth"],
        ["Hello.\n", "World."],
        ["Hi. ", " Two blanks."],
        ["  Leading blanks. ", "End."],
        ["\n\n---\nA line first.\n", "\nThen more."],
        ['Wait <break time="1. 5s"/> here. ', "Go."],
        ["[sighs. Deeply] I see. ", "Go."],
        ["[whispers] ... Go. ", "Now."],
        ["If x < y. ", "Then z."],
        ["Really?! ", "Yes!!! ", "Oh."],
        ["Что? ", "Да. ", "Нет."],
        ["क्या हुआ। ", "हाँ।"],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(expected):
    assert list(sentences("".join(expected))) == expected
    assert fed("".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["Das ist gut, d. h. sehr gut. ", "Ja."],
        ["Obst, z. B. Äpfel, u. a. auch Birnen. ", "Ja."],
        ["Obst, z.\u00a0B. Äpfel. ", "Ja."],
        ["Siehe S. 12 und Abb. 3, Bd. 2, Nr. 5, Kap. 7 nach. ", "Ende hier."],
        ["Die Hauptstr. 5 ist i. d. R. leer, v. a. nachts. ", "Ja."],
        ["Er lebte 44 v. Chr. in Rom. ", "Ja."],
        ["Am 3. Mai und am 24. Dezember. ", "Ja."],
        ["Das gilt bzgl. der Abschn. drei, inkl. Mwst. und zzgl. Porto. ", "Ja."],
        ["Frau Dr. h. c. Meier und Prof. Dr. Huber kamen. ", "Ja."],
        ["Des fruits, p. ex. des pommes. ", "Oui."],
        ["Des fruits, p. ex. Granny Smith. ", "Oui."],
        ["M. Dupont et J.-P. Sartre, av. J.-C. déjà. ", "Oui."],
        ["Frutta, p. es. Mele. ", "Sì."],
        ["Fruta, p. ej. Manzanas, EE. UU. incluido. ", "Luego."],
        ["Фрукты, т. е. яблоки, и т. д. и т. п. тоже. ", "Да."],
        ["Это напр. яблоки, см. рис. 5 ниже. ", "Вот так."],
        ["В 5 тыс. руб. за шт. всего. ", "Да."],
        ["Frukt, t. ex. Äpplen och bl. a. päron. ", "Ja."],
        ["Owoce, np. jabłka, itd. itp. na ul. Długiej. ", "Tak."],
        ["Fruit, i. e. this, e. g. that, a. k. a. Fruit. ", "Yes."],
        ["At 5 a. m. or 6 p. m. we left. ", "Yes."],
        ["See no. 5, p. 7, vol. 3, ch. 2 and op. 27 too. ", "Yes."],
        ["J. R. R. Tolkien and C. S. Lewis. ", "Yes."],
        ["Mix 2 tbsp. of oil, approx. 5 min. per side. ", "Yes."],
        ["Henry VIII. von England. ", "Ja."],
        ["Version 1.2.3 is at example.com/a.b. ", "See v2.0. ", "Good."],
        ["It costs 3.50 or 1,000.00 in all. ", "Yes."],
        ["Well . . . maybe. ", "Yes."],
        *([f"Es dauert max. {digit}0 Minuten, min. {digit} davon. ", "Ja."] for digit in range(1, 10)),
        *(["She rang at 5 p.m. ", f"{digit} people came. ", "Yes."] for digit in range(1, 10)),
        *(["That was in 1984. ", f"{digit} people came. ", "Yes."] for digit in range(1, 10)),
        ["Hmm... ", "I see. ", "Then I… well… no. ", "Done."],
        ["« Viens ! » dit-il. ", "« Non. » ", "Il partit."],
        ["Il cria «\u00a0Quoi\u202f!\u00a0» et partit. ", "Fin du texte."],
        ["« Il pleut. ", "Tu viens ? » ", "Elle rit."],
        ["Hélas ! il est trop tard ! ", "Adieu."],
        ["„Komm.“ ", "Er ging. ", "»Komm!« ", "»Nein!« sagte sie. ", "Ende gut."],
        ["“Come.” ", "‘Go.’ ", "(Yes.) ", "Fine."],
        ["¿Vienes? ", "¡Sí! ", "Bueno."],
        ["It ended. ", "[laughs] Then more. ", "[sighs] End."],
        ["終わり．", "次です．", "３．１４です。", "はい！", "いいえ？", "「はい。」", "『え？』", "終"],
        ["네. ", "알겠습니다. ", "끝."],
        ["كيف حالك؟ ", "بخير. ", "نعم؟", "لا."],
        ["यह है।", "वह है॥ ", "ठीक।"],
        ["آپ کیسے ہیں۔ ", "ٹھیک۔"],
        ["Բարև։ ", "Ինչպես եք։ ", "Լավ։"],
        ["ሰላም። ", "እንዴት ነህ፧ ", "ደህና።"],
        ["မင်္ဂလာပါ။ ", "နေကောင်းလား။", "ကောင်းပါတယ်။"],
        ["សួស្តី។ ", "លាហើយ។"],
        ["Τι κάνεις; ", "π. χ. αυτό. ", "Ναι."],
    ],
)
def test_what_ends_no_sentence_in_other_languages(expected):
    if "Τι" in expected[0]:
        expected = ["".join(expected[:2]), expected[2]]  # nothing tells that mark from a semicolon
    assert list(sentences("".join(expected))) == expected
    assert fed("".join(expected)) == expected


@pytest.mark.parametrize("text", ["The dog. the cat", "Hello. world", "Das Verz. der Bilder", "Wait. iPhones. are"])
def test_a_long_text_is_not_cut_before_a_small_letter(text):
    assert [end for end in sentence_ends(text, 0, len(text)) if text[end : end + 1].islower()] == []


def test_a_finished_sentence_is_held_no_longer_than_it_takes_to_know():
    cutter = Sentences()
    assert cutter.feed("So do I. ") == []
    assert cutter.patience_s == 0.02 or cutter.patience_s == 0.4
    assert cutter.feed("T") == ["So do I. "]
    assert cutter.rest() == "T"
    assert cutter.feed("« Viens ! ") == []
    assert cutter.feed("»") == []
    assert cutter.feed(" ") == []
    assert cutter.feed("I") == ["« Viens ! » "]


def test_a_sentence_comes_with_the_blank_after_it():
    cutter = Sentences()
    assert cutter.feed("Hello.") == []
    assert cutter.feed(" ") == ["Hello. "]
    assert cutter.rest() == ""


def test_a_new_line_ends_at_once():
    cutter = Sentences()
    assert cutter.feed("no full stop\n") == ["no full stop\n"]
    assert cutter.feed("Dr.\n") == ["Dr.\n"]


def test_an_abbreviation_takes_the_next_letter():
    cutter = Sentences()
    assert cutter.feed("Cars etc. ") == []
    assert cutter.feed("T") == ["Cars etc. "]


@pytest.mark.parametrize(
    "text", ["Hello.", "Hi?", "Well…", "So...", 'He said "Hi."', "(Yes!)", "你好。", "「好。」", "*Yes.*"]
)
def test_what_looks_whole_is_spoken_after_a_short_pause(text):
    cutter = Sentences()
    assert cutter.feed(text) == []
    assert cutter.patience_s == 0.06
    assert cutter.rest() == text


@pytest.mark.parametrize(
    "text", ["", " ", "Hello", "Hello,", "Dr.", "3.", "It was 1984.", "e.g.", "J.", "No.", "[sighs.", "<a b."]
)
def test_what_does_not_is_given_more_time(text):
    cutter = Sentences()
    cutter.feed(text)
    assert cutter.patience_s == 0.4
    assert cutter.rest() == text


def test_after_a_pause_it_begins_anew():
    cutter = Sentences()
    assert cutter.feed("One. Two") == ["One. "]
    assert cutter.rest() == "Two"
    assert cutter.feed(" three. ") == [" three. "]
    assert cutter.rest() == ""


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("word, " * 100, ", "),
        ("word " * 100, " "),
        ("w" * 1000, "w"),
        ("👩‍👩‍👧‍👦" * 200, "👦"),
        ("e\u0301\u0323" * 300, "\u0323"),
    ],
)
def test_a_sentence_without_an_end_is_cut(text, ends):
    found = fed(text)
    assert "".join(found) == text
    assert all(len(sentence) <= LONGEST_SENTENCE and sentence.endswith(ends) for sentence in found)
    assert all(len(sentence) > LONGEST_SENTENCE // 2 for sentence in found[:-1])


def test_a_clause_is_preferred_to_a_word():
    text = "a" * 200 + ", " + "b " * 100
    assert fed([text])[0] == "a" * 200 + ", "


@pytest.mark.parametrize("text", ["e" + "\u0301" * 2000 + " end. ", " " * 2000 + "end. ", "\n" * 2000 + "end. "])
def test_one_cluster_or_blank_of_any_length_stays_whole(text):
    assert Sentences().feed(text) == [text]
    assert fed(text) == [text]


def test_a_tag_at_the_cut_stays_whole():
    for length in range(LONGEST_SENTENCE - 20, LONGEST_SENTENCE + 1):
        found = fed(["a" * length + '<break time="1s"/>' + "b" * 400])
        assert [sentence.count("<break") for sentence in found] == [sentence.count("/>") for sentence in found]


@settings(deadline=None)
@given(TEXTS | LONG)
@example(". . . . ")
def test_nothing_is_lost_and_white_space_is_no_sentence(text):
    found = list(sentences(text))
    assert "".join(found) == text
    assert all(sentence.strip() for sentence in found) or not text.strip()


CLOSERS = st.text(alphabet="a?! .]»«)([“”›‹}{\nAb…", max_size=14)  # quotes and brackets that stand apart from words


@settings(deadline=None)
@given(CLOSERS)
@example("a? ]")
@example("« a!  » b")
def test_letter_by_letter_makes_no_difference_for_what_closes(text):
    assert fed(text) == fed([text])


@settings(deadline=None)
@given(TEXTS | LONG, st.data())
def test_the_chunks_make_no_difference(text, data):
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    chunks = [text[a:b] for a, b in itertools.pairwise([0, *borders, len(text)])]
    assert fed(chunks) == fed([text])
    assert fed(text) == fed([text])


@settings(deadline=None)
@given(TEXTS | LONG)
def test_no_cluster_is_cut_but_the_blank_that_ends_a_sentence(text):
    whole = {0, *(found.end() for found in regex.finditer(r"\X", text))}
    ends = list(itertools.accumulate(map(len, sentences(text))))
    assert all(end in whole or text[end - 1].isspace() for end in ends)


@settings(deadline=None)
@given(TEXTS | LONG)
def test_no_tag_is_cut(text):
    tags = [found.span() for found in regex.finditer(r"</?[a-z][^<>]*>|\[[a-z][^\[\]\r\n]*\]", text)]
    for end in itertools.accumulate(map(len, sentences(text))):
        assert not [span for span in tags if span[0] < end < span[1] and span[1] - span[0] < 80]


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_pause_loses_nothing(before, after):
    cutter = Sentences()
    found = [*cutter.feed(before), cutter.rest(), *cutter.feed(after), cutter.rest()]
    assert "".join(found) == before + after
