"""Books that are not quite well made, as many are: what can be read is read once, and what is left out is told."""

import io
import random
import zipfile
import zlib

import pytest

from eleven_cli.text.documents import document
from tests.support.epub import (
    CONTAINER,
    ITEM,
    MORE,
    PLAIN,
    STORY,
    TWO,
    book,
    encryption,
    opf,
    places,
    with_nav,
    xhtml,
    zipped,
)

CHAPTERS = [("One", f"One.\n\n{STORY}"), ("Two", f"Two.\n\n{MORE}")]


def read(content, path="book.epub"):
    found = document(path, content)
    return [(chapter.title, chapter.text) for chapter in found.chapters], list(found.notes)


def spoken(content):
    return " ".join(text for _, text in read(content)[0])


def renamed(content, change):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped({change(name): archive.read(name) for name in archive.namelist()})


@pytest.mark.parametrize(
    "hrefs",
    [
        ("a.xhtml", "a.xhtml#x", "a.xhtml#y", "b.xhtml"),
        ("a.xhtml#x", "a.xhtml#y", "b.xhtml#z", "b.xhtml"),
        ("a.xhtml#x", "b.xhtml", "a.xhtml#y", "b.xhtml#q"),
        ("a.xhtml", "A.XHTML", "b.xhtml"),
        ("a.xhtml", "./a.xhtml", "../OEBPS/a.xhtml", "/OEBPS/a.xhtml", "b.xhtml"),
        ("a.xhtml", "%61.xhtml", "a.xhtml?part=2", "b.xhtml"),
        ("a.xhtml", "a.xhtml", "b.xhtml"),
    ],
)
def test_each_document_is_read_once_however_often_the_manifest_names_it(hrefs):
    assert read(book(TWO, {"OEBPS/book.opf": places(*hrefs)})) == (CHAPTERS, [])


def test_what_the_order_repeats_is_read_again_and_told():
    chapters, notes = read(book(TWO, {"OEBPS/book.opf": places("a.xhtml", "b.xhtml", order=[0, 1, 0, 0])}))
    assert chapters == [CHAPTERS[0], CHAPTERS[1], CHAPTERS[0], CHAPTERS[0]]
    assert notes == ["reads OEBPS/a.xhtml 3 times, as the book's order says: 122 characters more"]


@pytest.mark.parametrize(
    "media_type",
    [
        *(
            "application/xml",
            "text/xml",
            "TEXT/HTML",
            "application/xhtml+xml ",
            " text/html; charset=utf-8",
            "",
            "nonsense",
        ),
        *("text/plain", "application/octet-stream", "application/vnd.x+xml", "application/XHTML+XML", "html"),
    ],
)
def test_media_types_do_not_matter_where_it_is_a_page(media_type):
    package = opf(list(TWO)).replace("application/xhtml+xml", media_type, 1)
    assert read(book(TWO, {"OEBPS/book.opf": package})) == (CHAPTERS, [])
    assert read(book(TWO, {"OEBPS/book.opf": package.replace(f' media-type="{media_type}"', "")})) == (CHAPTERS, [])


def test_plain_text_is_read_too():
    package = opf(["a.txt", "b.xhtml"]).replace("application/xhtml+xml", "text/plain", 1)
    chapters, notes = read(
        book({"a.txt": f"{STORY}\n\n{MORE}", "b.xhtml": TWO["b.xhtml"]}, {"OEBPS/book.opf": package})
    )
    assert (chapters, notes) == ([("", f"{STORY}\n\n{MORE}"), CHAPTERS[1]], [])


@pytest.mark.parametrize(
    ("name", "media_type", "content", "reason"),
    [
        ("c.pdf", "application/pdf", b"%PDF-1.7", "application/pdf, not a page"),
        ("c.jpg", "image/jpeg", b"\xff\xd8", "image/jpeg, not a text"),
        ("c.svg", "image/svg+xml", "<svg><text>no</text></svg>", "image/svg+xml, not a text"),
        ("c.css", "text/css", "p { color: red }", "text/css, not a page"),
        ("c.xml", "application/xml", "<data><p>no</p></data>", "application/xml, not a page"),
        ("c.xhtml", "application/xhtml+xml", bytes(range(256)) * 9, "not a text"),
    ],
)
def test_what_is_no_page_is_left_out_and_told(name, media_type, content, reason):
    extra = f'<item id="x" href="{name}" media-type="{media_type}"/>'
    content = book(TWO, {f"OEBPS/{name}": content}, extra=extra, spine_extra='<itemref idref="x"/>')
    assert read(content) == (CHAPTERS, [f"left out OEBPS/{name}: {reason}"])


