"""`eleven tts` reads what files and pipes hold, and nothing of how it is written down."""

import os
import shlex
import subprocess

import pytest

from tests.support.documents import PAGE, SRT, zipped
from tests.support.guard import GUARD_S
from tests.support.service import audio_reply, spoken_by
from tests.support.speech_socket import heard

PCM = ("--format", "pcm_16000")
LIVE_MARKDOWN = (
    "---\ntitle: A title\ntags: [a, b]\n---\n"
    "# Head {#top}\n\n> [!NOTE]\n> Mind this. Well.\n\n- [ ] a task[^1] :tada:\n- whole<br>2 l\n\n"
    "| a | b |\n|---|---|\n| 1<br>2 | $x$ |\n\n[^1]: A note. Of two.\n    And more.\n\n"
    "<!-- no. Really no -->See [it][r]: `$HOME`.\n\n[r]: https://x.y 'A title. Too'\n\n$$\nE = mc^2. X\n$$\n\nEnd.\n"
)
LIVE_WORDS = "Head. Mind this. Well. a task whole 2 l a, b. 1 2, x. See it: $HOME. End."


@pytest.fixture
def speech(service):
    service.on_speech(audio_reply([b"\0\0"]))
    return service


def written_in_pieces(process, data, size):
    for at in range(0, len(data), size):
        os.write(process.stdin.fileno(), data[at : at + size])
    process.stdin.close()
    process.stdin = None
    out, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 0, err
    return heard(out)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("page.html", f"<html><head><title>T</title></head><body>{PAGE}</body></html>", "Head. One two bold. a b"),
        ("a.srt", SRT, "One and two. Three & four."),
        ("a.md", LIVE_MARKDOWN, LIVE_WORDS),
        ("colours.txt", "\x1b[1;31mRed\x1b[0m \x1b]8;;https://x.y\x1b\\link\x1b]8;;\x07, N\bNow.", "Red link, Now."),
    ],
)
def test_a_file_is_read_without_its_marks(eleven, speech, tmp_path, name, content, text):
    (tmp_path / name).write_text(content)
    assert eleven("tts", *PCM, "-f", str(tmp_path / name)).code == 0
    assert [" ".join(each.split()) for each in spoken_by(speech)] == [text]


@pytest.mark.parametrize(
    ("name", "content", "way"),
    [
        ("a b.pdf", b"%PDF-1.7\n\xe2", "pdftotext {file} - | eleven tts"),
        ("x.rtf", b"{\\rtf1 Hi}", "pandoc {file} -t plain --wrap=none | eleven tts"),
        ("x.docx", zipped("word/document.xml"), "pandoc {file} -t plain --wrap=none | eleven tts"),
        ("x.odt", zipped("content.xml", mimetype="application/vnd.oasis.opendocument.text"), "pandoc {file}"),
        ("x.png", b"\x89PNG\r\n", "tesseract {file} - | eleven tts"),
        ("x.mp3", b"ID3\x04\x00", "eleven stt {file}"),
    ],
)
def test_what_cannot_be_read_is_refused_before_it_is_paid_for(eleven, speech, tmp_path, name, content, way):
    path = tmp_path / name
    path.write_bytes(content)
    outcome = eleven("tts", *PCM, "-f", str(path))
    assert outcome.code == 2
    assert "not text" in outcome.error
    assert way.replace("{file}", f"'{path}'" if " " in name else str(path)) in outcome.hint
    piped = eleven("tts", *PCM, "--no-live", stdin=content)
    assert (piped.code, piped.out) == (2, b"")
    assert "stdin is" in piped.error
    assert speech.requests == []


def test_what_cannot_be_read_is_refused_in_a_live_pipe(spawn, narrator):
    process = spawn("tts", *PCM, stdin=subprocess.PIPE)
    out, err = process.communicate(b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", timeout=GUARD_S)
    assert (process.returncode, out) == (2, b"")
    assert b"stdin is a PDF, not text" in err
    assert b"pdftotext FILE - | eleven tts" in err


@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_markdown_that_arrives_in_pieces(spawn, narrator, size):
    process = spawn("tts", *PCM, "--markdown", stdin=subprocess.PIPE)
    said = written_in_pieces(process, LIVE_MARKDOWN.encode(), size)
    assert "".join(said.split()) == "".join(LIVE_WORDS.split())


@pytest.mark.parametrize("size", [1, 10_000])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\x1b]0;a title\x07\x1b[31mRed. \x1b[0mAnd \x9b1mbold\x9b0m.\n", "Red. And bold."),
        ("See \x1b]8;;https://x.y/?a. b\x1b\\a link\x1b]8;;\x1b\\. Ok.\n", "See a link. Ok."),
        (f"<!DOCTYPE html><html><body>{PAGE}</body></html>", "Head. One two bold. a b"),
        (SRT, "One and two. Three & four."),
    ],
)
def test_a_live_pipe_is_read_without_its_marks(spawn, narrator, text, words, size):
    process = spawn("tts", *PCM, stdin=subprocess.PIPE)
    said = written_in_pieces(process, text.encode(), size)
    assert "".join(said.split()) == "".join(words.split())


@pytest.mark.parametrize(
    "text",
    [
        "Obst, z. B. Birnen, d. h. gute.",
        "Des fruits, p. ex. Granny Smith.",
        "Фрукты, т. е. яблоки.",
        "« Viens ! » dit-il.",
    ],
)
def test_an_abbreviation_is_one_request(eleven, speech, text):
    assert eleven("tts", *PCM, "-m", "eleven_v3", stdin=text + "\n").code == 0
    assert [each.strip() for each in spoken_by(speech)] == [text]


