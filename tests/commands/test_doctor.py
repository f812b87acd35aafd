"""`eleven doctor`: it names the fault of a broken set-up and a way out, whatever else is broken."""

import json
import os
import re
import socket
import ssl
import stat
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import trustme

from eleven_cli.api.account import permissions
from eleven_cli.audio.devices import portaudio
from eleven_cli.audio.devices.listing import Device
from eleven_cli.commands.doctor import checks, installation, network
from eleven_cli.commands.doctor.report import masked
from eleven_cli.errors import DESIGN_COMMAND
from eleven_cli.terminal.text import cells
from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.proxies import FrontDoor, Proxy
from tests.support.pty_run import run_on_terminal
from tests.support.service import error_reply, json_reply, raw_reply

HEALTHY = "no faults found"
SECRET = "s3cr3t-pa55word"
ELSEWHERE = "api.example.com"
DEVICES = [
    Device(0, "Built-in Microphone", 1, 0, 48000, default_input=True),
    Device(1, "Speakers", 0, 2, 48000, default_output=True),
]
PLAN = {"tier": "creator", "character_count": 10, "character_limit": 100_000, "max_credit_limit_extension": 0}
PLAN |= {"status": "active", "next_character_count_reset_unix": 1_800_000_000}
OWN = {"voice_id": "ownownownownownownow", "name": "Narrator", "category": "generated", "is_owner": True}
STOCK = {"voice_id": "stockstockstockstock", "name": "Imogen", "category": "premade"}
LIBRARY = {"voice_id": "librarylibrarylibrar", "name": "Zoe", "category": "professional", "sharing": {"status": "x"}}
MODELS = [{"model_id": "eleven_v3", "name": "v3", "can_do_text_to_speech": True}]


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine with sound, whose user has a shell that nothing is known of; it may be slow."""
    for module, name in ((checks, "REACH_S"), (checks, "ASK_S"), (checks, "SOUND_S"), (network, "WAIT_S")):
        monkeypatch.setattr(module, name, GUARD_S)
    for name in ("DEADLINE_S", "GAP_S"):
        monkeypatch.setattr(permissions, name, GUARD_S)
    monkeypatch.setattr("eleven_cli.audio.devices.listing.devices", lambda: DEVICES)
    monkeypatch.delenv("SHELL", raising=False)


@pytest.fixture
def account(service, monkeypatch):
    """The service, with an account that has all it needs; words change what it answers."""
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")

    def set_up(voices=(OWN,), plan=None, models=MODELS):
        service.on("/v1/models", json_reply(models, x_region="europe-west4"))
        service.on("/v2/voices", json_reply({"voices": list(voices), "has_more": False}))
        service.on("/v1/user/subscription", json_reply(PLAN | (plan or {})))
        for path, name in (("convai/agents", "agents"), ("history", "history"), ("pronunciation-dictionaries", "x")):
            service.on(f"/v1/{path}", json_reply({name: [], "has_more": False}))
        return service

    set_up.service = service
    set_up()
    return set_up


@pytest.fixture
def write(home):
    def write(text, mode=0o600):
        path = home / ".config" / "eleven" / "config.toml"
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


@pytest.fixture
def names(monkeypatch):
    """Looks up names as the function that a test gives here does; addresses as always."""
    usual = socket.getaddrinfo

    def use(look_up):
        def patched(host, *args, **options):
            return usual(host, *args, **options) if host[:1].isdigit() else look_up(host, *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", patched)

    return use


def unknown_name(*args, **options):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


class Setup:
    """What a row of the table breaks: the fixtures, by their names."""

    def __init__(self, account, write, names, monkeypatch, tmp_path):
        self.account, self.write, self.names, self.monkeypatch, self.tmp_path = (
            account,
            write,
            names,
            monkeypatch,
            tmp_path,
        )
        self.setenv, self.delenv, self.setattr = monkeypatch.setenv, monkeypatch.delenv, monkeypatch.setattr
        self.service = account.service

    def elsewhere(self):
        """The server is one that a proxy and TLS lie before."""
        self.setenv("ELEVENLABS_BASE_URL", f"https://{ELSEWHERE}")

    def audio(self, failing):
        """PyAudio cannot list the devices."""

        def devices():
            raise failing()

        self.setattr("eleven_cli.audio.devices.listing.devices", devices)

    def hanging(self, patience):
        """Something that never comes back, until the test is over."""
        self.setattr(checks, patience, 0.3)
        return lambda *args, **options: self.service.released.wait(GUARD_S)


def without_pyaudio(setup):
    setup.setattr(portaudio, "installed", lambda: False)
    setup.audio(portaudio.not_installed)


def without_portaudio(setup):
    missing = ImportError("libportaudio.so.2: cannot open shared object file: No such file or directory")
    setup.setattr("eleven_cli.packages.shutil.which", lambda name: name if name == "apt-get" else None)
    setup.audio(lambda: portaudio._broken(missing))


def without_socks(setup):
    setup.elsewhere()
    setup.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{setup.service.port}")
    setup.monkeypatch.setitem(sys.modules, "socks", None)


def with_old_package(setup):
    setup.setattr(installation, "version", lambda package: "1.26.18" if package == "urllib3" else "99.0")
    setup.setattr(installation, "requires", lambda name: ["urllib3>=2.2", 'pysocks>=1; extra == "socks"'])


def with_missing_package(setup):
    setup.setattr(installation, "requires", lambda name: ["no-such-package>=1.1"])


def with_another_eleven(setup):
    own, other = setup.tmp_path / "own" / "eleven", setup.tmp_path / "bin" / "eleven"
    for program in (own, other):
        program.parent.mkdir()
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    setup.setattr("sys.argv", [str(own)])
    setup.setenv("PATH", str(other.parent))


def with_full_disk(setup):
    setup.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=3 << 20))


def proxied(setup, value):
    setup.elsewhere()
    setup.setenv("HTTPS_PROXY", value)


def refused(setup):
    reply = error_reply(401, "unauthorized", "Invalid API key", legacy="invalid_api_key")
    for path in setup.service.replies:
        setup.service.on(path, reply)


def lacking(setup, path, permission):
    setup.service.on(path, error_reply(401, "missing_permissions", f"missing the permission {permission} to …"))


def on(path, reply):
    return lambda setup: setup.service.on(path, reply)


NOT_FOUND = raw_reply(b"<html>", 404, content_type="text/html")
NO_VOICE = error_reply(404, "voice_not_found", "There is no such voice")
LISTED_BY = "eleven_cli.audio.devices.listing.devices"
LOGIN_PAGE = raw_reply(b"<html><title>Hotel WiFi</title></html>", content_type="text/html")
WEB_PAGE = raw_reply(b"<html>Welcome to nginx</html>", content_type="text/html")
# how it is broken, the exit code, what is named, and a part of the way out
BROKEN = {
    "no-key": (lambda s: s.delenv("ELEVENLABS_API_KEY"), 3, "no API key", "eleven auth login"),
    "no-key-sandbox": (lambda s: s.delenv("ELEVENLABS_API_KEY"), 3, "no API key", "eleven --sandbox"),
    "key-refused": (refused, 3, "Invalid API key", "copy the key again"),
    "no-key-at-all": (lambda s: s.setenv("ELEVENLABS_API_KEY", "two words"), 3, "ELEVENLABS_API_KEY", "blanks"),
    "key-in-quotes": (lambda s: s.setenv("ELEVENLABS_API_KEY", f'"{KEY}"'), 0, "without quotes", "eleven auth login"),
    "no-voices-read": (lambda s: lacking(s, "/v2/voices", "voices_read"), 0, "may not list voices", "-v ID"),
    "nothing-listens": (lambda s: s.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:1"), 6, "refused", "network"),
    "no-such-name": (lambda s: (s.elsewhere(), s.names(unknown_name)), 6, f"cannot find {ELSEWHERE}", "address"),
    "dead-resolver": (lambda s: (s.elsewhere(), s.names(s.hanging("REACH_S"))), 6, "com: no answer", "network"),
    "dead-proxy": (
        lambda s: proxied(s, f"http://me:{SECRET}@127.0.0.1:1"),
        *(6, "proxy cannot be used: cannot connect to 127.0.0.1:1", "HTTPS_PROXY names the proxy"),
    ),
    "no-proxy-address": (
        lambda s: proxied(s, f"{SECRET}://x"),
        *(6, "HTTPS_PROXY is not a proxy's address", "unset it: export HTTPS_PROXY="),
    ),
    "no-pysocks": (without_socks, 6, "needs PySocks", "pysocks"),
    "no-certificates": (
        lambda s: (s.elsewhere(), s.setenv("SSL_CERT_FILE", "/no/such.pem")),
        *(6, "no certificates at /no/such.pem (SSL_CERT_FILE)", "unset SSL_CERT_FILE"),
    ),
    "http-elsewhere": (
        lambda s: s.setenv("ELEVENLABS_BASE_URL", "http://api.example.com"),
        *(2, "never sent over plain http", "export ELEVENLABS_BASE_URL=https://api.elevenlabs.io"),
    ),
    "password-in-address": (
        lambda s: s.setenv("ELEVENLABS_BASE_URL", f"https://me:{SECRET}@api.example.com"),
        *(2, "must not contain a user name", "export ELEVENLABS_BASE_URL="),
    ),
    "no-service": (on("/v1/models", NOT_FOUND), 4, "is not an ElevenLabs server", "base_url"),
    "web-page": (on("/v1/models", WEB_PAGE), 1, "not JSON", "base_url"),
    "other-json": (on("/v1/models", json_reply({"hello": "world"})), 1, "not a list of models", "base_url"),
    "redirect": (on("/v1/models", raw_reply(b"", 302, location="https://login.example")), 1, "redirects to", "address"),
    "service-down": (on("/v1/models", raw_reply(b"", 500)), 1, "the service answered 500", "try again"),
    "silent": (
        lambda s: (s.setattr(network, "WAIT_S", 0.3), s.service.on("/v1/models", lambda e: e.until_released())),
        *(6, "127.0.0.1:", "network"),
    ),
    "broken-file": (lambda s: s.write("voice = 'x\n"), 1, "is broken", "fix the file"),
    "folder-as-file": (lambda s: s.setenv("ELEVEN_CONFIG", str(s.tmp_path)), 1, "cannot read the settings", "ls -ld"),
    "unknown-setting": (lambda s: s.write("voise = 'x'\n"), 0, "unknown setting voise at line 1", "voice"),
    "two-keys": (lambda s: s.write("api_key = 'sk_another'\n"), 0, "ELEVENLABS_API_KEY holds another", "unset ELEVEN"),
    "two-variables": (lambda s: s.setenv("XI_API_KEY", "sk_another"), 0, "environment (XI_API_KEY) is not", "unset"),
    "another-eleven": (with_another_eleven, 0, "another eleven comes first on the PATH", "by its whole name"),
    "no-cache": (lambda s: s.setenv("XDG_CACHE_HOME", "/dev/null"), 0, "/dev/null is not a folder", "XDG_CACHE_HOME"),
    "read-only-cache": (lambda s: s.setattr("os.access", lambda *_: False), 0, "cannot be written", "XDG_CACHE_HOME"),
    "full-disk": (with_full_disk, 0, "is full: 3 MB are free", "eleven cache clear"),
    "captive-portal": (on("/v1/models", LOGIN_PAGE), 1, "not JSON: Hotel WiFi", "asks for a login"),
    "portal-that-says-so": (on("/v1/models", raw_reply(b"", 511)), 1, "the service answered 511", "in a browser"),
    "others-can-read": (lambda s: s.write("api_key = 'x'\n", 0o644), 0, "others can read the API key", "doctor --fix"),
    "others-can-write": (lambda s: s.write("retries = 2\n", 0o666), 0, "can be written by others", "doctor --fix"),
    "no-profile": (lambda s: s.setenv("ELEVEN_PROFILE", "work"), 2, "no profile work", "--profile work auth login"),
    "no-number": (lambda s: s.setenv("ELEVEN_RETRIES", "many"), 2, "retries must be", "export ELEVEN_RETRIES=10"),
    "no-region": (lambda s: (s.delenv("ELEVENLABS_BASE_URL"), s.write("region = 'mars'\n"), s.names(unknown_name)),
                  1, "unknown region mars", "fix the file"),
    "no-voices": (lambda s: s.account(voices=[]), 4, "this account has no voices", DESIGN_COMMAND),
    "library-only": (
        lambda s: s.account(voices=[LIBRARY], plan={"tier": "free"}),
        *(5, "none of the 1 voices can be used on the free plan", DESIGN_COMMAND),
    ),
    "stock-only": (lambda s: s.account(voices=[STOCK]), 0, "premade ones, which end on 2026-12-31", DESIGN_COMMAND),
    "stock-chosen": (
        lambda s: (s.account(voices=[OWN, STOCK]), s.setenv("ELEVENLABS_VOICE_ID", "imogen")),
        *(0, "Imogen, set in the environment (ELEVENLABS_VOICE_ID), is premade", DESIGN_COMMAND),
    ),
    "voice-gone": (lambda s: s.setenv("ELEVENLABS_VOICE_ID", "Nobody"), 4, 'is called "Nobody"', "eleven voices"),
    "voice-id-gone": (
        lambda s: (s.setenv("ELEVENLABS_VOICE_ID", "x" * 20), s.service.on(f"/v1/voices/{'x' * 20}", NO_VOICE)),
        *(4, "There is no such voice", "eleven voices"),
    ),
    "voice-beyond-plan": (
        lambda s: (s.account(voices=[OWN, LIBRARY], plan={"tier": "free"}), s.setenv("ELEVENLABS_VOICE_ID", "Zoe")),
        *(5, "the voice Zoe, set in", "eleven voices"),
    ),
    "model-gone": (lambda s: s.setenv("ELEVENLABS_MODEL_ID", "eleven_v1"), 0, "the model eleven_v1", "eleven models"),
    "credits-gone": (
        lambda s: s.account(plan={"character_count": 100_000}),
        *(5, "all 100,000 credits are used; new ones come on 2027-01-15", "elevenlabs.io/app/subscription"),
    ),
    "quota-of-the-key": (
        on("/v1/models", error_reply(401, "quota_exceeded", "This key has no credits left")),
        *(5, "This key has no credits left", "give the key a larger quota"),
    ),
    "plan-disabled": (lambda s: s.account(plan={"status": "free_disabled"}), 5, "disabled", "elevenlabs.io"),
    "unpaid": (lambda s: s.account(plan={"status": "past_due"}), 0, "past_due", "elevenlabs.io"),
    "no-pyaudio": (without_pyaudio, 0, "PyAudio is not installed", "pip install pyaudio"),
    "no-portaudio": (without_portaudio, 0, "PyAudio does not work here: libportaudio", "apt install libportaudio2"),
    "no-sound-devices": (lambda s: s.setattr(LISTED_BY, list), 0, "no sound device", "-o FILE"),
    "no-microphone": (
        lambda s: s.setattr(LISTED_BY, lambda: DEVICES[1:]),
        *(0, "no microphone found", "eleven talk --text"),
    ),
    "sound-hangs": (
        lambda s: (s.setattr(checks, "ASK_S", 0.3), s.setattr(LISTED_BY, s.hanging("SOUND_S"))),
        *(0, "the sound system does not answer", "restart the sound server"),
    ),
    "nothing-plays": (lambda s: (without_pyaudio(s), s.setenv("PATH", "/nowhere")), 0, "nothing plays sound", "ffmpeg"),
    "old-package": (with_old_package, 0, "urllib3 1.26.18 does not fit: eleven needs urllib3>=2.2", "'urllib3>=2.2'"),
    "no-package": (with_missing_package, 2, "the package no-such-package is missing", "pip install"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_the_fault_of_a_broken_set_up_is_named_with_a_way_out(
    name, eleven, account, write, names, monkeypatch, tmp_path, home
):
    break_it, code, said, way_out = BROKEN[name]
    break_it(Setup(account, write, names, monkeypatch, tmp_path))
    result = eleven("doctor")
    assert (result.code, result.err) == (code, "")
    lines = result.text.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith(("error: ", "warning: ")) and said in line)
    assert lines[at].startswith("error: " if code else "warning: ")
    assert lines[at + 1].startswith("hint: ")
    assert way_out in lines[at + 1]
    assert not [word for word in (SECRET, KEY, str(home)) if word in result.text]
    faults = [line for line in lines if line.startswith(("error: ", "warning: ", "hint: "))]
    assert lines[-len(faults) :] == faults, "the report ends with them"
    assert len(faults) % 2 == 0, "each has a way out"
    assert any(line.startswith("completion\t") for line in lines), "no check stops the others"


@pytest.mark.parametrize("source", ["[profiles.work]\napi_key = 'sk_work'\n", "api_key = ' {key}'\n", "api_key = \n"])
def test_keys_that_do_not_hide_each_other_are_no_fault(eleven, account, write, monkeypatch, source):
    """A profile's own beside that of the top level; the same one twice; and a broken file is told of once."""
    write(source.format(key=KEY))
    result = eleven("doctor")
    assert "is not used" not in result.text
    assert result.text.count("is broken") == ("= \n" in source)