def test_what_stands_for_something_else_is_read():
    package = opf(["c.jpg", "b.xhtml"]).replace(
        '.jpg" media-type="application/xhtml+xml"', '.jpg" media-type="image/jpeg" fallback="f"'
    )
    package = package.replace("</manifest>", ITEM.format(id="f", href="a.xhtml") + "</manifest>")
    assert read(book(TWO, {"OEBPS/book.opf": package, "OEBPS/c.jpg": "x"})) == (CHAPTERS, [])


@pytest.mark.parametrize("words", ["The End", "おわり。またね。", "1", "Fin.", "٣"])
def test_a_few_words_without_a_title_continue_the_chapter_before(words):
    documents = TWO | {"end.xhtml": xhtml(f"<p>{words}</p>")}
    expected = [CHAPTERS[0], ("Two", f"{CHAPTERS[1][1]}\n\n{words}")]
    assert read(book(documents)) == (expected, [])
    assert read(with_nav(documents, [("a.xhtml", "One"), ("b.xhtml", "Two")])) == (expected, [])


def test_a_few_words_before_the_first_chapter_go_with_that():
    documents = {"half.xhtml": xhtml("<p>My Book</p>")} | TWO
    assert read(book(documents)) == ([("One", f"My Book\n\n{CHAPTERS[0][1]}"), CHAPTERS[1]], [])


def test_a_book_of_a_few_words():
    assert read(book({"a.xhtml": xhtml("<p>Hi.</p>")})) == ([("", "Hi.")], [])


def test_what_is_not_in_the_reading_order_is_told():
    assert read(book(TWO | {"c.xhtml": xhtml(f"<p>{MORE}</p>")}, linear={2: "no"})) == (
        CHAPTERS,
        ["left out OEBPS/c.xhtml: the book keeps it out of its reading order"],
    )
    assert read(book(TWO, linear={0: "no", 1: "No"})) == (CHAPTERS, [])


NAMES = {
    "other case": lambda name: name.upper() if name.endswith("xhtml") else name,
    "all in other case": lambda name: name if name == "mimetype" else name.swapcase(),
    "percent signs": lambda name: name.replace("a.xhtml", "%61.xhtml"),
    "backslashes": lambda name: name.replace("/", "\\"),
    "a folder": lambda name: f"My Book/{name}",
    "a Mac's folder": lambda name: f"My Book.epub/{name}",
    "a point": lambda name: f"./{name}",
}


@pytest.mark.parametrize("change", NAMES.values(), ids=NAMES)
def test_names_in_the_archive(change):
    assert read(renamed(book(TWO), change)) == (CHAPTERS, [])


def test_names_with_blanks_signs_and_letters():
    documents = {"Kapitel 1 ü.xhtml": TWO["a.xhtml"], "100%.xhtml": TWO["b.xhtml"]}
    hrefs = ["Kapitel%201%20%C3%BC.xhtml", "100%25.xhtml"]
    assert read(book(documents, {"OEBPS/book.opf": opf(hrefs)})) == (CHAPTERS, [])
    literal = {
        "OEBPS/Kapitel%201%20%C3%BC.xhtml": TWO["a.xhtml"],
        "OEBPS/book.opf": opf(["Kapitel 1 u\u0308.xhtml", "b.xhtml"]),
    }
    assert read(book({"b.xhtml": TWO["b.xhtml"]}, literal)) == (CHAPTERS, [])


def without(content, *names):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist() if name not in names})


