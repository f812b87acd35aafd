"""`eleven config` and `eleven auth`: the settings file, the environment, and who wins."""

import json
import os
import pty
import re
import socket
import stat
import threading
import time

import pytest

from eleven_cli.settings import KEYS, REGIONS, file
from tests.conftest import KEY
from tests.support.guard import GUARD_S
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply

CANNOT_CONNECT = "cannot connect to 127.0.0.1:1: Connection refused"


@pytest.fixture
def path(home):
    return home / ".config" / "eleven" / "config.toml"


@pytest.fixture
def write(path):
    def write(text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)

    return write


def test_path(eleven, path, monkeypatch):
    assert eleven("config", "path").text == f"{path}\n"
    monkeypatch.setenv("ELEVEN_CONFIG", "/elsewhere/my.toml")
    assert eleven("config", "path").text == "/elsewhere/my.toml\n"


def test_set_get_unset(eleven, path):
    assert eleven("config", "set", "voice", "abc").code == 0
    assert eleven("config", "get", "voice").text == "abc\n"
    assert eleven("config", "unset", "voice").code == 0
    result = eleven("config", "get", "voice")
    assert (result.code, result.error) == (1, "error: voice is not set")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_writing_keeps_comments(eleven, path, write):
    write("# mine\nvoice = 'a'  # the good one\n")
    eleven("config", "set", "model", "m")
    assert path.read_text() == "# mine\nvoice = 'a'  # the good one\nmodel = \"m\"\n"


def test_a_profile_comes_before_the_top_level(eleven, path, write):
    write("voice = 'top'\nmodel = 'm'\n[profiles.work]\nvoice = 'work'\n")
    assert eleven("config", "get", "voice").text == "top\n"
    assert eleven("--profile", "work", "config", "get", "voice").text == "work\n"
    assert eleven("--profile", "work", "config", "get", "model").text == "m\n"
    eleven("--profile", "play", "config", "set", "voice", "new")
    assert '[profiles.play]\nvoice = "new"' in path.read_text()


@pytest.mark.parametrize(
    "content",
    [
        "[profiles.a]\nvoice = 'a'\n[lexicon]\nx = 'y'\n[profiles.b]\nvoice = 'b'\n",
        "profiles = {a = {voice = 'a'}}\n",
        "[profiles]\na.voice = 'a'\n",
        "profiles.a.voice = 'a'\n",
        "[profiles]\n[lexicon]\nx = 'y'\n[profiles.a]\nvoice = 'a'\n",
    ],
)
def test_a_profile_is_added_however_the_others_are_written(eleven, write, content):
    write(content)
    assert eleven("--profile", "new", "config", "set", "voice", "new").code == 0
    assert eleven("--profile", "new", "config", "get", "voice").text == "new\n"
    assert eleven("--profile", "a", "config", "get", "voice").text == "a\n"


def test_the_profile_from_the_environment(eleven, write, monkeypatch):
    write("[profiles.work]\nvoice = 'work'\n")
    monkeypatch.setenv("ELEVEN_PROFILE", "work")
    assert eleven("config", "get", "voice").text == "work\n"


def test_an_unknown_profile_names_the_known(eleven, write):
    write("[profiles.home]\n[profiles.work]\n")
    result = eleven("--profile", "wrok", "config", "get", "voice")
    assert result.code == 2
    assert "no profile wrok" in result.error
    assert "(there are: home, work)" in result.error


def test_list_names_every_source(eleven, path, write, monkeypatch):
    write(f"api_key = '{KEY}'\nvoice = 'file'\nmodel = 'top'\nregion = 'eu'\n[profiles.work]\nmodel = 'work'\n")
    monkeypatch.setenv("ELEVENLABS_VOICE_ID", "env")
    lines = eleven("--profile", "work", "config", "list").text.splitlines()
    assert lines == [
        f"api_key\t…cdef\tthe top level in {path}",
        f"base_url\t{REGIONS['eu']}\tregion eu of the top level in {path}",
        f"region\teu\tthe top level in {path}",
        "voice\tenv\tthe environment (ELEVENLABS_VOICE_ID)",
        f"model\twork\tprofile work in {path}",
    ]
    assert json.loads(eleven("config", "list", "--json").out)["voice"]["value"] == "env"
    assert eleven("--base-url", "https://x.y", "config", "get", "base_url").text == "https://x.y\n"


