"""Answers that are cut short, damaged, endless, or no HTTP at all: never success, never a bug's sentence."""

import gzip
import json
import resource
import socket
import threading
import zlib

import pytest

from eleven_cli.api.client import Client
from eleven_cli.errors import NetworkError
from tests.conftest import VOICE
from tests.support.garbage import without_collection
from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, Service, audio_reply, json_reply, raw_reply

pytestmark = pytest.mark.usefixtures("pauses")

MP3 = MP3_FRAME * 40
GZIPPED = gzip.compress(MP3, mtime=0)


def short(value):
    """A name for a test of bytes that nobody wants to read whole."""
    return repr(value)[:40] if isinstance(value, bytes) else None


def bare_deflate(data):
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


WAYS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": bare_deflate,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "identity, gzip": gzip.compress,
    "deflate,gzip": lambda data: gzip.compress(zlib.compress(data)),
    "gzip, deflate, gzip": lambda data: gzip.compress(zlib.compress(gzip.compress(data))),
}


def sent(body, encoding="", framing="length", **headers):
    """The body with a right length, in chunks, or until the connection is closed."""

    def reply(exchange):
        head = {"content_type": "audio/mpeg", **({"content_encoding": encoding} if encoding else {}), **headers}
        if framing == "length":
            exchange.head(content_length=str(len(body)), **head)
            exchange.body(body)
        elif framing == "chunked":
            exchange.head(transfer_encoding="chunked", **head)
            for at in range(0, len(body), 100):
                exchange.chunk(body[at : at + 100])
            exchange.last_chunk()
        else:
            exchange.head(**head)
            exchange.body(body)

    return reply


@pytest.mark.parametrize("framing", ["length", "chunked", "closing"])
@pytest.mark.parametrize("encoding", WAYS)
def test_what_is_compressed_unasked_is_read_all_the_same(eleven, service, encoding, framing):
    service.on_speech(sent(WAYS[encoding](MP3), encoding, framing))
    result = eleven("tts", "hi")
    assert (result.code, result.out) == (0, MP3)


@pytest.mark.parametrize("framing", ["length", "chunked", "closing"])
@pytest.mark.parametrize("kept", [-1, -4, -9, 12, 1, 0])
@pytest.mark.parametrize("encoding", WAYS)
def test_a_compressed_body_cut_short_is_no_success(eleven, service, encoding, kept, framing):
    whole = WAYS[encoding](MP3)
    service.on_speech(sent(whole[:kept], encoding, framing))
    result = eleven("tts", "hi")
    assert result.code == 6, result.err
    assert "ended too early" in result.error
    assert MP3.startswith(result.out)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (GZIPPED + gzip.compress(MP3, mtime=0), 0),
        (GZIPPED + b"\0" * 512, 0),
        (GZIPPED + b"rubbish", 0),
        (GZIPPED + gzip.compress(MP3, mtime=0)[:-3], 6),
        (GZIPPED + b"\x1f", 6),
        (GZIPPED + b"\x1f\x8b\x08", 6),
        (GZIPPED[:-8] + b"\0" * 8, 6),
        (b"rubbish", 6),
        (MP3, 6),
    ],
    ids=short,
)
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_members_of_a_compressed_body(eleven, service, body, code, framing):
    service.on_speech(sent(body, "gzip", framing))
    result = eleven("tts", "hi")
    assert result.code == code, result.err
    assert "unexpected" not in result.err


UNKNOWN = ["br", "zstd", "compress", "rot13", "gzip, rot13", "utf-8", ",".join(["gzip"] * 9), "²"]


@pytest.mark.parametrize("encoding", UNKNOWN)
def test_an_encoding_that_nobody_knows(eleven, service, encoding):
    service.on_speech(sent(MP3, encoding))
    service.on("/v1/models", sent(b"[]", encoding))
    for words in (("tts", "hi"), ("models",)):
        result = eleven(*words)
        assert result.code in (1, 6)
        assert "unexpected" not in result.err


def test_a_refusal_in_an_unknown_encoding_is_still_that_refusal(eleven, service):
    service.on_speech(raw_reply(b"no", 401, content_encoding="rot13"))
    result = eleven("tts", "hi")
    assert (result.code, result.error) == (3, "error: the service answered 401 and gave no reason")


