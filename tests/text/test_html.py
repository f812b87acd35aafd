"""What is read of an HTML document, however it was written."""

import time

import pytest

from eleven_cli.text.html.decoding import decoded_markup
from eleven_cli.text.html.entities import UnsafeMarkup, with_entities
from eleven_cli.text.html.pages import page, paragraphs_of
from eleven_cli.text.html.tokens import End, Start, tokens

CONTEXTS = [
    "{}", "{}{}", "<p>Open{}",
    "<div id='n'>{}</div>", "<ul><li>One{}<li>{}</ul>", "<h1>Head{}</h1>{}", "Before{}after",
    "<nav>{}</nav>{}", "<head>{}</head>{}", "<head><title>t</title>{}", "<a href='#x'>{}</a>{}",
    "<a href='#x'>open{}{}",
    "<sup>{}</sup>after", "<aside epub:type='footnote'>{}</aside><p>Text{}</p>", "<table><tr><td>{}<td>{}</table>",
    "<p><img alt='W'/></p>{}", "<script>{}</script>{}", "<!-- {} -->{}", "<a id='q'/>{}", "<p>[{}]</p>", "<b>{}</b>",
]  # fmt: skip
NOTES = '<aside id="f1"><p><a href="#r1">1</a> A note.</p></aside>'


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("text", ["Word.", "", " ", "hen they", "1", "↩", "a&amp;b &lt;p>", "two\nlines  here", "\xad"])
def test_a_paragraph_of_only_text_is_read_as_any_other(context, text):
    plain, other = (context.replace("{}", f"<p{blank}>{text}</p>") for blank in ("", " "))
    assert page(plain) == page(other)
    assert list(tokens(plain)) == list(tokens(other))


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        ('<p>Word<sup><a href="#f1">1</a></sup> goes on.</p>', ["Word goes on."]),
        ('<p>Word<a href="#f1"><sup>1</sup></a>.</p>', ["Word."]),
        ('<p>Word <sup><a href="#f1">1</a></sup>.</p>', ["Word."]),
        ('<p>Word[<a href="#x">3</a>].</p>', ["Word."]),
        ('<p>Word [<a href="#x">3</a>, <a href="#y">4</a>] ends.</p>', ["Word ends."]),
        ('<p>Word<a href="notes.xhtml#x">[3]</a>.</p>', ["Word."]),
        ('<p>Word<a href="#x">[Note 3]</a>.</p>', ["Word."]),
        ('<p>Word [<sup><a href="#x">3</a></sup>].</p>', ["Word."]),
        ('<p>Word<sup>[<a href="#x">3</a>]</sup>.</p>', ["Word."]),
        ('<p>Word<sup><a href="#x">1</a>, <a href="#y">2</a></sup>.</p>', ["Word."]),
        ('<p>Word<a class="noteref" href="#x">12</a>.</p>', ["Word."]),
        ('<p>Word<a role="doc-noteref" href="#x">12</a>.</p>', ["Word."]),
        ('<p>Word<a ops:type="noteref" href="#x">12</a>.</p>', ["Word."]),
        ('<p>Word<span class="superscript"><a href="#x">2</a></span>.</p>', ["Word."]),
        ('<p>Word<span style="vertical-align:super"><a href="#x">2</a></span>.</p>', ["Word."]),
        ('<p>Word.<a href="#fn2">2</a> And</p>', ["Word. And"]),
        ('<p>Word<a href="#x">2</a> and</p>', ["Word and"]),
        ('<p>“Word.”<a href="#x">2</a> And</p>', ["“Word.” And"]),
        ('<p>Word<a href="#x">*</a> and<a href="#y">†</a></p>', ["Word and"]),
        ('<p>Word<a href="#x">²</a> and</p>', ["Word and"]),
        ("<p>Word<sup>[2]</sup> and<sup>*</sup></p>", ["Word and"]),
        ('<p>Word<sup><a href="https://a.b/c">4</a></sup></p>', ["Word"]),
        ('<p>See chapter <a href="c3.xhtml">3</a>.</p>', ["See chapter 3."]),
        ('<p>See page <a href="#p3">3</a>.</p>', ["See page 3."]),
        ('<p>(Figure <a href="#fig3">3</a>)</p>', ["(Figure 3)"]),
        ("<p>E = mc<sup>2</sup>, the 1<sup>st</sup></p>", ["E = mc2, the 1st"]),
        ('<p>In <a href="#y">1984</a> it was</p>', ["In 1984 it was"]),
        ('<p>Text. <a href="#r1">↩</a></p>', ["Text."]),
        ('<p>Text. <a href="#r1">↩︎</a> <a href="#r2">^</a></p>', ["Text."]),
        ('<p>Text. <a role="doc-backlink" href="#r1">Back</a></p>', ["Text."]),
        ('<p>a<span id="page_12">12</span>b<a id="Page_xi">[Pg xi]</a>c</p>', ["abc"]),
        ('<div class="pagebreak">12</div><div class="pagebreak"><p>Text</p></div>', ["Text"]),
        ('<p id="p5">5</p><p>x</p>', ["5", "x"]),
        ('<p>a<i aria-hidden="TRUE">no</i>b<i style="visibility: hidden">no</i><i hidden>no</i></p>', ["ab"]),
        ("<p>a</p><noscript>Turn it on</noscript><button>Go</button>", ["a"]),
    ],
)
def test_marks_are_not_read(body, paragraphs):
    assert page(body).paragraphs == paragraphs