@pytest.mark.parametrize("way", ["link", "shim", "module"])
def test_the_own_program_on_the_path_is_no_other_one(eleven, account, tmp_path, monkeypatch, way):
    own = tmp_path / ("__main__.py" if way == "module" else "own/eleven")
    called = tmp_path / ("shims" if way == "shim" else "bin") / "eleven"
    for program in (own, called):
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    if way == "link":
        called.unlink()
        called.symlink_to(own)
    monkeypatch.setattr("sys.argv", [str(own)])
    monkeypatch.setenv("PATH", str(called.parent))
    assert "another eleven" not in eleven("doctor").text


def facts(result):
    return dict(line.split("\t", 1) for line in result.text.splitlines() if "\t" in line)


def test_a_set_up_without_faults(eleven, account):
    result = eleven("doctor")
    assert (result.code, result.err, result.text.splitlines()[-1]) == (0, "", HEALTHY)
    known = facts(result)
    assert known["key"] == "…cdef, from the environment (ELEVENLABS_API_KEY)"
    assert known["server"] == f"{account.service.url}, from the environment (ELEVENLABS_BASE_URL)"
    assert known["region"].startswith("europe-west4")
    assert re.fullmatch(r"DNS \d+ ms · TCP \d+ ms · first answer \d+ ms", known["reached"])
    assert known["plan"] == "creator, 99,990 of 100,000 credits left"
    assert known["voices"] == "1 of 1 can be used on the creator plan: 1 generated"
    assert known["microphones"] == "Built-in Microphone (the default)"
    assert "convai_read yes" in known["permissions"]
    assert "requests " in known["packages"]


