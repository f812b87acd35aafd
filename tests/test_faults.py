"""When the network, the server or the user breaks off: the right sentence, the right exit code, nothing lost."""

import json
import os
import signal
import socket
import ssl
import threading
import time
from email.utils import formatdate

import pytest
import trustme

from tests.conftest import VOICE
from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, Service, audio_reply, error_reply, json_reply, raw_reply

BUSY = error_reply(
    429, "concurrent_limit_exceeded", "Too many concurrent requests.", legacy="too_many_concurrent_requests"
)


pytestmark = pytest.mark.usefixtures("pauses")


def part_of(path):
    return path.with_name(path.name + ".part")


# what arrived is kept


def drop_midway(exchange):
    exchange.head(content_type="audio/mpeg", transfer_encoding="chunked")
    exchange.chunk(MP3_FRAME)
    exchange.drop()


def end_midway(exchange):
    exchange.head(content_type="audio/mpeg", transfer_encoding="chunked")
    exchange.chunk(MP3_FRAME)


def fall_short(exchange):
    exchange.head(content_type="audio/mpeg", content_length="5000")
    exchange.body(MP3_FRAME)


@pytest.mark.parametrize("reply", [drop_midway, end_midway, fall_short])
def test_a_connection_lost_midway(eleven, service, tmp_path, reply):
    path = tmp_path / "x.mp3"
    path.write_bytes(b"old")
    service.on_speech(reply)
    result = eleven("tts", "hi", "-o", str(path))
    assert result.code == 6
    assert "lost" in result.error
    assert result.error.endswith(f"what arrived (417 bytes) is kept in {path}.part")
    assert path.read_bytes() == b"old"
    assert part_of(path).read_bytes() == MP3_FRAME
    assert len(service.requests) == 1, "audio had begun: a second request would be a second bill"


def test_a_wav_cut_short_is_still_a_wav(eleven, service, tmp_path):
    service.on_speech(fall_short)
    result = eleven("tts", "hi", "-o", str(tmp_path / "x.wav"))
    assert result.code == 6
    import wave

    with wave.open(str(tmp_path / "x.wav.part")) as file:
        assert file.getnframes() == len(MP3_FRAME) // 2


def test_an_earlier_part_survives_a_later_refusal(eleven, service, tmp_path):
    path = tmp_path / "x.mp3"
    service.on_speech(fall_short, error_reply(402, "insufficient_credits", "You have 0 credits."))
    assert eleven("tts", "hi", "-o", str(path)).code == 6
    assert eleven("tts", "hi", "-o", str(path)).code == 5
    assert part_of(path).read_bytes() == MP3_FRAME


def test_too_little_into_a_pipe_is_no_success(eleven, service):
    service.on_speech(fall_short)
    result = eleven("tts", "hi")
    assert (result.code, result.out) == (6, MP3_FRAME)


def test_a_server_that_stalls(eleven, service, tmp_path, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.session.READ_TIMEOUT_S", 0.2)

    def stall(exchange):
        exchange.head(content_type="audio/mpeg", transfer_encoding="chunked")
        exchange.chunk(MP3_FRAME)
        exchange.until_released()

    service.on_speech(stall)
    result = eleven("tts", "hi", "-o", str(tmp_path / "x.mp3"))
    assert result.code == 6
    assert f"127.0.0.1:{service.port} sent nothing for" in result.error
    assert part_of(tmp_path / "x.mp3").read_bytes() == MP3_FRAME


def test_a_server_that_never_answers(eleven, service, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.session.READ_TIMEOUT_S", 1.0)
    service.on_speech(lambda exchange: exchange.until_released())
    result = eleven("tts", "hi")
    assert result.code == 6
    assert "sent nothing for" in result.error
    assert len(service.requests) == 1, "the request may have been paid for: it is not sent again"


def test_a_connection_closed_without_an_answer(eleven, service):
    service.on_speech(lambda exchange: exchange.drop())
    result = eleven("tts", "hi")
    assert result.code == 6
    assert "was lost before it answered" in result.error
    assert len(service.requests) == 1


def test_a_get_that_is_hung_up_on_is_sent_again(eleven, service):
    service.on("/v1/models", lambda exchange: exchange.drop(), json_reply([{"model_id": "m"}]))
    result = eleven("models")
    assert (result.code, result.err) == (0, ""), "nobody is told of a wait that is hardly noticed"
    assert len(service.requests) == 2


def test_a_connection_that_the_server_closed_meanwhile_is_not_used(eleven, service, monkeypatch):
    """Thirty times the look-up of a voice on a connection that is closed behind it, then the paid request."""
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    service.on("/v2/voices", json_reply({"voices": [{"voice_id": "v"}]}))
    service.on_speech(audio_reply([MP3_FRAME]))
    for attempt in range(30):
        monkeypatch.setenv("ELEVENLABS_API_KEY", f"sk_test_0123456789_{attempt}")
        assert eleven("tts", "hi").code == 0


def test_garbage_instead_of_http(eleven, service):
    service.on_speech(lambda exchange: exchange.body(b"SSH-2.0-OpenSSH\r\n\r\n"))
    result = eleven("tts", "hi", "--json")
    assert result.code == 6
    assert json.loads(result.err)["error"]["message"].endswith(" does not answer in HTTP: SSH-2.0-OpenSSH")


# trying again


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("voices", "/v2/voices"),
        ("voices library", "/v1/shared-voices"),
        ("models", "/v1/models"),
        ("effects", "/v1/audio-effects/catalog"),
    ],
)
def test_with_json_an_error_after_retries_is_the_only_thing_on_stderr(eleven, service, command, path):
    service.on(path, lambda exchange: exchange.drop())
    result = eleven(*command.split(), "--json")
    assert (result.code, result.out) == (6, b"")
    assert json.loads(result.err)["error"]["exit_code"] == 6
    assert len(service.requests) > 1