# heads


def raw(data):
    return lambda exchange: exchange.body(data)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: %d\r\n\r\n%s" % (len(MP3), MP3)


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 30,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 199 Whatever\r\nConnection: close\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
    ],
    ids=short,
)
def test_interim_answers_are_not_the_answer(eleven, service, before):
    service.on_speech(raw(before + OK))
    result = eleven("tts", "hi")
    assert (result.code, result.out) == (0, MP3)


@pytest.mark.parametrize(
    "data",
    [
        OK[:7],
        OK[:14],
        OK[:20],
        OK[:40],
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: x",
        b"",
    ],
    ids=short,
)
def test_a_head_that_is_cut_off_is_a_lost_connection(eleven, service, data):
    service.on_speech(raw(data))
    service.on("/v1/models", raw(data))
    for words in (("tts", "hi"), ("models",)):
        result = eleven(*words)
        assert result.code == 6, result.err
        assert "lost before it answered" in result.error
    assert len([one for one in service.requests if "speech" in one.path]) == 1, "it may have been paid for"


@pytest.mark.parametrize(
    "data",
    [
        b"\0\1\2\r\n\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 \xc2\xb2\xc2\xb2\xc2\xb2 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5000,
    ],
    ids=short,
)
def test_what_is_no_http_is_said_to_be_none(eleven, service, data):
    service.on_speech(raw(data))
    result = eleven("tts", "hi")
    assert result.code == 6, result.err
    assert "unexpected" not in result.err
    assert len(result.error) < 300


def test_an_answer_without_a_length_ends_with_the_connection(eleven, service):
    service.on_speech(raw(b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + MP3))
    assert eleven("tts", "hi").out == MP3


