"""With --json an error is one JSON object on stderr, with nothing before it; what else was to be said is beside it."""

import json

import pytest

from tests.conftest import KEY, VOICE
from tests.support.service import audio_reply, error_reply, json_reply
from tests.support.wav_files import wav

BUSY = error_reply(429, "rate_limit_exceeded", "Too many.", retry_after="5")
NO = error_reply(400, "invalid_parameters", "No.")
PAGE = {"voices": [{"voice_id": VOICE, "name": "Ana"}], "has_more": True, "next_page_token": "t"}
ROUND = json_reply(PAGE)


@pytest.fixture
def open_settings(home):
    """Settings that others can read, so that every run has something to warn of."""
    folder = home / ".config" / "eleven"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'api_key = "{KEY}"\nnonsense = 1\n')
    (folder / "config.toml").chmod(0o644)


COMMANDS = {
    "tts": ["tts", "hi", "-v", VOICE],
    "sfx": ["sfx", "rain"],
    "sts": ["sts", "a.wav", "-v", VOICE],
    "isolate": ["isolate", "a.wav"],
    "stt": ["stt", "a.wav"],
    "voices": ["voices"],
    "library": ["voices", "library"],
    "show": ["voices", "show", VOICE],
    "delete": ["voices", "delete", VOICE, "--yes"],
    "models": ["models"],
    "effects": ["effects"],
    "usage": ["usage"],
    "dictionaries": ["dictionaries"],
    "history": ["history"],
    "api": ["api", "/v1/x"],
    "history get": ["history", "get", "last"],
    "talk": ["talk", "--text", "--agent-id", "agent_1"],
    "live": ["stt", "--live", "a.wav"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_one_object_and_nothing_before_it(eleven, service, open_settings, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.wav").write_bytes(wav())
    result = eleven(*COMMANDS[name], "--json")
    value = json.loads(result.err)
    assert value["error"]["exit_code"] == result.code != 0
    assert any("others can read the API key" in warning for warning in value["warnings"])


def test_a_retry_is_noted_beside_the_error(eleven, service, pauses):
    service.on("/v1/models", BUSY, NO)
    value = json.loads(eleven("models", "--json").err)
    assert value["error"]["message"] == "No."
    assert len(value["notes"]) == 1


def test_a_run_that_succeeds_says_it_at_its_end(eleven, service):
    service.on("/v2/voices", ROUND)
    result = eleven("voices", "--json")
    assert (result.code, [voice["name"] for voice in json.loads(result.text)]) == (0, ["Ana"])
    assert result.err == "warning: the service's list of voices repeats itself, and may be incomplete\n"


def test_on_a_terminal_it_is_said_when_it_happens(eleven, service, open_settings):
    lines = eleven("models", "--json", tty="err").err.splitlines()
    assert "warning:" in lines[0]
    assert json.loads(lines[-1])["error"]["exit_code"] == 4


def test_quiet_is_quiet(eleven, service):
    service.on("/v2/voices", ROUND)
    assert eleven("voices", "--json", "-q").err == ""


def test_the_report_of_a_result_has_its_warnings_once(eleven, service):
    service.on_speech(audio_reply([b"\xff\xfb\x90\x64" + bytes(413)]))
    value = json.loads(eleven("tts", "hi", "--json", "-m", "eleven_v4", "--speed", "1.1").err)
    assert len(value["warnings"]) == 1


def test_live_warnings_wait_and_the_lines_do_not(eleven, scribe, tmp_path):
    def script(session):
        session.start()
        session.send("warning", warning="Hm.")
        session.receive()
        session.committed("Hi")
        session.send("quota_exceeded", error="Nothing left.")
        session.until_closed()

    scribe(script)
    (tmp_path / "a.wav").write_bytes(wav(1.0))
    result = eleven("stt", "--live", "--json", str(tmp_path / "a.wav"))
    value = json.loads(result.err)
    assert value["error"]["code"] == "quota_exceeded"
    assert value["warnings"] == ["the service warns: Hm."]
    assert '"Hi"' in result.text
