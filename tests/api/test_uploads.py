"""Uploads over real sockets: what is sent, what is sent again, and answers that come before all was sent."""

import json
import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.api.client import Client
from eleven_cli.api.http.bodies import FileBody, FilePart, SpooledBody
from eleven_cli.api.http.uploads import Form, upload, upload_for_json
from eleven_cli.errors import AuthError, ElevenError, LimitError, NetworkError, UsageError
from tests.support.receiver import Receiver, file_of, form_of, parts_of, resetting
from tests.support.service import Request, error_reply, json_reply, raw_reply

PATH = "/v1/audio-isolation/stream"
LARGE = bytes(range(256)) * 40_000  # 10 MB: more than fits between two sockets


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        receiver.on(PATH, raw_reply(b"audio"))
        yield receiver


@pytest.fixture
def client(receiver):
    return Client(receiver.url, "key", pause=lambda seconds: None)


def in_file(tmp_path, data, name="a.wav"):
    path = tmp_path / name
    path.write_bytes(data)
    return FilePart(FileBody(path.open("rb"), 0, len(data), name), name, "audio/wav")


def arriving(*chunks):
    return FilePart(SpooledBody(iter(chunks)), "audio.mp3", "audio/mpeg")


# forms


def request_with(form):
    body = b"".join(form)
    assert form.len in (None, len(body))
    return Request("POST", PATH, {}, {"content-type": form.content_type}, body)


def test_fields_stand_in_order_and_as_often_as_they_are_given():
    fields = [("model_id", "scribe_v2"), ("keyterms", "Ana"), ("keyterms", "Grüße\r\n"), ("empty", "")]
    parts = parts_of(request_with(Form(fields)))
    assert [(part.name, part.value.decode()) for part in parts] == fields


def test_a_file_comes_last_with_its_name_and_type():
    content = FilePart(SpooledBody([b"RIFF"]), 'say "é"\n.wav', "audio/wav")
    form = request_with(Form([("a", "b")], "audio", content))
    assert form_of(form) == {"a": "b"}
    file = file_of(form)
    assert (file.name, file.file_name, file.media_type, file.value) == (
        "audio", "say %22é%22%0A.wav", "audio/wav", b"RIFF",
    )  # fmt: skip


chunks = st.lists(st.binary(min_size=1, max_size=300), max_size=8)


@given(chunks, st.integers(0, 8), st.binary(max_size=5))
def test_what_arrived_can_be_read_from_the_beginning_at_any_time(chunks, stop_after, head):
    body = SpooledBody(iter(chunks), lambda size: head)
    for number, _ in enumerate(body.chunks()):
        if number == stop_after:
            break
    assert b"".join(body.chunks()) == head + b"".join(chunks)
    assert body.size == len(head + b"".join(chunks))
    assert b"".join(body.chunks()) == head + b"".join(chunks)


def test_the_head_knows_the_size_only_when_all_has_come():
    body = SpooledBody(iter([b"ab", b"c"]), lambda size: f"<{size or '?'}>".encode())
    assert (body.size, b"".join(body.chunks())) == (None, b"<?>abc")
    assert (body.size, b"".join(body.chunks())) == (6, b"<3>abc")


def test_more_than_fits_into_memory_is_kept_in_a_file():
    body = SpooledBody(iter([LARGE]))
    body.complete()
    assert b"".join(body.chunks()) == LARGE


@given(st.binary(max_size=70_000), st.integers(0, 100), st.integers(0, 100), st.binary(max_size=9))
def test_a_stretch_of_a_file(data, start, missing, head):
    import tempfile

    start = min(start, len(data))
    end = max(len(data) - missing, start)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        body = FileBody(file, start, end, "x", head)
        assert b"".join(body.chunks()) == head + data[start:end]
        assert body.size == len(head) + end - start


def test_a_file_that_becomes_shorter(client, tmp_path):
    content = in_file(tmp_path, LARGE)
    (tmp_path / "a.wav").write_bytes(b"short")
    with pytest.raises(ElevenError, match=r"a\.wav became shorter while it was being sent"):
        upload(client, PATH, Form([], "audio", content))


# sending