@pytest.mark.parametrize(
    "notes",
    [
        '<aside epub:type="footnote" id="f1"><p>A note.</p></aside>',
        '<aside role="doc-footnote" id="f1">A note.</aside>',
        '<p class="footnote" id="x">A note.</p>',
        '<p id="f1"><a href="#r1">1</a> A note.</p>',
        '<p id="f1"><sup><a href="#r1">1</a></sup> A note.</p>',
        '<p>[<a id="f1" href="#r1">1</a>] A note.</p>',
        '<p><a id="f1" href="#r1">1.</a> A note.</p>',
        '<ol><li id="f1"><p>A note.</p><p>More of it. <a href="#r1">↩</a></p></li></ol>',
        '<section class="footnotes"><hr/><ol><li id="f1"><p>A note.<a href="#r1">↩︎</a></p></li></ol></section>',
        '<dl class="footnote"><dt id="f1"><a href="#r1">[1]</a></dt><dd>A note.</dd></dl>',
        '<h3>Notes</h3><div id="f1"><a href="#r1">1</a>. A note.</div>',
        '<table><tr id="f1"><td><a href="#r1">1</a></td><td>A note.</td></tr></table>',
    ],
)
def test_notes_in_the_middle_are_not_read(notes):
    text = '<h2>One</h2><p>Word<sup id="r1"><a href="#f1">1</a></sup> here.</p>{}<h2>Two</h2><p>After.</p>'
    found = page(text.format(notes))
    assert found.paragraphs == ["One.", "Word here.", "Two.", "After."]
    assert found.notes >= 1
    assert [(heading.paragraph, heading.title) for heading in found.headings] == [(0, "One"), (2, "Two")]


def test_a_note_without_a_way_back_is_known_by_its_name():
    body = '<p>Word<sup><a href="#note1">1</a></sup>.</p><p>Text.</p><p id="note1">1. A note.</p>'
    assert page(body).paragraphs == ["Word.", "Text."]


def test_what_only_looks_like_a_note_is_read():
    numbered = '<p id="s1">[<a href="toc.xhtml">1</a>] The court.</p><p>As said in [<a href="#s1">1</a>].</p>'
    assert page(numbered).paragraphs == ["The court.", "As said in."]
    back = '<p id="p1">Text<a href="#fn1">1</a>.</p><p id="fn1"><a href="#p1">[1]</a> A note.</p>'
    assert page(back).paragraphs == ["Text."]
    section = '<p>See [<a href="#s2">2</a>].</p><div id="s2"><h2>Two</h2><p>Text.</p></div>'
    assert page(section).paragraphs == ["See.", "Two.", "Text."]


def test_a_page_of_notes_is_read():
    notes = '<h1>Notes</h1><p class="footnote" id="f1"><a href="a.xhtml#r1">1</a> A note.</p>'
    found = page(notes)
    assert (found.paragraphs, found.notes) == (["Notes.", "1 A note."], 0)


@pytest.mark.parametrize("title", ["Contents", "TABLE OF CONTENTS", "Inhaltsverzeichnis", "目次"])
def test_a_page_of_contents(title):
    entries = "".join(f'<p><a href="c{n}.xhtml">Chapter {n}</a> ..... {n}</p>' for n in range(3))
    found = page(f"<h1>{title}</h1>{entries}")
    assert (found.paragraphs, found.is_contents) == ([], True)


def test_a_list_of_contents_within_a_text():
    entries = "".join(f'<li><a href="#s{n}">Section {n}</a></li>' for n in range(6))
    found = page(f"<h1>Book</h1><p>Before.</p><ul>{entries}</ul><p>After.</p>")
    assert (found.paragraphs, found.is_contents) == (["Book.", "Before.", "After."], False)


