"""`eleven voices edit`, `settings` and `delete`: never another voice, and nothing lost that was not named."""

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.support.guard import GUARD_S
from tests.support.receiver import parts_of
from tests.support.service import MP3_FRAME, audio_reply, error_reply, json_reply

ROBIN, OTHER, HARPER = (f"{name}{'0' * (20 - len(name))}" for name in ("robin", "other", "harper"))
LABELS = {"accent": "american", "age": "middle_aged"}
SETTINGS = {"stability": 0.4, "use_speaker_boost": True, "similarity_boost": 0.75, "style": None, "speed": 1.0}
OK = json_reply({"status": "ok"})
GONE = error_reply(404, "voice_not_found", "A voice was not found.", kind="not_found")


def voice(voice_id, name, **more):
    return {"voice_id": voice_id, "name": name, "category": "cloned", "description": "Plain.", "labels": LABELS, **more}


@pytest.fixture(autouse=True)
def account(service):
    def have(*voices):
        service.on("/v2/voices", json_reply({"voices": list(voices), "has_more": False}))
        for one in voices:
            path = f"/v1/voices/{one['voice_id']}"
            service.on(path, json_reply({**one, "status": "ok"}))
            service.on(f"{path}/edit", OK)
            service.on(f"{path}/settings", json_reply(SETTINGS))
            service.on(f"{path}/settings/edit", OK)

    have(voice(ROBIN, "Robin"), voice(HARPER, "Harper", category="premade"))
    service.on_speech(audio_reply([MP3_FRAME]))
    return have


@pytest.fixture
def changes(service):
    return lambda: [request for request in service.requests if request.method != "GET"]


def fields(request):
    return {part.name: part.value.decode() for part in parts_of(request)}


# edit


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (["--name", " Rob "], {"name": "Rob", "description": "Plain.", "labels": LABELS}),
        (["--description", "Grüße"], {"name": "Robin", "description": "Grüße", "labels": LABELS}),
        (["--description", ""], {"name": "Robin", "description": "", "labels": LABELS}),
        (
            ["--label", "age=old", "--label", "mood=calm"],
            {"name": "Robin", "description": "Plain.", "labels": {"accent": "american", "age": "old", "mood": "calm"}},
        ),
        (["--label", "age="], {"name": "Robin", "description": "Plain.", "labels": {"accent": "american"}}),
        (["--label", "age=", "--label", "accent="], {"name": "Robin", "description": "Plain.", "labels": {}}),
    ],
)
def test_what_is_not_named_stays(eleven, changes, words, sent):
    result = eleven("voices", "edit", "robin", *words)
    assert (result.code, result.out, result.err) == (0, b"", "")
    (request,) = changes()
    assert request.path == f"/v1/voices/{ROBIN}/edit"
    assert {**fields(request), "labels": json.loads(fields(request)["labels"])} == sent


def test_what_a_voice_does_not_have_is_not_made_up(eleven, account, changes):
    account(voice(ROBIN, "Robin", description=None, labels=None))
    eleven("voices", "edit", ROBIN, "--name", "Rob")
    assert fields(changes()[0]) == {"name": "Rob"}


def test_edit_as_json_and_on_a_terminal(eleven):
    result = json.loads(eleven("voices", "edit", "Robin", "--name", "Rob", "--json").out)
    assert result == {"voice_id": ROBIN, "name": "Rob", "description": "Plain.", "labels": LABELS}
    assert eleven("voices", "edit", "Robin", "--name", "Rob", tty="err").err == "Robin is Rob now\n"
    assert eleven("voices", "edit", "Robin", "--label", "a=b", tty="err").err == "changed Robin\n"


def test_the_new_name_is_known_from_then_on(eleven, service):
    eleven("voices")
    eleven("voices", "edit", "Robin", "--name", "Wren")
    assert eleven("tts", "hi", "-v", "wren").code == 0
    assert service.requests[-1].path == f"/v1/text-to-speech/{ROBIN}/stream"


def test_the_settings_that_name_it_are_told_of(eleven, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID", raising=False)
    eleven("config", "set", "voice", "Robin")
    said = eleven("voices", "edit", "Robin", "--name", "Wren").err
    assert said.startswith("warning: the top level in /")
    assert said.endswith("config.toml names Robin as the voice: eleven config set voice Wren\n")
    eleven("config", "set", "voice", ROBIN)
    assert eleven("voices", "edit", "Robin", "--name", "Wren").err == "", "an id stays what it is"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Robin"], "nothing to change"),
        (["Robin", "--name", " "], "the voice's name is empty"),
        (["Robin", "--name", "\udcff"], "the name is not valid UTF-8"),
        (["Robin", "--description", "\udcff"], "--description is not valid UTF-8"),
        (["Robin", "--label", "x"], "--label takes KEY=VALUE"),
        ([" ", "--name", "x"], "the voice's name is empty"),
    ],
)
def test_edits_that_are_none(eleven, service, words, said):
    result = eleven("voices", "edit", *words)
    assert (result.code, said in result.error, service.requests) == (2, True, [])


