"""`eleven api`: any endpoint, as gh and curl users expect; what goes out, and what becomes of the answer."""

import json
import os
import shutil
import signal
import subprocess
import threading

import pytest

from eleven_cli.api.http.json_body import each_value
from eleven_cli.commands.api import jq_filter
from eleven_cli.errors import ElevenError
from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.service import error_reply, json_reply, raw_reply

MODELS = "/v1/models"
MP3 = b"\xff\xfb\x90\x64" + bytes(413)
OK = json_reply({"status": "ok"})
KEY_HEADERS = ("xi-api-key", "XI-API-KEY", "xi_api_key", "Authorization")
SENDING_HEADERS = ("Host", "content-length", "Transfer-Encoding", "Content_Length", "Accept-Encoding", "Connection")


def sent(service):
    (request,) = service.requests
    return request


# which endpoint


@pytest.mark.parametrize(
    ("word", "path", "query"),
    [
        ("/v1/models", "/v1/models", {}),
        ("v1/models", "/v1/models", {}),
        ("models", "/v1/models", {}),
        ("/models", "/v1/models", {}),
        ("models/", "/v1/models", {}),
        ("v2/voices?page_size=1&search=a+b", "/v2/voices", {"page_size": "1", "search": "a b"}),
        ("voices/a b%20ü", "/v1/voices/a%20b%20%C3%BC", {}),
        ("voices/100%", "/v1/voices/100%25", {}),
        ("models#part", "/v1/models", {}),
        ("/openapi.json", "/openapi.json", {}),
        ("voices/@evil.com", "/v1/voices/@evil.com", {}),
        ("history?url=https://evil.com/", "/v1/history", {"url": "https://evil.com/"}),
    ],
)
def test_the_path_is_taken_as_it_is_typed(eleven, service, word, path, query):
    service.on(path, OK)
    result = eleven("api", word)
    assert (result.code, result.text) == (0, '{"status": "ok"}')
    assert (sent(service).method, sent(service).path, sent(service).query) == ("GET", path, query)
    assert sent(service).headers["xi-api-key"] == KEY


def test_an_address_of_this_server_is_one_of_its_paths(eleven, service):
    service.on(MODELS, OK)
    assert eleven("api", f"{service.url.upper().replace('HTTP', 'Http')}/v1/models?a=b").code == 0
    assert (sent(service).path, sent(service).query) == (MODELS, {"a": "b"})


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.com/v1/models",
        "//evil.com/v1/models",
        "http://127.0.0.1@evil.com/v1/models",
        "https://127.0.0.1:{port}/v1/models",
        "http://127.0.0.1:1/v1/models",
        "http://user@127.0.0.1:{port}/v1/models",
        "http://127.0.0.1:{port}\\@evil.com/",
        "wss://evil.com/v1/x",
        "file:///etc/passwd",
        "http://[evil/",
        " https://evil.com/v1/models",
        "HTTPS://EVIL.COM",
    ],
)
def test_the_key_goes_to_no_other_server(eleven, service, address):
    result = eleven("api", address.format(port=service.port))
    assert result.code == 2
    assert "alone" in result.error or "not a URL" in result.error
    assert service.requests == []


