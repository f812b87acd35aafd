"""Values that cannot be: refused before the service is asked, with what is allowed and where they came from."""

import json

import pytest

from tests.support.service import error_reply, json_reply

STT, LIVE = "give eleven stt -m scribe_v2 or scribe_v3", "-m scribe_v2_realtime or scribe_v2_realtime_turbo"
TTS = "give eleven tts -m eleven_multilingual_v2; see the models: eleven models"
STS = "give eleven sts -m eleven_multilingual_sts_v2 or eleven_english_sts_v2"
DESIGN = "--model eleven_multilingual_ttv_v2 or eleven_ttv_v3"
DESCRIPTION = "a calm and friendly narrator"


@pytest.mark.parametrize(
    ("command", "model", "said", "hint"),
    [
        (["tts", "hi"], "scribe_v2", "speak: it is for eleven stt", TTS),
        (["tts", "hi", "--dry-run"], "scribe_v2_realtime", "speak: it is for eleven stt", TTS),
        (["tts", "hi"], "eleven_multilingual_sts_v2", "speak: it is for eleven sts", TTS),
        (["tts", "hi"], "eleven_ttv_v3", "speak: it is for eleven voices design", TTS),
        (["tts", "hi"], "eleven_text_to_sound_v2", "speak: it is for eleven sfx", TTS),
        (["tts", "hi"], "music_v1", "speak: it is for eleven api /v1/music", TTS),
        (["stt", "no.wav"], "eleven_v3", "transcribe: it is for eleven tts", STT),
        (["stt", "no.wav"], "music_v2", "transcribe: it is for eleven api /v1/music", STT),
        (["stt", "--live"], "eleven_flash_v2_5", "transcribe: it is for eleven tts", f"give eleven stt --live {LIVE}"),
        (["sts", "no.wav"], "scribe_v2", "change voices: it is for eleven stt", STS),
        (["voices", "design", DESCRIPTION], "eleven_v3", "design voices: it is for eleven tts", DESIGN),
    ],
)
def test_a_model_for_another_command(eleven, service, command, model, said, hint):
    result = eleven(*command, "-m", model)
    assert (result.code, result.error, result.hint) == (
        *(4, f"error: {model} cannot {said}"),
        f"hint: {hint}",
    )
    assert not service.requests


@pytest.mark.parametrize("model", ["eleven_v9", "my_own", "eleven_v3"])
def test_of_models_that_are_not_known_the_service_decides(eleven, service, model, tmp_path):
    service.on_speech(error_reply(404, "model_not_found", "There is no such model."))
    assert eleven("tts", "hi", "-m", model).code == 4
    assert service.requests


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("eleven_flash", "no model eleven_flash is known here. Did you mean eleven_flash_v2_5 or eleven_flash_v2?"),
        ("xyzzy", "no model xyzzy is known here; see the models: eleven models"),
        ("eleven_v4", None),
        ("my_own", None),
    ],
)
def test_a_dry_run_tells_of_a_model_that_is_not_known(eleven, service, model, said):
    service.on("/v1/models", json_reply([{"model_id": "my_own", "name": "Mine"}]))
    eleven("models")
    result = eleven("tts", "hi", "--dry-run", "-m", model)
    assert (result.code, result.err) == (0, f"warning: {said}\n" if said else "")
    assert json.loads(eleven("tts", "hi", "--dry-run", "-m", model, "--json").text).get("warnings") == (
        [said] if said else None
    )


SPEECH_REFUSED = {
    "ELEVENLABS_MODEL_ID": ("model_not_found", "There is no such model."),
    "ELEVENLABS_VOICE_ID": ("voice_not_found", "A voice with that id was not found."),
}


@pytest.mark.parametrize(
    ("variable", "key", "noun", "option"),
    [("ELEVENLABS_MODEL_ID", "model", "model", "-m"), ("ELEVENLABS_VOICE_ID", "voice", "voice", "-v")],
)
@pytest.mark.parametrize("where", ["environment", "file", "profile", "option"])
def test_a_refusal_tells_where_the_setting_came_from(
    eleven, service, monkeypatch, home, variable, key, noun, option, where
):
    service.on_speech(error_reply(404, *SPEECH_REFUSED[variable]))
    file, value = home / ".config" / "eleven" / "config.toml", "abcdefghij9876543210"
    words = {"option": [option, value], "profile": ["--profile", "work"]}.get(where, [])
    monkeypatch.delenv(variable, raising=False)
    if where == "environment":
        monkeypatch.setenv(variable, value)
    elif where != "option":
        file.parent.mkdir(parents=True)
        file.write_text(f'{"[profiles.work]" if where == "profile" else ""}\n{key} = "{value}"\n')
        file.chmod(0o600)
    source = {
        "environment": f"the environment ({variable})",
        "file": f"the top level in {file}",
        "profile": f"profile work in {file}",
    }
    result = eleven(*words, "tts", "hi") if where == "profile" else eleven("tts", "hi", *words)
    assert result.code == 4
    came_from = f"; the {noun} comes from {source[where]}" if where in source else ""
    assert result.error.startswith(f"error: {SPEECH_REFUSED[variable][1].rstrip('.') if came_from else ''}{came_from}")
    assert ("comes from" in result.err) == bool(came_from)