@pytest.mark.parametrize("name", ["ELEVENLABS_API_KEY", "ELEVEN_API_KEY", "XI_API_KEY"])
def test_every_name_of_the_key(eleven, monkeypatch, name):
    monkeypatch.setenv(name, KEY)
    assert name in eleven("auth", "status", "--no-check").text


def test_a_base_url_of_the_profile_beats_a_region_of_the_top_level(eleven, write):
    write("region = 'eu'\n[profiles.test]\nbase_url = 'http://127.0.0.1:8311'\n")
    assert eleven("--profile", "test", "config", "get", "base_url").text == "http://127.0.0.1:8311\n"
    assert eleven("config", "get", "base_url").text == REGIONS["eu"] + "\n"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("set", "colour", "red"), "unknown setting: colour"),
        (("get", "colour"), "unknown setting: colour"),
        (("set", "region", "mars"), "unknown region: mars"),
        (("set", "voice", " "), "voice must not be empty"),
        (("set", "base_url", "http://example.com"), "the API key is never sent over plain http: http://example.com"),
        (("set", "api_key", "sk_x"), "everyone on this machine can see a key on the command line"),
    ],
)
def test_what_cannot_be_set(eleven, path, argv, said):
    result = eleven("config", *argv)
    assert (result.code, result.error) == (2, f"error: {said}")
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"voice = 'a'\nmodel == 'x'\n", "at line 2, column"),
        (b"voice = 'a'\nmodel = \"x", "at line 2"),
        (b"voice = 'a'\n\xff\n", "not UTF-8 (at line 2)"),
        (b"voice = 3\n", "voice must be a text in quotes"),
        (b"profiles = 3\n", "profiles must be tables, such as [profiles.work]"),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_not_replaced(eleven, path, write, content, said):
    write("")
    path.write_bytes(content)
    result = eleven(*(["--profile", "p"] if b"profiles" in content else []), "config", "get", "voice")
    assert result.code == 1
    assert f"the settings file {path} is broken: " in result.error
    assert said in result.error
    eleven("config", "set", "voice", "b")
    if b"3" not in content:
        assert path.read_bytes() == content
    assert eleven("--version").code == eleven("config", "path").code == 0


def test_a_file_that_others_can_read_is_warned_about(eleven, path, write):
    write(f"api_key = '{KEY}'\n")
    assert "warning" not in eleven("auth", "status", "--no-check").err
    path.chmod(0o644)
    assert f"warning: others can read the API key in {path}; chmod 600 it" in eleven("auth", "status", "--no-check").err


