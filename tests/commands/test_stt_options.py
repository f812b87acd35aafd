"""What `eleven stt` can make of a recording: redacted, with entities or roles, of several languages, as a document."""

import base64
import json
import zipfile

import pytest

from tests.support.receiver import form_of, parts_of
from tests.support.service import json_reply
from tests.support.transcriptions import HEARD, STT_PATH, says, word
from tests.support.wav_files import wav

SAID = "My name is Ana Keller, and I live at 12 Mill Lane. Write to ana@example.com."


def document(kind, content, **more):
    made = {"requested_format": kind, "file_extension": kind, "content_type": "x/y", "is_base64_encoded": False}
    return {**made, "content": content, **more}


# what is sent


@pytest.mark.parametrize(
    ("argv", "fields"),
    [
        (["--redact", "pii"], {"entity_detection": "pii", "entity_redaction": "pii"}),
        (
            ["--redact", "PII, credit_card", "--redact", "phi", "--redact", "pii"],
            {
                "entity_detection": '["pii", "credit_card", "phi"]',
                "entity_redaction": '["pii", "credit_card", "phi"]',
            },
        ),
        (["--entities"], {"entity_detection": "all"}),
        (["--no-verbatim"], {"no_verbatim": "true"}),
        (["--roles"], {"diarize": "true", "detect_speaker_roles": "true"}),
        (
            ["--roles", "--speakers", "2"],
            {"diarize": "true", "num_speakers": "2", "detect_speaker_roles": "true"},
        ),
        (["--language", "en"], {"language_code": "en"}),
        (["--no-verbatim", "-m", "scribe_v9"], {"no_verbatim": "true", "model_id": "scribe_v9"}),
    ],
)
def test_what_is_sent(eleven, transcriber, recording, argv, fields):
    assert eleven("stt", recording, *argv).code == 0
    assert form_of(transcriber.requests[0]) == {"model_id": "scribe_v2", **fields}


def test_several_languages(eleven, transcriber, recording):
    argv = ["-m", "scribe_v3", "--language", "en", "--language", "IT", "--language", "de"]
    assert eleven("stt", recording, *argv).code == 0
    sent = [(part.name, part.value) for part in parts_of(transcriber.requests[0]) if "language" in part.name]
    assert sent == [
        ("language_code", b"en"),
        ("secondary_language_codes", b"it"),
        ("secondary_language_codes", b"de"),
    ]


@pytest.mark.parametrize(
    ("argv", "options"),
    [([], {}), (["--timestamps", "none"], {"include_timestamps": False}), (["--timestamps", "word"], {})],
)
def test_a_document_is_asked_for(eleven, transcriber, recording, tmp_path, argv, options):
    transcriber.on(STT_PATH, json_reply({**HEARD, "additional_formats": [None, document("html", "<p>Hi</p>")]}))
    assert eleven("stt", recording, "-o", str(tmp_path / "a.html"), *argv).code == 0
    (part,) = (part for part in parts_of(transcriber.requests[0]) if part.name == "additional_formats")
    assert (json.loads(part.value), part.media_type) == ([{"format": "html", **options}], "application/json")


def test_a_document_of_a_url(eleven, transcriber, tmp_path):
    transcriber.on(STT_PATH, json_reply({**HEARD, "additional_formats": [document("html", "<p>Hi</p>")]}))
    argv = ["--url", "https://example.com/a.mp3", "-o", str(tmp_path / "{stem}.html")]
    assert eleven("stt", *argv, tty="in").code == 0
    assert (tmp_path / "a.html").read_text() == "<p>Hi</p>"
    assert form_of(transcriber.requests[0])["additional_formats"] == '[{"format": "html"}]'


# what comes out


@pytest.mark.parametrize("kind", ["docx", "pdf", "html"])
@pytest.mark.parametrize("where", ["file", "stdout"])
def test_a_document_is_written_as_it_is(eleven, transcriber, recording, tmp_path, kind, where):
    data, is_base64 = ("<p>é\x1b[2J</p>".encode(), False) if kind == "html" else (bytes(range(256)), True)
    content = base64.b64encode(data).decode() if is_base64 else data.decode()
    made = document(kind, content, is_base64_encoded=is_base64)
    transcriber.on(STT_PATH, json_reply({**HEARD, "additional_formats": [made]}))
    argv = ["-o", str(tmp_path / f"a.{kind}")] if where == "file" else ["--format", kind]
    result = eleven("stt", recording, *argv)
    assert (result.code, result.err) == (0, "")
    assert (tmp_path / f"a.{kind}").read_bytes() == data if where == "file" else result.out == data
    assert (tmp_path / f"a.{kind}").exists() is (where == "file")