def test_busy_is_tried_again_before_the_first_byte(eleven, service, pauses):
    service.on_speech(BUSY, BUSY, audio_reply([MP3_FRAME]))
    result = eleven("tts", "hi")
    assert (result.code, result.out) == (0, MP3_FRAME)
    assert "Too many concurrent requests; trying again in" in result.err
    assert result.err.count("trying again in") == 1
    assert "(3 of 16)" in result.err
    assert 0.3 < pauses[0] < 0.7 < pauses[1] < 1.3


def test_whoever_is_busy_for_minutes_is_given_up(eleven, service, pauses):
    service.on_speech(BUSY)
    result = eleven("tts", "hi")
    assert result.code == 5
    assert "(concurrent_limit_exceeded, too_many_concurrent_requests, request req_42)" in result.error
    assert "--retries" in result.hint
    assert len(service.requests) == 16
    assert 60 < sum(pauses) < 200
    assert max(pauses) < 15


def test_503_is_tried_again(eleven, service):
    service.on_speech(raw_reply(b"", 503), audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi").code == 0


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 500, 502, 504])
def test_nothing_else_is_tried_again(eleven, service, status):
    service.on_speech(raw_reply(b"{}", status))
    assert eleven("tts", "hi").code != 0
    assert len(service.requests) == 1


def test_retry_after_is_honoured(eleven, service, pauses):
    import time

    date = formatdate(time.time() + 20, usegmt=True)
    service.on_speech(
        raw_reply(b"", 429, retry_after="7"), raw_reply(b"", 503, retry_after=date), audio_reply([MP3_FRAME])
    )
    assert eleven("tts", "hi").code == 0
    assert pauses[0] == 7.0
    assert 15 < pauses[1] <= 20


def test_a_wait_too_long_is_an_error(eleven, service, pauses):
    service.on_speech(raw_reply(b"", 429, retry_after="3600"))
    assert eleven("tts", "hi").code == 5
    assert pauses == []


def test_nobody_listens(eleven, service, monkeypatch, pauses):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("ELEVENLABS_BASE_URL", f"http://{address}")
        result = eleven("tts", "hi")
    came_from = "the address comes from the environment (ELEVENLABS_BASE_URL)"
    assert (result.code, result.error) == (6, f"error: cannot connect to {address}: Connection refused; {came_from}")
    assert len(pauses) == 3


def test_an_unknown_host(eleven, service, monkeypatch, pauses):
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "https://nothing.invalid")
    result = eleven("tts", "hi")
    assert result.code == 6
    assert result.error.startswith("error: cannot find nothing.invalid")
    assert pauses == [], "a name that is not known now is not known in a second"


# where the key must not go


def test_plain_http_is_refused(eleven, service, monkeypatch):
    for url in ("http://example.com", "http://127.example.com", "http://localhost.example.com"):
        result = eleven("--base-url", url, "tts", "hi")
        assert (result.code, result.error) == (2, f"error: the API key is never sent over plain http: {url}")
    assert not service.requests


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.y",
        "nonsense",
        "https://",
        "https://user:pass@example.com",
        "https://[::1",
        "https://h:99999",
        "https://h:a",
        "https://a b/",
        "https://h/?q=1",
        "https://h/#f",
    ],
)
def test_what_is_no_server_address(eleven, service, url):
    result = eleven("--base-url", url, "tts", "hi")
    assert result.code == 2
    assert "address" in result.error


def test_a_redirect_is_not_followed(eleven, service):
    with Service() as other:
        service.on_speech(raw_reply(b"", 307, location=f"{other.url}/elsewhere"))
        result = eleven("tts", "hi")
        assert other.requests == []
    assert result.code == 1
    assert f"redirects to {other.url}/elsewhere; the key is not sent there" in result.error