def test_it_only_reads(eleven, account):
    """What is not a GET might cost."""
    eleven("doctor")
    asked = account.service.requests
    assert {request.method for request in asked} == {"GET"}
    assert {request.path for request in asked} == {
        *("/v1/models", "/v2/voices", "/v1/user/subscription", "/v1/history"),
        *("/v1/convai/agents", "/v1/pronunciation-dictionaries"),
    }


def test_a_permission_that_the_key_lacks_is_shown(eleven, account):
    lacks = error_reply(403, "insufficient_permissions", "The key lacks the permission user_read.")
    account.service.on("/v1/user/subscription", lacks)
    known = facts(result := eleven("doctor"))
    assert result.code == 0
    assert "user_read no" in known["permissions"]
    assert known["plan"] == "not told: the key lacks user_read"
    assert known["voices"] == "1 of 1 can be used: 1 generated"


def test_a_broken_settings_file_keeps_the_key_from_the_usual_server(eleven, account, write, monkeypatch):
    """The file may name another server, whose key it is."""
    monkeypatch.delenv("ELEVENLABS_BASE_URL")
    monkeypatch.setattr(network, "DEFAULT_BASE_URL", account.service.url)
    write("base_url = 'https://private.example\n")
    known = facts(result := eleven("doctor"))
    assert result.code == 1
    assert [request.headers.get("xi-api-key") for request in account.service.requests] == [None]
    assert "first answer" in known["reached"]
    assert known["account"] == "not asked: there is no key for this server"


