"""What a file or a stream is, and what is read of it."""

import pytest

from eleven_cli.errors import UsageError
from eleven_cli.text.documents import document
from eleven_cli.text.incoming import Incoming
from eleven_cli.text.subtitles.reading import text_of
from tests.support.documents import PAGE, SRT, zipped

PAGE_WORDS = "Head. One two bold. a b"
VTT = (
    "WEBVTT - a title\nKind: captions\n\nNOTE a comment\nof two lines\n\nSTYLE\n::cue { color: red }\n\n"
    "an id\n00:01.000 --> 00:02.000 align:start\n<v Ann>One <c.red>and</c>\ntwo.\n\n"
    "00:02.000 --> 00:04.000\nThree &amp;\n\n00:04.000 --> 00:06.000\nThree &amp;\nfour.\n"
)
SUBTITLE_WORDS = "One and two.\nThree & four."


READ = [
    ("", f"<!DOCTYPE html>\n<html><head><title>T</title></head><body>{PAGE}</body></html>", PAGE_WORDS),
    ("", f"\ufeff  <HTML lang='en'><body>{PAGE}", PAGE_WORDS),
    ("", f"<!-- saved -->\n<!doctype html><body>{PAGE}", PAGE_WORDS),
    ("", f"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'><body>{PAGE}</body></html>", PAGE_WORDS),
    ("page.html", PAGE, PAGE_WORDS),
    ("page.HTM", PAGE, PAGE_WORDS),
    ("page.xhtml", PAGE, PAGE_WORDS),
    ("", SRT, SUBTITLE_WORDS),
    ("", SRT.replace("\n", "\r\n"), SUBTITLE_WORDS),
    ("", "\ufeff" + SRT, SUBTITLE_WORDS),
    ("a.srt", SRT, SUBTITLE_WORDS),
    ("a.txt", SRT, SUBTITLE_WORDS),
    ("", VTT, SUBTITLE_WORDS),
    ("a.VTT", VTT, SUBTITLE_WORDS),
    ("a.srt", "no cue at all", "no cue at all"),
]
TEXTS = [
    "plain",
    "<break time='1s'/> Hi.",
    "<speak>Hi</speak>",
    "<p>Hi</p>",
    "1. one",
    "12\nmonkeys",
    "%PDF",
    "WEB",
    "{x}",
]
ODD_SUBTITLES = [
    ("Hi &#65;&#99999999; there", "Hi A\ufffd there"),
    (f"Hi &#{'9' * 5000}; there", "Hi \ufffd there"),
    (f"Hi &#{'0' * 5000}65; there", "Hi A there"),
]
TEXTS += ["BM", "I", "RIFF raff", "PK", "<!-- a note --> Hi.", "<?php", "W", "7", "{\\rt"]
REFUSED = [
    (b"%PDF-1.7\n%\xe2\xe3", "a PDF", "pdftotext FILE - | eleven tts"),
    (b"{\\rtf1\\ansi Hi}", "an RTF document", "pandoc FILE -t plain --wrap=none | eleven tts"),
    (b"\xef\xbb\xbf {\\rtf1", "an RTF document", "pandoc FILE"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Office document", "soffice --headless --cat FILE | eleven tts"),
    (b"\x89PNG\r\n\x1a\n", "an image", "tesseract FILE - | eleven tts"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "an image", "tesseract"),
    (b"GIF89a\x01\x00", "an image", "tesseract"),
    (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "an image", "tesseract"),
    (b"\x00\x00\x00\x1cftypheic", "an image", "tesseract"),
    (b"<svg xmlns='x'><text>Hi</text></svg>", "an image", "tesseract"),
    (b"<?xml version='1.0'?>\n<svg xmlns='x'>", "an image", "tesseract"),
    (b"ID3\x04\x00\x00", "audio", "eleven stt FILE"),
    (b"\xff\xfb\x90\x64", "audio", "eleven stt FILE"),
    (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio", "eleven stt FILE"),
    (b"OggS\x00\x02", "audio", "eleven stt FILE"),
    (b"fLaC\x00\x00", "audio", "eleven stt FILE"),
    (b"\x00\x00\x00\x20ftypM4A ", "audio", "eleven stt FILE"),
    (b"\x00\x00\x00\x20ftypisom", "a video", "eleven stt FILE"),
    (b"\x1aE\xdf\xa3\x01", "a video", "eleven stt FILE"),
    (b"\x1f\x8b\x08\x00", "a packed file", "gzip -dc FILE | eleven tts"),
    (b"<?xml version='1.0'?>\n<FictionBook xmlns='x'>", "a FictionBook", "pandoc -f fb2 FILE"),
    (b"<?xml version='1.0'?><rss version='2.0'>", "XML", "xmllint"),
    (zipped("[Content_Types].xml", "word/document.xml"), "a Word document", "pandoc FILE"),
    (zipped("content.xml", mimetype="application/vnd.oasis.opendocument.text"), "an OpenDocument text", "pandoc FILE"),
    (zipped("ppt/presentation.xml"), "an Office document", "soffice"),
    (zipped("a.txt"), "a zip archive", "unzip -p FILE | eleven tts"),
    (b"PK\x03\x04cut off", "a zip archive", "unzip"),
]


def arrived(data, size):
    incoming = Incoming("stdin")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return "".join([*map(incoming.feed, pieces), incoming.end()]), incoming.trouble


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize(("path", "content", "text"), READ)
def test_pages_and_subtitles_are_read(path, content, text):
    read = document(path, content.encode()).chapters
    assert words(" ".join(chapter.text for chapter in read)) == words(text)


@pytest.mark.parametrize(("line", "text"), ODD_SUBTITLES)
def test_numbers_of_characters_that_are_none(line, text):
    content = f"1\n00:00:01,000 --> 00:00:02,000\n{line}\n"
    assert document("a.srt", content.encode()).chapters[0].text == text


@pytest.mark.parametrize(("path", "content", "text"), [each for each in READ if not each[0]])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_they_are_known_by_what_they_hold_in_a_pipe(path, content, text, size):
    found, trouble = arrived(content.encode(), size)
    assert (words(found), trouble) == (words(text), None)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_text_stays_text(text, size):
    assert document("a.txt", text.encode()).chapters[0].text == text
    assert arrived(text.encode(), size) == (text, None)


@pytest.mark.parametrize("text", ["H", "1. ", "<b>", "I am", "Py", "%5", "<!-- a --> b"])
def test_text_is_given_at_once(text):
    assert Incoming("stdin").feed(text.encode()) == text


@pytest.mark.parametrize("text", ["1", "<", "I", "%", "W", "{"])
def test_what_may_be_more_is_given_after_a_pause(text):
    incoming = Incoming("stdin")
    assert incoming.feed(text.encode()) == ""
    assert incoming.pause() == text
    assert incoming.feed(b" more") == " more"


@pytest.mark.parametrize(("content", "name", "way"), REFUSED)
def test_what_is_no_text_is_refused_with_a_way_out(content, name, way):
    with pytest.raises(UsageError) as refused:
        document("", content)
    assert refused.value.message == f"stdin is {name}, not text"
    assert way in refused.value.hint
    text, trouble = arrived(content, 10_000)
    assert (text, trouble and trouble.message, trouble and trouble.hint) == (
        "",
        refused.value.message,
        refused.value.hint,
    )


SUFFIXES = ["pdf", "rtf", "docx", "odt", "doc", "pptx", "xlsx", "ods", "mobi", "azw3", "djvu", "fb2", "tex", "rst"]
SUFFIXES += ["org", "adoc", "ipynb", "ass", "png", "jpg", "svg", "mp3", "wav", "mp4", "zip", "gz", "tar", "ps"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_suffix_is_enough(suffix):
    with pytest.raises(UsageError) as refused:
        document(f"my notes.{suffix.upper()}", b"Some words.")
    assert refused.value.hint.count(f"'my notes.{suffix.upper()}'") >= 1
    assert "eleven" in refused.value.hint


def test_content_counts_more_than_the_name():
    with pytest.raises(UsageError, match="is a PDF"):
        document("a.txt", b"%PDF-1.7")
    assert words(document("a.txt", READ[0][1].encode()).chapters[0].text) == PAGE_WORDS


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("<meta charset=koi8-r>", "koi8-r"), ("<meta charset='windows-1252'>", "cp1252"), ("", "utf-8"), ("", "cp1252")],
)
def test_the_encoding_of_a_page(declared, encoding):
    letters = "Да" if encoding == "koi8-r" else "café"
    content = f"<html>{declared}<p>{letters}.</p>".encode(encoding)
    assert document("x.html", content).chapters[0].text == f"{letters}."


@pytest.mark.parametrize(
    ("cues", "text"),
    [
        ("1\n00:00:01.000 --> 00:00:02.000\nA\nB\n", "A B"),
        ("WEBVTT\n\n1\n1:00:01.000 --> 1:00:02.000\n12:30 is late\n", "12:30 is late"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nA<00:01.500><c> b</c>\n", "A b"),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:02,000 --> 00:00:03,000\nA\n", "A"),
        ("1\n00:00:01,000 --> 00:00:02,000\nI < 3\n", "I < 3"),
    ],
)
def test_subtitles_are_their_words(cues, text):
    assert text_of(cues) == text