ROOTFILE = '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
CONTAINERS = {
    "no declaration": f"<container><rootfiles>{ROOTFILE}</rootfiles></container>",
    "a prefix": f"<c:container xmlns:c='x'><c:rootfiles>{ROOTFILE.replace('<', '<c:')}</c:rootfiles></c:container>",
    "not closed": f"<container><rootfiles>{ROOTFILE}",
    "no type": ROOTFILE.replace(' media-type="application/oebps-package+xml"', ""),
    "another first": '<rootfile full-path="book.pdf" media-type="application/pdf"/>' + ROOTFILE,
    "a slash": ROOTFILE.replace("OEBPS", "/OEBPS"),
    "a point": ROOTFILE.replace("OEBPS", "./OEBPS"),
    "a backslash": ROOTFILE.replace("OEBPS/", "OEBPS\\"),
    "another case": ROOTFILE.replace("OEBPS", "oebps"),
    "another place": ROOTFILE.replace("OEBPS", "OPS"),
    "a line before": "\n\n" + CONTAINER,
    "two roots": f"<x/>{CONTAINER}</container>",
    "an ampersand": CONTAINER.replace("<rootfiles>", "A & B<rootfiles>"),
    "utf-16": CONTAINER.replace('<?xml version="1.0"?>', "").encode("utf-16"),
    "utf-16 without a mark": CONTAINER.replace('<?xml version="1.0"?>', "").encode("utf-16-le"),
    "nothing": "",
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_odd_containers(container):
    assert read(book(TWO, {"META-INF/container.xml": container})) == (CHAPTERS, [])


def test_no_container():
    assert read(without(book(TWO), "META-INF/container.xml")) == (CHAPTERS, [])
    assert read(without(book(TWO), "META-INF/container.xml", "mimetype"), "") == (CHAPTERS, [])


PLAIN_OPF = opf(list(TWO))
PACKAGES = {
    "prefixes": PLAIN_OPF.replace("<", "<opf:").replace("<opf:/", "</opf:").replace("<opf:?", "<?"),
    "prefixed attributes": PLAIN_OPF.replace("href=", "opf:href=").replace("idref=", "opf:idref="),
    "no declared prefix": PLAIN_OPF.replace("<manifest>", "<metadata><dc:title>X & Y</dc:title></metadata><manifest>"),
    "an unknown entity": PLAIN_OPF.replace("<manifest>", "<dc:title>&nbsp;&nosuch;</dc:title><manifest>"),
    "an entity of its own": "<!DOCTYPE package [<!ENTITY f 'a'>]>" + PLAIN_OPF[21:].replace("a.xhtml", "&f;.xhtml"),
    "not closed": PLAIN_OPF.replace("</spine></package>", ""),
    "never closed tags": PLAIN_OPF.replace("/>", ">"),
    "single quotes": PLAIN_OPF.replace('"', "'"),
    "no quotes": PLAIN_OPF.replace('<?xml version="1.0"?>', "").replace('"', ""),
    "capitals": PLAIN_OPF.replace("item ", "ITEM ").replace("itemref ", "ItemRef "),
    "a comment": PLAIN_OPF.replace("<spine>", '<!-- <itemref idref="none"/> --><spine>'),
    "blanks around ids": PLAIN_OPF.replace('"i0"', '" i0 "', 1),
    "control characters": PLAIN_OPF.replace("<manifest>", "\x0b\x1f<manifest>"),
    "windows": PLAIN_OPF.replace("<manifest>", "<dc:title>\xdc</dc:title><manifest>").encode("cp1252"),
    "no order": PLAIN_OPF[: PLAIN_OPF.index("<spine>")],
    "names instead of ids": PLAIN_OPF.replace('idref="i0"', 'idref="a.xhtml"'),
    "from the root": PLAIN_OPF.replace('href="', 'href="OEBPS/'),
    "one level too high": PLAIN_OPF.replace('href="', 'href="../../OEBPS/'),
}


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES)
def test_odd_packages(package):
    chapters, notes = read(book(TWO, {"OEBPS/book.opf": package}))
    assert (chapters, [note for note in notes if "Windows" not in note]) == (CHAPTERS, [])


