import io
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eleven_cli.errors import UsageError
from eleven_cli.text.books import chapters
from eleven_cli.text.epub import archive as epub_archive
from eleven_cli.text.html.pages import page
from tests.support.epub import CONTAINER, PLAIN, STORY, book, encryption, opf, with_nav, xhtml, zipped


def read(content):
    return [(chapter.title, chapter.text) for chapter in chapters("book.epub", content)]


def refusal(content):
    with pytest.raises(UsageError) as caught:
        chapters("book.epub", content)
    assert caught.value.message.startswith("book.epub ")
    return caught.value.message


def outcome(content):
    try:
        return f"read {read(content)[0][1]}"
    except UsageError as refused:
        return refused.message


def test_documents_in_the_order_of_the_spine():
    documents = {"b.xhtml": xhtml(f"<h1>One</h1><p>{STORY}</p>"), "a.xhtml": xhtml(f"<h2>Two</h2><p>{STORY}</p>")}
    assert read(book(documents)) == [("One", f"One.\n\n{STORY}"), ("Two", f"Two.\n\n{STORY}")]


def test_titles_from_the_navigation_document():
    documents = {"a b.xhtml": xhtml(f"<p>{STORY}</p>"), "b.xhtml": xhtml(f"<h1>II</h1><p>{STORY}</p>")}
    found = read(with_nav(documents, [("a%20b.xhtml", "The &amp; First"), ("b.xhtml#top", "The Second")]))
    assert found == [("The & First", STORY), ("The Second", f"II.\n\n{STORY}")]


def test_titles_from_the_ncx():
    ncx = """<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/x.dtd">
    <ncx><docTitle><text>Book</text></docTitle><navMap>
    <navPoint><navLabel><text>Part</text></navLabel><content src="text/a.xhtml"/>
      <navPoint><navLabel><text>Inner</text></navLabel><content src="text/a.xhtml#x"/></navPoint></navPoint>
    <navPoint><navLabel><text>Next</text></navLabel><content src="text/b.xhtml"/></navPoint></navMap></ncx>"""
    documents = {
        "text/a.xhtml": xhtml(f'<p>{STORY}</p><p id="x">{STORY}</p>'),
        "text/b.xhtml": xhtml(f"<p>{STORY}</p>"),
    }
    extra = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    found = read(book(documents, {"OEBPS/toc.ncx": ncx}, extra=extra))
    assert found == [("Part", f"{STORY}\n\n{STORY}"), ("Next", STORY)]


def test_one_document_of_several_chapters():
    body = f'<p>{STORY}</p><h1 id="one">One</h1><p>{STORY}</p><div><a id="two"/><h1>Two</h1></div><p>{STORY}</p>'
    found = read(with_nav({"a.xhtml": xhtml(body)}, [("a.xhtml#one", "I"), ("a.xhtml#two", "II")]))
    assert found == [("", STORY), ("I", f"One.\n\n{STORY}"), ("II", f"Two.\n\n{STORY}")]


def test_what_the_contents_do_not_name_continues_a_chapter():
    documents = {
        "front.xhtml": xhtml(f"<p>{STORY}</p>"),
        "a.xhtml": xhtml(f"<p>{STORY}</p>"),
        "a2.xhtml": xhtml(f"<h3>Scene</h3><p>{STORY}</p>"),
        "notes.xhtml": xhtml(f"<h1>Notes</h1><p>{STORY}</p>"),
    }
    found = read(with_nav(documents, [("a.xhtml", "One")]))
    assert found == [("", STORY), ("One", f"{STORY}\n\nScene.\n\n{STORY}"), ("Notes", f"Notes.\n\n{STORY}")]


def test_what_has_no_text_is_left_out():
    documents = {
        "cover.xhtml": xhtml('<div><img src="cover.jpg" alt="The cover of the book, with a long description"/></div>'),
        "empty.xhtml": xhtml(""),
        "stars.xhtml": xhtml("<p>* * *</p>"),
        "toc.xhtml": xhtml(f'<section epub:type="toc"><p>{STORY}</p></section>'),
        "aside.xhtml": xhtml(f"<p>Not in the order. {STORY}</p>"),
        "a.xhtml": xhtml(f"<p>{STORY}</p>"),
    }
    assert read(book(documents, linear={4: "no"})) == [("", STORY)]