def test_the_name_of_a_file_is_no_text(eleven, speech, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("notes.txt", "my notes.md", "README"):
        (tmp_path / name).write_text("Hi.")
    outcome = eleven("tts", *PCM, "notes.txt")
    assert (outcome.code, outcome.error) == (2, "error: the text is the name of a file: notes.txt")
    assert outcome.hint == "hint: eleven tts -f notes.txt; to take it as text: eleven tts -- notes.txt"
    several = eleven("tts", *PCM, "notes.txt", "my notes.md")
    assert several.error == "error: the text is a list of file names: notes.txt my notes.md"
    assert several.hint.startswith("hint: eleven tts -f notes.txt -f 'my notes.md'; ")
    assert eleven("tts", *PCM, str(tmp_path / "README")).code == 2
    assert speech.requests == []
    assert eleven("tts", *PCM, "README").code == 0  # which may be a word
    assert eleven("tts", *PCM, "see", "notes.txt").code == 0
    assert eleven("tts", *PCM, "--no-live", stdin="notes.txt").code == 0
    assert eleven("tts", *PCM, "--", "notes.txt").code == 0
    assert spoken_by(speech) == ["README", "see notes.txt", "notes.txt", "notes.txt"]


@pytest.mark.parametrize(
    "words",
    [
        ["chapter1.txt"],
        ["./notes.md"],
        ["./my notes.md"],
        ["~/Documents/a letter.docx"],
        ["../book.epub"],
        ["BOOK.PDF"],
        ["page.html"],
        ["film.srt"],
        ["a.txt", "b.markdown"],
        ["there.txt", "notthere.txt"],
    ],
)
@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--cache",)])
def test_what_looks_like_the_name_of_a_file_is_not_paid_for(eleven, speech, tmp_path, monkeypatch, words, more):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.txt").write_text("Hi.")
    outcome = eleven("tts", *PCM, *more, *words)
    missing = " ".join(word for word in words if word != "there.txt")
    said = f"error: the text looks like a file name, but there is no such file: {missing}"
    assert (outcome.code, outcome.error) == (2, said)
    to_read, as_text = outcome.hint.removeprefix("hint: to read a file: ").split("; to take it as text: ")
    assert shlex.split(to_read) == ["eleven", "tts", *(part for word in words for part in ("-f", word))]
    assert speech.requests == []
    assert eleven(*shlex.split(as_text)[1:]).code == 0
    assert spoken_by(speech) == [" ".join(words)]


@pytest.mark.parametrize("url", ["https://example.com/a.txt", "http://x.y", "ftp://x.y/z?a=b&c", "file:///etc/motd"])
def test_a_url_is_not_paid_for(eleven, speech, url):
    outcome = eleven("tts", *PCM, url)
    assert (outcome.code, outcome.error) == (2, f"error: the text is a URL: {url}")
    assert speech.requests == []
    fetch, as_text = outcome.hint.removeprefix("hint: ").split("; to take it as text: ")
    assert fetch == f"curl -sSL {shlex.quote(url)} | eleven tts"
    assert eleven(*shlex.split(as_text)[1:]).code == 0
    assert spoken_by(speech) == [url]


@pytest.mark.parametrize(
    "words",
    [
        ["See https://example.com/a.txt"],
        ["https://example.com/a.txt", "is new"],
        ["read notes.md"],
        ["Read", "chapter1.txt"],
        ["Open", "a.txt", "and", "b.md."],
        ["chapter1.txt!"],
        ["wikipedia.org"],
        ["example.com"],
        ["Hello.World"],
        ["P.S."],
        ["and/or"],
        ["3.14"],
        [".txt"],
        ["https://"],
        ["Version 2.md"],
    ],
)
def test_a_sentence_with_a_name_in_it_is_spoken(eleven, speech, words):
    assert eleven("tts", *PCM, *words).code == 0
    assert spoken_by(speech) == [" ".join(words)]


def test_a_url_as_a_file_is_to_be_downloaded(eleven, speech):
    outcome = eleven("tts", *PCM, "-f", "https://x.y/a?b&c.txt")
    assert (outcome.code, outcome.hint) == (2, "hint: download it first: curl -sSLO 'https://x.y/a?b&c.txt'")
    assert eleven("sts", "https://x.y/a.mp3").hint == "hint: download it first: curl -sSLO https://x.y/a.mp3"
    assert speech.requests == []


def test_files_are_read_one_after_the_other(eleven, speech, tmp_path):
    (tmp_path / "a.txt").write_text("One *a*.")
    (tmp_path / "b.md").write_text("# Two\n\nx *y*.\n\n# Three\n\nz.")
    files = ("-f", str(tmp_path / "a.txt"), "-f", "-", "-f", str(tmp_path / "b.md"))
    assert eleven("tts", *PCM, *files, stdin="In between.").code == 0
    assert spoken_by(speech) == ["One *a*.\n\nIn between.\n\nTwo.\n\nx y.\n\nThree.\n\nz."]
    assert eleven("tts", *files, "-o", str(tmp_path / "out/{chapter}.pcm"), stdin="In between.").code == 0
    assert sorted(os.listdir(tmp_path / "out")) == ["1.pcm", "2.pcm", "3.pcm", "4.pcm"]


def test_stdin_is_read_only_once(eleven, speech):
    outcome = eleven("tts", *PCM, "-f", "-", "-f", "-", stdin="Hi.")
    assert (outcome.code, outcome.error) == (2, "error: stdin can be read only once")