def test_a_few_links_are_text():
    links = '<ul><li><a href="a.xhtml">One</a></li><li><a href="https://b.c">Two</a></li></ul>'
    assert page(f"<p>See also:</p>{links}").paragraphs == ["See also:", "One", "Two"]


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        ('<p><img src="w.png" alt="W"/>hen it was</p>', ["When it was"]),
        ('<p><img src="w.png" alt="“W"/>hen it was</p>', ["“When it was"]),
        ('<p><img alt="W"/>\n<span>hen it was</span></p>', ["When it was"]),
        ('<p><img alt="A"/> dark night</p>', ["A dark night"]),
        ('<p><span><img alt="T"/></span><small>HE</small> end</p>', ["THE end"]),
        ('<div><img alt="W"/></div><p>hen it was</p>', ["When it was"]),
        ('<div><img alt="W"/></div><p>HEN it was</p>', ["WHEN it was"]),
        ('<div><img alt="W"/></div><p>It was</p>', ["It was"]),
        ('<p>some<img alt="t"/>hing</p>', ["something"]),
        ('<p>x <img alt="y"/> z</p>', ["x z"]),
        ('<p><img alt="A map of the isle"/>here</p>', ["here"]),
        ('<p><span class="dropcap">W</span>hen</p>', ["When"]),
        ('<div class="dropcap">W</div>hen', ["When"]),
        ('<p><span aria-label="When"><span aria-hidden="true">W</span><i aria-hidden="true">hen</i></span> it</p>',
         ["When it"]),
    ],
)  # fmt: skip
def test_letters_that_are_pictures(body, paragraphs):
    assert page(body).paragraphs == paragraphs


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<html><head><title>no<body><p>a", ["a"]),
        ("<title>no</title><p>a", ["a"]),
        ("<head><title>no</title><p>a</p>", ["a"]),
        ("<head><title/></head><body><p>a</p></body>", ["a"]),
        ("<p>a<br></br>b</p></p></div>c", ["a\nb", "c"]),
        ("<ul><li>a<li>b</ul>c", ["a", "b", "c"]),
        ("<ruby>漢<rt>kan<rp>)</ruby>字", ["漢字"]),
        ("<p hidden>a<p>b", ["b"]),
        ("<div hidden><p>a</div><p>b", ["b"]),
        ("<div><i hidden>a</div><p>b", ["b"]),
        ("<b><p>a</b> c</p>d", ["a c", "d"]),
        ("<table><tr><td>a<td>b<tr><td>c</table>", ["a, b", "c"]),
        ('<p title="a > b" lang=en>x<y z</p>', ["x<y z"]),
        ('<p data-tip="<b>no</b>">x</p>', ["x"]),
        ("<p title='a'b\"c>x</p>", ["x"]),
        ("<P>A&MDASH;B &mdash; &notanentity; &#0; &#x110000; &#99999999999;</P>",
         ["A&MDASH;B — ¬anentity; � � �"]),
        ("<html:p>a</html:p><html:h1>b</html:h1>", ["a", "b."]),
        ("<!-- never closed <p>a</p>", ["never closed", "a"]),
        ("<p>a</p><script>if (a<b) '</p>'", ["a"]),
        ("<p>a\x00\x08b</p>", ["ab"]),
        ("<a name='x'>one<p>two", ["one", "two"]),
    ],
)  # fmt: skip
def test_tag_soup(markup, paragraphs):
    assert page(markup).paragraphs == paragraphs


OPENERS = [
    "<!--", "<![CDATA[", "<![x[", "<!", "<!DOCTYPE", "<!DOCTYPE [", "<?", "<", "</", "</a", "<a ", "<a\n", "<a/",
    "<a =", "<a b='", '<a b="', "<a b='<a '", "<a b='<a ' c=", "<a b=\"'", "&", "&#", "&#1", "&#x1", "&amp",
    "&notit", "<script>", "<style>", "<title>", "<p hidden>", "<p>", "<i>", "<div>", "<li>", "<td>",
    "<table><tr><td>", "<h1>", "<a href='#x'>",
    "<sup><a href='#f1'>1</a>", "<sup>", "</i>", "<b></i>", "<a id='x'>", "[<a href='#x'>1</a>", "<img alt='W'/>",
    "<rt>", "<div id='x'><p>y", "<dt>", "]]>", "-->", "<aside epub:type='footnote'>", "<i>x", "<sup>x", "x<br>",
    "<!ENTITY ", "\xad",
]  # fmt: skip