def test_a_book_without_text():
    assert refusal(book({"a.xhtml": xhtml("<p>&#160;</p>")})) == "book.epub holds no text"


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        ("<p>One</p>\n<p>Two</p>", ["One", "Two"]),
        ("bare <div>in a div</div> after", ["bare", "in a div", "after"]),
        ("<p>a\n  <b>b</b>c <i> d</i></p>", ["a bc d"]),
        ("<p>line<br/>next<br>last</p>", ["line\nnext\nlast"]),
        ("<h2>Head<br/>line</h2><h3>Why?</h3>", ["Head\nline.", "Why?"]),
        ("<p>&eacute;&#233;&#xe9; &lt;b&gt; &amp; so&shy;on&nbsp;x</p>", ["ééé <b> & soon x"]),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字<rt>ji</rt></ruby>", ["漢字"]),
        ('<p>a<span epub:type="pagebreak" id="p5">5</span>b<span role="doc-pagebreak" id="p6"/>c</p>', ["abc"]),
        ('<p>note<a epub:type="noteref" href="#n1"><sup>1</sup></a>.</p>', ["note."]),
        ('<p>a<span class="Pagenum">[12]</span>b</p>', ["ab"]),
        ('<p>a<span hidden="">no <span>no</span> no</span>b<i style="Display: none">no</i></p>', ["ab"]),
        ('<p>x <img src="i.png" alt="no"/> y</p>', ["x y"]),
        ("<script>no()</script><style>no</style><svg><text>no</text></svg><p>a</p>", ["a"]),
        ("<script src='x'/><p>a</p>", ["a"]),
        ("<nav><ol><li>no</li></ol></nav><p>a</p>", ["a"]),
        ("<ul><li>a</li><li><p>b</p></li></ul>", ["a", "b"]),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", ["a, b", "c"]),
        ("<p>a<p>b", ["a", "b"]),
        ("<p>1 < 2 <b>x</b></p><!-- a <b> c -->", ["1 < 2 x"]),
        ("<![CDATA[raw]]> text", ["raw text"]),
        ("<!-- no --><p>a</p>", ["a"]),
    ],
)
def test_only_what_is_to_be_read(body, paragraphs):
    assert page(xhtml(body)).paragraphs == paragraphs


def test_tags_that_never_end_take_no_time():
    assert page("<p>" + "<a b='" * 50_000).paragraphs == ["<a b='" * 50_000]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1"])
def test_encodings(encoding):
    text = xhtml(
        f"<p>Über {STORY}</p>", declaration=f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    )
    assert read(book({"a.xhtml": text.encode(encoding)})) == [("", f"Über {STORY}")]


def test_a_declaration_that_cannot_be_true():
    text = xhtml(f"<p>{STORY}</p>", declaration='<?xml version="1.0" encoding="UTF-16"?>')
    assert read(book({"a.xhtml": text})) == [("", STORY)]


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(f"<!ENTITY a{n} '&a;&a;'>" for n in range(9)) + "]>"
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
DANGER = "declares recursive or external entities"