def test_entities_are_listed_below_the_text_and_once(eleven, transcriber, recording):
    found = [
        {"text": "Ana\x1b[2J", "entity_type": "person_name", "start_char": 0, "end_char": 3},
        {"text": "a@b.org", "entity_type": "email_address", "start_char": 9, "end_char": 16},
        {"text": "a@b.org", "entity_type": "email_address", "start_char": 20, "end_char": 27},
        "odd",
        {"text": None},
    ]
    transcriber.on(STT_PATH, json_reply({**HEARD, "entities": found[:4]}))
    text = "Hi there. Hello & bye!\n\nperson_name: Ana\\x1b[2J\nemail_address: a@b.org\n"
    assert eleven("stt", recording, "--entities").text == text
    transcriber.on(STT_PATH, json_reply({**HEARD, "entities": found}))
    assert json.loads(eleven("stt", recording, "--entities", "--json").text)["entities"] == found
    transcriber.on(STT_PATH, json_reply({**HEARD, "entities": "odd"}))
    assert eleven("stt", recording, "--entities").text == "Hi there. Hello & bye!\n"


def test_roles(eleven, transcriber, recording):
    words = [word("Hello, how can I help? ", 0.0, 0.9, "agent"), word("I am lost.", 1.5, 2.75, "customer")]
    transcriber.on(STT_PATH, json_reply({**HEARD, "words": words}))
    assert eleven("stt", recording, "--roles").text == "Agent: Hello, how can I help?\nCustomer: I am lost.\n"


# what is refused before anything is sent


@pytest.mark.parametrize(
    ("argv", "said", "hint"),
    [
        (["--redact", "credit card"], 'takes categories or types of entities, not "credit card"', "all, pii"),
        (["--redact", ""], 'takes categories or types of entities, not ""', "all, pii"),
        (["--redact", "pii,,phi"], 'takes categories or types of entities, not ""', "all, pii"),
        (["--redact", "pii", "--entities"], "give either --entities or --redact, not both", ""),
        (["--keyterm", "a[b]"], "--keyterm must not contain < > [ \\ ] { }: 'a[b]'", ""),
        (["--roles", "--channels"], "give either --roles or --channels, not both", ""),
        (["--language", "en", "--language", "it"], "scribe_v2 takes one --language, not 2", "-m scribe_v3"),
        (["--language", "en", "--language", "klingon"], 'unknown language code "klingon"', ""),
        (["-m", "scribe_v3", "--no-verbatim"], "scribe_v3 does not take --no-verbatim", "-m scribe_v2"),
        (["-m", "scribe_v2_medical", "--no-verbatim"], "scribe_v2_medical does not take --no-verbatim", "-m scribe_v2"),
        (["-o", "a.docx", "--channels"], "with --channels there is no single docx", "--format text"),
        (["-o", "a.docx", "--entities"], "--format docx shows no entities", "--format text or json"),
        (["-o", "a.srt", "--entities"], "--format srt shows no entities", "--format text or json"),
        (["-o", "a.docx", "--format", "pdf"], "--format pdf contradicts -o a.docx", ""),
        (["-o", "a.docx", "--json"], "--json contradicts -o a.docx", "omit --json"),
        (["-o", "a.srt", "--json"], "--json contradicts -o a.srt", "omit --json"),
        (["-o", "a.docx", "--timestamps", "none", "--diarize"], "either --timestamps none or --diarize", ""),
        (["-o", "/nowhere/a.pdf"], "cannot write /nowhere/a.pdf: No such file or directory", ""),
        (["--live", "-o", "a.html"], "--live does not make html documents", "eleven stt FILE"),
        (["--live", "--roles"], "--roles cannot be used with --live", ""),
    ],
)
def test_what_does_not_go_together(eleven, transcriber, recording, argv, said, hint):
    result = eleven("stt", recording, *argv)
    assert (result.code, transcriber.requests) == (2, [])
    assert said in result.err
    assert hint in result.err