# settings


def test_settings_are_shown(eleven, changes):
    rows = eleven("voices", "settings", "robin").text.splitlines()
    assert rows == ["stability\t0.4", "use speaker boost\ttrue", "similarity boost\t0.75", "speed\t1.0"]
    assert json.loads(eleven("voices", "settings", ROBIN, "--json").out)["stability"] == 0.4
    assert changes() == []


def test_all_settings_are_sent(eleven, service, changes):
    result = eleven("voices", "settings", "robin", "--stability", "0.2", "--no-speaker-boost", "--json")
    (request,) = changes()
    assert request.path == f"/v1/voices/{ROBIN}/settings/edit"
    assert request.json == {"stability": 0.2, "use_speaker_boost": False, "similarity_boost": 0.75, "speed": 1.0}
    assert json.loads(result.out) == request.json


def test_every_setting_has_its_name_on_the_wire_and_unknown_ones_stay(eleven, service, changes):
    service.on(f"/v1/voices/{ROBIN}/settings", json_reply({"clone_strength": 0.3}))
    options = ["--stability", "0", "--similarity", "1", "--style", "0.5", "--speed", "1.1", "--speaker-boost"]
    result = eleven("voices", "settings", "robin", *options, tty="err")
    assert changes()[0].json == {
        "clone_strength": 0.3,
        "stability": 0.0,
        "similarity_boost": 1.0,
        "style": 0.5,
        "speed": 1.1,
        "use_speaker_boost": True,
    }
    assert result.err == (
        "Robin: stability 0.0, similarity boost 1.0, style 0.5, speed 1.1, use speaker boost true\n"
    )  # fmt: skip


def test_what_is_no_setting_is_neither_shown_nor_sent_back(eleven, service, changes):
    service.on(
        f"/v1/voices/{ROBIN}/settings", json_reply({"stability": 0.5, "style": None, "new": {"x": [1]}, "l": []})
    )
    assert eleven("voices", "settings", "robin").out == b"stability\t0.5\n"
    eleven("voices", "settings", "robin", "--speed", "1.1")
    assert changes()[0].json == {"stability": 0.5, "speed": 1.1}


@pytest.mark.parametrize("option", ["--stability 1.1", "--similarity x", "--style -1", "--speed 5"])
def test_settings_out_of_range(eleven, service, option):
    assert eleven("voices", "settings", "robin", *option.split()).code == 2
    assert service.requests == []


@pytest.mark.parametrize("answer", [[], "x", None])
def test_settings_that_are_none(eleven, service, changes, answer):
    service.on(f"/v1/voices/{ROBIN}/settings", json_reply(answer))
    assert eleven("voices", "settings", "robin", "--speed", "1").code == 1
    assert changes() == []


# delete


def test_delete(eleven, changes):
    result = eleven("voices", "delete", "ROBIN", "--yes")
    assert (result.code, result.out, result.err) == (0, b"", "")
    assert [(request.method, request.path, request.body) for request in changes()] == [
        ("DELETE", f"/v1/voices/{ROBIN}", b"")
    ]


def test_delete_as_json_by_id_without_a_list(eleven, service):
    result = json.loads(eleven("voices", "delete", ROBIN, "-y", "--json").out)
    assert result == {"voice_id": ROBIN, "name": "Robin", "deleted": True}
    assert [request.path for request in service.requests] == [f"/v1/voices/{ROBIN}"] * 2


def test_without_a_terminal_yes_is_needed(eleven, service):
    result = eleven("voices", "delete", "Robin")
    assert (result.code, result.hint, service.requests) == (2, "hint: eleven voices delete --yes Robin", [])


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_on_a_terminal_it_is_asked(eleven, changes, typed, code):
    result = eleven("voices", "delete", "Robin", tty="in err", stdin=typed)
    assert (result.code, len(changes())) == (code, 1 - code)
    assert f"Delete Robin ({ROBIN}) for good? [y/N]" in result.err
    assert ("nothing was deleted" in result.err) == bool(code)


def test_ctrl_c_at_the_question_deletes_nothing(service, changes):
    leader, follower = pty.openpty()
    argv = [sys.executable, "-m", "eleven_cli", "voices", "delete", "Robin"]
    streams = {"stdin": follower, "stdout": follower, "stderr": follower}
    with subprocess.Popen(argv, env=os.environ, start_new_session=True, **streams) as process:
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(leader, 4096)
        process.send_signal(2)
        assert process.wait(GUARD_S) == 130
    os.close(leader)
    os.close(follower)
    assert changes() == []