def tls_before(service, authority):
    """A server that speaks TLS and leads to the service."""
    place = ("127.0.0.1", service.port)
    door = FrontDoor(place, place)
    door.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(ELSEWHERE).configure_cert(door.tls)
    return door


@pytest.mark.parametrize("trusted", [True, False])
def test_tls_and_a_proxy_have_times_and_certificates_their_variable(
    eleven, account, names, monkeypatch, tmp_path, trusted
):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with tls_before(account.service, authority) as door, Proxy(("127.0.0.1", door.port)) as proxy:
        monkeypatch.setenv("ELEVENLABS_BASE_URL", f"https://{ELSEWHERE}")
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        known = facts(result := eleven("doctor"))
    assert known["proxy"] == f"http://{proxy.address} (HTTPS_PROXY)"
    if trusted:
        assert result.code == 0
        assert known["certificates"] == f"{tmp_path / 'ca.pem'} (SSL_CERT_FILE)"
        form = r"DNS \d+ ms · TCP \d+ ms · proxy \d+ ms · TLS \d+ ms · first answer \d+ ms"
        assert re.fullmatch(form, known["reached"])
    else:
        assert result.code == 6
        assert known["certificates"] == "certifi's"
        assert known["not reached"].endswith("TLS failed")
        assert "no trusted connection to api.example.com" in result.text


