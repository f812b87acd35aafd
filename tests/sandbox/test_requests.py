"""What a request for speech is refused for, and in which order."""

from typing import Any

import pytest

from eleven_cli.sandbox.accounts import account

from .conftest import HARPER, LIBRARY, Api
from .schemas import faults, refused

KINDS = ["", "/stream", "/with-timestamps", "/stream/with-timestamps"]
V2_IDS = ("previous_request_ids", "next_request_ids")


def post(api: Api, body: bytes, **more: Any) -> Any:
    headers = {"content-type": "application/json"}
    return api("POST", f"/v1/text-to-speech/{HARPER}", data=body, headers=headers, **more)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_speech_checks_its_body(api: Api, kind: str) -> None:
    answer = api("POST", f"/v1/text-to-speech/{HARPER}{kind}", json={})
    assert faults(answer) == [(["body", "text"], "missing")]


def test_a_body_that_is_not_json(api: Api) -> None:
    assert faults(post(api, b'{"text": "hello', params={})) == [(["body", 9], "json_invalid")]
    detail = post(api, b"{oops}").json()["detail"][0]
    assert (detail["loc"], detail["msg"], detail["input"]) == (["body", 1], "JSON decode error", {})
    assert detail["ctx"]["error"]
    assert faults(post(api, b'{"text": NaN}'))[0][1] == "json_invalid"
    assert faults(post(api, b"\xff\xfe"))[0][1] == "json_invalid"


def test_a_body_that_is_missing_or_no_object(api: Api) -> None:
    assert faults(post(api, b"")) == [(["body"], "missing")]
    assert faults(post(api, b'["text"]')) == [(["body"], "model_attributes_type")]


@pytest.mark.parametrize(
    ("body", "place", "kind"),
    [
        ({"text": 5}, ["text"], "string_type"),
        ({"text": None}, ["text"], "string_type"),
        ({"text": "\ud800"}, ["text"], "string_unicode"),
        ({"model_id": None}, ["model_id"], "string_type"),
        ({"language_code": 1}, ["language_code"], "string_type"),
        ({"previous_text": []}, ["previous_text"], "string_type"),
        ({"previous_request_ids": "one"}, ["previous_request_ids"], "list_type"),
        ({"next_request_ids": ["a", 2]}, ["next_request_ids", 1], "string_type"),
        ({"seed": "x"}, ["seed"], "int_parsing"),
        ({"seed": 1.5}, ["seed"], "int_from_float"),
        ({"seed": []}, ["seed"], "int_type"),
        ({"use_pvc_as_ivc": "perhaps"}, ["use_pvc_as_ivc"], "bool_parsing"),
        ({"use_pvc_as_ivc": None}, ["use_pvc_as_ivc"], "bool_type"),
        ({"apply_text_normalization": "maybe"}, ["apply_text_normalization"], "literal_error"),
        ({"voice_settings": 3}, ["voice_settings"], "model_attributes_type"),
        ({"voice_settings": {"stability": 3}}, ["voice_settings", "stability"], "less_than_equal"),
        ({"voice_settings": {"similarity_boost": -1}}, ["voice_settings", "similarity_boost"], "greater_than_equal"),
        ({"voice_settings": {"style": "much"}}, ["voice_settings", "style"], "float_parsing"),
        ({"voice_settings": {"speed": {}}}, ["voice_settings", "speed"], "float_type"),
        ({"voice_settings": {"speed": "inf"}}, ["voice_settings", "speed"], "finite_number"),
        ({"voice_settings": {"use_speaker_boost": 7}}, ["voice_settings", "use_speaker_boost"], "bool_type"),
        (
            {"pronunciation_dictionary_locators": [{}]},
            ["pronunciation_dictionary_locators", 0, "pronunciation_dictionary_id"],
            "missing",
        ),
    ],
)
def test_a_fault_names_its_place(api: Api, body: dict[str, Any], place: list[str | int], kind: str) -> None:
    answer = api("POST", f"/v1/text-to-speech/{HARPER}", json={"text": "Hi.", **body})
    assert faults(answer) == [(["body", *place], kind)]


def test_all_faults_are_listed_together_with_their_bounds(api: Api) -> None:
    body = {"voice_settings": {"stability": 3}, "seed": "x"}
    answer = api("POST", f"/v1/text-to-speech/{HARPER}", json=body, params={"enable_logging": "perhaps"})
    places = [place for place, _ in faults(answer)]
    assert sorted(map(str, places)) == sorted(
        map(
            str,
            [["query", "enable_logging"], ["body", "text"], ["body", "seed"], ["body", "voice_settings", "stability"]],
        )
    )
    bound = next(fault for fault in answer.json()["detail"] if fault["type"] == "less_than_equal")
    assert bound["ctx"] == {"le": 1.0}
    assert bound["input"] == 3


def test_null_is_as_good_as_nothing(api: Api) -> None:
    names = ("language_code", "voice_settings", "seed", "previous_text", "next_text", *V2_IDS)
    empty: dict[str, Any] = dict.fromkeys((*names, "pronunciation_dictionary_locators"))
    assert api.speak("Hi.", **empty).status_code == 200
    assert api.speak("Hi.", voice_settings={"stability": None, "speed": None}).status_code == 200
    assert api.speak("Hi.", something_new=1).status_code == 200