def relabelled(content, name, size):
    """The archive with another size written down for one file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo(name)
    data = bytearray(content)
    at = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02"))
    while content[at + 46 : at + 46 + len(name)] != name.encode():
        at = content.index(b"PK\x01\x02", at + 1)
    assert struct.unpack_from("<L", data, at + 24) == (info.file_size,)
    struct.pack_into("<L", data, at + 24, size)
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04nonsense", "is not an EPUB: it is not a zip archive"),
        (zipped({}), "is not an EPUB: it has no META-INF/container.xml"),
        (zipped({"word/document.xml": "<x/>"}), "is not an EPUB: it has no META-INF/container.xml"),
        (zipped({"META-INF/container.xml": "<container/>"}), "is damaged: it has no package"),
        (zipped({"META-INF/container.xml": "<contai"}), "is damaged: it has no package"),
        (zipped({"META-INF/container.xml": CONTAINER}), "is damaged: it has no package"),
        (zipped({"book.opf": "<package/>"}), "is damaged: book.opf names no documents"),
        (book(PLAIN, {"OEBPS/book.opf": opf(["../../etc/passwd"])}), "is damaged: '../../etc/passwd' is not in it"),
        (book(PLAIN, {"OEBPS/book.opf": opf(["a.xhtml", "../../x"])}), "is damaged: '../../x' is not in it"),
        (book(PLAIN, {"OEBPS/book.opf": opf(["..\\..\\x"])}), "is damaged: '..\\\\..\\\\x' is not in it"),
        (book(PLAIN, {"OEBPS/book.opf": opf(["/etc/passwd"])}), "is damaged: '/etc/passwd' is not in it"),
        (book(PLAIN, {"OEBPS/book.opf": opf(["..%2f../x"])}), "is damaged: '..%2f../x' is not in it"),
        (
            book(PLAIN, {"OEBPS/book.opf": opf(["http://a.b/c"])}),
            "holds no text: left out http://a.b/c: not in the book",
        ),
        (book(PLAIN, {"OEBPS/book.opf": opf(["//[x"])}), "holds no text: left out //[x: not in the book"),
        (book({"a.xhtml": '<?xml version="1.0" encoding="klingon"?><p/>'}), "holds no text"),
        (book({"a.xhtml": BOMB + "<p>&a8;</p>"}), f"is not safe to read: OEBPS/a.xhtml {DANGER}"),
        (book({"a.xhtml": (BOMB + "<p>&a8;</p>").encode("utf-16-le")}), f"is not safe to read: OEBPS/a.xhtml {DANGER}"),
        (book({"a.xhtml": (BOMB + "<p>&a8;</p>").encode("utf-16-be")}), f"is not safe to read: OEBPS/a.xhtml {DANGER}"),
        (book({"a.xhtml": (BOMB + "<p>&a8;</p>").encode("utf-32-le")}), f"is not safe to read: OEBPS/a.xhtml {DANGER}"),
        (book({"a.xhtml": OUTSIDE + "<p>&a;</p>"}), f"is not safe to read: OEBPS/a.xhtml {DANGER}"),
        (book({"a.xhtml": (OUTSIDE + "<p/>").encode("utf-16-le")}), f"is not safe to read: OEBPS/a.xhtml {DANGER}"),
        (book(PLAIN, {"OEBPS/book.opf": BOMB + "<p/>"}), f"is not safe to read: OEBPS/book.opf {DANGER}"),
        (
            book(PLAIN, {"META-INF/container.xml": OUTSIDE + "<p/>"}),
            f"is not safe to read: META-INF/container.xml {DANGER}",
        ),
        (book({"a.xhtml": bytes(range(256)) * 99}), "holds no text: left out OEBPS/a.xhtml: not a text"),
        (book(PLAIN, {"META-INF/encryption.xml": encryption("aes", "a.xhtml")}), "is protected against copying (DRM)"),
        (
            book(PLAIN, {"meta-inf/Encryption.XML": encryption("aes", "A.xhtml").replace("enc:", "")}),
            "is protected against copying (DRM)",
        ),
        (relabelled(book(PLAIN), "OEBPS/a.xhtml", epub_archive.LARGEST_BYTES + 1), "would unpack to more than 200 MB"),
        (
            book(PLAIN, spine_extra='<itemref idref="i0"/>' * 40_000),
            "is not safe to read: it repeats its documents thousands of times",
        ),
    ],
    ids=range(28),
)
def test_what_is_wrong_is_said_in_a_sentence(content, reason):
    assert refusal(content) == f"book.epub {reason}"


@pytest.mark.parametrize(("algorithm", "name"), [("font", "a.xhtml"), ("aes", "Font.OTF"), ("aes", "cover.jpg")])
def test_scrambled_fonts_are_no_protection(algorithm, name):
    assert read(book(PLAIN, {"META-INF/encryption.xml": encryption(algorithm, name)})) == [("", STORY)]


def test_many_documents_together_are_too_much(monkeypatch):
    monkeypatch.setattr(epub_archive, "LARGEST_BYTES", 5_000_000)
    documents = {f"{n}.xhtml": xhtml(f"<p>{STORY}</p>" + " " * 1_000_000) for n in range(6)}
    assert refusal(book(documents)) == "book.epub would unpack to more than 5 MB"


def test_images_do_not_count(monkeypatch):
    monkeypatch.setattr(epub_archive, "LARGEST_BYTES", 5_000_000)
    assert read(book(PLAIN, {"OEBPS/map.png": b"\0" * 6_000_000})) == [("", STORY)]


def test_a_file_that_is_larger_than_it_says():
    content = relabelled(book({"a.xhtml": b" " * 50_000_000}), "OEBPS/a.xhtml", 1000)
    tracemalloc.start()
    assert refusal(content) == "book.epub holds no text: left out OEBPS/a.xhtml: larger than it says"
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_other_ways_of_packing():
    inside = {"META-INF/container.xml": CONTAINER}
    message = refusal(zipped(inside, zipfile.ZIP_LZMA))
    assert message == "book.epub is damaged: META-INF/container.xml is packed in a way no EPUB may be"


WHOLE = with_nav({"a.xhtml": xhtml(f"<h1>One</h1><p>{STORY}</p>"), "b.xhtml": xhtml("<p>b")}, [("a.xhtml", "A")])


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=20), st.integers(0, len(WHOLE))
)
def test_a_broken_archive_is_refused_or_read(changes, length):
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    for content in (bytes(data), bytes(data[:length])):
        assert outcome(content).startswith(("read", "book.epub "))


PARTS = [
    "<p>",
    "</p>",
    "<h1 id='x'>",
    "<![x[",
    "<!",
    "<?",
    "<rt>",
    "</rt>",
    "&amp;",
    "&#0;",
    "text",
    "<br/>",
    "<![CDATA[",
    "]]>",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PARTS)).map("".join) | st.text())
def test_any_document_is_refused_or_read(body):
    content = book({"a.xhtml": xhtml(f"<p>{STORY}</p>{body}").encode("utf-8", "surrogatepass")})
    assert outcome(content).startswith((f"read {STORY}", "book.epub is damaged"))