def test_without_a_package_the_documents_come_in_the_order_of_their_names():
    documents = {f"c{n}.xhtml": xhtml(f"<h1>{n}</h1><p>{STORY}</p>") for n in (10, 9, 2)}
    content = without(book(documents), "OEBPS/book.opf")
    chapters, notes = read(content)
    assert [title for title, _ in chapters] == ["2", "9", "10"]
    assert notes == ["META-INF/container.xml names no package: the documents are taken in the order of their names"]
    chapters, notes = read(book(documents, {"OEBPS/book.opf": "<package/>"}))
    assert [title for title, _ in chapters] == ["2", "9", "10"]
    assert notes == ["OEBPS/book.opf names no documents: they are taken in the order of their names"]


def test_what_is_missing_is_told_and_the_rest_is_read():
    content = book(TWO, {"OEBPS/book.opf": opf([*TWO, *(f"c{n}.xhtml" for n in range(5)), "http://a.b/d.xhtml"])})
    assert read(content) == (CHAPTERS, ["left out c0.xhtml, c1.xhtml, c2.xhtml and 3 more: not in the book"])
    assert read(book(TWO, spine_extra='<itemref idref="no"/>')) == (CHAPTERS, ["left out no: not in the book"])
    assert read(book(TWO, spine_extra="<itemref/>")) == (
        CHAPTERS,
        ["left out a document without a name: not in the book"],
    )


@pytest.mark.parametrize(
    "nav",
    [
        "",
        "\0" * 999,
        "<nav epub:type='toc'><ol><li><a href='a.xhtml'>",
        "<ol",
        "<nav epub:type='toc'><a href='../../x'>X</a></nav>",
    ],
)
def test_a_table_of_contents_that_cannot_be_used(nav):
    extra = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    assert read(book(TWO, {"OEBPS/nav.xhtml": nav}, extra=extra)) == (CHAPTERS, [])


def test_a_table_of_contents_within_the_text():
    nav = xhtml(f'<nav epub:type="toc"><ol><li><a href="#one">I</a></li></ol></nav><h1 id="one">One</h1><p>{STORY}</p>')
    extra = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    content = book({"nav.xhtml": nav}, extra=extra.replace("nav.xhtml", "nav.xhtml"))
    assert spoken(content) == f"One.\n\n{STORY}"


UMLAUTS = "Über Füße läuft „etwas“ – schön."
ENCODINGS = {
    "meta charset": (
        f'<html><head><meta charset="windows-1252"/></head><body><p>{UMLAUTS}</p></body></html>',
        "cp1252",
    ),
    "meta http-equiv": (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"></head>'
        f"<body><p>{UMLAUTS}</p></body></html>",
        "cp1252",
    ),
    "UTF-16 without a mark": (xhtml(f"<p>{UMLAUTS}</p>", declaration=""), "utf-16-le"),
    "UTF-16 from the other end": (xhtml(f"<p>{UMLAUTS}</p>", declaration=""), "utf-16-be"),
    "a mark": (xhtml(f"<p>{UMLAUTS}</p>", declaration=""), "utf-8-sig"),
}


@pytest.mark.parametrize(("text", "encoding"), ENCODINGS.values(), ids=ENCODINGS)
def test_encodings_that_only_the_page_tells(text, encoding):
    assert read(book({"a.xhtml": text.encode(encoding)})) == ([("", UMLAUTS)], [])


def test_windows_1252_that_is_called_utf_8():
    content = book({"a.xhtml": xhtml(f"<p>{UMLAUTS}</p>").encode("cp1252")})
    assert read(content) == ([("", UMLAUTS)], ["OEBPS/a.xhtml is not UTF-8 text: read as Windows-1252"])


@pytest.mark.parametrize("encoding", ["klingon", "zip", "utf_8_sig", "punycode", "UTF-16"])
def test_encodings_that_are_none(encoding):
    text = xhtml(f"<p>{UMLAUTS}</p>", declaration=f'<?xml version="1.0" encoding="{encoding}"?>')
    assert spoken(book({"a.xhtml": text})) == UMLAUTS


def test_harmless_entities():
    doctype = '<!DOCTYPE html [<!ENTITY nbsp "&#160;"><!ENTITY who "the <b>author</b>">]>'
    text = f"<?xml version='1.0'?>{doctype}<html><body><p>By&nbsp;&who; &amp; {STORY}</p></body></html>"
    assert read(book({"a.xhtml": text})) == ([("", f"By the author & {STORY}")], [])