def test_the_file_holds_a_region_for_requests(eleven, service, write, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_BASE_URL")
    write(f"base_url = '{service.url}/prefix/'\n")
    service.on_speech(audio_reply([MP3_FRAME]))
    eleven("tts", "hi")
    assert service.requests[0].path.startswith("/prefix/v1/text-to-speech/")


def test_empty_settings_count_as_none(eleven, write, monkeypatch):
    write("api_key = ''\nbase_url = ' '\n")
    monkeypatch.setenv("ELEVENLABS_API_KEY", "")
    result = eleven("auth", "status")
    assert (result.code, result.error) == (3, "error: no API key")


def test_a_key_that_can_be_none_is_named_with_its_source(eleven, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "schlüssel")
    for argv in (("auth", "status"), ("models",)):
        result = eleven(*argv)
        assert result.code == 3
        assert result.error == "error: the environment (ELEVENLABS_API_KEY) does not hold an API key"


def test_a_byte_order_mark_and_other_line_ends_do_no_harm(eleven, path, write):
    write("")
    path.write_bytes(b"\xef\xbb\xbfvoice = 'a'\r\n# mine\r\n")
    assert eleven("config", "get", "voice").text == "a\n"
    eleven("config", "set", "model", "m")
    assert b"# mine\r\n" in path.read_bytes()


def test_an_unknown_region_in_the_file(eleven, path, write):
    write("region = 'mars'\n")
    result = eleven("config", "get", "base_url")
    assert result.code == 1
    assert f"{path} is broken: unknown region mars" in result.error


def test_ctrl_d_at_the_prompt(spawn):
    leader, follower = pty.openpty()
    process = spawn("auth", "login", stdin=follower, stdout=follower, stderr=follower)
    seen = b""
    while not seen.rstrip().endswith(b":"):
        seen += os.read(leader, 1000)
    os.write(leader, b"\x04")
    assert process.wait(timeout=GUARD_S) == 2
    os.close(follower)
    while b"no key was given" not in seen:
        seen += os.read(leader, 1000)


@pytest.mark.parametrize("deep", ["voice = " + "[" * 20_000, "a = " + "{b=" * 20_000, "[" + "a." * 5_000 + "a]\nb = 1"])
def test_values_nested_too_deeply(eleven, write, deep):
    write(deep)
    for argv in (("config", "list"), ("config", "set", "voice", "v")):
        result = eleven(*argv)
        assert "unexpected" not in result.err
        assert result.code == 0 or "is broken: " in result.error


def test_a_folder_that_others_may_write_is_told_about(eleven, path, write, home):
    write("model = 'm'\n")
    assert "others can replace" not in eleven("config", "list").err
    for folder in (path.parent, path.parent.parent, home):
        folder.chmod(0o777)
        assert f"{folder} can be written by others; chmod go-w {folder}" in eleven("config", "list").err
        folder.chmod(0o1777)
        assert "others can replace" not in eleven("config", "list").err
        folder.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize(("owner", "told"), [(1234, True), (65534, False), (0, False)])
def test_a_folder_of_another_user_is_told_about(eleven, path, write, owner, told):
    write("model = 'm'\n")
    os.chown(path.parent, owner, owner)
    assert (f"{path.parent} belongs to another user" in eleven("config", "list").err) is told


@pytest.mark.parametrize(("group", "told"), [(1234, True), (0, False)])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_group_of_others_is_told_about(eleven, path, write, group, told):
    write("model = 'm'\n")
    os.chown(path.parent, -1, group)
    path.parent.chmod(0o770)
    assert ("others can replace" in eleven("config", "list").err) is told


AROUND = [
    '"KEY"',
    "'KEY'",
    "“KEY”",
    "'KEY",
    'KEY"',
    "<KEY>",
    "[KEY]",
    "'\"KEY\"'",
    "Bearer KEY",
    "bearer  KEY",
    "ELEVENLABS_API_KEY=KEY",
    "export ELEVENLABS_API_KEY=KEY",
    "export ELEVENLABS_API_KEY='KEY'",
    'export X="KEY"  # mine',
    "ELEVENLABS_API_KEY: KEY",
    "xi-api-key: KEY",
    "xi-api-key:KEY",
    "-H 'xi-api-key: KEY'",
    '--header "xi-api-key: KEY" \\',
    '"xi-api-key": "KEY",',
    "\u2060KEY",
    "KEY\u200b",
    "K\u200dEY",
    "Authorization: Bearer KEY",
    "$env:XI_API_KEY = 'KEY'",
    "ELEVENLABS_API_KEY=KEY;",
    "'KEY',",
    "=KEY",
    "set -gx XI_API_KEY KEY",
    "setx XI_API_KEY KEY",
    "set XI_API_KEY=KEY",
    'api_key = "KEY"',
    "A=1\nexport ELEVENLABS_API_KEY=KEY\nB=2",
]


@pytest.mark.parametrize("pasted", AROUND)
def test_what_was_pasted_with_a_key_is_taken_off_and_said(eleven, path, models, monkeypatch, pasted):
    pasted = re.sub(r"(?<!_)KEY", KEY, pasted).replace("K\u200dEY", KEY[:4] + "\u200d" + KEY[4:])
    result = eleven("auth", "login", stdin=pasted + "\r\n")
    assert result.code == 0, result.err
    assert "removed from the key: " in result.err
    assert path.read_text() == f'api_key = "{KEY}"\n'
    monkeypatch.setenv("ELEVENLABS_API_KEY", pasted)
    result = eleven("models")
    assert "warning: the key in the environment (ELEVENLABS_API_KEY) is used without " in result.err
    assert models.requests[-1].headers["xi-api-key"] == KEY


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("", "it is empty"),
        ("two words", "blanks"),
        ("schlüssel", "not ASCII"),
        ("a\x1bb", "control"),
        ('""', "empty"),
        ("$ELEVENLABS_API_KEY", "the name of a variable"),
        ("export ELEVENLABS_API_KEY", "the name of a variable"),
        ("ELEVENLABS_API_KEY", "the name of a variable"),
        ("https://elevenlabs.io/app/settings/api-keys", "it is a URL"),
        ("sk_0123456789{abc}", "brackets"),
        ("sk_0123456789\nsk_0123456789", "line breaks"),
        ("sk_…", "not ASCII"),
        (" #" * 100_000, "too long"),
    ],
)
def test_what_is_wrong_with_a_key_is_said(eleven, models, word, why):
    assert why in eleven("auth", "login", stdin=word).error