def test_the_schema_comes_before_the_key(api_with: Any) -> None:
    wrong = api_with("wrong")
    assert faults(wrong("POST", f"/v1/text-to-speech/{HARPER}", json={}))
    assert faults(wrong.get("/v2/voices", params={"page_size": "x"}))


def test_the_order_of_refusals(api_with: Any) -> None:
    """Each request has all the remaining faults; putting one right shows the next."""
    long = "x" * 10_001
    free, wrong = api_with("free"), api_with("wrong")
    steps: list[tuple[Any, dict[str, Any], tuple[int, str]]] = [
        (wrong, {"model_id": "nope", "text": long, "voice": "nobody"}, (401, "unauthorized")),
        (free, {"model_id": "nope", "text": long, "voice": "nobody"}, (404, "model_not_found")),
        (free, {"text": long, "voice": "nobody"}, (400, "text_too_long")),
        (free, {"text": long[:10_000], "voice": "nobody", "format": "pcm_48000"}, (404, "voice_not_found")),
        (free, {"text": long[:10_000], "voice": LIBRARY, "format": "pcm_48000"}, (402, "paid_plan_required")),
        (free, {"text": long[:10_000], "format": "pcm_48000"}, (403, "subscription_required")),
    ]
    for api, request, (status, code) in steps:
        answer = api.speak(**request)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (status, code)


def test_an_unknown_voice(api: Api) -> None:
    assert "'nope'" in refused(api.speak(voice="nope"), 404, "voice_not_found", param="voice_id")


def test_an_unknown_model(api: Api) -> None:
    assert "'nope'" in refused(api.speak(model_id="nope"), 404, "model_not_found", param="model_id")


def test_a_voice_changer_cannot_speak(api: Api) -> None:
    refused(api.speak(model_id="eleven_english_sts_v2"), 400, "unsupported_model", param="model_id")


@pytest.mark.parametrize(
    "context",
    [
        {"previous_text": "So."},
        {"next_text": "And."},
        {"previous_request_ids": ["a"]},
        {"next_request_ids": ["a"]},
    ],
)
def test_v3_takes_no_context(api: Api, context: dict[str, Any]) -> None:
    for model in ("eleven_v3", "eleven_v3_conversational"):
        message = refused(api.speak(model_id=model, **context), 400, "unsupported_model", param="model_id")
        assert message == f"Providing {next(iter(context))} is not yet supported with the '{model}' model."


def test_context_as_text_is_fine_elsewhere(api: Api) -> None:
    assert api.speak("Hi.", previous_text="So.", next_text="And.").status_code == 200
    assert api.speak("Hi.", model_id="eleven_v3", previous_text="").status_code == 200


def test_latency_optimization(api: Api) -> None:
    def ask(value: str, model: str) -> Any:
        path = f"/v1/text-to-speech/{HARPER}"
        query = {"optimize_streaming_latency": value}
        return api("POST", path, json={"text": "Hi.", "model_id": model}, params=query)

    assert ask("3", "eleven_flash_v2_5").status_code == 200
    refused(ask("3", "eleven_v3"), 400, "unsupported_model", param="model_id")
    refused(ask("5", "eleven_flash_v2_5"), 400, "invalid_parameters", param="optimize_streaming_latency")
    assert faults(ask("fast", "eleven_v3")) == [(["query", "optimize_streaming_latency"], "int_parsing")]


@pytest.mark.parametrize(
    ("model", "language", "fine"),
    [
        ("eleven_flash_v2_5", "de", True),
        ("eleven_flash_v2_5", "DE", True),
        ("eleven_flash_v2_5", "xx", False),
        ("eleven_v3", "fr", True),
        ("eleven_flash_v2", "en", True),
        ("eleven_flash_v2", "de", False),
        ("eleven_multilingual_v2", "de", False),
    ],
)
def test_languages(api: Api, model: str, language: str, fine: bool) -> None:
    answer = api.speak("Hi.", model_id=model, language_code=language)
    if fine:
        assert answer.status_code == 200
    else:
        refused(answer, 400, "invalid_parameters", status="unsupported_language", param="language_code")


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_nothing_to_say(api: Api, text: str) -> None:
    refused(api.speak(text), 400, "empty_text", param="text")


@pytest.mark.parametrize(
    ("model", "most"), [("eleven_v3", 5_000), ("eleven_multilingual_v2", 10_000), ("eleven_flash_v2_5", 40_000)]
)
def test_too_much_to_say(api: Api, model: str, most: int) -> None:
    answer = api.speak("é" * (most + 1), model_id=model)
    message = refused(answer, 400, "text_too_long", status="max_character_limit_exceeded", param="text")
    assert str(most) in message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format", ["mp3", "mp3_44100_129", "", "wav_44101"])
def test_an_unknown_format(api: Api, kind: str, format: str) -> None:
    path = f"/v1/text-to-speech/{HARPER}{kind}"
    answer = api("POST", path, json={"text": "Hi."}, params={"output_format": format or " "})
    refused(answer, 400, "invalid_output_format", param="output_format")


