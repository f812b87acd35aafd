"""Describes conversations as the API does: briefly in the list, and in full."""

from __future__ import annotations

from typing import Any

from .record import FAILED, USER, ConversationRecord, Turn

UNKNOWN = "unknown"  # whether the call was a success is not analysed


def conversation_summary(record: ConversationRecord) -> dict[str, Any]:
    """Gives the conversation's entry in `GET /v1/convai/conversations`."""
    messages = [turn for turn in record.turns if turn.message is not None]
    tools = dict.fromkeys(call["tool_name"] for turn in record.turns for call in turn.tool_calls)
    return {
        "agent_id": record.agent.agent_id,
        "agent_name": record.agent.name,
        "conversation_id": record.conversation_id,
        "start_time_unix_secs": int(record.started),
        "call_duration_secs": record.duration_s,
        "message_count": len(messages),
        "user_message_count": sum(turn.role == USER for turn in messages),
        "agent_message_count": sum(turn.role != USER for turn in messages),
        "status": record.status,
        "termination_reason": record.termination_reason,
        "call_successful": UNKNOWN,
        "transcript_summary": None,
        "call_summary_title": None,
        "main_language": record.agent.language,
        "tool_names": list(tools),
        "direction": None,
        "rating": None,
        "branch_id": record.agent.branch_id or None,
        "version_id": record.agent.version_id or None,
        "tag_ids": [],
    }


def conversation_body(record: ConversationRecord) -> dict[str, Any]:
    """Gives the body of `GET /v1/convai/conversations/{conversation_id}`."""
    return {
        "agent_id": record.agent.agent_id,
        "agent_name": record.agent.name,
        "conversation_id": record.conversation_id,
        "status": record.status,
        "user_id": record.user_id,
        "branch_id": record.agent.branch_id or None,
        "version_id": record.agent.version_id or None,
        "transcript": [_turn(turn) for turn in record.turns],
        "metadata": _metadata(record),
        "analysis": None,
        "conversation_initiation_client_data": {
            "conversation_config_override": {},
            "custom_llm_extra_body": {},
            "dynamic_variables": dict(record.variables),
            "user_id": record.user_id,
        },
        "has_audio": record.has_audio,
        "has_user_audio": record.sound is not None and record.sound.has_user,
        "has_response_audio": record.sound is not None and record.sound.has_agent,
        "has_auxiliary_audio": False,
        "tag_ids": [],
    }


def _metadata(record: ConversationRecord) -> dict[str, Any]:
    error = {"code": record.error_code, "reason": record.termination_reason} if record.status == FAILED else None
    return {
        "start_time_unix_secs": int(record.started),
        "accepted_time_unix_secs": int(record.started),
        "call_duration_secs": record.duration_s,
        "cost": 0,
        "cost_fiat": None,
        "deletion_settings": {},
        "feedback": _feedback(record.feedback),
        "authorization_method": "public",
        "charging": {},
        "termination_reason": record.termination_reason,
        "error": error,
        "main_language": record.agent.language,
        "text_only": record.text_only,
    }


def _feedback(word: str | None) -> dict[str, Any]:
    return {
        "type": None if word is None else "thumbs",
        "overall_score": word,
        "likes": int(word == "like"),
        "dislikes": int(word == "dislike"),
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "role": turn.role,
        "message": turn.message,
        "time_in_call_secs": turn.at_s,
        "interrupted": turn.interrupted,
        "original_message": turn.original_message,
        "tool_calls": turn.tool_calls,
        "tool_results": turn.tool_results,
    }