def test_a_proxy_that_does_not_count_is_told(eleven, account, names, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert facts(eleven("doctor"))["proxy"] == "none: http_proxy is set, but this machine is reached directly"
    monkeypatch.setenv("ELEVENLABS_BASE_URL", f"https://{ELSEWHERE}")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "example.com")
    names(unknown_name)
    assert facts(eleven("doctor"))["proxy"] == "none: HTTPS_PROXY is set, but NO_PROXY names the server"


def test_a_key_in_the_wrong_place_is_masked_and_so_is_an_agent(eleven, account, monkeypatch):
    old_key = "0123456789abcdef0123456789abcdef"
    monkeypatch.setenv("ELEVENLABS_MODEL_ID", old_key)
    monkeypatch.setenv("AGENT_ID", "agent_0123456789")
    result = eleven("doctor")
    known = facts(result)
    assert known["model"] == "****, from the environment (ELEVENLABS_MODEL_ID)"
    assert "warning: the model ****, set in" in result.text
    assert old_key not in result.text + eleven("doctor", "--json").text
    assert known["agent_id"] == "…6789, from the environment (AGENT_ID)"
    assert "agent_0123456789" not in result.text


@pytest.mark.parametrize(
    ("text", "pasted"),
    [
        ("/home/me/x.toml", "~/x.toml"),
        ("chmod go-w /home/me", "chmod go-w ~"),
        ("'/home/me/my venv/bin/python' -m pip", "~/'my venv/bin/python' -m pip"),
        ("/home/meadow/x and /srv/home/me/x", "/home/meadow/x and /srv/home/me/x"),
        ("https://me:secret@host/x", "https://****@host/x"),
        ("the key sk_0123456789abcdef", "the key ****"),
    ],
)
def test_what_is_pasted_is_masked(text, pasted):
    assert masked(text, "/home/me") == pasted
    assert masked("/home/me", "/") == "/home/me"


