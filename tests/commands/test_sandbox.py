"""`eleven --sandbox` and `eleven sandbox`: the whole way from words to sound, without an account."""

import contextlib
import io
import json
import os
import re
import signal
import socket
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

import av
import pytest

from tests.conftest import VOICE
from tests.support.guard import GUARD_S
from tests.support.programs import started

TEXT = "The quick brown fox jumps over the lazy dog."


@pytest.fixture
def standing(spawn):
    """The address of a standing sandbox: --sandbox itself has one key, with every right."""
    return started(spawn("sandbox", "--port", "0"))


@pytest.fixture
def strict(spawn):
    """The address of a standing sandbox that knows no ids of other accounts."""
    return started(spawn("sandbox", "--port", "0", "--strict"))


class Relay:
    """Stands before a server and keeps what is sent to it."""

    def __init__(self, url):
        self.sent = bytearray()
        self._to = ("127.0.0.1", urllib.parse.urlsplit(url).port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._to)
                threading.Thread(target=self._carry, args=(near, far, self.sent), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, bytearray()), daemon=True).start()

    @staticmethod
    def _carry(source, target, kept):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                kept += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def decoded(data):
    """(codec, rate, seconds) of an audio file, as FFmpeg reads it."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.audio[0]
        frames = list(container.decode(stream))
        return (
            stream.codec_context.name,
            frames[0].sample_rate,
            sum(frame.samples for frame in frames) / frames[0].sample_rate,
        )


@pytest.fixture
def seconds(eleven):
    """How long the text takes, from raw samples."""
    return len(eleven("--sandbox", "tts", TEXT, "--format", "pcm_24000").out) / 48000


def test_an_mp3_and_a_wav_have_the_expected_duration(eleven, seconds, tmp_path):
    assert 2 < seconds < 5
    assert eleven("--sandbox", "tts", TEXT, "-o", str(tmp_path / "x.wav")).code == 0
    codec, rate, wav_s = decoded((tmp_path / "x.wav").read_bytes())
    assert (codec, rate) == ("pcm_s16le", 24000)
    assert abs(wav_s - seconds) < 0.001
    codec, rate, mp3_s = decoded(eleven("--sandbox", "tts", TEXT).out)
    assert (codec, rate) == ("mp3float", 44100)
    assert abs(mp3_s - seconds) < 0.1  # an encoder pads


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [("x.ogg", "opus", 48000), ("x.opus", "opus", 48000), ("x.mp3", "mp3float", 44100), ("x.wav", "pcm_s16le", 24000)],
)
def test_the_right_bytes_in_the_right_file(eleven, seconds, tmp_path, name, codec, rate):
    assert eleven("--sandbox", "tts", TEXT, "-o", str(tmp_path / name)).code == 0
    found = decoded((tmp_path / name).read_bytes())
    assert found[:2] == (codec, rate)
    assert abs(found[2] - seconds) < 0.15


def test_wav_from_a_pipe_is_read_by_ffmpeg(eleven, seconds):
    codec, _, wav_s = decoded(eleven("--sandbox", "tts", TEXT, "--format", "wav").out)
    assert codec == "pcm_s16le"
    assert abs(wav_s - seconds) < 0.001


def test_it_says_that_it_is_the_sandbox_and_whose_voice_it_takes(eleven):
    assert eleven("--sandbox", "tts", "hi").err == ""
    result = eleven("--sandbox", "tts", "hi", tty="err")
    first, second, cost = (line.rpartition("\x1b[K")[2] for line in result.err.removesuffix("\n").split("\n"))
    assert first == "sandbox: a synthetic voice on this machine; nothing is sent to the service"
    assert second.startswith("voice: ")
    assert re.fullmatch(r"\d\.\d s · 2 credits", cost)
    assert eleven("-q", "--sandbox", "tts", "hi").err == ""


def test_by_a_variable(eleven, monkeypatch):
    monkeypatch.setenv("ELEVEN_SANDBOX", "1")
    assert eleven("models").text.startswith("eleven_v4\t")


def test_speed_is_heard(eleven, seconds):
    fast = len(eleven("--sandbox", "tts", TEXT, "--format", "pcm", "--speed", "1.2").out) / 48000
    assert 0.75 < fast / seconds < 0.92


def test_what_the_file_says_of_an_account_does_not_count(eleven, home):
    path = home / ".config" / "eleven" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f"voice = '{VOICE}'\nbase_url = 'https://nothing.invalid'\nmodel = 'eleven_flash_v2_5'\n")
    result = eleven("--sandbox", "tts", "hello", "--json")
    assert result.code == 0
    figures = json.loads(result.err.splitlines()[-1])
    assert figures["model_id"] == "eleven_flash_v2_5"
    assert figures["credits"] == 3


@pytest.mark.parametrize(
    ("key", "argv", "code", "name"),
    [
        ("sk_wrong", (), 3, "invalid_api_key"),
        ("sk_broke", ("much more than twelve characters",), 5, "insufficient_credits"),
        ("sk_free", ("--format", "pcm_44100"), 5, "subscription_required"),
        ("sk_ok", ("-v", VOICE), 4, "voice_not_found"),
        ("sk_ok", ("-m", "eleven_v9"), 4, "model_not_found"),
    ],
)
def test_its_refusals_have_their_exit_codes(eleven, strict, monkeypatch, key, argv, code, name):
    monkeypatch.setenv("ELEVENLABS_API_KEY", key)
    result = eleven("--base-url", strict, "tts", "hello", *argv, "--json")
    error = json.loads(result.err.splitlines()[-1])["error"]
    assert (result.code, error["exit_code"]) == (code, code)
    assert name in error["code"]


GEORGE = "JBFqnCBsd6RMkjVDRZzb"


def test_an_id_of_another_account_works_and_a_mistyped_name_does_not(eleven):
    assert eleven("--sandbox", "tts", "hi", "-v", GEORGE).code == 0
    wrong = eleven("--sandbox", "tts", "hi", "-v", "Harpre")
    assert wrong.code == 4
    assert "Harpre" in wrong.error


def test_an_id_of_another_account_is_named_once_or_given_a_voice(eleven, spawn, monkeypatch):
    process = spawn("sandbox", "--port", "0", "--voice", "pNInz6obpgDQGcFmaJgB=Calvin")
    url = started(process)
    for voice_id in (GEORGE, GEORGE, "pNInz6obpgDQGcFmaJgB"):
        with urllib.request.urlopen(f"{url}/v1/voices/{voice_id}") as answer:
            name = json.load(answer)["name"]
    assert name == "Calvin"
    lines = [process.stderr.readline().decode() for _ in range(4)]
    assert lines[0] == f"unknown voice {GEORGE}: one stands in for it (--strict answers 404)\n"
    assert all(line.startswith("GET /v1/voices/") for line in lines[1:])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("JBF", "--voice needs an id and a name, not JBF"),
        (f"{GEORGE}=", f"--voice needs an id and a name, not {GEORGE}="),
        ("JBF=Harper", "a voice's id has 20 letters and digits, which 'JBF' has not"),
        (f"{GEORGE}=Nobody", "the sandbox has no voice 'Nobody', but Harper, Calvin, "),
    ],
)
def test_a_voice_that_cannot_be_given_is_refused(eleven, given, says):
    refused = eleven("sandbox", "--port", "0", "--voice", given)
    assert refused.code == 2
    assert says in refused.error


def test_a_restricted_key_speaks_with_a_voice_that_is_named(eleven, standing, monkeypatch):
    voice = json.loads(eleven("--sandbox", "tts", "hi", "--json").err.splitlines()[-1])["voice_id"]
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_restricted")
    refused = eleven("--base-url", standing, "tts", "hi")
    assert refused.code == 3
    assert "lacks the permission voices_read" in refused.error
    assert eleven("--base-url", standing, "tts", "hi", "-v", voice).code == 0


REAL_KEY = "sk_real_0123456789abcdef"


@pytest.mark.parametrize("name", ["ELEVENLABS_API_KEY", "ELEVEN_API_KEY", "XI_API_KEY", "the file", "a profile"])
@pytest.mark.parametrize(
    "argv", [("models",), ("tts", "hi"), ("stt", "-"), ("talk", "--text", "--agent-id", "agent_sandbox_chat")]
)
def test_a_real_key_never_reaches_it(eleven, home, monkeypatch, name, argv):
    seen = []
    from eleven_cli.sandbox import server

    original = server.running

    def listening(*args, **options):
        @contextlib.contextmanager
        def running():
            with original(*args, **options) as url, Relay(url) as relay:
                yield relay.url
                seen.append(bytes(relay.sent))

        return running()

    monkeypatch.setattr(server, "running", listening)
    path = home / ".config" / "eleven" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f"api_key = '{REAL_KEY}'\n[profiles.work]\napi_key = '{REAL_KEY}'\n")
    path.chmod(0o600)
    if name.isupper():
        path.unlink()
        monkeypatch.setenv(name, REAL_KEY)
    sound = eleven("--sandbox", "tts", "hi").out if argv[0] == "stt" else b"hello\n"
    profile = ["--profile", "work"] if name == "a profile" else []
    result = eleven("--sandbox", *profile, *argv, stdin=sound)
    assert result.code == 0 or argv[0] == "talk", result.err  # a call reads lines from real descriptors only
    assert b"xi-api-key: sandbox" in seen[-1].lower()
    assert not any(REAL_KEY.encode() in sent for sent in seen)


def test_the_sandbox_shows_no_real_key(eleven, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", REAL_KEY)
    assert "cdef" not in eleven("--sandbox", "auth", "status").text + eleven("--sandbox", "config", "list").text


def test_without_the_extra_it_says_what_to_install(eleven, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    for argv in (("--sandbox", "models"), ("sandbox",)):
        result = eleven(*argv)
        assert (result.code, result.error) == (1, "error: the sandbox is not installed")
        assert result.hint == f"hint: {sys.executable} -m pip install uvicorn"


# the standing server


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_serves_until_it_is_stopped(spawn, number, code):
    process = spawn("sandbox", "--port", "0")
    with urllib.request.urlopen(f"{started(process)}/v1/models") as answer:
        assert len(json.load(answer)) >= 8
    assert re.fullmatch(r"GET /v1/models 200 \d+ ms \d+ kB\n", process.stderr.readline().decode())
    process.send_signal(number)
    out, err = process.communicate(timeout=GUARD_S)
    assert (process.returncode, out, err) == (code, b"", b"")


def test_a_log_that_nobody_reads_holds_nothing_up(spawn):
    process = spawn("sandbox", "--port", "0")
    url = started(process)
    for _ in range(400):  # some 80 kB of lines, more than a pipe holds
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}/{'x' * 250}")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=GUARD_S) == 143


def test_the_log_names_no_tokens(spawn):
    process = spawn("sandbox", "--port", "0")
    urllib.request.urlopen(f"{started(process)}/v1/models?single_use_token=secret")
    assert process.stderr.readline().startswith(b"GET /v1/models 200 ")


def test_it_stops_amid_a_stream(spawn):
    process = spawn("sandbox", "--port", "0")
    url = started(process)
    voice = json.load(urllib.request.urlopen(f"{url}/v2/voices"))["voices"][0]["voice_id"]
    body = json.dumps({"text": "word " * 1500}).encode()
    request = urllib.request.Request(
        f"{url}/v1/text-to-speech/{voice}/stream", body, headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.read(100)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=GUARD_S) == 130


def test_it_listens_on_this_machine_only(spawn):
    process = spawn("sandbox", "--port", "0")
    port = int(started(process).rsplit(":", 1)[1])
    with open("/proc/net/tcp", encoding="ascii") as table:
        listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def test_a_required_key(spawn, eleven, monkeypatch):
    url = started(spawn("sandbox", "--port", "0", "--require-key", "sk_the_one_0123456789"))
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_another_0123456789")
    refused = eleven("--base-url", url, "tts", "hi")
    assert refused.code == 3
    assert "invalid_api_key" in refused.error
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_the_one_0123456789")
    assert eleven("--base-url", url, "tts", "hi").code == 0


def test_a_port_in_use(eleven):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = eleven("sandbox", "--port", str(port))
    assert result.code == 1
    assert result.error.startswith(f"error: cannot serve on port {port} ")
    assert "in use" in result.error.lower()


def test_the_help_says_what_it_does_not_imitate(eleven):
    text = " ".join(eleven("sandbox", "--help").text.split())
    assert "does not imitate" in text


def test_interrupting_the_sandbox_within(spawn, tmp_path):
    process = spawn(
        "--sandbox", "tts", "--no-live", stdin=-1, env={**os.environ, "ELEVENLABS_MODEL_ID": "eleven_flash_v2_5"}
    )
    process.stdin.write(b"word " * 7900)
    process.stdin.close()
    process.stdin = None
    assert process.stdout.read(1000)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_an_option_wins_over_the_variable(eleven, monkeypatch):
    monkeypatch.setenv("ELEVEN_SANDBOX", "1")
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_any_0123456789")
    result = eleven("--base-url", "http://127.0.0.1:9", "models")
    assert result.code == 6


def test_the_sandbox_takes_no_key_for_safekeeping(eleven, home):
    result = eleven("--sandbox", "auth", "login", stdin="sk_real_0123456789")
    assert (result.code, result.error) == (2, "error: the sandbox needs no key")
    assert not (home / ".config").exists()


def test_two_servers_at_once(eleven):
    result = eleven("--sandbox", "--base-url", "https://example.com", "models")
    assert (result.code, result.error) == (2, "error: give either --sandbox or --base-url, not both")


def test_status_says_that_it_is_the_sandbox(eleven):
    assert eleven("--sandbox", "auth", "status").text == "key\t…\nsource\tthe sandbox\nserver\tthe sandbox\n"
    assert eleven("--sandbox", "config", "get", "base_url").text == "the sandbox\n"


# what it says, to whom, and what it writes down


def announced(process, lines):
    return [process.stderr.readline().decode().rstrip("\n") for _ in range(lines)]


def test_tls_with_our_own_client(spawn, eleven, monkeypatch, tmp_path):
    trusted = tmp_path / "ca.pem"
    first, second = announced(spawn("sandbox", "--port", "0", "--tls", "--tls-cert-out", str(trusted)), 2)
    url = first.removeprefix("sandbox: ")
    assert url.startswith("https://127.0.0.1:")
    assert f"SSL_CERT_FILE={trusted}" in second
    assert f"NODE_EXTRA_CA_CERTS={trusted}" in second
    url = url.replace("127.0.0.1", "localhost")
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_any_0123456789")
    assert eleven("--base-url", url, "models").code == 6
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    assert "eleven_v4" in eleven("--base-url", url, "models").text
    spoken = eleven("--base-url", url, "tts", "--live", "--format", "pcm_16000", stdin=TEXT)
    assert (spoken.code, len(spoken.out) > 32000) == (0, True)


def test_tls_that_nobody_trusts_yet(spawn):
    first, second = announced(spawn("sandbox", "--port", "0", "--tls"), 2)
    assert first.startswith("sandbox: https://")
    assert "--tls-cert-out" in second


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--tls-cert-out", "ca.pem"], "--tls-cert-out needs --tls"),
        (["--tls", "--tls-cert-out", "nowhere/ca.pem"], "cannot write nowhere/ca.pem: No such file or directory"),
        (["--log", "nowhere/log.jsonl"], "cannot write nowhere/log.jsonl: No such file or directory"),
        (["--cors", "example.com"], "example.com is not an origin of web pages"),
        (["--cors", "https://example.com/page"], "https://example.com/page is not an origin of web pages"),
    ],
)
def test_what_is_refused_beforehand(eleven, argv, said):
    result = eleven("sandbox", "--port", "0", *argv)
    assert (result.code, result.error) == (2, f"error: {said}")
    assert result.hint


def test_another_address_is_warned_of(spawn):
    first, second = announced(spawn("sandbox", "--port", "0", "--host", "0.0.0.0"), 2)
    assert first.startswith("sandbox: http://127.0.0.1:")
    assert second == "warning: everyone who can reach 0.0.0.0 can use this sandbox"


def test_an_address_that_is_not_ours(eleven):
    result = eleven("sandbox", "--port", "0", "--host", "192.0.2.1")
    assert result.code == 1
    assert result.error.startswith("error: cannot serve on 192.0.2.1, port 0 ")


def test_a_page_that_is_allowed(spawn):
    url = started(spawn("sandbox", "--port", "0", "--cors", "https://a.example", "--cors", "https://b.example"))
    for page, status in (("https://a.example", 200), ("https://b.example", 200), ("https://c.example", 403)):
        request = urllib.request.Request(f"{url}/v1/models", headers={"Origin": page})
        with contextlib.suppress(urllib.error.HTTPError):
            assert urllib.request.urlopen(request).headers["access-control-allow-origin"] == page
            assert status == 200
            continue
        assert status == 403


def test_a_log_of_requests_and_messages(spawn, eleven, monkeypatch, tmp_path):
    path = tmp_path / "log.jsonl"
    process = spawn("sandbox", "--port", "0", "--log", str(path))
    url = started(process)
    monkeypatch.setenv("ELEVENLABS_API_KEY", REAL_KEY)
    assert eleven("--base-url", url, "tts", "--live", stdin="Hello there.").code == 0
    assert eleven("--base-url", url, "models").code == 0
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=GUARD_S)
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert {"method", "path", "status", "ms", "bytes_sent", "key"} <= entries[-1].keys()
    assert {one["from"] for one in entries if "from" in one} == {"client", "sandbox"}
    assert REAL_KEY not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_line_of_an_unknown_path_and_field(spawn):
    process = spawn("sandbox", "--port", "0")
    url = started(process)
    for path in ("/v1/nowhere", "/v1/studio/projects"):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}{path}")
    urllib.request.urlopen(f"{url}/v1/models?colour=red")
    lines = announced(process, 3)
    assert re.fullmatch(r"GET /v1/nowhere 404 \d+ ms \d+ bytes", lines[0])
    assert re.fullmatch(r"GET /v1/studio/projects 501 \d+ ms \d+ bytes", lines[1])
    assert re.fullmatch(r"GET /v1/models 200 \d+ ms \d+ kB \(unknown: \?colour\)", lines[2])


def test_downloads_from_other_machines_only_when_allowed(spawn, eleven, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_any_0123456789")
    url = started(spawn("sandbox", "--port", "0"))
    refused = eleven("--base-url", url, "stt", "--url", "https://192.0.2.1/a.mp3")
    assert "opens connections to this machine only" in refused.error


def test_faults_that_are_asked_for_happen(eleven, spawn, monkeypatch):
    url = started(spawn("sandbox", "--port", "0", "--fault", "quota_exceeded", "--latency", "50"))
    monkeypatch.setenv("ELEVENLABS_API_KEY", "any-key")
    result = eleven("--base-url", url, "models")
    assert result.code == 5
    assert "quota_exceeded" in result.err or "credits" in result.err


@pytest.mark.parametrize(
    ("fault", "said"),
    [("429:2", "must be between 0 and 1"), ("rate_limit", "did you mean rate_limit_exceeded"), ("close=1006", "drop")],
)
def test_a_fault_that_there_is_not_is_refused(eleven, fault, said):
    result = eleven("sandbox", "--port", "0", "--fault", fault)
    assert result.code == 2
    assert said in result.error
    assert result.hint == "hint: see the names: eleven help testing"


@pytest.mark.parametrize(
    ("no_colour", "good", "odd"), [(False, "\x1b[32m200\x1b[0m", "\x1b[33m404\x1b[0m"), (True, "200", "404")]
)
def test_a_terminal_shows_how_a_request_ended(spawn, no_colour, good, odd):
    leader, follower = os.openpty()
    environ = {**{name: value for name, value in os.environ.items() if name != "NO_COLOR"}, "TERM": "xterm"}
    process = spawn("sandbox", "--port", "0", stderr=follower, env=environ | ({"NO_COLOR": "1"} if no_colour else {}))
    os.close(follower)
    with open(leader, encoding="utf-8", newline="") as screen:
        url = screen.readline().split()[1]
        urllib.request.urlopen(f"{url}/v1/models")
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}/v1/nowhere")
        assert f"GET /v1/models {good} " in screen.readline()
        assert f"GET /v1/nowhere {odd} " in screen.readline()
        process.kill()


def test_what_fails_within_is_seen_with_debug(eleven, monkeypatch):
    from eleven_cli.sandbox.accounts import user

    monkeypatch.setattr(user, "_next_month_unix", lambda: 1 / 0)
    monkeypatch.setenv("ELEVEN_RETRIES", "0")
    assert "ZeroDivisionError" in eleven("--sandbox", "--debug", "usage").err
    assert "ZeroDivisionError" not in eleven("--sandbox", "usage").err