def test_a_region_and_an_address_take_each_others_place(eleven, path, write):
    write("base_url = 'http://127.0.0.1:1'\n[profiles.work]\nregion = 'in'\n")
    result = eleven("config", "set", "region", "eu")
    assert f"region = eu, in the top level of {path}" in result.err
    assert "removed base_url = http://127.0.0.1:1: region replaces it" in result.err
    assert "no effect" not in result.err
    assert eleven("config", "get", "base_url").text == REGIONS["eu"] + "\n"
    result = eleven("--profile", "work", "config", "set", "base_url", "http://127.0.0.1:2")
    assert "removed region = in: " in result.err
    assert eleven("--profile", "work", "config", "get", "base_url").text == "http://127.0.0.1:2\n"
    assert eleven("config", "get", "region").text == "eu\n"
    assert "removed" not in eleven("config", "set", "region", "us").err


@pytest.mark.parametrize(
    ("environ", "argv", "why"),
    [
        (
            {"ELEVENLABS_BASE_URL": "http://127.0.0.1:9"},
            ("region", "eu"),
            "the environment (ELEVENLABS_BASE_URL) is used",
        ),
        ({"ELEVENLABS_BASE_URL": "http://127.0.0.1:9"}, ("base_url", "http://127.0.0.1:8"), "the environment ("),
        ({"ELEVENLABS_VOICE_ID": "v"}, ("voice", "w"), "the environment (ELEVENLABS_VOICE_ID) is used"),
        ({"ELEVENLABS_MODEL_ID": "v"}, ("model", "w"), "the environment (ELEVENLABS_MODEL_ID) is used"),
        ({"AGENT_ID": "v"}, ("agent_id", "w"), "the environment (AGENT_ID) is used"),
        ({"ELEVEN_SANDBOX": "1"}, ("voice", "w"), "the sandbox has its own"),
        ({"ELEVEN_SANDBOX": "1"}, ("region", "eu"), "the sandbox has its own"),
        ({"ELEVEN_SANDBOX": "1"}, ("model", "m"), ""),
        ({}, ("region", "eu"), ""),
        ({"ELEVEN_PROFILE": "work"}, ("region", "eu"), ""),
        ({"ELEVEN_PROFILE": "work"}, ("base_url", "http://127.0.0.1:8"), ""),
    ],
)
@pytest.mark.parametrize("before", ["", "region = 'in'\nvoice = 'x'\n", "base_url = 'http://127.0.0.1:7'\n"])
def test_a_setting_without_effect_is_said(eleven, write, monkeypatch, before, environ, argv, why):
    write(before)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    said = eleven("config", "set", *argv).err
    assert (f"{argv[0]} has no effect now: {why}" in said) if why else ("no effect" not in said)
    assert f"in {'profile work' if 'ELEVEN_PROFILE' in environ else 'the top level'} of" in said