@pytest.mark.parametrize(
    ("variable", "value", "command", "said"),
    [
        ("ELEVENLABS_VOICE_ID", "imogne", ["tts", "hi"], 'no voice is called "imogne"; the voice comes'),
        ("ELEVENLABS_MODEL_ID", "scribe_v2", ["tts", "hi"], "it is for eleven stt; the model comes"),
        (
            "ELEVENLABS_AGENT_ID",
            "Annna",
            ["talk", "--text"],
            'no agent is called "Annna": this account has none; the agent comes',
        ),
        ("ELEVEN_MAX_CREDITS", "1", ["tts", "hi"], "about 2 credits, more than 1; the limit comes"),
    ],
)
def test_so_does_our_own_refusal(eleven, service, monkeypatch, variable, value, command, said):
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    service.on("/v1/convai/agents", json_reply({"agents": [], "has_more": False}))
    monkeypatch.setenv(variable, value)
    assert f"{said} from the environment ({variable})" in eleven(*command).error
    error = json.loads(eleven(*command, "--json").err.splitlines()[-1])["error"]
    assert error["message"].endswith(f"from the environment ({variable})")


def test_a_setting_that_has_no_part_in_a_refusal_is_not_named(eleven, service):
    service.on_speech(error_reply(401, "quota_exceeded", "This request exceeds your quota."))
    assert "comes from" not in eleven("tts", "hi").err


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (["--timeout", "abc"], '--timeout must be a number of seconds from 0.1 to 86,400, not "abc"', "--timeout 60"),
        (["--timeout", "5s"], '--timeout must be a number of seconds from 0.1 to 86,400, not "5s"', "--timeout 60"),
        (["--timeout", "0"], '--timeout must be a number of seconds from 0.1 to 86,400, not "0"', "--timeout 60"),
        (["--timeout", "nan"], '--timeout must be a number of seconds from 0.1 to 86,400, not "nan"', "--timeout 60"),
        (["--retries", "x"], '--retries must be a whole number from 0 to 100, not "x"', "--retries 10"),
        (["--retries=-1"], '--retries must be a whole number from 0 to 100, not "-1"', "--retries 10"),
        (["--retries", "1.5"], '--retries must be a whole number from 0 to 100, not "1.5"', "--retries 10"),
    ],
)
@pytest.mark.parametrize("command", [["models"], ["tts", "hi", "--dry-run"], ["config", "list"]], ids=" ".join)
def test_a_wrong_number_is_refused_before_the_key_is_asked_for(eleven, words, said, hint, command):
    result = eleven(*command, *words)
    assert (result.code, result.err) == (2, f"error: {said}\nhint: {hint}\n")


@pytest.mark.parametrize(
    ("variable", "value", "said", "hint"),
    [
        ("ELEVEN_TIMEOUT", "abc", 'timeout must be a number of seconds from 0.1 to 86,400, not "abc"', "60"),
        ("ELEVEN_RETRIES", "many", 'retries must be a whole number from 0 to 100, not "many"', "10"),
    ],
)
def test_so_is_one_of_the_environment(eleven, monkeypatch, variable, value, said, hint):
    monkeypatch.setenv(variable, value)
    result = eleven("models")
    assert result.err == f"error: the environment ({variable}): {said}\nhint: export {variable}={hint}\n"
    assert result.code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["talk", "--max-duration", "5min"], '--max-duration must be a number of seconds, 1 or more, not "5min"'),
        (["sfx", "rain", "--duration", "2s"], '--duration must be a number of seconds from 0.5 to 30, not "2s"'),
        (["stt", "--live", "--min-speech-ms", "1s"], "--min-speech-ms must be a whole number of milliseconds from 50"),
        (["stt", "--live", "--silence", "x"], "--silence must be a number of seconds from 0.3 to 3"),
        (["sandbox", "--latency", "x"], "--latency must be a whole number of milliseconds from 0"),
        (["tts", "hi", "--stability", "high"], '--stability must be a number from 0 to 1, not "high"'),
    ],
)
def test_what_is_allowed_has_its_unit(eleven, words, said):
    result = eleven(*words)
    assert (result.code, result.error[: len(said) + 7]) == (2, f"error: {said}")


@pytest.mark.parametrize(
    ("environ", "file", "words", "source"),
    [
        ({"ELEVENLABS_BASE_URL": "http://127.0.0.1:9"}, "", [], "the environment (ELEVENLABS_BASE_URL)"),
        ({}, 'base_url = "http://127.0.0.1:9"', [], "the top level in {file}"),
        ({"HTTPS_PROXY": "http://127.0.0.1:9"}, 'base_url = "https://example.invalid"', [], None),
        ({}, "", ["--base-url", "http://127.0.0.1:9"], None),
    ],
)
def test_a_server_that_is_not_there_has_its_origin(eleven, monkeypatch, home, environ, file, words, source):
    settings = home / ".config" / "eleven" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"{file}\n")
    settings.chmod(0o600)
    for name, value in {"ELEVENLABS_API_KEY": "sk_0123456789abcdef", "ELEVEN_RETRIES": "0", **environ}.items():
        monkeypatch.setenv(name, value)
    result = eleven("models", *words)
    assert result.code == 6
    came_from = f"; the address comes from {source.format(file=settings)}" if source else ""
    assert result.error.endswith(f": Connection refused{came_from}")
