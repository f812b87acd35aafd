import pytest

from eleven_cli.text.markdown import spoken


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
