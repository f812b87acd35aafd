"""Describes an agent to the widget on a web page: how it looks, and what it may be asked for."""

from __future__ import annotations

from typing import Any

LOOK: dict[str, Any] = {
    "variant": "full",
    "placement": "bottom-right",
    "expandable": "never",
    "avatar": {"type": "orb", "color_1": "#2792dc", "color_2": "#9ce6e6"},
    "feedback_mode": "none",
    "bg_color": "#ffffff",
    "text_color": "#000000",
    "btn_color": "#000000",
    "btn_text_color": "#ffffff",
    "border_color": "#e1e1e1",
    "focus_color": "#000000",
    "shareable_page_show_terms": True,
    "show_avatar_when_collapsed": False,
    "disable_banner": False,
    "markdown_link_allowed_hosts": [],
    "markdown_link_include_www": True,
    "markdown_link_allow_http": True,
    "mic_muting_enabled": True,
    "transcript_enabled": True,
    "text_input_enabled": True,
    "conversation_mode_toggle_enabled": False,
    "default_expanded": False,
    "always_expanded": False,
    "dismissible": False,
    "show_agent_status": False,
    "show_conversation_id": True,
    "strip_audio_tags": True,
    "show_resize_button": True,
    "text_contents": {},
    "styles": {},
}
UNSET = (
    "end_feedback", "border_radius", "btn_radius", "action_text", "start_call_text", "end_call_text", "expand_text",
    "listening_text", "speaking_text", "shareable_page_text", "terms_text", "terms_html", "terms_key", "override_link",
    "syntax_highlight_theme",
)  # fmt: skip


def widget_body(agent: dict[str, Any]) -> dict[str, Any]:
    """Gives the body of `GET /v1/convai/agents/{agent_id}/widget`, from all that is known of the agent."""
    config, settings = agent["conversation_config"], agent["platform_settings"]
    chosen = {name: value for name, value in (settings.get("widget") or {}).items() if value is not None}
    look = {**LOOK, **dict.fromkeys(UNSET)}
    may_change = settings["overrides"]["conversation_config_override"].get("conversation", {})
    return {
        "agent_id": agent["agent_id"],
        "widget_config": {
            **{name: chosen.get(name, value) for name, value in look.items()},
            "language": config["agent"]["language"],
            "supported_language_overrides": None,
            "language_presets": {},
            "text_only": config["conversation"]["text_only"],
            "supports_text_only": bool(may_change.get("text_only")),
            "first_message": config["agent"]["first_message"],
            "use_rtc": False,
            "file_input_config": {"enabled": False, "max_files_in_memory": 10, "max_files_per_conversation": 10},
        },
    }
