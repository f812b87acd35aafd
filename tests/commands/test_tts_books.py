"""`eleven tts` reads books: what is paid for is the text, once, and what is left out is told."""

import subprocess

import pytest

from eleven_cli.commands.tts.chapters import chapter_name
from tests.support.epub import STORY, TWO, book, opf, places, xhtml
from tests.support.service import audio_reply
from tests.support.speech_socket import heard

PCM = ("--format", "pcm_16000")


@pytest.fixture
def speech(service):
    service.on_speech(audio_reply([b"\0\0"]))
    return service


def spoken_by(service):
    return "".join(request.json["text"] for request in service.requests)


@pytest.mark.parametrize("name", ["book.epub", "book", "book.zip"])
def test_places_in_a_document_are_paid_for_once(eleven, speech, tmp_path, name):
    (tmp_path / name).write_bytes(book(TWO, {"OEBPS/book.opf": places("a.xhtml#x", "a.xhtml#y", "b.xhtml")}))
    outcome = eleven("tts", "-f", str(tmp_path / name), *PCM)
    assert (outcome.code, "warning" in outcome.err) == (0, False)
    assert spoken_by(speech).count(STORY) == 1


@pytest.mark.parametrize("dry", [True, False])
def test_what_is_repeated_or_left_out_is_told(eleven, speech, tmp_path, dry):
    package = places("a.xhtml", "b.xhtml", "none.xhtml", order=[0, 1, 0, 2])
    (tmp_path / "book.epub").write_bytes(book(TWO, {"OEBPS/book.opf": package}))
    outcome = eleven("tts", "-f", str(tmp_path / "book.epub"), *(["--dry-run"] if dry else PCM))
    assert outcome.code == 0
    assert "book.epub: reads OEBPS/a.xhtml 2 times, as the book's order says: 61 characters more" in outcome.err
    assert "book.epub: left out none.xhtml: not in the book" in outcome.err
    assert spoken_by(speech).count(STORY) == (0 if dry else 2)


@pytest.mark.parametrize("argv", [("-f", "-"), ("--no-live",), ("-",)])
def test_a_book_from_a_pipe(eleven, speech, argv):
    outcome = eleven("tts", *argv, "--no-live", *PCM, stdin=book(TWO, {"OEBPS/book.opf": opf([*TWO, "none.xhtml"])}))
    assert outcome.code == 0, outcome.err
    assert STORY in spoken_by(speech)
    assert "stdin: left out none.xhtml: not in the book" in outcome.err


def test_a_book_from_a_pipe_that_is_spoken_live(spawn, narrator):
    process = spawn("tts", "--live", *PCM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    content = book(TWO, {"OEBPS/book.opf": opf([*TWO, "none.xhtml"])})
    out, err = process.communicate(content, timeout=30)
    assert process.returncode == 0, err
    assert STORY in heard(out)
    assert b"stdin: left out none.xhtml: not in the book" in err


def test_nothing_is_paid_for_a_dangerous_book(eleven, speech, tmp_path):
    bad = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + xhtml("<p>&a;</p>")
    (tmp_path / "book.epub").write_bytes(book({"a.xhtml": bad.encode("utf-16-le")}))
    outcome = eleven("tts", "-f", str(tmp_path / "book.epub"), *PCM)
    assert (outcome.code, speech.requests) == (2, [])
    assert "is not safe to read" in outcome.err


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a\x1b]0;x\x07b", "a ]0;x b"),
        ("a\u202egpj.b\u2066c\u200fd", "a gpj.b c d"),
        ("a\x85b\u2028c\x7fd\x9be", "a b c d e"),
        ("../../etc/passwd", "etc passwd"),
        ("\ud800x", "x"),
        ("\u202e\u200f", "chapter 1"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("漢" * 99, "漢" * 53),
    ],
)
def test_titles_in_names_of_files_are_harmless(title, name):
    assert chapter_name("{title}.mp3", 1, title) == f"{name}.mp3"
