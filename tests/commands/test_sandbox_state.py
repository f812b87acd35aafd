"""`eleven sandbox --state, --seed, --credits`, and what runs with `--sandbox` remember of each other."""

import json
import signal
import sqlite3
import urllib.request

import pytest

from tests.conftest import VOICE
from tests.support.programs import started

SPEAK = json.dumps({"text": "Hello there."}).encode()


def asked(url, path, data=None):
    request = urllib.request.Request(url + path, data, {"xi-api-key": "any", "content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


def history(url):
    return json.loads(asked(url, "/v1/history")[1])["history"]


def test_the_next_start_knows_what_was_made(spawn, tmp_path, home):
    argv = ("sandbox", "--port", "0", "--state", str(tmp_path / "kept"), "--seed", "7")
    seen = []
    for _ in range(2):
        process = spawn(*argv)
        url = started(process)
        asked(url, f"/v1/text-to-speech/{VOICE}", SPEAK)
        seen.append(history(url))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    assert [len(items) for items in seen] == [1, 2]
    assert seen[1][1] == seen[0][0]
    assert not (home / ".local" / "state" / "eleven").exists()


def test_a_killed_one_leaves_the_folder_usable(spawn, tmp_path):
    argv = ("sandbox", "--port", "0", "--state", str(tmp_path))
    process = spawn(*argv)
    asked(started(process), f"/v1/text-to-speech/{VOICE}", SPEAK)
    process.kill()
    process.wait(30)
    assert len(history(started(spawn(*argv)))) == 1


def test_a_seed_gives_the_same_ids(spawn):
    urls = [started(spawn("sandbox", "--port", "0", "--seed", "7")) for _ in range(2)]
    one, two = (asked(url, f"/v1/text-to-speech/{VOICE}", SPEAK)[0]["request-id"] for url in urls)
    assert one == two


def test_credits_run_out(eleven, spawn, tmp_path, monkeypatch):
    url = started(spawn("sandbox", "--port", "0", "--credits", "6"))
    monkeypatch.setenv("ELEVENLABS_API_KEY", "any")
    assert eleven("--base-url", url, "tts", "Hello.", "-o", tmp_path / "one.mp3", "--voice", VOICE).code == 0
    result = eleven("--base-url", url, "tts", "Hello again.", "-o", tmp_path / "two.mp3", "--voice", VOICE)
    assert result.code == 5
    assert "credits" in result.err


def test_a_folder_in_use_is_refused(spawn, eleven, tmp_path):
    started(spawn("sandbox", "--port", "0", "--state", str(tmp_path)))
    result = eleven("sandbox", "--port", "0", "--state", str(tmp_path))
    assert result.code == 2
    assert result.err == f"error: another sandbox is using {tmp_path}\nhint: --state another-folder\n"


@pytest.mark.parametrize("what", ["damaged", "of another version"])
def test_a_folder_that_cannot_be_used_is_refused(eleven, tmp_path, what):
    path = tmp_path / "sandbox.sqlite"
    if what == "damaged":
        path.write_text("no database")
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE kept (id TEXT)")
            connection.execute("PRAGMA application_id = 1701607010")
            connection.execute("PRAGMA user_version = 9")
        connection.close()
    before = path.read_bytes()
    result = eleven("sandbox", "--port", "0", "--state", str(tmp_path))
    assert result.code == 2
    assert len(result.err.splitlines()) == 2
    assert str(path) in result.err
    assert path.read_bytes() == before


@pytest.mark.parametrize(("option", "value"), [("--credits", "-1"), ("--credits", "many"), ("--seed", "x")])
def test_wrong_values_are_refused(eleven, option, value):
    assert eleven("sandbox", option, value).code == 2


def test_runs_with_sandbox_remember_until_it_is_cleared(eleven, spawn, tmp_path):
    spoken = tmp_path / "spoken.wav"
    assert eleven("--sandbox", "tts", "The weather is fine.", "-o", str(spoken)).code == 0
    assert eleven("--sandbox", "stt", str(spoken)).text == "The weather is fine.\n"
    size = json.loads(eleven("cache", "info", "--json").text)["sandbox"]
    assert (size["texts"], size["voices"], size["others"]) == (1, 0, 0)
    said = eleven("cache", "clear", "--sandbox").err
    assert said.startswith("removed 1 entry, ")
    assert eleven("cache", "clear", "--sandbox").err == "removed 0 entries, 0 B\n"
    heard, _ = spawn("--sandbox", "stt", str(spoken)).communicate(timeout=60)
    assert heard != b"The weather is fine.\n"


def test_clearing_the_sandbox_leaves_all_else(eleven):
    result = eleven("cache", "clear", "--sandbox", "--jobs")
    assert (result.code, result.err.splitlines()[0]) == (
        2,
        "error: --sandbox removes no unfinished long texts",
    )
