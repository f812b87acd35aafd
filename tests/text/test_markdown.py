import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.text.arriving_markdown import Cleaner
from eleven_cli.text.markdown import spoken
from eleven_cli.text.sentences import sentences


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("plain words", "plain words"),
        ("# Head\n\nText", "Head.\n\nText"),
        ("## Why?\n\nBecause.", "Why?\n\nBecause."),
        ("a **b** _c_ `d` ~~e~~", "a b c d e"),
        ("[text](http://x.y 'title') and <http://x.y>", "text and http://x.y"),
        ("![a cat](cat.png)", "a cat"),
        ("- one\n- two\n  - three", "one\n\ntwo\n\nthree"),
        ("1. one\n2. two", "one\n\ntwo"),
        ("> quoted", "quoted"),
        ("before\n\n```python\ncode()\n```\n\nafter", "before\n\nafter"),
        ("    indented code\n\nafter", "after"),
        ("a<br>b <b>c</b>", "ab c"),
        ("<div>block</div>\n\nafter", "block\n\nafter"),
        ("<script>\nx()\n</script>\n\nafter", "after"),
        ('<break time="1s"/>\n\nafter', '<break time="1s"/>\n\nafter'),
        ("---\nHello.\n\n---\nRest.", "Hello.\n\nRest."),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a, b.\n\n1, 2."),
        ("---\ntitle: x\n---\nText", "Text"),
        ("one\n\n***\n\ntwo", "one\n\ntwo"),
        ('wait <break time="1s"/> now', 'wait <break time="1s"/> now'),
        ("line\r\nnext", "line\nnext"),
        ("&amp; &lt;", "& <"),
        ("", ""),
    ],
)
def test_only_the_words_are_left(markdown, text):
    assert spoken(markdown) == text


def said(markdown):
    """What is spoken of a text that arrives, as one string."""
    cleaner = Cleaner()
    return " ".join(" ".join(map(cleaner.feed, sentences(markdown))).split())


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("This is **very bold. Really bold** text. End.", "This is very bold. Really bold text. End."),
        ("**Bold.** After. *It.* Then.", "Bold. After. It. Then."),
        ("***Both. And** one. Here* none.", "Both. And one. Here none."),
        ("_One. Two_ and ~~three. Four~~ five.", "One. Two and three. Four five."),
        ("**Open. For ever\n\nA new one** here.", "Open. For ever A new one** here."),
        ("**Open. Over\nlines** here.", "Open. Over lines here."),
        ("> **Quoted. Text\n> more** here.", "Quoted. Text more here."),
        ("- **One. Two\n- three** four", "One. Two three** four"),
        ("So 2 * 3. A snake_case. About ~5. 2*x. Yes*. No.", "So 2 * 3. A snake_case. About ~5. 2*x. Yes*. No."),
        ("这是**粗体。更多**文字。", "这是粗体。 更多文字。"),
        (r"An \*escaped. Star\* here.", "An *escaped. Star* here."),
        ("Use `a. b` here. Yes.", "Use a. b here. Yes."),
        ("Use ``a`. *b*. c\\`` here.", "Use a`. *b*. c\\ here."),
        ("Open `a. B\n\nC *d* e.", "Open a. B C d e."),
        ("A `<!--` here. And more.", "A <!-- here. And more."),
        ("| a | b |\n|---|:-:|\n| 1 | **2** |\n| Is. It | `x` |\n\nEnd", "a, b. 1, 2. Is. It, x. End"),
        ("|a|b|\n|-|-|\n|1|", "a, b. 1."),
        ("A <!-- hidden. comment --> b. C.", "A b. C."),
        ("<!-- one. Two\n\n```\nthree --> four. Five", "four. Five"),
        ("A <!-- never. closed\n\nat all.", "A"),
        ("See [a. b](http://x.y/z) ok. Then.", "See a. b ok. Then."),
        ('See [a](http://x.y/z "A title. Two.") ok. Then.', "See a ok. Then."),
        ("See [a_b](http://x.y/_z_) ok. [laughs] Yes. ![A cat.](c.png)", "See a_b ok. [laughs] Yes. A cat."),
        ("A.\n```python title='x. y'\ncode. Code\n```\nB.", "A. B."),
        ("A.\n~~~~\n```\n~~~\ncode\n~~~~\nB.", "A. B."),
        ("1. A:\n\n    ```sh\n    code\n    ```\n2. B.", "A: B."),
        ("A.\n```\ncode. Code", "A."),
        ("```a``` is code. B.", "a is code. B."),
        ("Text:\n\n    code. Code\n\nAfter.", "Text: After."),
        ("1. One\n    - two. Three\n\n    four", "One two. Three four"),
        ("When? 2024. Why! - So. Is it? # 1 it is.", "When? 2024. Why! - So. Is it? # 1 it is."),
        ("Title. One\n====\nText\n\n***\n\nMore", "Title. One Text More"),
    ],
)
def test_what_a_sentence_leaves_open_is_carried_on(markdown, text):
    assert said(markdown) == text


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["This is **", "bold** text"], "This is bold text"),
        (["a [b](http://x.", "y/z) c"], "a b c"),
        (["| a ", "| b |\n", "|--", "-|---|\n"], "a b."),
        (["hel", "lo ", "_you", "_"], "hel lo you"),
    ],
)
def test_pauses_may_cut_anywhere(pieces, text):
    assert " ".join(" ".join(map(Cleaner().feed, pieces)).split()) == text


PLAIN = st.text(st.sampled_from("abéß你 \t\n\r.,;!?'\"。…—"), max_size=80)


@given(PLAIN)
def test_text_without_marks_says_the_same_in_sentences_as_whole(text):
    assert said(text).replace(" ", "") == "".join(spoken(text).split())


@given(st.text(st.sampled_from("ab12 \n.!*_~`|[](<-->#\\"), max_size=60))
def test_what_is_said_was_written_in_this_order(text):
    written = iter(text)
    assert all(char in written for char in said(text) if char.isalnum())
