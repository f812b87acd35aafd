"""What a transcript can have instead of its words: entities found and replaced, no fillers; and documents of it."""

import base64
import html
import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest

from eleven_cli.sandbox.hearing.transcription import Word
from eleven_cli.sandbox.transcripts.documents import docx, pdf
from eleven_cli.sandbox.transcripts.edits import edited
from eleven_cli.sandbox.transcripts.entities import find_entities, is_subset, redact
from eleven_cli.sandbox.transcripts.words import join_words, without_fillers

from .conftest import Api
from .uploads import exports, said, transcript, wav

MAIL = "Hello, my name is Ana Keller. Write to ana.keller@example.com, or call +44 20 7946 0958."


def words_of(text: str) -> list[Word]:
    return [Word(word, at / 2, at / 2 + 0.4, "v") for at, word in enumerate(text.split())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mail ana.keller@example.com.", [("email_address", "ana.keller@example.com")]),
        ("call +44 20 7946 0958, please", [("phone_number", "+44 20 7946 0958")]),
        ("call 020 7946 0958", [("phone_number", "020 7946 0958")]),
        ("4111 1111 1111 1111 it is", [("credit_card", "4111 1111 1111 1111")]),
        ("see https://example.com/a?b=1.", [("url", "https://example.com/a?b=1")]),
        ("at 12:30, for 1,250.50 pounds", [("number", "12:30"), ("number", "1,250.50")]),
        ("My name is Ana. Dr. Zoë Keller came", [("person_name", "Ana"), ("person_name", "Zoë Keller")]),
        ("Ana went to Paris", []),  # nothing tells a name from another word
        ("MP3 and 3D", []),
    ],
)
def test_what_is_found(text: str, found: list[tuple[str, str]]) -> None:
    entities = find_entities(text, ["all"])
    assert [(entity.kind, entity.text) for entity in entities] == found
    assert all(text[entity.start : entity.end] == entity.text for entity in entities)


@pytest.mark.parametrize(
    ("wanted", "redacted"),
    [
        (["email_address"], "My name is Ana, mail {EMAIL_ADDRESS_1}, or {EMAIL_ADDRESS_2}: 12."),
        (["pii"], "My name is {PERSON_NAME_1}, mail {EMAIL_ADDRESS_1}, or {EMAIL_ADDRESS_2}: 12."),
        (["pci"], "My name is Ana, mail a@b.org, or c@d.org: 12."),
        (["all"], "My name is {PERSON_NAME_1}, mail {EMAIL_ADDRESS_1}, or {EMAIL_ADDRESS_2}: {NUMBER_1}."),
    ],
)
def test_what_is_replaced(wanted: list[str], redacted: str) -> None:
    words = words_of("My name is Ana, mail a@b.org, or c@d.org: 12.")
    found = redact(words, find_entities(join_words(words), wanted), "enumerated_entity_type")
    assert join_words(found) == redacted


@pytest.mark.parametrize(
    ("mode", "said"), [("redacted", "call {REDACTED}, now"), ("entity_type", "call {PHONE_NUMBER}, now")]
)
def test_several_words_become_one(mode: str, said: str) -> None:
    words = words_of("call +44 20 7946 0958, now")
    found = redact(words, find_entities(join_words(words), ["pii"]), mode)
    assert join_words(found) == said
    assert (found[1].start_s, found[1].end_s) == (words[1].start_s, words[4].end_s)


def test_two_in_one_word() -> None:
    words = words_of("a@b.org/c@d.org 1-2")
    found = redact(words, find_entities(join_words(words), ["all"]), "entity_type")
    assert join_words(found) == "{EMAIL_ADDRESS}/{EMAIL_ADDRESS} {NUMBER}-{NUMBER}"


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ([], ["pii"], True),
        (["pii"], ["pii", "pci"], True),
        (["email_address"], ["pii"], True),
        (["brand_new"], ["all"], True),
        (["brand_new"], ["brand_new"], True),
        (["all"], ["pii", "phi", "pci", "other", "offensive_language"], False),
        (["phi"], ["pii"], False),
        (["pii"], [], False),
    ],
)
def test_a_subset(part: list[str], whole: list[str], expected: bool) -> None:
    assert is_subset(part, whole) is expected


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Um, the trains, uh, are late.", "The trains, are late."),
        ("so um I erm went", "so I went"),
        ("Um. Uh!", ""),
        ("Umbrellas hum.", "Umbrellas hum."),
    ],
)
def test_without_fillers(text: str, left: str) -> None:
    assert join_words(without_fillers(words_of(text))) == left


def test_a_transcript_with_its_entities(api: Api) -> None:
    audio = wav(said(api, MAIL))
    body = transcript(api, audio, entity_detection="pii")
    assert [one["entity_type"] for one in body["entities"]] == ["person_name", "email_address", "phone_number"]
    assert all(MAIL[one["start_char"] : one["end_char"]] == one["text"] for one in body["entities"])
    redacted = transcript(api, audio, entity_detection="pii", entity_redaction='["email_address"]', diarize="true")
    said_instead = MAIL.replace("ana.keller@example.com", "{EMAIL_ADDRESS_1}")
    assert (redacted["text"], redacted["entities"]) == (said_instead, None)
    assert "".join(word["text"] for word in redacted["words"]) == said_instead


