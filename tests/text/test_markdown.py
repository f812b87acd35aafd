import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.text.incoming import Incoming
from eleven_cli.text.markdown import spoken
from eleven_cli.text.markdown.stream import Cleaner
from eleven_cli.text.sentences import Sentences, sentences


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
        ("a<br>b <b>c</b>", "a\nb c"),
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


MARKS = [
    ("- [ ] one\n- [x] two\n1. [X] three\n* [-] four", "one two three four"),
    ("> [!NOTE]\n> Text. More.", "Text. More."),
    ("> [!warning]- Be careful\n> Text.", "Be careful Text."),
    (":::note My title\nBody. Of it.\n:::\n\nAfter.", "My title Body. Of it. After."),
    ('!!! note "A title"\n    Body.\n\n    More. Of it.\n\nAfter.', "A title Body. More. Of it. After."),
    ("A[^1] b.[^note] C.\n\n[^1]: The note. More.\n    And more.\n\n    Even more.\n\nAfter.", "A b. C. After."),
    ("A.\n\n[^1]: One. Two.\n[^b]: Three.\nLazy. Line.\n\nAfter.", "A. After."),
    ("A.\n\n[^1]: One.\n# Head\nText.", "A. Head. Text."),
    ("One^[a *note*. In here.] word.", "One word."),
    ("Raised<sup><a href='#fn1'>1</a></sup> link.", "Raised link."),
    ("## Head {#id .c}\n\nText. {: .x }\n\n{:toc}\n\n[a](b){target=_blank} end.", "Head. Text. a end."),
    ('A span]{.c key="v w"} and ![i](x.png){width=50%} {-}.', "A span] and i."),
    ("Hi :smile: there :+1::tada:. See :100:. Yes.", "Hi there. See. Yes."),
    ("At 10:30:45, a:b:c, std::x::y, http://a:80:b. Ok.", "At 10:30:45, a:b:c, std::x::y, http://a:80:b. Ok."),
    ("Discord <:wave:123> and <a:go:45>. Ok.", "Discord and. Ok."),
    ("It is $x^2 + y_1$, $`a`$ or $$z$$ here. $n$ of \\(k\\).", "It is x² + y₁, a or here. n of k."),
    ("So $\\frac{a}{b}$ and \\[x = y\\] are. Ok.", "So and are. Ok."),
    ("$$\nx = 1. Y\n- y\n$$\n\nAfter. Ok.", "After. Ok."),
    ("\\[\n\\sum. X\n\\]\n\nAfter.", "After."),
    ("$5 and $10, US$5 or 6$. A $HOME and $PATH. Yes.", "$5 and $10, US$5 or 6$. A $HOME and $PATH. Yes."),
    (r"It is \$5 and \[x\]. Yes.", "It is $5 and [x]. Yes."),
    ("A <!-- hid > den. So -->b. C.", "A b. C."),
    ("[r]: http://x.y 'Title. Two'\n[s]: <http://x y>\n\nText.", "Text."),
    ("See [a][r], [b][], [**c**][1] and ![d][e]. [laughs] Ok.", "See a, b, c and d. [laughs] Ok."),
    ("[![Build](https://img.shields.io/x)](y) ![ok](https://x/badge.svg) [![L](l.svg)](z) ![a cat](c.png).", "a cat."),
    ("See <http://x.y> and <a@b.cd>. Ok.", "See http://x.y and a@b.cd. Ok."),
    ("[[Page]], [[P|Label]], [[P#S]] ![[i.png]]. Ok.", "Page, Label, P S. Ok."),
    ("| a | b |\n|---|:-:|\n| 1 | 2 |\n\nEnd.", "a, b. 1, 2. End."),
    ("a | b\n--|--\n1 | 2\n\nEnd.", "a, b. 1, 2. End."),
    ("*[HTML]: Hyper Text. So.\n\nText.", "Text."),
    ("A ==high light==, a == b, x==y. Ok.", "A high light, a == b, x==y. Ok."),
    ("A %%hid%% b ^blk-1\n\nOk.", "A b Ok."),
    ("[@doe20, p. 5] says. {{< x y >}} {% z %} Ok.", "says. Ok."),
    ("[TOC]\n\nText.", "Text."),
    ("Use `:smile: $x$ f(x) [ ] {#a}` as is. Ok.", "Use :smile: $x$ f(x) [ ] {#a} as is. Ok."),
    ("```\n:smile: $$\n[^1]: x\n```\nAfter.", "After."),
]
GLUED = [
    ("whole<br>2 l", "whole 2 l"),
    ("whole<br/>2 l. Then<BR />more.", "whole 2 l. Then more."),
    ("| whole<br>2 l | b<br>c |\n|--|--|\n| <p>x</p><p>y</p> | z |", "whole 2 l, b c. x y, z."),
    ("- one<br>two\n- <p>a</p><p>b</p>", "one two a b"),
    ("<p>one</p><p>two</p>", "one two"),
    ("<div>one</div><div>two</div>", "one two"),
    ("<ul><li>one</li><li>two</li></ul>", "one two"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a, b c"),
    ("Text <p>one</p><hr>two <td>three</td><td>four</td> end.", "Text one two three four end."),
    ("one<hr>two<div>three</div>four", "one two three four"),
    ("<h2>Head</h2>text", "Head. text"),
    ("<dl><dt>a</dt><dd>b</dd></dl>", "a b"),
    (
        "H<sub>2</sub>O, un<b>bold</b>ed, <span>in</span>side<wbr>out, <i>a</i><em>b</em>.",
        "H2O, unbolded, insideout, ab.",
    ),
    ("<script>\nx(). Y\nz()\n</script>\n\nAfter.", "After."),
    ("A <style>p { }</style>b <svg><text>no</text></svg>. C.", "A b . C."),
    ("<details>\n<summary>Sum</summary>\n\nInner.\n\n</details>", "Sum Inner."),
]


@pytest.mark.parametrize(("markdown", "text"), MARKS)
def test_marks_are_not_spoken(markdown, text):
    assert " ".join(spoken(markdown).split()) == text
    assert said(markdown) == text


@pytest.mark.parametrize(("markdown", "text"), GLUED)
def test_html_parts_words_where_a_reader_sees_them_parted(markdown, text):
    assert " ".join(spoken(markdown).split()) == text
    assert said(markdown) == text


@pytest.mark.parametrize(("markdown", "text"), MARKS + GLUED)
def test_however_it_arrives(markdown, text):
    """Through all that a pipe goes through, character by character."""
    incoming, cutter, cleaner = Incoming("stdin", markdown=True), Sentences(), Cleaner()
    found = [each for byte in markdown.encode() for each in cutter.feed(incoming.feed(bytes([byte])))]
    found += [*cutter.feed(incoming.end()), cutter.rest()]
    words = " ".join(map(cleaner.feed, found))
    assert " ".join(words.split()) == text