def test_a_setting_of_another_profile_is_said(eleven, path, write):
    write("[profiles.home]\nvoice = 'h'\nbase_url = 'http://127.0.0.1:7'\n[profiles.work]\nvoice = 'w'\nmodel = 'm'\n")
    assert "not used with --profile home or work, which has its own voice" in eleven("config", "set", "voice", "v").err
    assert "not used with --profile home, " in eleven("config", "set", "region", "eu").err
    assert "not used" not in eleven("config", "set", "agent_id", "v").err
    said = eleven("--profile", "work", "config", "set", "voice", "v").err
    assert f"in profile work of {path} (used with --profile work)" in said


def test_a_file_that_holds_both_is_told_about(eleven, path, write):
    write("base_url = 'http://127.0.0.1:7'\nregion = 'eu'\n")
    assert f"region has no effect: base_url of the top level in {path} is used" in eleven("config", "list").err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("model = 'm'\nvoise = 'v'\n", "unknown setting voise at line 2 (did you mean voice?)"),
        ("'Voice' = 'v'\n", "unknown setting Voice at line 1 (did you mean voice?)"),
        (
            "[profiles.work]\nmodel = 'm'\nbase-url = 'v'\n",
            "unknown setting profiles.work.base-url at line 3 (did you mean",
        ),
        ("[profiles.'my work']\nkey = 'm'\n", "unknown setting profiles.my work.key at line 2"),
        ("voice = 'v'\n\n[profile.work]\nvoice = 'v'\n", "unknown setting profile at line 3"),
        ("profiles.work.vocie = 'v'\n", "unknown setting profiles.work.vocie at line 1"),
        ("[profiles]\nwork = {vocie = 'v'}\n", "unknown setting profiles.work.vocie"),
    ],
)
def test_unknown_settings_are_named_with_their_line(eleven, path, write, content, said):
    write(content)
    result = eleven("config", "list")
    assert result.code == 0
    assert result.err.count("warning: unknown setting") == 1
    assert said in result.err
    assert f"in {path}; the settings are: " in result.err
    assert eleven("config", "set", "model", "m").err.count("warning: unknown setting") == 1
    assert eleven("-q", "config", "get", "base_url").code == 0


def test_a_file_of_unknown_settings_is_told_of_in_twenty_lines(eleven, write):
    write("".join(f"set{number} = 1\n" for number in range(2_000)))
    result = eleven("config", "get", "base_url")
    assert result.code == 0
    assert result.err.count("warning: unknown setting") == 20


# what is no file