# edits


@pytest.mark.parametrize(
    ("instruction", "made"),
    [
        ('Replace "trains" with "buses".', "The buses are late, are they?"),
        ("change 'LATE' to 'on time', then upper case", "THE TRAINS ARE ON TIME, ARE THEY?"),
        ('Remove the word "are"', "The trains late, they?"),
        ("Remove punctuation. All lower-case!", "the trains are late are they"),
        ('replace "a" by "o"', "The trains are late, are they?"),  # whole words
        (r'replace "late" with "\1"', r"The trains are \1, are they?"),
        ("Translate it into Greek.", "The trains are late, are they?"),
        ("", "The trains are late, are they?"),
    ],
)
def test_what_an_instruction_makes_of_a_text(instruction: str, made: str) -> None:
    assert edited("The trains are late, are they?", instruction) == made


def test_a_transcript_that_is_edited(api: Api) -> None:
    audio = wav(said(api))
    plain = transcript(api, audio)
    body = transcript(api, audio, transcript_edit="upper case")
    assert body["text"] == plain["text"]
    made = plain["text"].upper()
    assert body["edited_transcript"] == {"kind": "transcript", "text": made, "edited_text": made}
    assert "edited_transcript" not in plain


@pytest.mark.parametrize(
    "more", [{"entity_detection": "pii"}, {"use_multi_channel": "true"}, {"transcript_edit": "x" * 2001}]
)
def test_what_an_edit_does_not_go_with(api: Api, more: dict[str, str]) -> None:
    fields = {"model_id": "scribe_v2", "transcript_edit": "upper case", **more}
    answer = api("POST", "/v1/speech-to-text", data=fields, files={"file": ("a.wav", wav(said(api)))})
    assert (answer.status_code, answer.json()["detail"]["param"]) == (400, "transcript_edit")


# documents


def paragraphs_of(document: dict[str, Any]) -> str:
    """The text of a document, as a reader of its kind finds it."""
    content = document["content"]
    if not document["is_base64_encoded"]:
        return html.unescape(" ".join(re.findall(r"<p>(.*?)</p>", content)))
    data = base64.b64decode(content)
    if document["file_extension"] == "docx":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            assert names[:2] == ["[Content_Types].xml", "_rels/.rels"]
            root = ElementTree.fromstring(archive.read("word/document.xml"))
        return " ".join(root.itertext())
    return " ".join(text_of_pdf(data))


def text_of_pdf(data: bytes) -> list[str]:
    """The lines of a PDF, found by its table of objects."""
    assert data.startswith(b"%PDF-1.4\n")
    assert data.endswith(b"%%EOF\n")
    start = int(data.split(b"startxref\n")[1].split()[0])
    offsets = [int(entry[:10]) for entry in data[start:].split(b"\n")[3:] if entry.endswith(b" n ")]
    lines: list[str] = []
    for number, offset in enumerate(offsets, 1):
        assert data[offset:].startswith(b"%d 0 obj" % number)
        if stream := re.match(rb"\d+ 0 obj\n<< /Length (\d+) >>\nstream\n", data[offset:]):
            at = offset + stream.end()
            content = data[at : at + int(stream[1])]
            assert data[at + int(stream[1]) :].startswith(b"\nendstream")
            lines += [re.sub(r"\\(.)", r"\1", one.decode("cp1252")) for one in re.findall(rb"\((.*)\) Tj", content)]
    return lines


@pytest.mark.parametrize("format", ["docx", "pdf", "html"])
def test_documents(api: Api, format: str) -> None:
    audio = wav(said(api, "Tom & Ana (both) are <late>."))
    wanted = exports({"format": format}, {"format": format, "include_timestamps": False, "include_speakers": False})
    full, plain = transcript(api, audio, diarize="true", additional_formats=wanted)["additional_formats"]
    assert full["requested_format"] == full["file_extension"] == format
    assert "[speaker_0] Tom & Ana (both) are <late>." in paragraphs_of(full)
    assert "00:00:00,0" in paragraphs_of(full)
    assert paragraphs_of(plain).strip() == "Tom & Ana (both) are <late>."


def test_a_long_pdf_has_pages() -> None:
    data = pdf([f"Paragraph {number}: " + "many words " * 20 for number in range(100)])
    assert data.count(b"/Type /Page ") == 9
    assert sum("Paragraph" in line for line in text_of_pdf(data)) == 100


def test_letters_that_are_none_of_a_documents() -> None:
    assert text_of_pdf(pdf(["Zoë – 日本"]))[0] == "Zoë – ??"
    with zipfile.ZipFile(io.BytesIO(docx(["Zoë\x00\x1b – 日本"]))) as archive:
        assert "".join(ElementTree.fromstring(archive.read("word/document.xml")).itertext()) == "Zoë – 日本"