@pytest.mark.parametrize("kind", ["/stream", "/stream/with-timestamps"])
def test_wav_cannot_be_streamed(api: Api, kind: str) -> None:
    refused(api.speak(kind=kind, format="wav_24000"), 400, "invalid_output_format", param="output_format")


def test_seeds(api: Api) -> None:
    assert api.speak("Hi.", seed=2**32 - 1).status_code == 200
    for seed in (-1, 2**32):
        refused(api.speak(seed=seed), 400, "invalid_parameters", param="seed")


@pytest.mark.parametrize("name", V2_IDS)
def test_stitching_takes_ids_of_finished_requests_of_this_account(api: Api, api_with: Any, name: str) -> None:
    ids = [api.speak("Hi.").headers["request-id"] for _ in range(3)]
    ids.append(streamed(api))
    given: dict[str, Any] = {name: ids[1:]}
    assert api.speak("Hi.", **given).status_code == 200
    for given[name] in (["unknown"], ids, [ids[0], "unknown"]):
        refused(api.speak(**given), 400, "invalid_parameters", param=name)
    given[name] = ids[:1]
    refused(api_with("other").speak(**given), 400, "invalid_parameters", param=name)


@pytest.mark.parametrize("name", V2_IDS)
def test_stitching_wants_the_same_model_and_voice(api: Api, name: str) -> None:
    flash, calvin = {"model_id": "eleven_flash_v2_5"}, {"voice": "CaK1KilJWJy9D6GjB7nZ"}
    given = {name: [api.speak("Hi.", **flash).headers["request-id"]]}
    assert api.speak("Hi.", **flash, **given).status_code == 200
    for other in ({}, {**flash, **calvin}, {"model_id": "eleven_flash_v2"}):
        refused(api.speak("Hi.", **other, **given), 400, "invalid_parameters", param=name)


def test_stitching_goes_back_two_hours(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [api.speak("Hi.").headers["request-id"]]
    assert account.STITCHABLE_S == 2 * 60 * 60
    assert api.speak("Hi.", previous_request_ids=ids).status_code == 200
    monkeypatch.setattr(account, "STITCHABLE_S", -1.0)
    refused(api.speak("Hi.", previous_request_ids=ids), 400, "invalid_parameters", param="previous_request_ids")


def test_what_was_not_logged_cannot_be_stitched_to(api: Api) -> None:
    path = f"/v1/text-to-speech/{HARPER}"
    answer = api("POST", path, json={"text": "Hi."}, params={"enable_logging": "false"})
    ids = [answer.headers["request-id"]]
    refused(api.speak("Hi.", previous_request_ids=ids), 400, "invalid_parameters", param="previous_request_ids")


def streamed(api: Api) -> str:
    answer = api.speak("Hi.", kind="/stream")
    assert answer.content
    return answer.headers["request-id"]


def test_a_dictionary_that_there_is_not(api: Api) -> None:
    answer = api.speak(pronunciation_dictionary_locators=[{"pronunciation_dictionary_id": "d1", "version_id": None}])
    place = "pronunciation_dictionary_locators"
    refused(answer, 404, "pronunciation_dictionary_not_found", param=place)
    locators = [{"pronunciation_dictionary_id": "d"}] * 4
    refused(api.speak(pronunciation_dictionary_locators=locators), 400, "invalid_parameters", param=place)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/modelss", "/v1/models/", "/v1/histories", "/v1/voices/a/b/c"])
def test_an_unknown_path(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert answer.headers["x-trace-id"]
    assert answer.headers["x-region"]


HUGE = "9" * 4301


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/v1/text-to-speech/{HARPER}", f'{{"text": "hi", "seed": {HUGE}}}'),
        (f"/v1/text-to-speech/{HARPER}", HUGE),
        (f"/v1/text-to-speech/{HARPER}", f'{{"text": "hi", "voice_settings": {{"stability": {HUGE}}}}}'),
        ("/v1/sound-generation", f'{{"text": "hi", "duration_seconds": {HUGE}}}'),
        ("/v1/workspace/analytics/query/usage-by-product-over-time", f'{{"start_time": {HUGE}, "end_time": 5}}'),
        (f"/v1/text-to-speech/{HARPER}", '{"text": "hi", "seed": 1e999}'),
        (f"/v1/text-to-speech/{HARPER}", f'{{"text": "hi", "seed": {HUGE[:4300]}}}'),
    ],
)
def test_numbers_that_are_too_long(api: Api, path: str, body: str) -> None:
    answer = api("POST", path, data=body)
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v2/voices?page_size=", "/v1/convai/agents?page_size=", "/v1/shared-voices?page="])
def test_long_numbers_of_a_query(api: Api, path: str) -> None:
    assert api.get(path + HUGE).status_code == 422


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/models"), ("GET", f"/v1/text-to-speech/{HARPER}/stream")])
def test_a_wrong_method(api: Api, method: str, path: str) -> None:
    answer = api(method, path)
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})
    assert answer.headers["x-trace-id"]
