"""Applies the caller's overrides and dynamic variables to an agent, as far as the agent allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..agents.agent import SYSTEM, Agent, fill
from ..agents.overrides import field_of_wrong_type, overridden_fields, section_of_wrong_type
from ..http.problems import Problem
from ..sockets.json_socket import CLOSE_POLICY
from ..sound.formats import FORMATS
from ..speech.synthesis_spec import SynthesisSpec, voice_spec
from ..state.entropy import now
from ..voices.models import LANGUAGES
from ..voices.voice import Voice
from .events import TEXT_PART, conversation_error, invalid_message


@dataclass(frozen=True)
class SessionConfig:
    """An agent with a caller's overrides and dynamic variables applied; `extra_body` is for its custom model."""

    agent: Agent
    conversation_id: str
    variables: dict[str, object]
    first_message: str
    text_only: bool
    voice: Voice
    locale: str
    speed: float
    stability: float
    max_duration_s: float
    prompt: str
    extra_body: Mapping[str, Any]

    @property
    def events(self) -> tuple[str, ...]:
        return (*self.agent.client_events, *((TEXT_PART,) if self.text_only else ()))

    def synthesis_spec(self, text: str) -> SynthesisSpec:
        """Specifies the agent's voice speaking a text."""
        format = FORMATS[self.agent.output_format]
        return voice_spec(text, self.voice, format, locale=self.locale, speed=self.speed, stability=self.stability)


def configure_session(
    agent: Agent, conversation_id: str, data: dict[str, Any], find_voice: Callable[[str], Voice]
) -> SessionConfig:
    """Configures a session by the caller's initiation message, which was checked, `{}` without one.

    `find_voice` may raise Problem.
    Raises SessionEnd (1008) for an override that is invalid or not allowed, and for missing variables.
    """
    fields = _overrides(agent, data.get("conversation_config_override") or {})
    first_message = str(fields.get("first_message", agent.first_message))
    variables = _variables(data.get("dynamic_variables") or {})
    _check_variables(agent.needed_variables(first_message), variables)
    variables |= {
        f"{SYSTEM}agent_id": agent.agent_id,
        f"{SYSTEM}conversation_id": conversation_id,
        f"{SYSTEM}time_utc": datetime.fromtimestamp(now(), UTC).isoformat(timespec="seconds"),
    }
    voice = _voice(str(fields.get("voice_id", agent.voice_id)), find_voice)
    return SessionConfig(
        agent=agent,
        conversation_id=conversation_id,
        variables=variables,
        first_message=fill(first_message, variables),
        text_only=bool(fields.get("text_only", data.get("text_only") is True or agent.text_only)),
        voice=voice,
        locale=_locale(voice, str(fields.get("language", agent.language))),
        speed=float(fields.get("speed", agent.speed)),
        stability=min(max(float(fields.get("stability", agent.stability)), 0.0), 1.0),
        max_duration_s=float(fields.get("max_duration_seconds", agent.max_duration_s)),
        prompt=fill(str(fields.get("prompt", agent.prompt)), variables),
        extra_body=data.get("custom_llm_extra_body") or {},
    )


def _overrides(agent: Agent, override: dict[str, Any]) -> dict[str, Any]:
    if wrong := section_of_wrong_type(override):
        raise invalid_message(f"The override of '{wrong}' is not an object.", "value_error")
    fields = overridden_fields(override)
    for name in fields:
        if name not in agent.overrides:
            message = f"The agent's settings do not allow an override of '{name}'."
            raise conversation_error(CLOSE_POLICY, message, "override_error", {"field": name})
    if wrong := field_of_wrong_type(fields):
        raise invalid_message(f"The override of '{wrong}' has a value of the wrong type.", "value_error")
    if fields.get("language", agent.language) not in LANGUAGES:
        raise invalid_message(f"The agent does not speak the language '{fields['language']}'.", "value_error")
    return fields


def _voice(voice_id: str, find_voice: Callable[[str], Voice]) -> Voice:
    try:
        return find_voice(voice_id)
    except Problem as unknown:
        raise invalid_message(str(unknown), "value_error") from None


def _variables(values: dict[str, Any]) -> dict[str, object]:
    for name, value in values.items():
        if not isinstance(value, str | int | float | None):
            raise invalid_message(
                f"The dynamic variable '{name}' is neither text, number nor truth value.", "value_error"
            )
    return {name: value for name, value in values.items() if value is not None}


def _check_variables(needed: list[str], given: dict[str, object]) -> None:
    missing = [name for name in needed if name not in given]
    if missing:
        message = f"Dynamic variables are missing: {', '.join(missing)}."
        raise conversation_error(CLOSE_POLICY, message, "missing_dynamic_variable", {"missing": missing})


def _locale(voice: Voice, language: str) -> str:
    return voice.locale if voice.language == language else LANGUAGES[language][1]
