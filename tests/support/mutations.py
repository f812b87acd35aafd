"""Bodies of the service, and everything that they are with one member replaced by something of another kind."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from eleven_cli.api.json_fields import parsed

ODD: tuple[Any, ...] = (
    None,
    5,
    -1,
    2.5,
    1e308,
    10**200,
    True,
    "x",
    "",
    "\x1b[2J\ud800",
    [],
    [[]],
    [None],
    {},
    {"x": 1},
)
GONE = object()


def mutated(body: Any) -> Iterator[Any]:
    """The body as it is, without each of its members, and with each of them replaced by each odd value."""
    yield body
    for place in _places(body):
        for odd in (GONE, *ODD):
            changed = copy.deepcopy(body)
            parent, key = _parent(changed, place)
            if odd is not GONE:
                parent[key] = odd
            elif isinstance(parent, dict):
                del parent[key]
            yield changed
    yield from ODD


def received(value: Any) -> Any:
    """A value as it arrives."""
    return parsed(json.dumps(value))


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in members:
        yield (key,)
        yield from ((key, *rest) for rest in _places(inside))


def _parent(value: Any, place: tuple[Any, ...]) -> tuple[Any, Any]:
    for key in place[:-1]:
        value = value[key]
    return value, place[-1]


ID, OTHER = "JBFqnCBsd6RMkjVDRZzb", "Xb7hH8MSUJpSbSDYk0k2"
VOICE = {
    "voice_id": ID, "name": "George", "category": "generated", "labels": {"accent": "british", "age": "old"},
    "description": "Warm.", "preview_url": "https://example.com/p.mp3", "available_for_tiers": ["creator"],
    "settings": {"stability": 0.5, "style": None, "use_speaker_boost": True}, "sharing": {"free_users_allowed": True},
    "fine_tuning": {"state": {"m": "fine_tuned"}}, "high_quality_base_model_ids": ["eleven_flash_v2_5"],
    "verified_languages": [{"language": "en", "model_id": "eleven_flash_v2_5"}], "is_owner": True,
    "voice_verification": {"requires_verification": True, "is_verified": False}, "created_at_unix": 1714156800,
}  # fmt: skip
VOICES = {"voices": [VOICE], "has_more": True, "total_count": 2, "next_page_token": "t2"}
SHARED = {
    "voice_id": ID, "public_owner_id": "owner", "name": "Marta", "category": "professional", "description": "Warm.",
    "accent": "british", "age": "old", "gender": "female", "use_case": "news", "descriptive": "calm", "language": "en",
    "verified_languages": [{"language": "en"}], "preview_url": "https://example.com/p.mp3", "rate": 2.0,
    "notice_period": 30, "free_users_allowed": True, "cloned_by_count": 7, "date_unix": 1714156800,
}  # fmt: skip
LIBRARY = {"voices": [SHARED], "has_more": True, "total_count": 2, "last_sort_id": "t2"}
DESIGNED = {
    "previews": [
        {"generated_voice_id": ID, "audio_base_64": "SUQz", "media_type": "audio/mpeg", "duration_secs": 1.5,
         "language": "en"},
    ],
    "text": "Hello.",
}  # fmt: skip
MODELS = [
    {
        "model_id": "eleven_v4", "name": "Eleven v4", "description": "Expressive.", "can_do_text_to_speech": True,
        "can_do_voice_conversion": False, "can_use_style": True, "can_use_speaker_boost": True,
        "token_cost_factor": 1.0, "max_characters_request_subscribed_user": 10000,
        "maximum_text_length_per_request": 10000, "languages": [{"language_id": "en", "name": "English"}],
        "model_rates": {"character_cost_multiplier": 1.0, "cost_discount_multiplier": 1.0}, "concurrency_group": "v4",
    },
]  # fmt: skip
SUBSCRIPTION = {
    "tier": "creator", "status": "active", "character_count": 48213, "character_limit": 121000,
    "max_credit_limit_extension": "unlimited", "current_overage": {"amount": "0", "currency": "usd"},
    "next_character_count_reset_unix": 1796083200, "voice_slots_used": 4, "voice_limit": 30,
    "can_extend_voice_limit": False, "can_use_instant_voice_cloning": True,
}  # fmt: skip
ANALYTICS = {
    "columns": ["timestamp", "credits"], "column_types": ["DateTime", "Float"], "column_units": [None, "credits"],
    "rows": [[1714156800000, 5.0], ["2024-04-27T00:00:00Z", 7]],
}  # fmt: skip
STATISTICS = {"time": [1714156800000], "usage": {"All": [5.0]}}
EFFECTS = {
    "filter_presets": [{"filter_preset_id": "phone", "name": "Phone", "description": "A phone."}],
    "environments": [{"environment_id": "hall", "name": "Hall", "description": "A hall."}],
    "background_noises": [{"background_noise_id": "cafe", "name": "Café", "description": "A café."}],
}
DICTIONARY = {
    "id": ID, "name": "names", "latest_version_id": "v1", "latest_version_rules_num": 2, "description": "Names.",
    "permission_on_resource": "admin", "creation_time_unix": 1714156800, "archived_time_unix": None,
    "rules": [
        {"string_to_replace": "WCAG", "type": "alias", "alias": "W C A G", "case_sensitive": True},
        {"string_to_replace": "tomato", "type": "phoneme", "phoneme": "x", "alphabet": "ipa", "word_boundaries": True},
    ],
}  # fmt: skip
DICTIONARIES = {"pronunciation_dictionaries": [DICTIONARY], "has_more": True, "next_cursor": "t2"}
TRANSCRIPT = {
    "language_code": "eng", "language_probability": 0.9, "text": "Hi there", "transcription_id": "tr_1",
    "audio_duration_secs": 1.5, "channel_index": 0,
    "words": [
        {"text": "Hi", "type": "word", "start": 0.0, "end": 0.5, "speaker_id": "agent", "logprob": -0.1},
        {"text": "there", "type": "word", "start": 0.6, "end": 1.0, "speaker_id": "customer"},
    ],
    "entities": [{"entity_type": "name", "text": "Hi", "start_char": 0, "end_char": 2}],
    "additional_formats": [
        {"requested_format": "html", "file_extension": "html", "content_type": "text/html",
         "is_base64_encoded": False, "content": "<p>Hi</p>"},
    ],
}  # fmt: skip
CHANNELS = {"transcripts": [TRANSCRIPT], "transcription_id": "tr_1", "audio_duration_secs": 1.5}
FORCED = {
    "characters": [{"text": "H", "start": 0.0, "end": 0.1}],
    "words": [{"text": "H", "start": 0.0, "end": 0.1, "loss": 0.1}],
    "loss": 0.1,
}
SIGNED = {"signed_url": "wss://example.com/v1/convai/conversation?agent_id=a&conversation_signature=s"}
ERROR = {
    "detail": {"type": "not_found", "code": "voice_not_found", "status": "voice_not_found", "message": "No.",
               "request_id": "r", "param": None, "data": {"prompt_suggestion": "Sing."}},
}  # fmt: skip
ERRORS = {"detail": [{"loc": ["body", 0], "msg": "Field required", "type": "missing", "ctx": {}}]}
TIMED = {
    "audio_base64": "SUQz",
    "alignment": {
        "characters": ["H"], "character_start_times_seconds": [0.0], "character_end_times_seconds": [0.1],
    },
}  # fmt: skip
SPOKEN = {
    "audio": "SUQz", "isFinal": None, "is_final_audio_for_turn": True, "message": None, "error": None,
    "alignment": {"chars": ["H"], "charStartTimesMs": [0], "charDurationsMs": [100]},
}  # fmt: skip
SPOKEN_BY_DIALOGUE = {
    "audio": "SUQz", "is_final": True, "alignment": {"chars": ["H"], "char_start_times_ms": [0],
                                                     "char_durations_ms": [100]},
}  # fmt: skip
REALTIME = [
    {"message_type": "session_started", "session_id": "s", "config": {"sample_rate": 16000}},
    {"message_type": "partial_transcript", "text": "Hi"},
    {"message_type": "committed_transcript", "text": "Hi"},
    {"message_type": "committed_transcript_with_timestamps", "text": "Hi", "language_code": "en",
     "words": [{"text": "Hi", "type": "word", "start": 0.0, "end": 0.5, "speaker_id": None}]},
    {"message_type": "committed_transcript_entities", "text": "Hi", "entities": [
        {"text": "Hi", "entity_type": "person_name", "start_char": 0, "end_char": 2}]},
    {"message_type": "redacted_transcript", "text": "Hi", "redacted_text": "{NAME}"},
    {"message_type": "edited_transcript", "text": "Hi", "edited_text": "HI"},
    {"message_type": "warning", "warning": "Hm."},
    {"message_type": "auth_error", "error": "No."},
]  # fmt: skip
CALL = [
    {"type": "conversation_initiation_metadata", "conversation_initiation_metadata_event": {
        "conversation_id": "c", "agent_output_audio_format": "pcm_16000", "user_input_audio_format": "pcm_16000"}},
    {"type": "ping", "ping_event": {"event_id": 1, "ping_ms": 20}},
    {"type": "audio", "audio_event": {"audio_base_64": "AAA=", "event_id": 1, "is_final": True}},
    {"type": "user_transcript", "user_transcription_event": {"user_transcript": "Hi", "event_id": 1}},
    {"type": "agent_response", "agent_response_event": {"agent_response": "Hi", "event_id": 1, "response_id": "r"}},
    {"type": "agent_response_correction", "agent_response_correction_event": {
        "original_agent_response": "Hi", "corrected_agent_response": "H", "event_id": 1}},
    {"type": "agent_chat_response_part", "text_response_part": {"text": "H", "type": "delta", "event_id": 1}},
    {"type": "interruption", "interruption_event": {"event_id": 1}},
    {"type": "client_tool_call", "client_tool_call": {
        "tool_name": "t", "tool_call_id": "i", "parameters": {"a": 1}, "event_id": 1, "expects_response": True}},
    {"type": "mcp_tool_call", "mcp_tool_call": {
        "state": "awaiting_approval", "service_id": "s", "tool_call_id": "i", "tool_name": "t", "parameters": {}}},
    {"type": "agent_tool_response", "agent_tool_response": {
        "tool_name": "end_call", "tool_call_id": "i", "tool_type": "system", "is_error": False, "is_called": True}},
    {"type": "vad_score", "vad_score_event": {"vad_score": 0.5}},
    {"type": "context_usage", "context_usage": {"model": "m", "context_tokens": 1, "context_limit_tokens": 2}},
    {"type": "queue_status", "queue_status_event": {"status": "waiting"}},
    {"type": "error", "error_event": {"code": 1008, "message": "No.", "error_type": "value_error", "reason": "r"}},
    {"type": "client_error", "error_event": {"code": 1008, "error_name": "value_error"}},
    {"type": "rich_content", "rich_content": {"rich_content_id": "i", "component": "c"}},
]  # fmt: skip