def test_a_file_goes_with_its_length_and_its_progress_is_told(client, receiver, tmp_path):
    told = []
    form = Form([("seed", "7")], "audio", in_file(tmp_path, LARGE), lambda *sent: told.append(sent))
    with upload(client, PATH, form, params={"output_format": "mp3_44100_128"}) as stream:
        assert b"".join(stream) == b"audio"
    (request,) = receiver.requests
    assert request.query == {"output_format": "mp3_44100_128"}
    assert request.headers["x-was-chunked"] == "no"
    assert form_of(request) == {"seed": "7"}
    assert file_of(request).value == LARGE
    assert told[-1] == (len(LARGE), len(LARGE))
    assert [count for count, _ in told] == sorted(count for count, _ in told)


def test_what_arrives_goes_at_once_and_in_chunks(client, receiver):
    def chunks():
        yield b"first"
        receiver.wait_for(5)  # the bytes are there before the next ones exist
        yield b"second"

    upload(client, PATH, Form([], "audio", FilePart(SpooledBody(chunks()), "a", "b")))
    assert receiver.requests[0].headers["x-was-chunked"] == "yes"
    assert file_of(receiver.requests[0]).value == b"firstsecond"


def test_what_has_arrived_wholly_goes_with_its_length(client, receiver):
    content = arriving(b"all")
    content.body.complete()
    upload(client, PATH, Form([], "audio", content))
    assert receiver.requests[0].headers["x-was-chunked"] == "no"


def test_json_for_a_form_without_a_file(client, receiver):
    receiver.on("/v1/speech-to-text", json_reply({"text": "hi"}))
    form = Form([("model_id", "scribe_v2"), ("source_url", "https://x/y.mp3")])
    assert upload_for_json(client, "/v1/speech-to-text", form) == {"text": "hi"}
    assert form_of(receiver.requests[0]) == {"model_id": "scribe_v2", "source_url": "https://x/y.mp3"}


# again


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("where", ["file", "pipe"])
def test_a_busy_service_gets_all_of_it_again(client, receiver, tmp_path, status, where):
    content = in_file(tmp_path, LARGE) if where == "file" else arriving(LARGE[:100], LARGE[100:])
    receiver.on(PATH, error_reply(status, "system_busy", "Later."), raw_reply(b"audio"))
    upload(client, PATH, Form([], "audio", content))
    assert [file_of(request).value == LARGE for request in receiver.requests] == [True, True]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (411, ""),
        (501, "Not Implemented"),
        (408, "Request Timeout"),
        (400, "Content-Length required"),
        (400, "Chunked?"),
    ],
)
def test_a_server_that_wants_a_length_gets_it(client, receiver, status, message):
    receiver.on(PATH, raw_reply(message.encode(), status), raw_reply(b"audio"))
    upload(client, PATH, Form([], "audio", arriving(b"one", b"two")))
    assert [request.headers["x-was-chunked"] for request in receiver.requests] == ["yes", "no"]
    assert file_of(receiver.requests[1]).value == b"onetwo"


def test_what_had_its_length_is_not_sent_again(client, receiver, tmp_path):
    receiver.on(PATH, raw_reply(b"", 411))
    with pytest.raises(ElevenError):
        upload(client, PATH, Form([], "audio", in_file(tmp_path, b"x")))
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [(400, "audio_too_long", "The length of the audio is 400 s."), (500, "internal_error", "x"), (422, "x", "y")],
)
def test_other_refusals_are_final(client, receiver, status, code, message):
    receiver.on(PATH, error_reply(status, code, message))
    with pytest.raises(ElevenError) as refused:
        upload(client, PATH, Form([], "audio", arriving(b"x")))
    assert refused.value.message == message
    assert len(receiver.requests) == 1


# answers before the end

VALIDATION = {"detail": [{"loc": ["body", "audio"], "msg": "Field required", "type": "missing"}]}
CURRENT = {"detail": {"type": "authentication_error", "code": "unauthorized", "message": "Bad key."}}
EARLY = [
    (401, json.dumps(CURRENT), AuthError, "Bad key."),
    (401, json.dumps({"detail": {"status": "quota_exceeded", "message": "Too little."}}), LimitError, "Too little."),
    (422, json.dumps(VALIDATION), ElevenError, "body.audio: Field required"),
    (413, '{"detail":"Too large"}', ElevenError, "Too large"),
    (413, "<html><h1>413 Too Large</h1></html>", ElevenError, "the service answered 413: 413 Too Large"),
    (500, "", ElevenError, "the service answered 500 and gave no reason"),
]