@pytest.mark.parametrize("kind", ["docx", "pdf", "html"])
def test_a_document_on_a_terminal(eleven, transcriber, recording, kind):
    result = eleven("stt", recording, "--format", kind, tty="out")
    assert (result.code, transcriber.requests) == (2, [])
    assert result.error == f"error: a {kind} document is never written to a terminal"
    assert result.hint == f"hint: -o transcript.{kind}"


def test_several_documents_on_stdout(eleven, transcriber, recording, tmp_path):
    (tmp_path / "two.wav").write_bytes(wav())
    result = eleven("stt", recording, str(tmp_path / "two.wav"), "--format", "docx")
    assert (result.code, transcriber.requests) == (2, [])
    assert result.hint == "hint: one file for each: -o '{stem}.docx'"


@pytest.mark.parametrize(
    ("argv", "said", "takes"),
    [
        (["-m", "scribe_v2_realtime"], "scribe_v2_realtime only transcribes live", "scribe_v2 or scribe_v3"),
        (
            ["--live", "-m", "scribe_v3"],
            "scribe_v3 does not transcribe live",
            "scribe_v2_realtime or scribe_v2_realtime_turbo",
        ),
    ],
)
def test_a_model_for_the_other_kind_of_sound(eleven, transcriber, recording, argv, said, takes):
    result = eleven("stt", recording, *argv)
    assert (result.code, result.error, transcriber.requests) == (4, f"error: {said}", [])
    assert result.hint.endswith(f" -m {takes}")


# live


def test_live_options_are_asked_for(eleven, scribe):
    server = scribe(says("Hello."))
    argv = "-m scribe_v2_realtime_turbo --no-verbatim --language en --language it --language de"
    assert eleven("stt", "--live", *argv.split(), stdin=wav(0.3)).code == 0
    assert server.query == {
        "model_id": ["scribe_v2_realtime_turbo"],
        "audio_format": ["pcm_16000"],
        "commit_strategy": ["manual"],
        "language_code": ["en"],
        "secondary_languages": ["it", "de"],
        "no_verbatim": ["true"],
    }


@pytest.mark.parametrize("started", [True, False])
@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("model_id: unknown", "error: nonsense does not transcribe live (invalid_request)"),
        ("Not like this", "error: Not like this (invalid_request)"),
    ],
)
def test_a_model_that_the_service_does_not_know_live(eleven, scribe, started, message, error):
    def refuses(session):
        if started:
            session.start()
        session.send("invalid_request", error=message)
        session.connection.close(1008, "invalid_request")

    server = scribe(refuses)
    result = eleven("stt", "--live", "-m", "nonsense", stdin=wav(0.3))
    assert (result.code, result.error, len(server.sessions)) == (4, error, 1)
    assert result.hint == "hint: give eleven stt --live -m scribe_v2_realtime or scribe_v2_realtime_turbo"


# the sandbox


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    return tmp_path_factory.mktemp("spoken") / "note.mp3"


def stt(eleven, spoken, *argv):
    if not spoken.exists():
        assert eleven("--sandbox", "tts", SAID, "-o", str(spoken)).code == 0
    result = eleven("-q", "--sandbox", "stt", str(spoken), *argv)
    assert (result.code, result.err) == (0, "")
    return result


def test_with_the_sandbox(eleven, spoken, tmp_path):
    redacted = "My name is {PERSON_NAME_1}, and I live at 12 Mill Lane. Write to {EMAIL_ADDRESS_1}."
    assert stt(eleven, spoken, "--redact", "pii").text.strip() == redacted
    entities = "\n\nperson_name: Ana Keller\nnumber: 12\nemail_address: ana@example.com\n"
    assert stt(eleven, spoken, "--entities").text == SAID + entities
    assert stt(eleven, spoken, "--roles").text == f"Agent: {SAID}\n"
    for kind in ("docx", "pdf", "html"):
        stt(eleven, spoken, "--redact", "all", "-o", str(tmp_path / f"a.{kind}"))
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        assert b"My name is {PERSON_NAME_1}" in archive.read("word/document.xml")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    assert "{EMAIL_ADDRESS_1}" in (tmp_path / "a.html").read_text()


def test_an_unknown_live_model_with_the_sandbox(eleven):
    result = eleven("-q", "--sandbox", "stt", "--live", "-m", "nonsense", stdin=wav(0.3))
    assert (result.code, result.error) == (4, "error: nonsense does not transcribe live (invalid_request)")
