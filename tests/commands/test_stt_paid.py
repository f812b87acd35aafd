"""A transcript is paid for when it comes: whatever cannot be made of it or written, it is kept, and said where."""

import json
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.support.guard import GUARD_S
from tests.support.service import json_reply
from tests.support.transcriptions import HEARD
from tests.support.wav_files import wav

STT_PATH, ALIGN = "/v1/speech-to-text", "/v1/forced-alignment"
TEXT = HEARD["text"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The working folder, with recordings; what is temporary goes to tmp/."""
    (tmp_path / "work" / "out").mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path / "work")
    for name in ("one.wav", "two.wav"):
        (tmp_path / "work" / name).write_bytes(wav())
    return tmp_path / "work"


def kept(said):
    """The place that the message names."""
    found = re.search(r"(?:the text|it) is kept in ([^;\n]+?)(?: \(|;|\"|\n|\Z)", said)
    assert found, said
    return Path(found[1])


def export(kind="docx", **more):
    return [{"requested_format": kind, "file_extension": kind, "is_base64_encoded": False, **more}]


NO_DOCUMENT = {
    "none": None,
    "an empty list": [],
    "odd": "odd",
    "odd entries": [None, 7],
    "another one": export("txt", content="x"),
    "without content": export(content=None),
    "a number as content": export(content=5),
    "empty": export(content=""),
    "blank": export(content=" \n"),
    "an error": export(error="the export failed"),
    "no base 64": export(content="no base 64!", is_base64_encoded=True),
}


@pytest.mark.parametrize("sent", NO_DOCUMENT)
def test_a_document_that_does_not_come(eleven, transcriber, place, sent):
    transcriber.on(STT_PATH, json_reply({**HEARD, "additional_formats": NO_DOCUMENT[sent]}))
    (place / "a.docx").write_text("mine")
    result = eleven("stt", "one.wav", "-o", "a.docx")
    assert (result.code, (place / "a.docx").read_text()) == (1, "mine")
    assert (place / "a.txt").read_text() == f"{TEXT}\n"
    assert result.error.startswith("error: the service sent ")
    assert "; the text is kept in a.txt" in result.error
    assert sorted(path.name for path in place.iterdir()) == ["a.docx", "a.txt", "one.wav", "out", "two.wav"]
    assert len(transcriber.requests) == 1


def test_why_a_document_does_not_come_is_said(eleven, transcriber):
    transcriber.on(STT_PATH, json_reply({**HEARD, "additional_formats": NO_DOCUMENT["an error"]}))
    result = eleven("stt", "one.wav", "-o", "a.docx")
    assert "no docx document: the export failed; the text is kept in a.txt" in result.error


@pytest.mark.parametrize("kind", ["docx", "pdf", "html"])
@pytest.mark.parametrize("diarize", [[], ["--diarize"]])
def test_the_text_is_what_text_would_have_been(eleven, transcriber, place, kind, diarize):
    words = [
        {"text": "Hi", "type": "word", "start": 0.0, "end": 0.2, "speaker_id": "a"},
        {"text": "Ho", "type": "word", "start": 0.3, "end": 0.5, "speaker_id": "b"},
    ]
    transcriber.on(STT_PATH, json_reply({**HEARD, "text": "HiHo", "words": words}))
    wanted = eleven("stt", "one.wav", *diarize).text
    assert eleven("stt", "one.wav", *diarize, "-o", f"a.{kind}").code == 1
    assert (place / "a.txt").read_text() == wanted


@pytest.mark.parametrize(("there", "where"), [(["a.txt"], "a.docx.txt"), (["a.txt", "a.docx.txt"], "tmp")])
def test_no_file_is_replaced_for_it(eleven, transcriber, place, there, where):
    for name in there:
        (place / name).write_text("mine")
    result = eleven("stt", "one.wav", "-o", "a.docx")
    found = kept(result.error)
    assert (result.code, found.read_text()) == (1, f"{TEXT}\n")
    assert [(place / name).read_text() for name in there] == ["mine"] * len(there)
    assert where in str(found)


def test_a_document_for_a_pipe_leaves_the_pipe_empty(eleven, transcriber):
    result = eleven("stt", "one.wav", "--format", "docx")
    assert (result.code, result.out) == (1, b"")
    assert kept(result.error).read_text() == f"{TEXT}\n"


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_subtitles_without_timings(eleven, transcriber, place, kind):
    transcriber.on(STT_PATH, json_reply({**HEARD, "words": []}))
    result = eleven("stt", "one.wav", "-o", f"a.{kind}")
    assert result.error == "error: the service sent no timings for subtitles; the text is kept in a.txt"
    assert (result.code, (place / "a.txt").read_text()) == (1, f"{TEXT}\n")
    assert not (place / f"a.{kind}").exists()


def test_a_text_that_only_its_words_tell(eleven, transcriber):
    words = [{"text": text, "type": "word"} for text in ("Hi", " ", "there")]
    transcriber.on(STT_PATH, json_reply({"text": None, "words": words}))
    assert (eleven("stt", "one.wav").text, eleven("stt", "one.wav").code) == ("Hi there\n", 0)


FORMATS = ["txt", "json", "jsonl", "srt", "vtt"]


def whole(kind, text):
    """Whether a file of this kind holds all of the transcript."""
    return json.loads(text) == HEARD if kind.startswith("json") else TEXT.split()[-1] in text


@pytest.mark.parametrize("kind", FORMATS)
def test_a_folder_that_vanishes_meanwhile(eleven, transcriber, place, kind):
    def reply(exchange):
        shutil.rmtree(place / "out")
        json_reply(HEARD)(exchange)

    transcriber.on(STT_PATH, reply)
    result = eleven("stt", "one.wav", "-o", f"out/a.{kind}")
    assert result.code == 1
    (found,) = re.findall(r"is kept in (\S+)", result.error)
    assert whole(kind, Path(found).read_text())


@pytest.mark.parametrize("kind", FORMATS)
def test_a_place_that_takes_nothing(eleven, transcriber, kind):
    result = eleven("stt", "one.wav", "-o", "/dev/full", "--format", {"txt": "text"}.get(kind, kind))
    assert (result.code, result.out) == (1, b"")
    assert "cannot write /dev/full: No space left on device; it is kept in " in result.error
    assert whole(kind, kept(result.error).read_text())


def test_a_document_for_a_place_that_takes_nothing(eleven, transcriber):
    transcriber.on(STT_PATH, json_reply({**HEARD, "additional_formats": export("html", content="<p>Hi</p>")}))
    result = eleven("stt", "one.wav", "-o", "/dev/full", "--format", "html")
    assert kept(result.error).read_text() == "<p>Hi</p>"


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_full_disk_behind_stdout(spawn, transcriber, kind):
    with open("/dev/full", "wb") as full:
        process = spawn("stt", "one.wav", "--format", kind, stdout=full)
        err = process.communicate(timeout=GUARD_S)[1].decode()
    assert process.returncode == 1
    assert "cannot write to standard output" in err
    assert whole(kind, kept(err).read_text())


def test_where_nothing_takes_it_it_is_on_stdout(eleven, transcriber, monkeypatch):
    def full(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    result = eleven("stt", "one.wav", "-o", "/dev/full", "--format", "text")
    assert (result.code, result.text) == (1, f"{TEXT}\n")
    assert result.error.endswith("No space left on device; it is on standard output")


def test_of_several_the_others_are_done(eleven, transcriber, place):
    transcriber.on(STT_PATH, json_reply(HEARD), json_reply({**HEARD, "additional_formats": export(content="D")}))
    result = eleven("stt", "one.wav", "two.wav", "-o", "{stem}.docx")
    assert result.code == 1
    assert result.error == "error: one.wav: the service sent no docx document; the text is kept in one.txt"
    assert (place / "one.txt").read_text() == f"{TEXT}\n"
    assert (place / "two.docx").read_text() == "D"
    assert not (place / "one.docx").exists()


def test_json_names_the_place_in_its_error(eleven, transcriber):
    result = eleven("stt", "one.wav", "-o", "/dev/full", "--json")
    error = json.loads(result.err)["error"]
    assert (result.code, error["exit_code"], error["code"]) == (1, 1, "write_failed")
    assert whole("json", kept(error["message"] + "\n").read_text())


@pytest.mark.parametrize("kind", ["json", "srt"])
def test_an_alignment_is_kept_too(eleven, transcriber, kind):
    letters = [{"text": letter, "start": at / 10, "end": at / 10 + 0.1} for at, letter in enumerate("Hi")]
    transcriber.on(ALIGN, json_reply({"characters": letters, "words": [], "loss": 0.1}))
    result = eleven("align", "one.wav", "Hi", "-o", "/dev/full", "--format", kind)
    assert result.code == 1
    assert "Hi" in kept(result.error).read_text() or json.loads(kept(result.error).read_text())["characters"]
