import pytest

from eleven_cli.errors import UsageError
from eleven_cli.text.books import Chapter, chapters


def of(markdown, path="book.md"):
    return [(chapter.title, chapter.text) for chapter in chapters(path, markdown.encode())]


def test_plain_text_is_one_chapter():
    assert chapters("book.txt", b"# Not a heading\n\nText") == [Chapter("", "# Not a heading\n\nText")]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("", [("", "")]),
        ("Just text", [("", "Just text")]),
        ("# One\n\nText", [("One", "# One\n\nText")]),
        ("# One\na\n\n# Two\nb\n", [("One", "# One\na\n\n"), ("Two", "# Two\nb\n")]),
        ("Hello\n\n# One\na\n# Two\nb", [("", "Hello\n\n"), ("One", "# One\na\n"), ("Two", "# Two\nb")]),
        ("\n \n# One\na\n# Two\nb", [("One", "# One\na\n"), ("Two", "# Two\nb")]),
        (
            "# Book\nBy me.\n## One\na\n### x\n## Two\nb",
            [("Book", "# Book\nBy me.\n"), ("One", "## One\na\n### x\n"), ("Two", "## Two\nb")],
        ),
        ("One\n===\na\n\nTwo\n===\nb", [("One", "One\n===\na\n\n"), ("Two", "Two\n===\nb")]),
        ("# One\n```\n# no\n# no\n```\n# Two\n", [("One", "# One\n```\n# no\n# no\n```\n"), ("Two", "# Two\n")]),
        ("# One\n> # no\n\n- # no\n\n# Two\n", [("One", "# One\n> # no\n\n- # no\n\n"), ("Two", "# Two\n")]),
        ("# A **b** `c` #\r\nx\r\n# Why?\r\n", [("A b c", "# A **b** `c` #\r\nx\r\n"), ("Why?", "# Why?\r\n")]),
        ("# One.\n# 2. Two\n", [("One.", "# One.\n"), ("2. Two", "# 2. Two\n")]),
        ("---\ntitle: x\n---\n# One\n# Two\n", [("One", "# One\n"), ("Two", "# Two\n")]),
        (
            "---\ntitle: x\n---\nHi\n# One\n# Two\n",
            [("", "---\ntitle: x\n---\nHi\n"), ("One", "# One\n"), ("Two", "# Two\n")],
        ),
        ("# One\na\u2028b\x0bc\n# Two\n", [("One", "# One\na\u2028b\x0bc\n"), ("Two", "# Two\n")]),
    ],
)
def test_markdown_chapters_begin_at_the_highest_headings(markdown, expected):
    assert of(markdown) == of(markdown, "BOOK.MARKDOWN") == expected


def test_what_is_no_text_is_refused():
    with pytest.raises(UsageError, match=r"book\.txt is not UTF-8 text"):
        chapters("book.txt", b"\xff\x01\x02")


@pytest.mark.parametrize(
    ("path", "content"), [("book.epub", b"Once upon a time"), ("book", b"PK\x03\x04"), ("x.epub", b"")]
)
def test_what_only_claims_to_be_an_epub(path, content):
    with pytest.raises(UsageError, match="is not an EPUB: it is not a zip archive"):
        chapters(path, content)