def test_tag_soup():
    soup = f"<p>{STORY}<p>{MORE}<br><img src=x><b>bold<i>both</b>italic</i> <a href=x>AT&T <3 you</p></div>"
    assert read(book({"a.xhtml": soup})) == ([("", f"{STORY}\n\n{MORE}\nboldbothitalic AT&T <3 you")], [])


def damaged(content, name, change):
    """The archive with the packed bytes of one file changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo(name)
    start = info.header_offset + 30 + len(name)
    data = bytearray(content)
    data[start : start + info.compress_size] = change(content[start : start + info.compress_size])
    return bytes(data)


def test_a_checksum_that_does_not_match():
    content = book(TWO)
    data = bytearray(content)
    checksum = zlib.crc32(TWO["b.xhtml"].encode()).to_bytes(4, "little")
    assert data.count(checksum) == 2
    content = bytes(data.replace(checksum, b"\0\1\2\3"))
    assert read(content) == (CHAPTERS, ["OEBPS/b.xhtml is damaged: its checksum is another"])


def test_a_book_that_is_cut_short_is_read_up_to_there():
    random.seed(1)
    words = " ".join("".join(random.choices("abcdefghij", k=6)) for _ in range(9000))
    content = book(TWO | {"c.xhtml": xhtml(f"<h1>Three</h1><p>{words}</p>")})
    chapters, notes = read(content[: len(content) * 2 // 3])
    assert chapters[:2] == CHAPTERS
    assert chapters[2][1].startswith(f"Three.\n\n{words[:20000]}")
    assert notes == ["OEBPS/c.xhtml is damaged: read as far as it goes"]


def test_a_file_that_cannot_be_unpacked():
    content = damaged(book(TWO | {"c.xhtml": xhtml(MORE)}), "OEBPS/c.xhtml", lambda data: b"\xff" * len(data))
    assert read(content) == (CHAPTERS, ["left out OEBPS/c.xhtml: damaged"])


def test_a_file_with_a_password():
    data = bytearray(book(TWO | {"c.xhtml": xhtml(MORE)}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    assert read(bytes(data)) == (CHAPTERS, ["left out OEBPS/c.xhtml: locked with a password"])


def with_nameless(content):
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("x", b"")
        archive.infolist()[-1].filename = ""
    return file.getvalue()


ARCHIVES = {
    "garbage after": lambda content: content + b"\0" * 100_000,
    "a few bytes after": lambda content: content + b"\r\n",
    "garbage before": lambda content: b"HTTP/1.1 200 OK\r\n\r\n" + content,
    "cut short": lambda content: content[: content.index(b"PK\x01\x02") + 20],
    "without its end": lambda content: content[:-22],
    "a file without a name": with_nameless,
}


@pytest.mark.parametrize("change", ARCHIVES.values(), ids=ARCHIVES)
def test_archives_that_are_not_quite_whole(change):
    assert read(change(book(TWO))) == (CHAPTERS, [])


def test_an_archive_that_was_written_to_a_pipe_and_cut_short():
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive, zipfile.ZipFile(io.BytesIO(book(TWO))) as whole:
        for name in whole.namelist():
            archive.writestr(name, whole.read(name))
    assert read(pipe.data[: pipe.data.index(b"PK\x01\x02")]) == (CHAPTERS, [])


@pytest.mark.parametrize("path", ["", "book", "book.zip", "book.txt", "book.docx", "book.EPUB"])
def test_a_book_is_known_by_what_it_holds(path):
    assert read(book(TWO), path) == (CHAPTERS, [])
    assert read(renamed(book(TWO), lambda name: f"My Book/{name}"), path) == (CHAPTERS, [])


def test_fonts_may_be_scrambled():
    assert read(book(PLAIN, {"META-INF/encryption.xml": encryption("font", "f.otf")})) == ([("", STORY)], [])
    assert read(book(PLAIN, {"META-INF/encryption.xml": "<encryption>"})) == ([("", STORY)], [])


def test_a_kilobyte_of_comments_takes_no_time():
    content = book({"a.xhtml": "<!--" * 250_000 + f"<p>{STORY}</p>"})
    assert len(content) < 3000
    assert spoken(content).endswith(STORY)