def test_json(eleven, account, home):
    account(voices=[OWN, STOCK])
    result = eleven("doctor", "--json")
    answer = json.loads(result.out)
    assert (result.code, result.err) == (0, "")
    assert (answer["faults"], answer["can_work"], answer["exit_code"]) == ([], True, 0)
    assert answer["key"] == {"masked": "…cdef", "source": "the environment (ELEVENLABS_API_KEY)"}
    assert answer["permissions"]["voices_read"] is True
    assert answer["region"] == "europe-west4"
    assert [timing["step"] for timing in answer["timings"]] == ["dns", "tcp", "answer"]
    by_category = {"generated": 1, "premade": 1}
    assert answer["voices"] == {"all": 2, "usable": 2, "by_category": by_category, "premade_end": "2026-12-31"}
    assert answer["settings"] == {"path": "~/.config/eleven/config.toml", "exists": False, "mode": None}
    assert answer["extras"]["socks"].keys() == {"pysocks"}
    assert answer["sound"]["speakers"] == [{"name": "Speakers", "default": True}]


def test_faults_in_json(eleven, account, write, monkeypatch):
    write("api_key = 'x'\nvoise = 'y'\n", 0o644)
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:1")
    result = eleven("doctor", "--json")
    answer = json.loads(result.out)
    assert (result.code, answer["exit_code"], answer["can_work"]) == (6, 6, False)
    errors, warnings = ([one for one in answer["faults"] if one["severity"] == kind] for kind in ("error", "warning"))
    assert [error["exit_code"] for error in errors] == [6]
    assert {warning["exit_code"] for warning in warnings} == {0}
    assert len(warnings) == 2
    assert [answer[name] for name in ("permissions", "plan", "voices", "reached")] == [None, None, None, False]
    assert all(fault["message"] and fault["hint"] for fault in answer["faults"])