@pytest.mark.parametrize("tail", ["", ">", "'\">x-->"])
@pytest.mark.parametrize("opener", OPENERS)
def test_time_grows_with_the_length_alone(opener, tail):
    began = time.process_time()
    paragraphs_of((opener * (100_000 // len(opener)) + tail).encode())
    assert time.process_time() - began < 5


@pytest.mark.parametrize("inner", ["<i>", "<div>", "<a href='#x'>", "<sup>", "<b><p>", "<li><ul>", "<div id='f1'>"])
def test_deep_nesting(inner):
    closing = inner.replace("<", "</").split(" ")[0].rstrip(">") + ">"
    text = inner * 25_000 + "x " * 50_000 + "<p>y</p>" * 10_000 + closing * 25_000 + "<li>z" * 10_000
    began = time.process_time()
    page(text)
    assert time.process_time() - began < 5


def test_tokens():
    found = list(tokens('a<B x=1 Y="&lt;2" z>c</b ><br/><![CDATA[<&amp;]]>'))
    assert found == [
        "a",
        Start("b", {"x": "1", "y": "<2", "z": ""}, False),
        "c",
        End("b"),
        Start("br", {}, True),
        "<&amp;",
    ]


SAMPLE = "<p>Über — naïve</p>"


@pytest.mark.parametrize(
    "data",
    [
        SAMPLE.encode(),
        SAMPLE.encode("utf-8-sig"),
        *(SAMPLE.encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")),
        f'<meta charset="windows-1252">{SAMPLE}'.encode("cp1252"),
        f"<meta charset=latin1>{SAMPLE}".encode("cp1252"),
        f'<meta http-equiv="Content-Type" content="text/html; charset=macintosh">{SAMPLE}'.encode("mac-roman"),
        f'<?xml version="1.0" encoding="utf-8"?>{SAMPLE}'.encode("cp1252"),
        f'<?xml version="1.0" encoding="UTF-16"?>{SAMPLE}'.encode(),
        f'<?xml version="1.0" encoding="klingon"?>{SAMPLE}'.encode(),
        f'<?xml version="1.0" encoding="punycode"?>{SAMPLE}'.encode(),
        f'<?xml version="1.0" encoding="shift_jis"?>{SAMPLE}'.encode(),
        SAMPLE.encode("cp1252"),
        "<p>Über — na".encode() + "ïve</p>".encode("cp1252"),
    ],
)
def test_encodings(data):
    assert paragraphs_of(data) == ["Über — naïve"]


def test_what_was_assumed_is_said():
    assert decoded_markup("<p>ü</p>".encode("cp1252")).assumption == "is not UTF-8 text: read as Windows-1252"
    assert decoded_markup("<p>ü</p>".encode()).assumption == ""


def subset(declarations, body):
    return f'<?xml version="1.0"?><!-- x --><!DOCTYPE html [{declarations}]><p>{body}</p>'


@pytest.mark.parametrize(
    ("declarations", "body", "text"),
    [
        ('<!ENTITY nbsp "&#160;"><!ENTITY mdash "&#8212;">', "a&nbsp;b&mdash;c", "a b—c"),
        ("<!ENTITY co 'Foo &amp; Sons'><!ENTITY whole '&co; Ltd'>", "&whole;", "Foo & Sons Ltd"),
        ('<!ENTITY first "A"><!ENTITY last "B"><!ENTITY whole "&first; &last;">', "&whole; &whole;", "A B A B"),
        ('<!ENTITY i "<i>x</i>">', "&i;", "x"),
        ('<!ENTITY pic SYSTEM "a.gif" NDATA gif>', "a", "a"),
        ('<!ENTITY % lat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" "lat1.ent"> %lat1;', "&eacute;", "é"),
        ("<!ELEMENT p ANY>", "&unknown;", "&unknown;"),
    ],
)
def test_harmless_entities(declarations, body, text):
    assert page(with_entities(subset(declarations, body))).paragraphs == [text]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32-be"])
@pytest.mark.parametrize(
    ("declarations", "body"),
    [
        ('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"),
        ('<!ENTITY x PUBLIC "x" "http://a.b/c">', "&x;"),
        ('<!ENTITY % x SYSTEM "http://a.b/c.dtd"> %x;', "x"),
        ('<!ENTITY a "ha"><!ENTITY b "&a;&a;">', "&b;"),
        ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
        (f'<!ENTITY a "{"x" * 10_000}">', "&a;" * 1000),
        ("".join(f'<!ENTITY a{n} "&a{n + 1}; &b{n + 1};"><!ENTITY b{n} "&a{n + 1}; &b{n + 1};">' for n in range(99)),
         "&a0;"),
    ],
)  # fmt: skip
def test_dangerous_entities(declarations, body, encoding):
    with pytest.raises(UnsafeMarkup):
        paragraphs_of(subset(declarations, body).encode(encoding))


def test_declarations_in_a_text_about_them():
    text = '<p>x</p><pre><![CDATA[<!DOCTYPE a [<!ENTITY b SYSTEM "c">]>]]></pre>'
    assert paragraphs_of(text.encode())[0] == "x"