@pytest.mark.parametrize(
    ("framing", "body", "code"),
    [
        (b"Content-Length: %d" % (len(MP3) + 1), MP3, 6),
        (b"Content-Length: %d" % (len(MP3) - 17), MP3, 0),
        (b"Content-Length: 5, 6", MP3, 6),
        (b"Content-Length: " + b"9" * 400, MP3, 6),
        (b"Content-Length: \xc2\xb2", MP3, 0),
        (b"Content-Length: -5", MP3, 0),
        (b"Transfer-Encoding: chunked", b"5\r\nabc", 6),
        (b"Transfer-Encoding: chunked", b"3\r\n\xff\xfbc\r\n", 6),
        (b"Transfer-Encoding: chunked", b"3\r\n\xff\xfbc\r\n0", 0),
        (b"Transfer-Encoding: chunked", b"3\r\n\xff\xfbc\r\nzz\r\n", 6),
        (b"Transfer-Encoding: chunked", b"3\r\n\xff\xfbc\r\n-5\r\nabc", 6),
        (b"Transfer-Encoding: Chunked ", b"3\r\n\xff\xfbc\r\n0\r\n\r\n", 0),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 900", b"3\r\n\xff\xfbc\r\n0\r\n\r\n", 0),
        (b"Transfer-Encoding: chunked", b"", 6),
    ],
    ids=short,
)
def test_framing(eleven, service, framing, body, code):
    service.on_speech(raw(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n" + framing + b"\r\n\r\n" + body))
    result = eleven("tts", "hi")
    assert result.code == code, result.err
    assert "unexpected" not in result.err


def test_a_head_that_drips_is_given_up(eleven, service, monkeypatch):
    monkeypatch.setattr("eleven_cli.api.http.connection.HEAD_S", 0.3)
    ended = threading.Event()

    def drip(exchange):
        exchange.body(b"HTTP/1.1 200 OK\r\nX: ")
        try:
            while not ended.wait(0.02):
                exchange.body(b"y")
        except OSError:
            pass

    service.on_speech(drip)
    result = eleven("tts", "hi")
    ended.set()
    assert result.code == 6
    assert "did not finish its response headers within" in result.error


# without bound


def bomb(megabytes, piece):
    squeeze = zlib.compressobj(9, wbits=31)
    block = piece * ((1 << 20) // len(piece))
    return b"[" + b"", b"".join([squeeze.compress(b"[")] + [squeeze.compress(block) for _ in range(megabytes)])


@pytest.mark.parametrize("piece", [b"0,", b"[],", b'"aaaa",', b" " * 64], ids=short)
def test_json_without_bound_is_refused(spawn, service, piece):
    body = bomb(300, piece)[1]
    service.on("/v1/models", raw_reply(body, content_type="application/json", content_encoding="gzip"))
    limit = 700 << 20
    process = spawn("models", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert b"larger than 64 MB" in err


def test_a_refusal_without_end_is_cut(eleven, service):
    ended = threading.Event()

    def flood(exchange):
        exchange.head(400, content_type="text/plain", transfer_encoding="chunked")
        try:
            while True:
                exchange.chunk(b"no " * 30_000)
        except OSError:
            ended.set()

    service.on_speech(flood)
    result = eleven("tts", "hi")
    assert result.code == 1
    assert len(result.error) < 400
    assert ended.wait(GUARD_S)


# numbers

NO_COUNTS = ["²", "9" * 400, "9" * 5000, "-1", "1.5", "nan", "", " ", "1_0", "٣", "infinity", "0x10", "1e400"]


@pytest.mark.parametrize("value", NO_COUNTS)
def test_counts_in_headers_that_are_none(eleven, service, value):
    def reply(exchange):
        lines = [f"{name}: {value}" for name in ("character-cost", "maximum-concurrent-requests", "request-id")]
        head = "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: audio/mpeg", *lines, "", ""])
        exchange.body(head.encode() + MP3)

    service.on_speech(reply)
    for more in ([], ["--stats"], ["--json"]):
        result = eleven("tts", "hi", *more)
        assert (result.code, result.out) == (0, MP3), result.err
        assert "unexpected" not in result.err


ODD = ["9" * 400, "9" * 5000, "-" + "9" * 400, "1e400", "NaN", "Infinity", "-1", '"²"', "null", "true", "[]", "1.5"]


@pytest.mark.parametrize("number", ODD)
@pytest.mark.parametrize(
    ("words", "path", "template"),
    [
        (("usage",), "/v1/user/subscription", '{"tier":"x","character_count":N,"character_limit":N}'),
        (
            ("usage", "--json"),
            "/v1/user/subscription",
            '{"tier":"x","character_count":1,"character_limit":2,"max_credit_limit_extension":N,'
            '"next_character_count_reset_unix":N,"current_overage":{"amount":N}}',
        ),
        (
            ("models",),
            "/v1/models",
            '[{"model_id":"m","maximum_text_length_per_request":N,"token_cost_factor":N,'
            '"max_characters_request_subscribed_user":N,"model_rates":{"character_cost_multiplier":N}}]',
        ),
        (("voices",), "/v2/voices", '{"voices":[{"voice_id":"v","name":"V","created_at_unix":N}],"has_more":N}'),
        (
            ("voices", "--json"),
            "/v2/voices",
            '{"voices":[{"voice_id":"v","created_at_unix":N,"settings":{"speed":N}}]}',
        ),
    ],
)
def test_numbers_in_json_that_are_none(eleven, service, words, path, template, number):
    service.on(path, raw_reply(template.replace("N", number).encode(), content_type="application/json"))
    result = eleven(*words)
    assert "unexpected" not in result.err, result.err
    assert result.code in (0, 1)


@pytest.mark.parametrize("number", ODD)
@pytest.mark.parametrize("words", [("--subtitles", "s.srt"), ("--subtitles", "s.json")])
def test_times_of_speech_that_are_none(eleven, service, tmp_path, monkeypatch, number, words):
    monkeypatch.chdir(tmp_path)
    import base64

    audio = base64.b64encode(MP3).decode()
    times = f'"character_start_times_seconds":[0,{number}],"character_end_times_seconds":[{number},1]'
    line = f'{{"audio_base64":"{audio}","alignment":{{"characters":["h","i"],{times}}}}}\n'
    service.on_speech(raw_reply(line.encode(), content_type="application/json"))
    result = eleven("tts", "hi", "-o", "x.mp3", *words)
    assert "unexpected" not in result.err, result.err
    assert (tmp_path / "x.mp3").exists() or result.code


@pytest.mark.parametrize("number", ODD)
@pytest.mark.parametrize("output", ["x.srt", "x.json", "x.txt"])
def test_times_of_a_transcript_that_are_none(eleven, service, tmp_path, monkeypatch, number, output):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp3").write_bytes(MP3)
    word = f'{{"text":"hi","start":{number},"end":{number},"type":"word","logprob":{number}}}'
    answer = f'{{"text":"hi","language_code":"en","audio_duration_secs":{number},"words":[{word}]}}'
    service.on("/v1/speech-to-text", raw_reply(answer.encode(), content_type="application/json"))
    result = eleven("stt", "a.mp3", "-o", output)
    assert "unexpected" not in result.err, result.err


# waiting


@pytest.mark.parametrize(
    ("value", "first"),
    [
        ("2", (2, 3)),
        ("0", (0.3, 0.7)),
        ("-5", (0.3, 0.7)),
        ("nan", (0.3, 0.7)),
        ("infinity", (0.3, 0.7)),
        ("1e400", (0.3, 0.7)),
        ("²", (0.3, 0.7)),
        ("", (0.3, 0.7)),
        ("soon", (0.3, 0.7)),
        ("Mon, 01 Jan 1990 00:00:00 GMT", (0.3, 0.7)),
        ("Mon, 99 Foo 99999999999999 00:00:00 GMT", (0.3, 0.7)),
        ("59.5", (59.5, 59.5)),
    ],
)
def test_retry_after_in_every_shape(eleven, service, pauses, value, first):
    service.on_speech(raw_reply(b"", 429, retry_after=value.encode().decode("latin-1")), audio_reply([MP3]))
    result = eleven("tts", "hi")
    assert result.code == 0, result.err
    assert first[0] <= pauses[0] <= first[1]


@pytest.mark.parametrize("value", ["61", "9" * 30, "9" * 400, "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_whoever_is_asked_to_come_back_much_later_does_not_wait(eleven, service, pauses, value):
    service.on_speech(raw_reply(b"", 503, retry_after=value))
    result = eleven("tts", "hi")
    assert result.code == 1
    assert "asks to wait" in result.hint
    assert pauses == []


@pytest.mark.parametrize("code", ["quota_exceeded", "insufficient_credits", "paid_plan_required", "invalid_api_key"])
def test_what_does_not_pass_by_itself_is_not_waited_for(eleven, service, pauses, code):
    service.on_speech(json_reply({"detail": {"code": code, "message": "No."}}, 429))
    assert eleven("tts", "hi").code in (3, 5)
    assert pauses == []


@pytest.mark.parametrize(
    ("words", "environ", "file", "tries"),
    [
        (["--retries", "2"], {}, "", 3),
        (["--retries=0"], {}, "", 1),
        ([], {"ELEVEN_RETRIES": "1"}, "", 2),
        ([], {}, "retries = 4\n", 5),
        ([], {}, 'retries = "4"\n', 5),
        (["--retries", "20"], {"ELEVEN_RETRIES": "1"}, "retries = 4\n", 21),
        ([], {"ELEVEN_RETRIES": "1"}, "retries = 4\n", 2),
    ],
)
def test_how_often_it_is_tried(eleven, service, home, monkeypatch, words, environ, file, tries):
    (home / ".config/eleven").mkdir(parents=True)
    (home / ".config/eleven/config.toml").write_text(file)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    service.on_speech(raw_reply(b"", 429))
    assert eleven(*words, "tts", "hi").code == 5
    assert len(service.requests) == tries


@pytest.mark.parametrize("option", ["--retries", "--timeout"])
@pytest.mark.parametrize("value", ["", "x", "-1", "nan", "inf", "1e400", "²", "9" * 5000, "٣"])
def test_numbers_of_options_that_are_none(eleven, service, option, value):
    result = eleven(f"{option}={value}", "tts", "hi")
    assert result.code == 2
    assert "must be" in result.error
    assert service.requests == []


def test_silence_ends_with_the_timeout(eleven, service):
    service.on_speech(lambda exchange: exchange.until_released())
    result = eleven("--timeout", "0.2", "tts", "hi")
    assert (result.code, len(service.requests)) == (6, 1)
    assert "sent nothing for 0.2 s" in result.error


@pytest.mark.parametrize("timeout", ["10", "0.5"])
def test_a_timeout_like_that_of_connecting_makes_no_second_bill(eleven, service, monkeypatch, timeout):
    monkeypatch.setattr("eleven_cli.api.client.CONNECT_TIMEOUT_S", float(timeout))
    service.on_speech(lambda exchange: exchange.drop() if timeout == "10" else exchange.until_released())
    assert eleven("--timeout", timeout, "tts", "hi").code == 6
    assert len(service.requests) == 1


def test_settings_of_waiting_are_kept_as_numbers(eleven, home):
    assert eleven("config", "set", "retries", "7").code == 0
    assert eleven("config", "set", "timeout", "2.5").code == 0
    assert (home / ".config/eleven/config.toml").read_text() == "retries = 7\ntimeout = 2.5\n"
    assert eleven("config", "get", "retries").text == "7\n"
    assert eleven("config", "set", "timeout", "soon").code == 2
    assert eleven("config", "unset", "retries").code == 0


# --debug


def test_debug_shows_bodies(eleven, service):
    service.on_speech(json_reply({"detail": {"code": "bad", "message": "because"}}, 400))
    err = eleven("--debug", "tts", "hello there").err
    assert '"text": "hello there"' in err
    assert '"message": "because"' in err
    assert "output_format=" in err


def test_debug_cuts_long_bodies_and_names_what_is_no_text(eleven, service):
    service.on_speech(audio_reply([MP3]))
    err = eleven("--debug", "tts", "a" * 6000 + "zzz").err
    assert "zzz" not in err
    assert f"{len(MP3):,} bytes of audio/mpeg" in err
    assert max(map(len, err.splitlines())) < 2500


SECRETS = {
    "signed_url": "wss://x.y/convai?agent_id=a&conversation_signature=SECRETSECRET&token=SECRETSECRET",
    "api_key": "SECRETSECRET",
    "xi-api-key": "SECRETSECRET",
    "access_token": 'SECRET\\"SECRET',
    "note": "Bearer SECRETSECRET",
    "url": "https://user:SECRETSECRET@x.y/?X-Amz-Signature=SECRETSECRET&sig=SECRETSECRET&key=SECRETSECRET",
    "client_secret": "SECRETSECRET",
}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("padding", [0, 1900, 1990])
def test_debug_shows_no_secrets(eleven, service, name, padding):
    more = {"location": SECRETS[name]} if "://" in SECRETS[name] else {}
    service.on("/v1/models", json_reply([{"pad": "p" * padding, name: SECRETS[name]}], **more))
    err = eleven("--debug", "models").err
    assert "SECRET" not in err


def test_debug_shows_no_escape_sequences(eleven, service):
    service.on_speech(json_reply({"detail": "\x1b[2J \x9b31m \u202e"}, 400))
    err = eleven("--debug", "tts", "hi").err
    assert not {"\x1b", "\x9b", "\u202e"} & set(err)


def test_debug_shows_no_escape_sequences_of_a_bug(eleven, service, monkeypatch):
    def broken(*args, **options):
        raise RuntimeError("\x1b[2J from the service")

    monkeypatch.setattr("eleven_cli.api.models.list_models", broken)
    result = eleven("--debug", "models")
    assert "Traceback" in result.err
    assert "\x1b" not in result.err


def test_debug_shows_forms_without_their_files(eleven, service, tmp_path):
    (tmp_path / "a.mp3").write_bytes(MP3)
    service.on("/v1/speech-to-text", json_reply({"text": "hi", "language_code": "en", "words": []}))
    err = eleven("--debug", "stt", str(tmp_path / "a.mp3")).err
    assert "model_id=scribe" in err
    assert "bytes of audio/" in err
    assert '"text": "hi"' in err


# a peer that is gone


def test_connections_notice_a_peer_that_is_gone(eleven, service, monkeypatch):
    seen = []
    original = socket.socket.connect

    def connect(self, address):
        seen.append(self.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
        original(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    service.on_speech(audio_reply([MP3]))
    assert eleven("tts", "hi").code == 0
    assert seen
    assert all(seen)


def test_a_busy_service_serves_everybody_in_the_end(service, loaded):
    """Room for 3, 8 at a time, as `xargs -P8` asks."""
    import shlex
    import subprocess

    room, guard = threading.Semaphore(3), threading.Lock()

    def reply(exchange):
        if not room.acquire(blocking=False):
            return json_reply({"detail": {"code": "concurrent_limit_exceeded", "message": "Too many."}}, 429)(exchange)
        try:
            threading.Event().wait(0.4)
            audio_reply([MP3])(exchange)
        finally:
            room.release()

    with guard:
        service.on_speech(reply)
    command = ["xargs", "-P8", "-I{}", *shlex.split(loaded.command()), "tts", "hi {}", "-o", "/dev/null"]
    done = subprocess.run(command, input="\n".join(map(str, range(16))), text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_json_is_json(eleven, service):
    service.on("/v1/models", raw_reply(json.dumps([{"model_id": "m"}]).encode()))
    assert eleven("models").code == 0


def test_the_voice_is_what_it_was(eleven, service):
    with Service() as other:
        other.on_speech(audio_reply([MP3]))
        assert eleven("--base-url", other.url, "tts", "hi", "-v", VOICE).code == 0


@pytest.mark.parametrize("depth", [150, 900, 100_000])
@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("models",), "/v1/models"),
        (("voices",), "/v2/voices"),
        (("usage", "--json"), "/v1/user/subscription"),
        (("stt", "a.mp3", "--json"), "/v1/speech-to-text"),
        (("tts", "hi", "--subtitles", "s.srt", "-o", "x.mp3"), "speech"),
    ],
)
def test_answers_that_are_nested_deeply(eleven, service, tmp_path, monkeypatch, words, path, depth):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp3").write_bytes(MP3)
    deep = b'{"text":"hi","detail":' + b'{"a":[' * depth + b"1" + b"]}" * depth + b"}"
    for status in (200, 400):
        service.on(path, raw_reply(deep, status, content_type="application/json"))
        with without_collection():
            result = eleven(*words)
        assert result.code in (1, 6), result.err
        assert "unexpected" not in result.err
        assert len(result.err) < 1000


@pytest.mark.parametrize("output", ["x.srt", "x.json", "x.txt", "-"])
def test_a_byte_that_is_no_utf_8_costs_no_transcript(eleven, service, tmp_path, monkeypatch, output):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp3").write_bytes(MP3)
    word = b'{"text":"h\xffi","start":0,"end":NaN,"type":"word"}'
    body = b'{"text":"h\xffi","language_code":"en","words":[' + word + b"]}"
    service.on("/v1/speech-to-text", raw_reply(body, content_type="application/json"))
    result = eleven("stt", "a.mp3", "-o", output)
    assert result.code == 0, result.err
    said = result.out if output == "-" else (tmp_path / output).read_bytes()
    assert "h\ufffdi" in said.decode()


def test_interim_answers_that_never_end_are_given_up_with_the_timeout(eleven, service):
    def reply(exchange):
        try:
            while not exchange.released.wait(0.05):
                exchange.body(b"HTTP/1.1 102 Processing\r\n\r\n")
        except OSError:
            pass

    service.on_speech(reply)
    result = eleven("--timeout", "0.4", "tts", "hi")
    assert result.code == 6, result.err
    assert "0.4 s" in result.error
    assert len(service.requests) == 1


def json_in(framing, data):
    def reply(exchange):
        if framing == "length":
            exchange.head(content_type="application/json", content_length=str(len(data) + 5))
            exchange.body(data)
        else:
            exchange.head(content_type="application/json", transfer_encoding="chunked")
            exchange.chunk(data)
        exchange.drop()

    return reply


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize(
    ("body", "value"),
    [(b'{"text": "Hi."}', {"text": "Hi."}), (b"[1, 2]\n", [1, 2]), (b'{"text": "Hi', None), (b"12", None), (b"", None)],
)
def test_json_that_is_whole_is_not_lost_with_the_connection(service, framing, body, value):
    """Of a number more may follow."""
    service.on("/v1/x", json_in(framing, body) if body or framing == "length" else lambda exchange: exchange.drop())
    client = Client(service.url, "k", retries=0)
    if value is None:
        with pytest.raises(NetworkError):
            client.json("POST", "/v1/x")
    else:
        assert client.json("POST", "/v1/x") == value
    assert len(service.requests) == 1