def test_the_first_error_decides_the_exit_code(eleven, account, write, monkeypatch):
    write("voice = \n")
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:1")
    result = eleven("doctor")
    assert result.code == 1
    assert result.text.count("is broken") == 1, "said once, whatever asked for it"
    assert "cannot connect" in result.text


def test_a_refusal_of_all_that_is_asked_is_said_once(eleven, account):
    refusal = error_reply(401, "quota_exceeded", "This key has no credits left")
    for path in ("/v1/models", *(path for path, _ in permissions.ASKED_TOO.values())):
        account.service.on(path, refusal)
    result = eleven("doctor")
    assert result.code == 5
    assert result.text.count("This key has no credits left") == 1


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_fix_changes_file_modes_and_nothing_else(eleven, account, write):
    path = write("api_key = 'x'\nvoise = 'x'\n", 0o666)
    path.parent.chmod(0o777)
    result = eleven("doctor", "--fix")
    assert (mode_of(path), mode_of(path.parent)) == (0o600, 0o700)
    assert path.read_text() == "api_key = 'x'\nvoise = 'x'\n"
    assert "fixed\t~/.config/eleven/config.toml: mode 0666, now 0600" in result.text
    assert "others can" not in result.text
    assert "unknown setting voise" in result.text
    again = eleven("doctor", "--fix")
    assert "fixed" not in again.text


def test_without_fix_no_mode_is_changed(eleven, account, write):
    path = write("api_key = 'x'\n", 0o644)
    eleven("doctor")
    assert mode_of(path) == 0o644


def test_fix_leaves_a_folder_alone_that_the_user_named(eleven, account, tmp_path, monkeypatch):
    """Others may have their own things there."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    path = folder / "mine.toml"
    path.write_text("api_key = 'x'\n")
    path.chmod(0o640)
    monkeypatch.setenv("ELEVEN_CONFIG", str(path))
    result = eleven("doctor", "--fix")
    assert (mode_of(path), mode_of(folder)) == (0o600, 0o777)
    assert f"hint: chmod go-w {folder}" in result.text


@pytest.mark.parametrize("path", ["/dev/null", "/no/such/folder/file.toml"])
def test_fix_where_there_is_nothing_to_fix(eleven, account, monkeypatch, path):
    before = os.stat("/dev/null").st_mode
    monkeypatch.setenv("ELEVEN_CONFIG", path)
    result = eleven("doctor", "--fix")
    assert (result.code, result.text.splitlines()[-1]) == (0, HEALTHY)
    assert os.stat("/dev/null").st_mode == before


WITHOUT_SOUND = f"""
import sys
sys.modules["pyaudio"] = None
from eleven_cli.api.account import permissions
from eleven_cli.commands.doctor import checks, network
checks.REACH_S = checks.ASK_S = network.WAIT_S = permissions.DEADLINE_S = permissions.GAP_S = {GUARD_S}
from eleven_cli.__main__ import run
run()
"""


def without_sound(*argv, **options):
    """The program as a patient process that cannot open the machine's sound devices."""
    return subprocess.Popen([sys.executable, "-c", WITHOUT_SOUND, *argv], **options)


@pytest.mark.parametrize("columns", [40, 80])
def test_it_fits_a_terminal(account, columns):
    code, shown = run_on_terminal(without_sound, "doctor", "-q", columns=columns)
    table, _, rest = shown.replace("\r\n", "\n").partition("\n\n")
    assert max(map(cells, table.splitlines())) <= columns
    assert rest.startswith("warning: no microphone and no speaker: PyAudio is not installed\nhint: ")
    assert code == 0


