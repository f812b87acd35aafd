"""The facts before a document's text are not spoken, whatever they are written in, and however they arrive."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.text.markdown.front_matter import FrontMatter, front_matter_end

FACTS = [
    "---\ntitle: x\n---\n",
    "---\n\n# a comment\n\ntitle: x\ntags:\n- a\n- b\n  nested: yes\nlist: [a,\n  b\n]\n---\n",
    "---\nlong: |\n  One. Two.\n\n  Three.\n---\n",
    '---\n"quoted key": x\nkey with blanks: y\nschlüssel: z\nurl: https://x.y/z\n---  \n',
    "---\ntitle: x\n...\n",
    "---\r\ntitle: x\r\n---\r\n",
    "---\rtitle: x\r---\r\n",
    "--- \ntitle:\n---\n",
    "---yaml\ntitle: x\n---\n",
    '---json\n{"title": "x"}\n---\n',
    '---toml\ntitle = "x"\n---\n',
    "\n\n---\ntitle: x\n---\n",
    "---\n---\n",
    '+++\ntitle = "x"\n[params]\na.b = [1,\n2]\ntext = """\nOne. Two.\n"""\n+++\n',
    '{\n"title": "x",\n"tags": ["a}", {"b": 1}]\n}\n',
    '{"title": "x"}\n',
    ';;;\n{"title": "x"}\n;;;\n',
]
TEXTS = [
    "",
    "Hello.\n",
    "---\nHello.\n\n---\nRest.\n",
    "---\n\nHello: this. And more\nthat is no fact.\n---\n",
    "- an item\n- another\n",
    "-- so he said --\n",
    "+ one\n",
    "{#id}\nText\n",
    '{"json"} is what it is\n',
    '{"a": 1} and more\n',
    "{{< x >}}\n",
    "--------\ntitle: x\n---\n",
    "+++\nno facts\n+++\n",
    "title: x\n---\n",
    ";;; so\n",
]


def in_pieces(text, borders):
    front_matter = FrontMatter()
    places = [0, *sorted(borders), len(text)]
    return "".join(front_matter.feed(text[a:b]) for a, b in itertools.pairwise(places)) + front_matter.rest()


@pytest.mark.parametrize("facts", FACTS)
@pytest.mark.parametrize("rest", ["", "Text.\n", "\n# Title\n---\n"])
def test_front_matter_is_taken_off(facts, rest):
    assert (facts + rest)[front_matter_end(facts + rest) :].lstrip("\n") == rest.lstrip("\n")
    assert in_pieces(facts + rest, range(1, len(facts + rest))).lstrip("\n") == rest.lstrip("\n")


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_left_alone(text):
    assert front_matter_end(text) == 0
    assert in_pieces(text, range(1, len(text))) == text


@given(st.sampled_from(FACTS + TEXTS), st.sampled_from(FACTS + TEXTS), st.data())
def test_the_pieces_make_no_difference(before, after, data):
    text = before + after
    borders = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    assert in_pieces(text, borders) == text[front_matter_end(text) :]


@given(st.text(st.sampled_from('-+;{}":= \na#.1['), max_size=30), st.data())
def test_nothing_but_a_beginning_is_taken(text, data):
    borders = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    assert text.endswith(in_pieces(text, borders))


@pytest.mark.parametrize("text", ["Hello", "# Title", "1. one", "*a*", "<p>", "- a"])
def test_text_is_not_kept_waiting(text):
    assert FrontMatter().feed(text) == text
