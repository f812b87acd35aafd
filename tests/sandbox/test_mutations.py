"""Bodies that are right but for one member: refused or answered, and what was accepted can be shown."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import HARPER, Api

VALUES = (None, True, 0, -1, 10**400, 1e308, "", "x", "9" * 5000, "\ud800", [], [None], [[]], {}, {"x": None})
SETTINGS = {"stability": 0.5, "similarity_boost": 0.5, "style": 0.0, "use_speaker_boost": True, "speed": 1.0}
LOCATOR = {"pronunciation_dictionary_id": "x" * 20, "version_id": "y" * 20}
ALIAS = {"string_to_replace": "Dr", "type": "alias", "alias": "Doctor", "case_sensitive": True, "word_boundaries": True}
PHONEME = {"string_to_replace": "tea", "type": "phoneme", "phoneme": "tiː", "alphabet": "ipa"}
SPEECH = {
    "text": "Hi.", "model_id": "eleven_flash_v2_5", "language_code": "en", "voice_settings": SETTINGS, "seed": 1,
    "pronunciation_dictionary_locators": [], "previous_text": "x", "next_text": "x", "use_pvc_as_ivc": False,
    "apply_text_normalization": "auto", "apply_language_text_normalization": False,
}  # fmt: skip
EFFECTS = {"text": "Hi.", "audio_effects": {"distance": 0.5, "send_level": 0.5, "pan": 0.1}, "previous_request_ids": []}
NOBODY_S = {"text": "Hi.", "pronunciation_dictionary_locators": [LOCATOR], "previous_request_ids": ["x"]}
DIALOGUE = {
    "inputs": [{"text": "Hi.", "voice_id": HARPER}], "model_id": "eleven_v3", "language_code": "en", "seed": 1,
    "settings": {"stability": 0.5}, "pronunciation_dictionary_locators": [], "apply_text_normalization": "auto",
}  # fmt: skip
TEXT = "A kind and gentle voice that reads long stories to the children in the evening, without any haste at all. " * 2
DESIGN = {"voice_description": "A kind old man with a low voice", "text": TEXT, "model_id": "eleven_ttv_v3", "seed": 1,
          "loudness": 0.1, "guidance_scale": 5, "quality": 0.5, "auto_generate_text": False, "should_enhance": False,
          "stream_previews": True, "prompt_strength": 0.5, "reference_audio_base64": "AAAA"}  # fmt: skip
WEBHOOK = {
    "settings": {"auth_type": "hmac", "name": "x", "webhook_url": "http://127.0.0.1:9/", "request_headers": {"a": "b"}}
}
USAGE = {
    "start_time": 1_700_000_000_000, "end_time": 1_700_100_000_000,
    "interval_seconds": 86400, "group_by": ["model"], "time_zone": "UTC",
    "filters": [{"column": "model", "operation": "in", "values": ["x"]}],
}  # fmt: skip
SECTION = {"section_name": "Verse", "positive_local_styles": ["soft"], "negative_local_styles": [], "lines": ["Hello."],
           "duration_ms": 3000, "source_from": None}  # fmt: skip
PLAN = {"positive_global_styles": ["pop"], "negative_global_styles": ["metal"], "sections": [SECTION]}
CHUNKS = {"chunks": [{"text": "[Verse]", "duration_ms": 3000, "positive_styles": ["pop"], "negative_styles": [],
                      "context_adherence": "low", "conditioning_ref": None, "condition_strength": None}]}  # fmt: skip
BODIES = {
    f"/v1/text-to-speech/{HARPER}": SPEECH,
    f"/v1/text-to-speech/{HARPER}/stream": NOBODY_S,
    f"/v1/text-to-speech/{HARPER}/with-timestamps": {**SPEECH, "previous_text": None, "next_text": None},
    f"/v1/text-to-speech/{HARPER}/stream/with-timestamps": EFFECTS,
    "/v1/text-to-dialogue": DIALOGUE,
    "/v1/text-to-voice/design": DESIGN,
    f"/v1/text-to-voice/{HARPER}/remix": DESIGN,
    "/v1/text-to-voice": {"voice_name": "x", "voice_description": "A kind old man with a low voice",
                          "generated_voice_id": "x" * 20, "labels": {"a": "b"}, "played_not_selected_voice_ids": ["x"]},
    "/v1/music/stream": {"prompt": "x", "music_length_ms": 3000, "force_instrumental": True, "lyrics_text": "x"},
    "/v1/music": {"composition_plan": PLAN, "seed": 1, "model_id": "music_v1", "store_for_inpainting": False},
    "/v1/music/plan": {"prompt": "x", "music_length_ms": 3000, "source_composition_plan": CHUNKS,
                       "model_id": "music_v2"},
    "/v1/sound-generation": {"text": "rain", "duration_seconds": 0.5, "prompt_influence": 0.3, "loop": False},
    f"/v1/voices/{HARPER}/settings/edit": SETTINGS,
    "/v1/voices/add/abc/DUeo0A5IHQxXMAwuJ8ZS": {"new_name": "x", "bookmarked": True},
    "/v1/history/download": {"history_item_ids": ["x"], "output_format": "wav"},
    "/v1/pronunciation-dictionaries/add-from-rules": {"name": "x", "description": "x", "rules": [ALIAS, PHONEME],
                                                      "workspace_access": "viewer"},
    "/v1/workspace/webhooks": WEBHOOK,
    "/v1/workspace/analytics/query/usage-by-product-over-time": USAGE,
    "/v1/convai/agents/create": {"name": "x", "tags": ["x"], "platform_settings": {"auth": {"enable_auth": False}},
                                 "conversation_config": {"agent": {"first_message": "x", "language": "en",
                                                                   "prompt": {"prompt": "x", "tools": [], "llm": "x"}},
                                                         "tts": {"voice_id": HARPER}, "turn": {"turn_timeout": 5}}},
}  # fmt: skip
UNKNOWN = (
    f"/v1/text-to-speech/{HARPER}/stream",
    "/v1/text-to-voice",
    f"/v1/text-to-voice/{HARPER}/remix",
    "/v1/voices/add/abc/DUeo0A5IHQxXMAwuJ8ZS",
    "/v1/history/download",
    "/v1/convai/agents/create",
)  # of what is not there
SHOWN = (
    "/v1/user", "/v1/voices", "/v2/voices", "/v1/history", "/v1/pronunciation-dictionaries", "/v1/workspace/webhooks",
    "/v1/convai/agents", "/v1/convai/conversations", "/v1/convai/settings",
)  # fmt: skip


def places(body: Any) -> Iterator[tuple[Any, ...]]:
    """The ways to every member, its own members last."""
    members = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in members:
        yield (name,)
        for deeper in places(value):
            yield (name, *deeper)


def mutated(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The body with another value there."""
    other = within = copy.deepcopy(body)
    for step in place[:-1]:
        within = within[step]
    within[place[-1]] = value
    return other


@pytest.mark.parametrize("path", BODIES)
def test_one_member_of_another_kind(api: Api, path: str) -> None:
    body = BODIES[path]
    assert path in UNKNOWN or api("POST", path, json=body).status_code == 200
    step = 6 if path.endswith("/design") else 3  # three previews each take their time
    for number, place in enumerate(places(body)):
        for value in VALUES[number % step :: step]:
            answer = api("POST", path, json=mutated(body, place, value))
            assert answer.status_code < 500 or answer.status_code == 501, (place, value, answer.text)
            assert "Traceback" not in answer.text, (place, value)
    for shown in SHOWN:
        assert api.get(shown).status_code == 200, shown