def socket_at(path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


NO_FILE = {
    "pipe-without-writer": (os.mkfifo, "cannot read the settings file {}: nothing writes into this pipe"),
    "endless": (lambda path: path.symlink_to("/dev/zero"), "the settings file {} is broken: it is larger than 1 MB"),
    "huge": (lambda path: path.write_bytes(b"#" * 30_000_000), "the settings file {} is broken: it is larger than"),
    "folder": (lambda path: path.mkdir(), "cannot read the settings file {}: Is a directory"),
    "socket": (socket_at, "cannot read the settings file {}: No such device or address"),
    "circle": (lambda path: path.symlink_to(path), "cannot read the settings file {}: Too many levels"),
}


@pytest.mark.parametrize("name", NO_FILE)
@pytest.mark.parametrize("words", ["config list", "config set voice x", "auth logout", "tts hi -o x.mp3", "doctor"])
def test_what_is_no_settings_file_is_said_in_a_sentence(eleven, tmp_path, monkeypatch, name, words):
    make, said = NO_FILE[name]
    path = tmp_path / "settings"
    make(path)
    monkeypatch.setattr(file, "WRITER_S", 0.05)
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("ELEVEN_CONFIG", str(path))
    before = path.lstat()
    result = eleven(*words.split())
    assert result.code == 1
    report = result.text if words == "doctor" else result.err
    assert report.count(f"error: {said.format(path)}") == 1
    assert os.path.samestat(path.lstat(), before)


def test_a_terminal_holds_no_settings(eleven, monkeypatch):
    leader, follower = pty.openpty()
    monkeypatch.setenv("ELEVEN_CONFIG", os.ttyname(follower))
    assert eleven("config", "list").error.endswith(": it is a terminal")
    os.close(leader)
    os.close(follower)


@pytest.mark.parametrize("when", ["at once", "later", "nothing"])
def test_settings_may_come_out_of_a_pipe(eleven, tmp_path, monkeypatch, when):
    """As `ELEVEN_CONFIG=<(…)` gives them: they can be read only once, and the connection is begun by them, too."""
    reading, writing = os.pipe()
    text = f"api_key = '{KEY}'\nretries = 0\nbase_url = 'https://127.0.0.1:1'\n".encode()
    if when == "at once":
        os.write(writing, text)
    monkeypatch.setenv("ELEVEN_CONFIG", f"/dev/fd/{reading}")
    monkeypatch.setattr(file, "WRITER_S", 0.0 if when == "later" else GUARD_S)
    writer = threading.Thread(target=lambda: (when == "later" and os.write(writing, text), os.close(writing)))
    writer.start()
    result = eleven("models")
    writer.join()
    os.close(reading)
    assert result.error.startswith("error: " + ("no API key" if when == "nothing" else CANNOT_CONNECT))


def test_logout_and_unset_say_what_they_did(eleven, path, models):
    eleven("auth", "login", stdin=KEY)
    assert f"removed the key from {path}" in eleven("auth", "logout").err
    eleven("config", "set", "voice", "v")
    assert f"removed voice from the top level of {path}" in eleven("config", "unset", "voice").err


# auth


@pytest.fixture
def models(service, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    service.on("/v1/models", json_reply([{"model_id": "m"}]))
    return service


def test_login_from_a_pipe(eleven, path, models):
    result = eleven("auth", "login", stdin=f"  {KEY}\n")
    assert (result.code, result.out) == (0, b"")
    assert f"stored …cdef in {path}" in result.err
    assert models.requests[0].headers["xi-api-key"] == KEY
    assert path.read_text() == f'api_key = "{KEY}"\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    status = f"key\t…cdef\nsource\tthe top level in {path}\nserver\t{models.url}\n"
    assert eleven("auth", "status", "--no-check").text == status
    asked = "text_to_speech\tnot checked\nvoices_read\tnot checked\nmodels_read\tyes\nuser_read\tnot checked\n"
    assert eleven("auth", "status").text == status + asked


@pytest.mark.parametrize("status", [401, 403])
def test_a_restricted_key_is_as_good_as_any(eleven, path, models, status):
    models.on("/v1/models", error_reply(status, "missing_permissions", "missing the permission models_read"))
    assert eleven("auth", "login", stdin=KEY).code == 0
    assert path.exists()


def test_a_wrong_key_is_not_stored(eleven, path, models):
    models.on("/v1/models", error_reply(401, "unauthorized", "Invalid API key", legacy="invalid_api_key"))
    result = eleven("auth", "login", stdin=KEY)
    assert result.code == 3
    assert result.error == "error: Invalid API key (unauthorized, invalid_api_key, request req_42)"
    assert not path.exists()


def test_without_a_network_the_key_is_stored_with_a_warning(eleven, path, models, pauses):
    models.on("/v1/models", lambda exchange: exchange.drop())
    result = eleven("auth", "login", stdin=KEY)
    assert result.code == 0
    assert "warning: the key could not be checked" in result.err
    assert path.exists()


def allowed(models, **may):
    """The service, with a key that has (True) or lacks (False) these permissions."""
    replies = {
        "voices_read": ("/v2/voices", {"voices": []}),
        "models_read": ("/v1/models", []),
        "user_read": ("/v1/user/subscription", {}),
    }
    for name, (path, body) in replies.items():
        lacks = error_reply(403, "insufficient_permissions", f"The key lacks the permission {name}.")
        models.on(path, json_reply(body) if may[name] else lacks)


@pytest.mark.parametrize("voices", [True, False])
@pytest.mark.parametrize("user", [True, False])
def test_what_a_key_may_do_is_asked_free_of_charge(eleven, path, models, voices, user):
    allowed(models, voices_read=voices, models_read=True, user_read=user)
    word = {True: "yes", False: "no"}
    said = f"voices_read {word[voices]}; models_read yes; user_read {word[user]}"
    login = eleven("auth", "login", stdin=KEY)
    assert login.code == 0
    assert f"permissions: text_to_speech not checked; {said}" in login.err
    status = eleven("auth", "status")
    assert f"voices_read\t{word[voices]}\nmodels_read\tyes\nuser_read\t{word[user]}\n" in status.text
    for told in (login, status):
        assert ("give the key Text to Speech and Voices: Read at https://" in told.err) is not voices
    answer = json.loads(eleven("auth", "status", "--json").out)
    assert answer["permissions"] == {"voices_read": voices, "models_read": True, "user_read": user}
    assert {request.method for request in models.requests} == {"GET"}
    assert {request.path for request in models.requests} == {"/v2/voices", "/v1/models", "/v1/user/subscription"}


def test_a_key_that_may_do_nothing_of_it_is_stored(eleven, path, models):
    allowed(models, voices_read=False, models_read=False, user_read=False)
    assert eleven("auth", "login", stdin=KEY).code == 0
    assert path.exists()


def test_status_of_a_refused_key(eleven, models, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    models.on("/v1/models", error_reply(401, "unauthorized", "Invalid API key", legacy="invalid_api_key"))
    result = eleven("auth", "status")
    assert (result.code, result.text.startswith("key\t…cdef\n")) == (3, True)
    assert "Invalid API key" in result.error


def test_status_offline_says_so_soon(eleven, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:9")
    result = eleven("auth", "status")
    assert result.code == 0
    assert "voices_read\tnot checked\n" in result.text
    assert "warning: the key was not checked: cannot connect" in result.err
    assert "trying again" not in result.err


def test_a_service_that_does_not_answer_is_not_waited_for(eleven, path, models):
    for asked in ("/v1/models", "/v2/voices", "/v1/user/subscription"):
        models.on(asked, lambda exchange: exchange.until_released())
    began = time.monotonic()
    result = eleven("auth", "login", stdin=KEY)
    assert time.monotonic() - began < 10  # a wide guard: it is to be 4 s, and not a minute
    assert result.code == 0
    assert "warning: the key could not be checked" in result.err
    assert path.exists()


def test_no_check(eleven, path, models):
    assert eleven("auth", "login", "--no-check", stdin=KEY).code == 0
    assert models.requests == []


@pytest.mark.parametrize("word", ["", "two words", "schlüssel", "a\nb", "a\x1bb"])
def test_what_is_no_key(eleven, models, word):
    result = eleven("auth", "login", stdin=word)
    assert result.code == 2
    assert "not an API key" in result.error


def test_another_key_in_the_environment_is_mentioned(eleven, models, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk_other_0123456789")
    result = eleven("auth", "login", stdin=KEY)
    assert "warning: the environment (ELEVENLABS_API_KEY) holds another key, and that one is used" in result.err
    assert "a key is still in the environment" in eleven("auth", "logout").err


def test_logout(eleven, path, models):
    eleven("auth", "login", stdin=KEY)
    assert eleven("auth", "logout").code == 0
    assert KEY not in path.read_text()
    assert "no key was stored" in eleven("auth", "logout").err
    result = eleven("auth", "status")
    assert (result.code, result.error) == (3, "error: no API key")


def test_login_into_a_new_profile(eleven, path, models):
    assert eleven("--profile", "work", "auth", "login", stdin=KEY).code == 0
    assert path.read_text() == f'[profiles.work]\napi_key = "{KEY}"\n'
    assert "profile\twork" in eleven("--profile", "work", "auth", "status").text


def test_the_prompt_hides_the_key(spawn, path, models):
    leader, follower = pty.openpty()
    process = spawn("auth", "login", "--no-check", stdin=follower, stdout=follower, stderr=follower)
    seen = b""
    while b"API key" not in seen or not seen.rstrip().endswith(b":"):
        seen += os.read(leader, 1000)
    os.write(leader, KEY.encode() + b"\n")
    assert process.wait(timeout=GUARD_S) == 0
    os.close(follower)
    while b"stored" not in seen:
        seen += os.read(leader, 1000)
    assert KEY.encode() not in seen
    assert KEY in path.read_text()


def test_a_settings_file_that_cannot_be_written(eleven, path, models):
    path.parent.parent.mkdir()
    path.parent.write_text("a file where the folder should be")
    result = eleven("config", "set", "voice", "v")
    assert result.code == 1
    assert f"settings file {path}: Not a directory" in result.error


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        ("retries", "retries needs a value: a whole number from 0 to 100", "eleven config set retries 10"),
        ("timeout", "timeout needs a value: a number of seconds from 0.1 to 86,400", "eleven config set timeout 60"),
        ("max_credits", "max_credits needs a value: a whole number from 0 to 1,000,000,000",
         "eleven config set max_credits 5000"),
        ("region", "region needs a value: us, eu, in, sg", "eleven config set region eu"),
        ("base_url", "base_url needs a value", "eleven config set base_url https://api.elevenlabs.io"),
        ("model", "model needs a value", "eleven config set model eleven_flash_v2_5"),
        ("voice", "voice needs a value", "see your voices: eleven voices"),
        ("agent_id", "agent_id needs a value", "it stands on the agent's page: https://elevenlabs.io/app/agents"),
        ("api_key", "a key is never given on the command line", "eleven auth login"),
        ("api_key=abc", "everyone on this machine can see a key on the command line", "eleven auth login"),
        ("nonsense", "unknown setting: nonsense", f"one of: {', '.join(KEYS)}"),
        ("nonsense 1", "unknown setting: nonsense", f"one of: {', '.join(KEYS)}"),
        ("retris=3", "unknown setting: retris. Did you mean retries?", f"one of: {', '.join(KEYS)}"),
        ("retries=3", "a setting and its value are separate words", "eleven config set retries 3"),
        ("retries x", 'retries must be a whole number from 0 to 100, not "x"', "eleven config set retries 10"),
        ("retries 1.5", 'retries must be a whole number from 0 to 100, not "1.5"', "eleven config set retries 10"),
        ("timeout 5m", 'timeout must be a number of seconds from 0.1 to 86,400, not "5m"',
         "eleven config set timeout 60"),
        ("region xx", "unknown region: xx", "one of: us, eu, in, sg"),
        ("base_url foo", "not a server address: foo", "eleven config set base_url https://api.elevenlabs.io"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_setting_and_the_line_that_is_right(eleven, home, words, said, hint):
    result = eleven("config", "set", *words.split())
    assert (result.code, result.error, result.hint) == (2, f"error: {said}", f"hint: {hint}")
    assert not (home / ".config/eleven/config.toml").exists()
    if "eleven config set" in hint:
        assert eleven(*hint.split()[1:]).code == 0


def test_a_region_in_capitals_is_the_region(eleven, home):
    assert eleven("config", "set", "region", "EU").code == 0
    assert 'region = "eu"' in (home / ".config/eleven/config.toml").read_text()