@pytest.mark.parametrize(("status", "body", "kind", "said"), EARLY)
@pytest.mark.parametrize("where", ["file", "pipe"])
def test_an_answer_amid_the_upload_is_read_although_the_connection_is_reset(
    client, receiver, tmp_path, status, body, kind, said, where
):
    receiver.hasty = 65536
    receiver.on(PATH, resetting(status, body.encode()))
    content = in_file(tmp_path, LARGE * 4) if where == "file" else arriving(*[LARGE] * 4)
    with pytest.raises(kind) as refused:
        upload(client, PATH, Form([], "audio", content))
    assert (refused.value.message, refused.value.status) == (said, status)
    assert len(receiver.requests) == 1


def test_the_same_over_tls(receiver, tmp_path, monkeypatch):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    receiver._server.socket = context.wrap_socket(receiver._server.socket, server_side=True)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    receiver.hasty = 65536
    receiver.on(PATH, resetting(401, json.dumps(CURRENT).encode()))
    client = Client(receiver.url.replace("http:", "https:"), "key")
    with pytest.raises(AuthError, match=r"Bad key\."):
        upload(client, PATH, Form([], "audio", in_file(tmp_path, LARGE * 4)))


def stalling(status, body):
    """Answers, reads no more, and does not hang up either."""

    def reply(exchange):
        exchange.head(status, content_length=str(len(body)))
        exchange.body(body)
        exchange.until_released()

    return reply


def test_an_answer_of_a_server_that_reads_no_more_and_stays(client, receiver, tmp_path, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.connection.SEND_GAP_S", 0.3)
    receiver.hasty = 65536
    receiver.on(PATH, stalling(401, json.dumps(CURRENT).encode()))
    with pytest.raises(AuthError, match=r"Bad key\."):
        upload(client, PATH, Form([], "audio", in_file(tmp_path, LARGE * 4)))


def test_a_server_that_reads_no_more_and_says_nothing(client, receiver, tmp_path, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.connection.SEND_GAP_S", 0.3)
    receiver.hasty = 65536
    receiver.on(PATH, lambda exchange: exchange.until_released())
    with pytest.raises(NetworkError, match=r"the server accepted no data for 0\.3 s"):
        upload(client, PATH, Form([], "audio", in_file(tmp_path, LARGE * 4)))
    assert len(receiver.requests) == 1


def test_a_connection_that_is_reset_without_an_answer(client, receiver, tmp_path):
    receiver.hasty = 65536
    receiver.on(PATH, lambda exchange: exchange.drop())
    with pytest.raises(NetworkError, match="was lost before it answered"):
        upload(client, PATH, Form([], "audio", in_file(tmp_path, LARGE * 4)))
    assert len(receiver.requests) == 1


def test_what_goes_wrong_where_the_bytes_come_from_is_what_is_said(client, receiver):
    def chunks():
        yield b"some"
        raise UsageError("cut off")

    with pytest.raises(UsageError, match="cut off"):
        upload(client, PATH, Form([], "audio", FilePart(SpooledBody(chunks()), "a", "b")))


def test_several_files_go_in_one_part_each_and_are_counted_together(client, receiver, tmp_path):
    told = []
    files = [in_file(tmp_path, b"one", "a.wav"), in_file(tmp_path, LARGE, "b.mp3"), in_file(tmp_path, b"", "c.wav")]
    form = Form([("name", "Ana")], "files", files, lambda *sent: told.append(sent))
    upload(client, PATH, form)
    _, *sent = parts_of(receiver.requests[-1])
    assert [(part.name, part.file_name, part.value) for part in sent] == [
        ("files", "a.wav", b"one"),
        ("files", "b.mp3", LARGE),
        ("files", "c.wav", b""),
    ]
    assert receiver.requests[-1].headers["content-length"] == str(form.len)
    assert told[-1] == (len(LARGE) + 3, len(LARGE) + 3)


def test_one_file_of_unknown_length_makes_the_length_unknown(tmp_path):
    form = Form([], "files", [in_file(tmp_path, b"one"), arriving(b"two", b"three")])
    assert form.len is None
    assert [part.value for part in parts_of(request_with(form))] == [b"one", b"twothree"]
    form.complete()
    assert form.len == len(b"".join(form))
