"""Describes agents as the API does: briefly in the list, and in full."""

from __future__ import annotations

from typing import Any

from .agent import Agent
from .overrides import override_flags

CREATED_UNIX = 1_775_000_000
START = {"type": "start", "position": {"x": 0.0, "y": 0.0}, "edge_order": []}
ACCESS = {
    "is_creator": True,
    "creator_name": "Sandbox",
    "creator_email": "sandbox@example.com",
    "role": "admin",
    "anonymous_access_level_override": None,
    "access_source": "creator",
}


def agent_summary(agent: Agent) -> dict[str, Any]:
    """Gives the agent's entry in `GET /v1/convai/agents`."""
    return {
        "agent_id": agent.agent_id,
        "name": agent.name,
        "voice_id": agent.voice_id,
        "tags": list(agent.tags),
        "created_at_unix_secs": CREATED_UNIX,
        "access_info": ACCESS,
        "last_call_time_unix_secs": None,
        "archived": False,
    }


def agent_body(agent: Agent) -> dict[str, Any]:
    """Gives the body of `GET /v1/convai/agents/{agent_id}`."""
    return {
        "agent_id": agent.agent_id,
        "name": agent.name,
        "conversation_config": {
            "asr": _hearing(agent),
            "turn": {"turn_timeout": 7.0, "silence_end_call_timeout": -1.0, "mode": "turn"},
            "tts": _voice(agent),
            "conversation": _conversation(agent),
            "language_presets": {},
            "vad": {},
            "agent": _agent(agent),
        },
        "metadata": {"created_at_unix_secs": CREATED_UNIX, "updated_at_unix_secs": CREATED_UNIX},
        "platform_settings": {
            "auth": {"enable_auth": agent.private, "allowlist": [], "shareable_token": None},
            "overrides": {
                "conversation_config_override": override_flags(agent.overrides),
                "custom_llm_extra_body": True,
                "enable_conversation_initiation_client_data_from_webhook": False,
                "enable_starting_workflow_node_id_from_client": False,
                "enable_procedure_ids_from_client": False,
            },
            "workspace_overrides": {"webhooks": _webhooks(agent)},
            "archived": False,
        },
        "phone_numbers": [],
        "whatsapp_accounts": [],
        "workflow": {"nodes": {"start_node": START}, "edges": {}, "prevent_subagent_loops": False},
        "access_info": ACCESS,
        "tags": list(agent.tags),
        "version_id": agent.version_id or None,
        "branch_id": agent.branch_id or None,
        "main_branch_id": None,
        "procedures": {},
    }


def _webhooks(agent: Agent) -> dict[str, Any]:
    webhook_id = agent.webhook.webhook_id if agent.webhook else None
    return {"post_call_webhook_id": webhook_id, "events": [], **agent.after_calls}


def _hearing(agent: Agent) -> dict[str, Any]:
    return {
        "quality": "high",
        "provider": "scribe_realtime",
        "user_input_audio_format": agent.input_format,
        "keywords": [],
    }


def _voice(agent: Agent) -> dict[str, Any]:
    return {
        "model_id": "eleven_flash_v2_5",
        "voice_id": agent.voice_id,
        "supported_voices": [],
        "agent_output_audio_format": agent.output_format,
        "optimize_streaming_latency": 3,
        "stability": agent.stability,
        "speed": agent.speed,
        "similarity_boost": 0.8,
        "pronunciation_dictionary_locators": [],
    }


def _conversation(agent: Agent) -> dict[str, Any]:
    return {
        "text_only": agent.text_only,
        "max_duration_seconds": round(agent.max_duration_s),
        "client_events": list(agent.client_events),
        "file_input": {"enabled": False},
        "monitoring_enabled": False,
        "monitoring_events": [],
    }


def _agent(agent: Agent) -> dict[str, Any]:
    needed = dict.fromkeys(agent.needed_variables(agent.first_message), "")
    return {
        "first_message": agent.first_message,
        "language": agent.language,
        "dynamic_variables": {"dynamic_variable_placeholders": {**needed, **agent.variables}},
        "disable_first_message_interruptions": False,
        "max_conversation_duration_message": "",
        "prompt": {
            "prompt": agent.prompt or "Answers come from patterns; no language model is asked.",
            "llm": "custom-llm",  # of the names that clients know
            "custom_llm": dict(agent.custom_llm) if agent.custom_llm else None,
            "tools": [*map(_client_tool, agent.undescribed_tools), *map(dict, agent.tools)],
            "tool_ids": [],
            "knowledge_base": [],
        },
    }


def _client_tool(name: str) -> dict[str, Any]:
    return {"type": "client", "name": name, "description": "", "response_timeout_secs": 20, "expects_response": True}