@pytest.mark.parametrize("command", ["delete --yes", "edit --name X", "settings --speed 1"])
def test_a_name_that_exists_twice_is_never_one_of_them(eleven, account, changes, command):
    eleven("voices")  # and it is known, of a time when there was one
    account(voice(ROBIN, "Robin"), voice(OTHER, "robin"))
    name, *options = command.split()
    result = eleven("voices", name, "Robin", *options)
    assert (result.code, changes()) == (4, [])
    assert f"2 voices are called Robin: Robin ({ROBIN}), robin ({OTHER})" in result.error
    assert result.hint == f"hint: give the id: eleven voices {name} ID"


def test_delete_takes_whole_names_only(eleven, changes):
    result = eleven("voices", "delete", "Rob", "--yes")
    assert (result.code, changes()) == (4, [])
    assert result.error == f'error: no voice is called "Rob"; Robin ({ROBIN}) begins so'
    assert result.hint == "hint: eleven voices delete Robin"
    assert eleven("voices", "edit", "Rob", "--name", "X").code == 0


@pytest.mark.parametrize("word", ["Harper", HARPER])
def test_premade_voices_cannot_be_deleted(eleven, changes, word):
    result = eleven("voices", "delete", word, "--yes")
    assert (result.code, changes()) == (1, [])
    assert result.error == "error: Harper is a premade voice, which cannot be deleted"


@pytest.mark.parametrize("word", ["Nobody", OTHER])
def test_a_voice_that_there_is_not(eleven, service, changes, word):
    service.on(f"/v1/voices/{OTHER}", GONE)
    for command in (["delete", "--yes"], ["edit", "--name", "X"], ["settings"]):
        result = eleven("voices", command[0], word, *command[1:])
        assert (result.code, result.hint) == (4, "hint: see your voices: eleven voices")
    assert changes() == []


def test_a_deleted_voice_is_known_no_more(eleven, account, service):
    eleven("voices")
    eleven("voices", "delete", "Robin", "--yes")
    account(voice(HARPER, "Harper", category="premade"))
    service.requests.clear()
    assert eleven("tts", "hi", "-v", "robin").code == 4
    assert [request.path for request in service.requests] == ["/v2/voices"]


@pytest.fixture
def without_choice(monkeypatch):
    for name in ("ELEVENLABS_VOICE_ID", "ELEVEN_VOICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("without_choice")
def test_the_voice_that_speaks_without_a_choice_is_told_of_and_forgotten(eleven, account, service):
    assert eleven("tts", "hi").code == 0
    result = eleven("voices", "delete", "Robin", "--yes")
    assert result.err == "commands without --voice use Robin; after this they take the next voice\n"
    account(voice(OTHER, "Next"))
    assert eleven("tts", "hi").code == 0
    assert service.requests[-1].path == f"/v1/text-to-speech/{OTHER}/stream"


@pytest.mark.usefixtures("without_choice")
@pytest.mark.parametrize("value", ["Robin", "rob", ROBIN])
def test_a_voice_of_the_settings_is_told_of(eleven, value):
    eleven("config", "set", "voice", value)
    said = eleven("voices", "delete", "Robin", "--yes").err
    assert said.startswith("warning: the top level in /")
    assert said.endswith("config.toml names Robin as the voice: eleven config unset voice\n")


def test_a_voice_of_the_environment_is_told_of(eleven, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_VOICE_ID", ROBIN)
    said = eleven("voices", "delete", "Robin", "--yes").err
    named = "the environment (ELEVENLABS_VOICE_ID) names Robin as the voice"
    assert said == f"warning: {named}: unset ELEVENLABS_VOICE_ID\n"


def test_a_new_name_in_the_environment_is_its_id(eleven, monkeypatch):
    monkeypatch.setenv("ELEVENLABS_VOICE_ID", "Robin")
    said = eleven("voices", "edit", "Robin", "--name", "Rob").err
    assert said.endswith(f"names Robin as the voice: export ELEVENLABS_VOICE_ID={ROBIN}\n")


@pytest.mark.parametrize("command", ["show", "preview", "edit", "settings", "delete"])
def test_an_empty_name_is_told_what_there_is(eleven, command):
    result = eleven("voices", command, " ", *{"edit": ["--name", "x"], "delete": ["--yes"]}.get(command, []))
    assert (result.code, result.hint) == (2, "hint: see your voices: eleven voices")


@pytest.mark.usefixtures("without_choice")
def test_a_voice_of_a_profile_is_told_of(eleven, service):
    eleven("config", "set", "base_url", service.url)
    eleven("--profile", "at work", "config", "set", "voice", "Robin")
    said = eleven("voices", "delete", "Robin", "--yes", "--profile", "at work").err
    assert said.startswith("warning: profile at work in /")
    assert said.endswith("names Robin as the voice: eleven --profile 'at work' config unset voice\n")


def test_a_refusal_forgets_nothing(eleven, service):
    eleven("voices")
    path = f"/v1/voices/{ROBIN}"
    service.on(path, json_reply(voice(ROBIN, "Robin")), error_reply(403, "voice_access_denied", "Not yours."))
    assert eleven("voices", "delete", "Robin", "--yes").code == 3
    assert eleven("tts", "hi", "-v", "robin").code == 0