def test_a_proxy_is_not_used_within_the_machine(eleven, service, monkeypatch):
    with Service() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        service.on_speech(audio_reply([MP3_FRAME]))
        assert eleven("tts", "hi").code == 0
        assert proxy.requests == []


def test_netrc_adds_no_second_credential(eleven, service, home):
    (home / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (home / ".netrc").chmod(0o600)
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi").code == 0
    assert "authorization" not in service.requests[0].headers


def test_a_proxy_that_refuses(eleven, service, monkeypatch):
    class Refusing(threading.Thread):
        def run(self):
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Refusing(daemon=True).start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("ELEVENLABS_BASE_URL", "https://example.com")
        result = eleven("tts", "hi")
    assert result.code == 6
    assert result.error.startswith("error: the proxy refused to connect to example.com")
    assert "403" in result.error


@pytest.fixture
def tls(monkeypatch):
    """A server on https whose certificate comes from nobody's authority; gives the authority."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with Service() as service:
        service._server.socket = context.wrap_socket(service._server.socket, server_side=True)
        monkeypatch.setenv("ELEVENLABS_BASE_URL", f"https://localhost:{service.port}")
        monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_test_0123456789")
        monkeypatch.setenv("ELEVENLABS_VOICE_ID", VOICE)
        service.on_speech(audio_reply([MP3_FRAME]))
        yield authority, service


def test_a_certificate_that_does_not_verify(eleven, tls):
    result = eleven("tts", "hi")
    assert result.code == 6
    assert "no trusted connection to localhost:" in result.error
    assert "certificate" in result.error
    assert "SSL_CERT_FILE" in result.hint
    assert tls[1].requests == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_authority_from_the_environment(eleven, tls, tmp_path, monkeypatch, variable):
    tls[0].cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv(variable, str(tmp_path / "ca.pem"))
    assert eleven("tts", "hi").out == MP3_FRAME


# the key is seen nowhere


def test_debug_shows_the_exchange_without_the_key(eleven, service):
    service.on_speech(error_reply(401, "unauthorized", "Invalid API key", legacy="invalid_api_key"))
    result = eleven("--debug", "tts", "hi")
    assert f"> POST {service.url}/v1/text-to-speech/" in result.err
    assert "< 401" in result.err
    assert "Traceback" not in result.err, "a refusal is foreseen"
    assert "sk_test" not in result.err


def test_the_key_is_hidden_whoever_says_it(eleven, service):
    from tests.conftest import KEY

    service.on_speech(error_reply(401, "unauthorized", f"Invalid API key {KEY}", x_echo=KEY))
    assert KEY not in eleven("--debug", "tts", "hi").err
    service.on_speech(raw_reply(b"", 307, location=f"https://x.y/?key={KEY}"))
    assert "****" in eleven("tts", "hi").error
    service.on_speech(audio_reply([MP3_FRAME], request_id=KEY))
    assert KEY not in eleven("tts", "hi", "--stats").err
    assert "0123456789abcdef" not in eleven("auth", "login", "sk_0123456789abcdef01").err


def test_an_error_that_dribbles_is_not_waited_for(eleven, service, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.refusals.ERROR_BODY_S", 0.1)

    def dribble(exchange):
        exchange.head(400, content_type="text/plain", transfer_encoding="chunked")
        exchange.chunk(b"no")
        exchange.until_released()

    service.on_speech(dribble)
    result = eleven("tts", "hi")
    assert (result.code, result.error) == (1, "error: the service answered 400: no")


def test_a_handshake_that_is_not_answered_is_no_connection(eleven, monkeypatch, pauses):
    monkeypatch.setattr("eleven_cli.api.client.CONNECT_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", f"https://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_test_0123456789")
        result = eleven("tts", "hi", "-v", VOICE)
    assert result.code == 6
    assert "did not answer within" in result.error
    assert len(pauses) == 3


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SSL_CERT_FILE", "/no/such.pem", "no certificates at /no/such.pem"),
        ("ALL_PROXY", "socks5://127.0.0.1:1", "the proxy cannot be used"),
        ("HTTPS_PROXY", "junk://:::", "proxy"),
    ],
)
def test_a_network_set_up_wrongly(eleven, monkeypatch, variable, value, said):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_test_0123456789")
    monkeypatch.setenv(variable, value)
    result = eleven("--base-url", "https://example.com", "tts", "hi", "-v", VOICE)
    assert result.code == 6
    assert said in result.error


def test_no_traceback_without_debug(eleven, service):
    service.on_speech(error_reply(500, "internal_error", "An internal error occurred."))
    result = eleven("tts", "hi")
    assert "Traceback" not in result.err
    assert result.err.count("\n") == 2


def test_errors_as_json(eleven, service):
    service.on_speech(error_reply(404, "voice_not_found", "No such voice."))
    result = eleven("tts", "hi", "--json")
    assert json.loads(result.err) == {
        "error": {
            "code": "voice_not_found",
            "message": "No such voice; the voice comes from the environment (ELEVENLABS_VOICE_ID)",
            "hint": "see your voices: eleven voices",
            "status": 404,
            "request_id": "req_42",
            "exit_code": 4,
        }
    }


def test_a_usage_error_as_json(eleven):
    error = json.loads(eleven("tts", "--json", "--nonsense").err)["error"]
    assert (error["code"], error["exit_code"]) == ("usage_error", 2)


def test_control_characters_from_the_service_are_harmless(eleven, service):
    service.on_speech(error_reply(400, "bad_request", "\x1b[2J\x07 [red]boo[/red] \u202e"))
    result = eleven("tts", "hi")
    assert result.error == r"error: \x1b[2J\x07 [red]boo[/red] \u202e (bad_request, request req_42)"


# Ctrl+C, SIGTERM, and a reader that leaves: real processes


def stream_for_ever(left):
    def reply(exchange):
        exchange.head(content_type="audio/mpeg", transfer_encoding="chunked")
        try:
            exchange.chunk(MP3_FRAME * 10)
            left.set() if exchange.until_hung_up() else None
        except OSError:
            left.set()

    return reply


def test_a_signal_midway_into_a_pipe_says_nothing(spawn, service):
    service.on_speech(stream_for_ever(threading.Event()))
    process = spawn("tts", "hi")
    assert process.stdout.read(4170) == MP3_FRAME * 10
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=GUARD_S) == (b"", b"")
    assert process.returncode == 130


def test_a_reader_that_leaves_a_help_page(spawn):
    read, write = os.pipe()
    os.close(read)
    process = spawn("tts", "--help", stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, err) == (141, b"")


def test_a_disk_that_fills_up_keeps_what_fitted(spawn, service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME] * 10))
    path = tmp_path / "x.mp3"
    process = spawn("tts", "hi", "-o", str(path), prefix=["prlimit", "--fsize=1000"])
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 1
    kept = f"what arrived (1,000 bytes) is kept in {path}.part"
    assert err.decode() == f"error: cannot write {path}: File too large; {kept}\n"
    assert part_of(path).read_bytes() == (MP3_FRAME * 3)[:1000]
    assert not path.exists()


def test_a_read_only_folder(spawn, service, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    # root writes everywhere, unless it gives that power up
    prefix = [] if os.geteuid() else ["setpriv", "--bounding-set=-dac_override"]
    process = spawn("tts", "hi", "-o", str(folder / "x.mp3"), prefix=prefix)
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 2
    assert f"error: cannot write {folder}/x.mp3: Permission denied".encode() in err
    assert not service.requests


def test_models_that_are_no_json(eleven, service):
    service.on("/v1/models", raw_reply(b"<html>hi</html>", content_type="text/html"))
    result = eleven("models")
    assert (result.code, result.error) == (1, "error: the service sent something that is not JSON: hi")


def test_the_service_refuses_models_without_a_key(eleven, service):
    service.on("/v1/models", error_reply(404, "workspace_not_found", "Workspace not found.", kind="not_found"))
    assert eleven("models").code == 3


def test_no_key(eleven, monkeypatch):
    result = eleven("tts", "hi")
    assert (result.code, result.error) == (3, "error: no API key")
    assert "eleven auth login" in result.hint


@pytest.mark.parametrize(("status", "code"), [(404, 4), (405, 1), (501, 1)])
def test_a_server_that_is_not_elevenlabs(eleven, service, status, code):
    page = raw_reply(b"<html><h1>Error response</h1></html>", status, content_type="text/html;charset=utf-8")
    service.on("/v1/models", page)
    result = eleven("models")
    server = service.url.partition("//")[2]
    assert (result.code, result.error) == (code, f"error: {server} is not an ElevenLabs server ({status}, text/html)")
    assert result.hint == "hint: check the server's address: eleven config get base_url"


def test_a_refusal_whose_explanation_stalls_is_still_that_refusal(eleven, service, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.session.ERROR_BODY_S", 0.2)

    def stall(exchange):
        exchange.head(status=401, content_type="application/json", content_length="100")
        exchange.until_released()

    service.on_speech(stall)
    started = time.monotonic()
    result = eleven("tts", "hi")
    assert (result.code, result.error) == (3, "error: the service answered 401 and gave no reason")
    assert time.monotonic() - started < 15, "it waited for the explanation as long as for audio"