COMPLETIONS = {
    "bash": (".local/share/bash-completion/completions/eleven", "_ELEVEN_COMPLETE=complete_bash"),
    "fish": (".config/fish/completions/eleven.fish", "env _ELEVEN_COMPLETE=complete_fish"),
    "/usr/bin/bash": (".bashrc", 'eval "$(eleven completion bash)"'),
    "/bin/zsh": (".zshrc", "source <(eleven completion zsh)"),
}


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_completions_of_the_users_shell(eleven, account, home, monkeypatch, shell):
    monkeypatch.setenv("SHELL", shell)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    name, text = COMPLETIONS[shell]
    before = facts(eleven("doctor"))["completion"]
    assert before == f"not installed for {shell.rpartition('/')[2]}; to install it: eleven completion --install"
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    (home / name).write_text(text)
    assert facts(eleven("doctor"))["completion"] == f"{shell.rpartition('/')[2]}: ~/{name}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_completion_has_installed_is_found(eleven, account, home, monkeypatch, shell):
    monkeypatch.setenv("SHELL", shell)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    line = eleven("completion", "--install").text
    known = json.loads(eleven("doctor", "--json").out)["completion"]
    assert known["is_read"] is (shell != "zsh")
    assert known["file"].startswith("~/")
    (home / ".zshrc").write_text(line)
    assert json.loads(eleven("doctor", "--json").out)["completion"]["is_read"] is True


def test_in_the_sandbox_all_is_well_without_a_key(eleven, monkeypatch):
    result = eleven("--sandbox", "doctor")
    known = facts(result)
    assert (result.code, result.text.splitlines()[-1]) == (0, HEALTHY)
    assert known["server"] == "the sandbox, on this machine"
    assert known["premade voices"] == "end on 2026-12-31"


def test_a_sandbox_that_is_not_installed(eleven, monkeypatch):
    monkeypatch.setattr("eleven_cli.packages.missing_of", lambda extra: ["starlette"])
    result = eleven("--sandbox", "doctor")
    assert result.code == 1
    assert "error: the sandbox is not installed\nhint: " in result.text
    assert "pip install starlette" in result.text
    assert "completion\t" in result.text


def test_in_the_sandbox_a_newcomer_has_no_voices(eleven, monkeypatch):
    monkeypatch.setenv("ELEVEN_SANDBOX_STOCK_VOICES", "0")
    monkeypatch.setenv("ELEVEN_SANDBOX_PLAN", "free")
    result = eleven("--sandbox", "doctor")
    assert result.code in (4, 5)
    assert DESIGN_COMMAND.removeprefix("eleven ") in result.text


def test_the_lists_of_needed_packages_are_read_from_the_installation():
    needed = {requirement.package: requirement for requirement in installation.needed()}
    assert needed["typer"] == ("typer", "0.26.1", "0.29")
    assert "pyaudio" not in needed
    assert ("audioop-lts" in needed) == (sys.version_info >= (3, 13))


@pytest.mark.parametrize(
    ("found", "fits"),
    [("2.2", True), ("2.2.0", True), ("2.10.1", True), ("2.1.9", False), ("3.0", False), ("2.9rc1", True)],
)
def test_versions(found, fits):
    assert installation.is_between(found, installation.Requirement("x", "2.2", "3")) is fits


def test_a_library_voice_needs_a_paid_plan():
    from eleven_cli.api.voices.voice import may_use, voice_from

    library, own = voice_from(LIBRARY), voice_from(OWN)
    assert [may_use(library, plan) for plan in ("", "free", "starter")] == [False, False, True]
    assert may_use(own, "free")
    assert [may_use(replace(library, needs="creator or pro plan"), plan) for plan in ("starter", "pro")] == [
        False,
        True,
    ]
    assert not may_use(replace(own, usable=False, needs="training"), "pro")


def test_a_process_ends_with_the_code_although_nobody_answers(home):
    """The thread that waits does not hold it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        argv = ["doctor", "--base-url", url, "--timeout", "0.5"]
        process = without_sound(*argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=GUARD_S)
    assert process.returncode == 3, err
    lines = out.decode().splitlines()
    assert any(line.startswith("error: no API key") for line in lines)
    assert any(line.startswith("error: 127.0.0.1:") for line in lines)