def test_the_path_stays_below_the_servers_own(eleven, service, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_BASE_URL", f"{service.url}/eleven")
    service.on("/eleven/v1/models", OK)
    assert eleven("api", f"{service.url}/eleven/v1/models").code == 0
    assert eleven("api", "models").code == 0
    assert eleven("api", f"{service.url}/elevenses/v1/models").code == 2
    assert [request.path for request in service.requests] == ["/eleven/v1/models"] * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no path given"),
        (["GET"], "no path given"),
        (["GET", ""], "no path given"),
        (["/"], "no path given"),
        (["https:"], None),
        (["GETS", "models"], "unknown method GETS. Did you mean GET?"),
        (["GET", "models", "-X", "POST"], "the method is given twice"),
        (["GET", "models", "more"], 'takes only METHOD PATH, not "more"'),
        (["voices/{voice_id}"], "the path has a placeholder: {voice_id}"),
        (["voices/:voice_id/settings"], "the path has a placeholder: :voice_id"),
        (["voices/../user"], "the path contains . or ..: voices/../user"),
        (["voices/%2E%2e/user"], "the path contains . or ..: voices/%2E%2e/user"),
        (["models", "-f", "text"], "-f takes NAME=VALUE, not text"),
        (["models", "-q", "=x"], "-q takes NAME=VALUE, not =x"),
        (["models", "-f", "a[b=1"], "-f takes NAME=VALUE, not a[b=1"),
        (["models", "-f", "a=1", "-f", "a=2"], "the field a is given twice"),
        (["models", "-f", "a=1", "-f", "a[b]=2"], "does not fit"),
        (["models", "-f", "a=@nothing.txt"], "cannot read nothing.txt"),
        (["models", "-F", "file=@nothing.mp3"], "cannot read nothing.mp3"),
        (["models", "-F", "file=@."], "cannot read .: Is a directory"),
        (["models", "--input", "nothing.json"], "cannot read nothing.json"),
        (["models", "--input", "-", "-f", "a=1"], "give either --input or fields, not both"),
        (["GET", "models", "--input", "-"], "GET sends no body"),
        (["GET", "models", "-F", "a=b"], "GET sends no body"),
        (["GET", "models", "-f", "a[b]=1"], "the field a cannot be nested in a query"),
        (["POST", "models", "--paginate"], "--paginate cannot be used with POST"),
        (["models", "--paginate", "--include"], "--paginate cannot be used with --include"),
        (["models", "--curl", "--dry-run"], "give either --curl or --dry-run, not both"),
        (["models", "-o", "no/such/folder.json"], "cannot write no/such/folder.json"),
        (["models", "--jq", ".["], "--jq is not a jq expression: syntax error"),
        (["DELETE", "models", "--confirm"], "--confirm needs a terminal to ask on"),
        (["models", "-f", "a=\udcff"], "not valid UTF-8"),
        (["models", "-H", "safety-identifier"], "-H takes 'NAME: VALUE'"),
        (["models", "-H", "safety-identifier:  "], "-H takes 'NAME: VALUE'"),
        (["models", "-H", ": x"], "-H takes 'NAME: VALUE'"),
        (["models", "-H", "a b: x"], "-H takes 'NAME: VALUE'"),
        (["models", "-H", "A\n: x"], "-H takes 'NAME: VALUE'"),
        (["models", "-H", "A: x\r\nxi-api-key: y"], "a header is one line of ASCII: A"),
        (["models", "-H", "A: x\x00"], "a header is one line of ASCII: A"),
        (["models", "-H", "A: ü"], "a header is one line of ASCII: A"),
        (["models", "-H", "A: \udcff"], "a header is one line of ASCII: A"),
        *((["models", "-H", f"{name}: x"], f"-H cannot replace the key: {name}") for name in KEY_HEADERS),
        *((["models", "-H", f"{name}: 1"], f"how a request is sent: {name}") for name in SENDING_HEADERS),
        (["x", "-F", "a=b", "-H", "Content-Type: a/b"], "how a form is sent: content-type"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(eleven, service, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    result = eleven("api", *words)
    if said is None:
        assert result.code == 4  # it is a path of the service, and there is none like it
        return
    assert result.code == 2
    assert said in result.error
    assert service.requests == []


@pytest.mark.parametrize("body", ["", "{'a': 1}", "[NaN]", "[" * 100_000, '{"a": 1}{'])
def test_a_body_that_is_no_json_is_refused(eleven, service, body):
    result = eleven("api", "models", "--input", "-", stdin=body)
    assert result.code == 2
    assert "standard input is not JSON" in result.error
    assert service.requests == []


# what goes out


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (["a=true", "b=false", "c=null"], {"a": True, "b": False, "c": None}),
        (["a=1", "b=-0.5", "c=1e3", "d=98765432109876543210"],
         {"a": 1, "b": -0.5, "c": 1e3, "d": 98765432109876543210}),
        (["a=007", "b=1.", "c=+1", "d=1e999", "e=", "f=True"],
         {"a": "007", "b": "1.", "c": "+1", "d": "1e999", "e": "", "f": "True"}),
        (["a=b=c", "t=two\nlines"], {"a": "b=c", "t": "two\nlines"}),
        (["a[b]=c", "a[d][e]=1"], {"a": {"b": "c", "d": {"e": 1}}}),
        (["a[]=x", "a[]=2", "b[]"], {"a": ["x", 2], "b": []}),
        (["a[][b]=1", "a[][c]=2", "a[][b]=3"], {"a": [{"b": 1, "c": 2}, {"b": 3}]}),
        (["a[b][]=1", "a[b][]=2"], {"a": {"b": [1, 2]}}),
        (["a[][b][]=1", "a[][b][]=2"], {"a": [{"b": [1, 2]}]}),
    ],
)  # fmt: skip
def test_fields_have_their_types_and_their_places(eleven, service, fields, body):
    service.on("/v1/x", OK)
    assert eleven("api", "x", *(word for field in fields for word in ("-f", field))).code == 0
    assert (sent(service).method, sent(service).json) == ("POST", body)
    assert sent(service).headers["content-type"] == "application/json"


def test_a_raw_field_is_text_and_an_at_sign_a_files_text(eleven, service, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("42\n")
    service.on("/v1/x", OK)
    words = ["--raw-field", "a=42", "--raw-field", "b=@x", "-f", "c=@text.txt", "-f", "d=@-"]
    assert eleven("api", "x", *words, stdin="true").code == 0
    assert sent(service).json == {"a": "42", "b": "@x", "c": "42\n", "d": "true"}


@pytest.mark.parametrize("method", ["PUT", "patch", "DELETE"])
def test_the_method_is_the_first_word_or_an_option(eleven, service, method):
    service.on("/v1/x", OK)
    assert eleven("api", method, "x", "-f", "a=1").code == 0
    assert eleven("api", "-X", method, "x", "-f", "a=1").code == 0
    assert [(each.method, each.json) for each in service.requests] == [(method.upper(), {"a": 1})] * 2


def test_without_fields_nothing_is_sent_as_a_body(eleven, service):
    service.on("/v1/x", OK)
    assert eleven("api", "POST", "x").code == 0
    assert (sent(service).body, sent(service).headers.get("content-type")) == (b"", None)


def test_with_get_fields_are_parameters(eleven, service):
    service.on("/v1/x", OK)
    assert eleven("api", "GET", "x?a=0", "-f", "b=true", "-f", "c[]=x&y", "-q", "d=1.0").code == 0
    assert (sent(service).body, sent(service).query) == (b"", {"a": "0", "b": "true", "c": "x&y", "d": "1.0"})


def test_quiet_and_query_are_told_apart(eleven, service):
    service.on("/v1/x", OK)
    assert eleven("-q", "api", "x", "-q", "a=1", "--quiet", "-qb=2").code == 0
    assert sent(service).query == {"a": "1", "b": "2"}


@pytest.mark.parametrize("from_stdin", [True, False])
def test_a_body_is_sent_byte_by_byte(eleven, service, tmp_path, from_stdin):
    body = b'{"a":  1.10,\n "b": "\xc3\xbc\\u00fc"}\n'
    (tmp_path / "body.json").write_bytes(body)
    service.on("/v1/x", OK)
    where = "-" if from_stdin else str(tmp_path / "body.json")
    assert eleven("api", "x", "--input", where, "-q", "a=b", stdin=body).code == 0
    assert (sent(service).method, sent(service).body, sent(service).query) == ("POST", body, {"a": "b"})
    assert sent(service).headers["content-type"] == "application/json"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_body_of_another_encoding_is_sent_as_utf_8(eleven, service, encoding):
    service.on("/v1/x", OK)
    assert eleven("api", "x", "--input", "-", stdin='{"a": "ü"}'.encode(encoding)).code == 0
    assert sent(service).body == '{"a": "ü"}'.encode()


@pytest.mark.parametrize("words", [["-F", "a=@./in"], ["--input", "in"], ["-f", "a=@in"]])
def test_an_answer_is_never_written_over_what_is_sent(eleven, service, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").write_text("{}")
    result = eleven("api", "x", *words, "-o", str(tmp_path / "in"))
    assert (result.code, service.requests) == (2, [])
    assert "is the input itself" in result.error


def form_of(request):
    """Name, file's name, type and content of each part."""
    from email.parser import BytesParser
    from email.policy import HTTP

    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts()
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part["content-type"] and part.get_content_type(),
            part.get_payload(decode=True).removesuffix(b"\r\n"),
        )
        for part in parts
    ]


def test_a_form_has_files_under_their_names_and_fields_as_text(eleven, service, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp3").write_bytes(MP3)
    (tmp_path / "b;c.bin").write_bytes(b"bytes")
    service.on("/v1/x", OK)
    words = ["-F", "files=@a.mp3", "-F", "files=@b;c.bin;type=audio/wav;filename=d.wav", "-F", "t=true"]
    words += ["-f", "n=1", "-f", "list[]=x", "-f", "list[]=y", "-f", "settings[speed]=1.1"]
    assert eleven("api", "PATCH", "x", *words).code == 0
    assert sent(service).method == "PATCH"
    assert form_of(sent(service)) == [
        ("n", None, None, b"1"),
        ("list", None, None, b"x"),
        ("list", None, None, b"y"),
        ("settings", None, None, b'{"speed": 1.1}'),
        ("t", None, None, b"true"),
        ("files", "a.mp3", "audio/mpeg", MP3),
        ("files", "d.wav", "audio/wav", b"bytes"),
    ]


# the answer


def test_json_is_passed_on_as_it_came(eleven, service, tmp_path):
    body = b'{"b":1.10,  "a":"\\u001b[31m\\n",\n"n":1e400, "\x7f":"\xff"}'
    service.on("/v1/x", raw_reply(body, content_type="application/json; charset=utf-8"))
    assert eleven("api", "x").out == body
    result = eleven("api", "x", "-o", str(tmp_path / "x.json"), "--json")
    assert (tmp_path / "x.json").read_bytes() == body
    facts = {"status": 200, "content_type": "application/json", "bytes": len(body), "file": str(tmp_path / "x.json")}
    assert json.loads(result.text) == facts


def test_on_a_terminal_json_is_indented_and_harmless(eleven, service):
    service.on(
        "/v1/x",
        raw_reply(b'{"a":"\x9b31m\\u001b[2J"}'.replace(b"\x9b", "\x9b".encode()), content_type="application/json"),
    )
    assert eleven("api", "x", tty="out").text == '{\n  "a": "\\u009b31m\\u001b[2J"\n}\n'
    service.on("/v1/x", raw_reply(b'{"a":1}\n{"b":2}\n', content_type="application/json"))
    assert eleven("api", "x", tty="out").text == '{"a":1}\n{"b":2}\n'
    service.on("/v1/x", raw_reply(b"a\x1b[2J\n\nb", content_type="text/plain"))
    assert eleven("api", "x", tty="out").text == "a\\x1b[2J\n\nb\n"


def test_bytes_go_to_a_pipe_or_a_file_as_they_come(eleven, service, tmp_path):
    service.on("/v1/x", raw_reply(MP3, content_type="audio/mpeg"))
    assert eleven("api", "x").out == MP3
    assert eleven("api", "x", "-o", "-").out == MP3
    result = eleven("api", "x", "-o", str(tmp_path / "x.mp3"), tty="out err")
    assert ((tmp_path / "x.mp3").read_bytes(), result.text) == (MP3, "")
    assert result.err == f"{tmp_path}/x.mp3 · {len(MP3)} bytes\n"
    kept = eleven("api", "x", "-o", str(tmp_path / "x.mp3"), "--no-clobber")
    assert (kept.code, len(service.requests)) == (0, 3)


def test_bytes_never_go_to_a_terminal(eleven, service, monkeypatch, tmp_path):
    """Not asked for at all where the service is known to send them; kept where they may be paid for."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    service.on_speech(raw_reply(MP3, content_type="audio/mpeg"))
    known = eleven("api", "text-to-speech/abc/stream", "-f", "text=hi", tty="out")
    assert (known.code, known.out, service.requests) == (2, b"", [])
    service.on("/v1/new", raw_reply(MP3, content_type="audio/mpeg"))
    free = eleven("api", "new", tty="out")
    paid = eleven("api", "POST", "new", tty="out")
    for result in (known, free, paid):
        assert (result.code, result.out) == (2, b"")
        assert "never written to a terminal" in result.error
        assert result.hint == "hint: write a file with -o FILE, or redirect: > FILE"
    (kept,) = tmp_path.glob("eleven-*/answer.mp3")
    assert kept.read_bytes() == MP3
    assert f"the answer is kept in {kept}" in paid.error


def test_an_empty_answer_is_nothing(eleven, service):
    service.on("/v1/x", lambda exchange: exchange.head(204))
    for tty in ("", "out"):
        result = eleven("api", "DELETE", "x", tty=tty)
        assert (result.code, result.text) == (0, "")


def test_the_head_comes_first_where_it_is_wanted(eleven, service):
    service.on("/v1/x", json_reply({"a": 1}, x_region="us"))
    lines = eleven("api", "x", "-i").text.splitlines()
    assert lines[0] == "HTTP/1.1 200 OK"
    assert {"x-region: us", "content-type: application/json"} <= set(lines)
    assert lines[-2:] == ["", '{"a": 1}']
    service.on("/v1/x", error_reply(404, "voice_not_found", "No."))
    refused = eleven("api", "x", "--include")
    assert refused.code == 4
    assert refused.text.startswith("HTTP/1.1 404 Not Found\n")


@pytest.mark.parametrize(
    ("path", "like"),
    [
        ("/v1/model", "did you mean /v1/models?"),
        ("/v2/models", "did you mean /v1/models?"),
        ("/v2/history", "did you mean /v1/history?"),
        ("/v3/voices", "did you mean /v1/voices or /v2/voices?"),
        ("/v1/agents", "did you mean /v1/convai/agents?"),
        ("/v1/agents/abc", "did you mean /v1/convai/agents/abc?"),
        ("/v1/subscription", "did you mean /v1/user/subscription?"),
        ("/v1/convai/agent/abc", "did you mean /v1/convai/agents/abc?"),
        ("/v1/voices/abc/setings", "did you mean /v1/voices/abc/settings?"),
        ("/v1/speech-to-textt/abc", "did you mean /v1/speech-to-text?"),
        ("/v1/xyz", "see the paths: https://elevenlabs.io/docs/api-reference"),
        ("/v1/voices/abc", "check the server's address: eleven config get base_url"),
    ],
)
def test_a_path_that_there_is_not_is_told_of_one_like_it(eleven, service, path, like):
    for words in ([path], [path, "--paginate"]):
        result = eleven("api", *words)
        assert (result.code, result.hint) == (4, f"hint: {like}")


def test_head_shows_the_head(eleven, service):
    service.on("/v1/x", lambda exchange: exchange.head(200, x_region="us"))
    assert "x-region: us" in eleven("api", "HEAD", "x").text


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (error_reply(401, "invalid_api_key", "Wrong."), 3, "Wrong."),
        (error_reply(402, "insufficient_credits", "No credits."), 5, "No credits."),
        (json_reply({"detail": [{"loc": ["body", "text"], "msg": "Field required"}]}, status=422), 1, "Field required"),
        (json_reply({"detail": "Not Found"}, status=404), 4, "Not Found"),
        (json_reply({"detail": {"status": "quota_exceeded", "message": "Used up."}}), 5, "Used up."),
        (raw_reply(b"", 302, location="https://evil.com/"), 1, "redirects to https://evil.com/"),
        (raw_reply(b'{"a":', content_type="application/json"), 1, "not JSON"),
        (
            raw_reply(b' {"detail":{"status":"quota_exceeded","message":"Used up."}}', content_type="audio/mpeg"),
            5,
            "Used",
        ),
    ],
)
def test_errors_are_those_of_the_other_commands(eleven, service, reply, code, said):
    service.on("/v1/x", reply)
    result = eleven("api", "POST", "x")
    assert result.code == code
    assert said in result.error
    error = json.loads(eleven("api", "POST", "x", "--json").err)["error"]
    assert error["exit_code"] == code
    assert len(service.requests) == 2


@pytest.mark.parametrize("data", [b"{" + MP3, b'{"a":1}', b'{"detail":null}', b"{", b"{" * 70_000])
def test_what_only_looks_like_a_refusal_is_written_as_it_is(eleven, service, data):
    service.on("/v1/x", raw_reply(data, content_type="audio/mpeg"))
    result = eleven("api", "POST", "x")
    assert (result.code, result.out) == (0, data)


@pytest.mark.parametrize("tty", ["", "out"])
def test_a_web_page_in_place_of_an_answer_is_an_error(eleven, service, tmp_path, tty):
    page = raw_reply(b"<html>Log in to the hotel's WLAN</html>", content_type="text/html")
    service.on(MODELS, page)
    service.on_speech(page)
    for words in (["models"], ["text-to-speech/abc", "-f", "text=hi", "-o", str(tmp_path / "x.mp3")]):
        result = eleven("api", *words, tty=tty)
        assert (result.code, result.out) == (1, b"")
        assert "hotel" in result.error
    assert not (tmp_path / "x.mp3").exists()
    service.on("/v1/convai/knowledge-base/abc/content", page)
    assert eleven("api", "convai/knowledge-base/abc/content", tty=tty).code == 0


def test_no_bytes_in_place_of_a_file_are_an_error(eleven, service, tmp_path):
    service.on_speech(raw_reply(b"", content_type="audio/mpeg"))
    result = eleven("api", "text-to-speech/abc", "-f", "text=hi", "-o", str(tmp_path / "x.mp3"))
    assert (result.code, list(tmp_path.glob("x*"))) == (1, [])
    assert result.error == "error: the service sent no audio or another file"


def test_what_may_have_been_paid_for_is_never_sent_again(eleven, service, pauses):
    service.on("/v1/x", lambda exchange: exchange.drop())
    for method, tries in (("POST", 1), ("DELETE", 1), ("PUT", 1), ("PATCH", 1), ("GET", 4)):
        service.requests.clear()
        assert (eleven("api", method, "x").code, len(service.requests)) == (6, tries)
    service.on("/v1/x", error_reply(429, "rate_limit_exceeded", "Busy."), OK)
    assert eleven("api", "POST", "x").code == 0


def test_a_file_that_is_cut_off_is_kept_as_a_part(eleven, service, tmp_path):
    def cut_off(exchange):
        exchange.head(200, content_length="1000", content_type="audio/mpeg")
        exchange.body(MP3)

    service.on("/v1/x", cut_off)
    result = eleven("api", "x", "-o", str(tmp_path / "x.mp3"))
    assert result.code == 6
    assert (tmp_path / "x.mp3.part").read_bytes() == MP3
    assert not (tmp_path / "x.mp3").exists()


def test_without_a_server_it_is_a_network_error(eleven, service, monkeypatch, pauses):
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:1")
    assert eleven("api", "models").code == 6


# --confirm


@pytest.mark.parametrize(("answer", "code", "count"), [("y\n", 0, 1), ("n\n", 1, 0), ("", 1, 0)])
def test_with_confirm_nothing_is_sent_before_a_yes(eleven, service, answer, code, count):
    service.on("/v1/x", OK)
    result = eleven("api", "DELETE", "x", "--confirm", stdin=answer, tty="in err")
    assert (result.code, len(service.requests)) == (code, count)
    assert "DELETE /v1/x may delete something for good. Send it? [y/N] " in result.err


def test_with_confirm_reading_is_not_asked_for(eleven, service):
    service.on("/v1/x", OK)
    assert eleven("api", "x", "--confirm").code == 0


# headers of one's own


def test_headers_are_sent_with_the_key(eleven, service):
    service.on("/v1/x", OK)
    words = ["-H", "safety-identifier: a: b", "--header", "X-Two:one", "-H", "x-two: two ", "-H", "accept: text/x"]
    assert eleven("api", "x", "-f", "a=1", *words, "-H", "content-type: application/merge-patch+json").code == 0
    headers = sent(service).headers
    assert (headers["safety-identifier"], headers["x-two"], headers["accept"]) == ("a: b", "one, two", "text/x")
    assert (headers["content-type"], headers["xi-api-key"]) == ("application/merge-patch+json", KEY)


@pytest.mark.parametrize("words", [["-F", "a=b"], ["DELETE"], ["--input", "-"], ["HEAD"]])
def test_every_kind_of_request_has_them(eleven, service, words):
    service.on("/v1/x", OK)
    method = words if len(words) == 1 else []
    assert eleven("api", *method, "x", *words[len(method) :], "-H", "X-One: 1", stdin=b"{}").code == 0
    assert sent(service).headers["x-one"] == "1"


def test_a_secret_header_is_shown_nowhere(eleven, service):
    service.on("/v1/x", OK)
    words = ["api", "x", "-H", "X-Session-Token: tops3cret", "-H", "X-One: 1"]
    assert "-H 'X-Session-Token: ****' -H 'X-One: 1'" in eleven(*words, "--curl").text
    dry_run = eleven(*words, "--dry-run")
    assert dry_run.text == f"GET {service.url}/v1/x\nX-Session-Token: ****\nX-One: 1\n"
    told = json.loads(eleven(*words, "--dry-run", "--json").text)
    assert told["headers"] == {"X-Session-Token": "****", "X-One": "1"}
    traced = eleven("--debug", *words)
    assert "X-Session-Token=****" in traced.err
    assert "tops3cret" not in traced.err
    assert sent(service).headers["x-session-token"] == "tops3cret"


# --dry-run and --curl


def test_dry_run_shows_the_request_and_sends_nothing(eleven, service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    words = ["api", "x?a=1", "-q", "b=x y", "-f", "c=1", "--dry-run"]
    shown = f'POST {service.url}/v1/x?a=1&b=x+y\ncontent-type: application/json\n\n{{"c": 1}}\n'
    assert eleven(*words).text == shown
    value = {
        "method": "POST",
        "url": f"{service.url}/v1/x?a=1&b=x+y",
        "content_type": "application/json",
        "body": {"c": 1},
    }
    assert json.loads(eleven(*words, "--json").text) == value
    assert eleven("api", "x", "--dry-run").text == f"GET {service.url}/v1/x\n"
    assert service.requests == []


REQUESTS = {
    "get": ["v2/voices?search=a b&tags=x&tags=[y]", "-q", "page_size=1"],
    "fields": ["x", "-f", "text=It's $HOME \"now\" `id`\n!!", "-f", "a[]=1"],
    "put": ["PUT", "x", "-f", "a=@note.txt"],
    "delete": ["DELETE", "voices/a'b"],
    "nothing": ["POST", "x"],
    "input": ["x", "--input", "it's.json"],
    "form": ["x", "-F", "a=@it's.json", "-F", "b=@b;c, \"d\".bin;type=audio/wav", "-F", "c=@note.txt;filename=d.txt",
             "-F", "d=<e", "-f", "e=@note.txt"],
    "headers": ["x", "-f", "a=1", "-H", "safety-identifier: it's \"me\"", "-H", "content-type: application/x+json"],
    "lines": ["x", "-F", "a=It's\n\ttwo\x1b[2J lines \u202eü\\n"],
    "controls": ["x", "-f", "a=\x1b[2J\x7f\x9b\u202e"],
}  # fmt: skip


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="there is nothing to paste it into")
@pytest.mark.parametrize("words", REQUESTS.values(), ids=REQUESTS)
def test_the_line_for_curl_sends_the_same(eleven, service, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "it's.json").write_text('{"a": 1}')
    (tmp_path / "note.txt").write_text("@note")
    (tmp_path / 'b;c, "d".bin').write_bytes(b"bytes")
    line = eleven("api", *words, "--curl").text
    assert service.requests == []
    assert KEY not in line
    for path in ("/v1/x", "/v2/voices", "/v1/voices/a'b"):
        service.on(path, OK)
    assert line.removesuffix("\n").isprintable()
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=GUARD_S, check=True)
    assert done.stdout == eleven("api", *words).out
    theirs, ours = service.requests
    assert (theirs.method, theirs.path, theirs.query) == (ours.method, ours.path, ours.query)
    assert theirs.headers["xi-api-key"] == KEY
    assert theirs.headers.get("safety-identifier") == ours.headers.get("safety-identifier")
    if "-F" in words:
        simple = [[(name, data) for name, _, _, data in form_of(each)] for each in (theirs, ours)]
        named = [sorted(str(file) for _, file, _, _ in form_of(each)) for each in (theirs, ours)]
        assert (sorted(simple[0]), named[0]) == (sorted(simple[1]), named[1])
    else:
        theirs.body, ours.body = (json.dumps(json.loads(each.body or "0")) for each in (theirs, ours))
        assert (theirs.body, theirs.headers.get("content-type")) == (ours.body, ours.headers.get("content-type"))


def test_the_line_for_curl_names_stdin_as_it_would_be_sent(eleven, service):
    """curl itself would call it "-", and give it no type."""
    assert "-F 'a=@-;type=application/octet-stream;filename=file'" in eleven("api", "x", "-F", "a=@-", "--curl").text
    line = eleven("api", "x", "-F", "a=@-;type=audio/wav;filename=b.wav", "--curl").text
    assert "-F 'a=@-;type=audio/wav;filename=b.wav'" in line


LASTING = "http://127.0.0.1:8311 is the address of a lasting sandbox; start it with: eleven sandbox\n"


@pytest.mark.parametrize("shows", ["--curl", "--dry-run"])
@pytest.mark.parametrize(
    ("sandbox", "tty", "said"),
    [
        (
            ["--sandbox"],
            "err",
            LASTING,
        ),
        (["--sandbox"], "out", ""),
        ([], "out err", ""),
    ],
)
def test_where_a_request_for_the_sandbox_can_be_sent(eleven, service, shows, sandbox, tty, said):
    shown = eleven(*sandbox, "api", "models", shows, tty=tty)
    assert (shown.err, "127.0.0.1:8311" in shown.text) == (said, bool(sandbox))


def test_the_line_for_curl_names_the_variable_of_the_key(eleven, service, monkeypatch):
    assert '-H "xi-api-key: $ELEVENLABS_API_KEY"' in eleven("api", "x", "--curl").text
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    assert '-H "xi-api-key: $ELEVENLABS_API_KEY"' in eleven("api", "x", "--curl").text
    monkeypatch.setenv("XI_API_KEY", KEY)
    line = eleven("api", "HEAD", "x", "-i", "-o", "a b", "--jq", "-.a", "--curl").text
    assert line == f"curl -sS -I {service.url}/v1/x -H \"xi-api-key: $XI_API_KEY\" -o 'a b' | jq -r ' -.a'\n"


# --jq


@pytest.fixture(params=["package", "program"])
def either_jq(request, monkeypatch):
    """The package, or the program where there is one."""
    pytest.importorskip("jq") if request.param == "package" else None
    if request.param == "program":
        if not shutil.which("jq"):
            pytest.skip("there is no jq on the PATH")
        monkeypatch.setattr(jq_filter, "is_installed", lambda module: False)


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (".voices[].name", 'Ana\nBen "B"\nü\n😀\n'),
        (".voices[0]", '{"name":"Ana","n":1}\n'),
        ("[.voices[].n]", "[1,2,null]\n"),
        (".voices | length, .[0].n", "3\n1\n"),
        ("-1", "-1\n"),
        ("empty", ""),
        (".nothing", "null\n"),
    ],
)
def test_jq_prints_what_an_expression_takes(eleven, service, either_jq, expression, shown):
    voices = [{"name": "Ana", "n": 1}, {"name": 'Ben "B"', "n": 2}, {"name": "ü\n😀"}]
    service.on("/v1/x", json_reply({"voices": voices}))
    result = eleven("api", "x", "--jq", expression)
    assert (result.code, result.text) == (0, shown)


@pytest.mark.parametrize("asked", ["$ENV", "env", "[env | keys] | first | map({(.): 1}) | add", ". as $x | $ENV"])
def test_an_expression_sees_the_environment_without_the_key(eleven, service, either_jq, asked):
    service.on("/v1/x", json_reply({}))
    given = os.environ["ELEVENLABS_API_KEY"]
    assert eleven("api", "x", "--jq", f'{asked} | has("ELEVENLABS_API_KEY"), has("HOME")').text == "false\ntrue\n"
    assert os.environ["ELEVENLABS_API_KEY"] == given


def test_jq_says_what_is_wrong_with_an_expression(eleven, service, either_jq, tmp_path, monkeypatch):
    service.on("/v1/x", json_reply([1]))
    impossible = eleven("api", "x", "--jq", ".a |")
    assert (impossible.code, service.requests) == (2, [])
    assert impossible.error.startswith("error: --jq is not a jq expression: syntax error, unexpected ")
    misfit = eleven("api", "x", "--jq", ".a")
    assert misfit.code == 1
    assert misfit.error.startswith("error: --jq does not fit the answer: Cannot index array with ")
    service.on("/v1/new", raw_reply(MP3, content_type="audio/mpeg"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    paid = eleven("api", "POST", "new", "--jq", ".")
    assert (paid.code, len(list(tmp_path.glob("eleven-*/answer.mp3")))) == (2, 1)
    assert "--jq reads JSON, and the answer is audio/mpeg" in paid.error
    assert eleven("api", "sound-generation", "-f", "text=rain", "--jq", ".").code == 2
    assert len(service.requests) == 2


def lost_on_the_way(exchange):
    exchange.head(200, content_length="99", content_type="application/json")
    exchange.body(b'{"audio": "x')


CUT_OFF = raw_reply(b'{"audio": "x', content_type="application/json")
UNUSABLE = {  # what comes, the words, where stdout is, and how many answers are kept
    "misfit": (json_reply({"audio": "x"}), ["--jq", ".audio.b"], "", 1),
    "cut-off": (CUT_OFF, ["--jq", "."], "", 1),
    "cut-off-terminal": (CUT_OFF, [], "out", 1),
    "lost": (lost_on_the_way, ["--jq", "."], "", 1),
    "free": (json_reply({"audio": "x"}), ["-X", "GET", "--jq", ".audio.b"], "", 0),
    "refused": (json_reply({"detail": {"status": "quota_exceeded", "message": "No."}}), ["--jq", ".a"], "", 0),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_may_be_paid_for_and_cannot_be_used_is_kept(eleven, service, either_jq, tmp_path, monkeypatch, name):
    reply, words, tty, count = UNUSABLE[name]
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    service.on("/v1/x", reply)
    result = eleven("api", "x", *([] if "-X" in words else ["-X", "POST"]), *words, tty=tty)
    kept = list(tmp_path.glob("eleven-*/answer.json"))
    assert (result.code != 0, len(kept)) == (True, count)
    for file in kept:
        assert file.read_bytes().startswith(b'{"audio": "x')
        assert str(file) in result.error


@pytest.mark.parametrize("ends", [True, False])
def test_a_value_is_filtered_before_the_next_one_is_there(either_jq, ends):
    may_go_on = threading.Event()

    def values():
        yield {"n": 1}
        may_go_on.wait(GUARD_S)
        yield {"n": 2}

    results = jq_filter.jq_filter(".n")(values())
    assert next(results) == "1"
    if ends:
        may_go_on.set()
        assert list(results) == ["2"]
    else:
        results.close()  # does not wait for the rest
        may_go_on.set()


def test_many_values_that_do_not_fit_and_an_expression_that_has_enough(either_jq):
    many = [{"a": "x" * 100}] * 5000
    with pytest.raises(ElevenError, match="--jq does not fit the answer: Cannot index string"):
        list(jq_filter.jq_filter(".a.b")(many))
    assert next(jq_filter.jq_filter(".a")(many)) == "x" * 100


@pytest.mark.skipif(not (jq_filter.is_installed("jq") or shutil.which("jq")), reason="there is no jq")
def test_a_line_is_filtered_before_the_next_one_has_come(spawn, service):
    may_go_on = threading.Event()

    def lines(exchange):
        exchange.head(content_type="application/json", transfer_encoding="chunked")
        exchange.chunk(b'{"n":1}\n{"n"')
        may_go_on.wait(GUARD_S)
        exchange.chunk(b":2}")
        exchange.last_chunk()

    service.on("/v1/x", lines)
    process = spawn("api", "POST", "x", "--jq", ".n")
    assert process.stdout.readline() == b"1\n"
    may_go_on.set()
    assert process.stdout.read() == b"2\n"
    assert process.wait(GUARD_S) == 0


CHARGED = "the request may be charged all the same"
INTERRUPTED = {  # the words, what is said, and whether some of the answer has come
    "amid-values": (["POST", "x", "--jq", ".n"], "; the answer is kept in {kept}; " + CHARGED, True),
    "before-the-answer": (["POST", "x"], "; " + CHARGED, False),
    "free": (["x"], "", False),
}


@pytest.mark.parametrize("name", INTERRUPTED)
def test_what_is_interrupted_is_kept_and_may_be_charged(spawn, service, tmp_path, monkeypatch, name):
    words, said, has_begun = INTERRUPTED[name]
    asked = threading.Event()

    def slowly(exchange):
        if has_begun:
            exchange.head(content_type="application/json", transfer_encoding="chunked")
            exchange.chunk(b'{"n":1}\n{"n"')
        asked.set()
        exchange.until_released()

    service.on("/v1/x", slowly)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = spawn("api", *words)
    assert asked.wait(GUARD_S)
    if has_begun:
        assert process.stdout.readline() == b"1\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(GUARD_S) == 130
    kept = [path.read_bytes() for path in tmp_path.glob("eleven-*/answer.json")]
    assert [data.startswith(b'{"n":1}\n') for data in kept] == [True] * has_begun
    place = next(tmp_path.glob("eleven-*/answer.json"), "")
    assert process.stderr.read().decode() == (f"error: interrupted{said.format(kept=place)}\n" if said else "")


def audio_lost_on_the_way(exchange):
    exchange.head(200, content_length="99999", content_type="audio/mpeg")
    exchange.body(MP3)


def test_audio_that_is_lost_on_the_way_to_a_terminal_is_kept(eleven, service, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    service.on("/v1/x", audio_lost_on_the_way)
    result = eleven("api", "POST", "x", tty="out")
    (kept,) = tmp_path.glob("eleven-*/answer.mp3")
    assert (result.code, kept.read_bytes()) == (6, MP3)
    assert str(kept) in result.error


@pytest.mark.parametrize(
    ("chunks", "values"),
    [
        ([b'{"a":1}\n{"a"', b':2}\n\n{"a":3}'], [1, 2, 3]),
        ([b'{"a":1}'], [1]),
        ([b'{\n"a"', b": 1\n}\n"], [1]),
        ([b'{"a":1}\r\n', b'{"a":2}\r\n'], [1, 2]),
        (['{"a":1}\n'.encode("utf-16")], [1]),
        (['{"a":1}\n'.encode("utf-16-be")], [1]),
        ([b"\n \n"], []),
        ([], []),
    ],
)
def test_values_come_line_by_line_or_as_one(chunks, values):
    body = bytearray()
    assert [value["a"] for value in each_value({}, chunks, body)] == values
    assert bytes(body) == b"".join(chunks)


def test_a_broken_line_is_told_after_those_before_it():
    values = each_value({}, [b'{"a":1}\n{"a"\n{"a":3}\n'], bytearray())
    assert next(values) == {"a": 1}
    with pytest.raises(ElevenError) as broken:
        next(values)
    assert "not JSON" in broken.value.message
    with pytest.raises(ElevenError, match="No more"):
        next(each_value({}, [b'{"detail":{"status":"x_y","message":"No more"}}\n'], bytearray()))


def test_what_jq_takes_is_harmless_on_a_terminal(eleven, service, either_jq, tmp_path):
    service.on("/v1/x", json_reply({"a": "\x1b[2Jü\nb"}))
    assert eleven("api", "x", "--jq", ".a", tty="out").text == "\\x1b[2Jü\nb\n"
    assert eleven("api", "x", "--jq", ".a").text == "\x1b[2Jü\nb\n"
    assert eleven("api", "x", "--jq", ".a", "-o", str(tmp_path / "x")).code == 0
    assert (tmp_path / "x").read_text() == "\x1b[2Jü\nb\n"


def test_without_any_jq_the_hint_installs_it(eleven, service, monkeypatch):
    monkeypatch.setattr(jq_filter, "is_installed", lambda module: False)
    monkeypatch.setenv("PATH", "/nonexistent")
    result = eleven("api", "x", "--jq", ".")
    assert (result.code, result.error) == (2, "error: --jq needs jq, which is not installed")
    assert "jq" in result.hint.split()
    assert service.requests == []


# the sandbox


def test_it_works_with_the_sandbox(eleven, tmp_path):
    assert "eleven_v4" in eleven("--sandbox", "api", "models", "--jq", ".[].model_id").text.split()
    voice = eleven(
        "--sandbox", "api", "v2/voices", "--paginate", "-q", "page_size=1", "--jq", ".voice_id"
    ).text.split()[0]
    path = f"text-to-speech/{voice}"
    assert (
        eleven("--sandbox", "api", path, "-f", "text=Hello", "-q", "output_format=mp3_44100_128").out[:2] == b"\xff\xfb"
    )
    assert eleven("--sandbox", "api", path, "-f", "text=Hello", "-o", str(tmp_path / "a.mp3")).code == 0
    heard = ["--sandbox", "api", "speech-to-text", "-F", "model_id=scribe_v2", "--jq", ".text", "-F"]
    assert "Hello" in eleven(*heard, f"file=@{tmp_path}/a.mp3").text
    assert "Hello" in eleven(*heard, "file=@-", stdin=(tmp_path / "a.mp3").read_bytes()).text


def test_a_real_run_prints_what_came(spawn, service):
    service.on(MODELS, json_reply([{"model_id": "ü"}]))
    process = spawn("api", "models", env={**os.environ, "PYTHONUTF8": "0", "LC_ALL": "C"})
    out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out, err) == (0, b'[{"model_id": "\\u00fc"}]', b"")


# completion


@pytest.mark.parametrize(
    ("words", "offered", "not_offered"),
    [
        ("", ["GET", "DELETE", "/v1/models", "/v1/voices/{voice_id}"], ["models"]),
        ("d", ["delete", "dubbing"], ["get", "/v1/dubbing"]),
        ("/v1/text-to-s", ["/v1/text-to-speech/{voice_id}/stream"], ["/v1/text-to-dialogue"]),
        ("/v1/voices/abc/se", ["/v1/voices/abc/settings"], ["/v1/voices/{voice_id}/settings"]),
        ("v1/mod", ["v1/models"], ["/v1/models", "models"]),
        ("voices/abc/", ["voices/abc/settings"], ["voices/abc/"]),
        ("DELETE /v1/hi", ["/v1/history/{history_item_id}"], ["/v1/history"]),
        ("get /v1/hi", ["/v1/history"], ["/v1/history/download"]),
        ("-X DELETE /v1/hi", ["/v1/history/{history_item_id}"], ["/v1/history", "DELETE"]),
        ("-X P", ["POST", "PUT", "PATCH"], ["GET"]),
        ("/v1/models?", [], ["/v1/models"]),
    ],
)
def test_paths_are_completed(eleven, monkeypatch, words, offered, not_offered):
    monkeypatch.setenv("_ELEVEN_COMPLETE", "list_zsh")
    found = eleven("api", *words.split(" ")).text.splitlines()
    assert [word for word in offered if word not in found] == []
    assert [word for word in not_offered if word in found] == []
    assert all(found)


def test_a_file_is_completed_where_one_is_wanted(eleven, monkeypatch):
    monkeypatch.setenv("_ELEVEN_COMPLETE", "list_zsh")
    assert eleven("api", "--input", "").code == 100


def test_the_list_of_endpoints_is_in_order_and_has_what_the_sandbox_imitates():
    from eleven_cli.commands.lookup.endpoints import LIST, known
    from tests.endpoints_page import served

    lines = LIST.read_text("utf-8").splitlines()
    assert lines == sorted(set(lines))
    listed = {(name.rstrip("*"), path) for path, methods in known().items() for name in methods}
    older = {("GET", "/v1/convai/conversation/get_signed_url")}
    assert {(one.method, one.path) for one in served() if one.method != "WS"} - listed == older


def test_the_list_of_endpoints_is_read_only_where_it_is_needed(eleven, service, monkeypatch):
    from eleven_cli.commands.lookup import endpoints

    service.on("/v1/x", raw_reply(MP3, content_type="audio/mpeg"))
    monkeypatch.setattr(endpoints, "LIST", endpoints.LIST.with_name("nothing.txt"))
    assert eleven("api", "x").code == 0
