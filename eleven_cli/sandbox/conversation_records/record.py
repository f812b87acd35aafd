"""What happens in one conversation, as its transcript will tell it; and the records of one server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any

from ..agents.agent import Agent
from ..http.problems import Problem
from ..state.entropy import now
from ..state.store import Journal, Record
from .sound import CallSound, KeptSound

MAX_RECORDS = 1_000
MAX_SOUND_BYTES = 200_000_000
IN_PROGRESS, DONE, FAILED = "in-progress", "done", "failed"
AGENT, USER = "agent", "user"
_PLAIN = ("conversation_id", "text_only", "user_id", "status", "termination_reason", "error_code", "started")
_OF_AGENT = ("agent_id", "name", "language", "branch_id", "version_id")


@dataclass
class Turn:
    """Something that was said, or a tool that was called or has answered."""

    role: str
    message: str | None
    at_s: int
    interrupted: bool = False
    original_message: str | None = None
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    tool_results: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class ConversationRecord:
    """One conversation, which `note` is told the events of, whether they are sent or not."""

    conversation_id: str
    agent: Agent
    text_only: bool = False
    user_id: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    status: str = IN_PROGRESS
    termination_reason: str = ""
    error_code: int | None = None
    feedback: str | None = None
    sound: CallSound | None = None
    started: float = field(default_factory=now)
    ended_after_s: float | None = None
    _began: float = field(default_factory=monotonic)

    @property
    def elapsed_s(self) -> float:
        return monotonic() - self._began if self.ended_after_s is None else self.ended_after_s

    @property
    def duration_s(self) -> int:
        return round(self.elapsed_s)

    @property
    def has_audio(self) -> bool:
        return self.sound is not None and (self.sound.has_user or self.sound.has_agent)

    def heard(self, text: str) -> None:
        """Adds what the caller said or wrote."""
        self._turn(USER, text)

    def note(self, event: str, payload: Mapping[str, Any]) -> None:
        """Adds what an event of the agent's side tells."""
        if event == "agent_response":
            self._turn(AGENT, payload["agent_response"])
        elif event == "user_transcript":
            self.heard(payload["user_transcript"])
        elif event == "agent_response_correction":
            self._correct(payload["original_agent_response"], payload["corrected_agent_response"])
        elif event == "client_tool_call":
            self.tool_call(payload, "client", payload["parameters"])
        elif event == "agent_tool_response" and payload["tool_type"] == "system":
            self.tool_call(payload, "system", {})

    def tool_call(
        self,
        about: Mapping[str, Any],
        kind: str,
        parameters: Mapping[str, Any],
        details: Mapping[str, Any] | None = None,
        *,
        is_called: bool = True,
    ) -> None:
        """Adds that a tool was called; `details` are those of a request over HTTP."""
        call = {
            "type": kind,
            "request_id": about["tool_call_id"],
            "tool_name": about["tool_name"],
            "params_as_json": json.dumps(parameters),
            "tool_has_been_called": is_called,
        }
        self._turn(AGENT, None).tool_calls.append({**call, **({"tool_details": dict(details)} if details else {})})

    def tool_result(
        self,
        about: Mapping[str, str],
        result: str,
        *,
        is_error: bool,
        kind: str = "client",
        is_called: bool = True,
        latency_s: float = 0.0,
    ) -> None:
        """Adds what a tool has answered."""
        answer = {
            "type": kind,
            "request_id": about["tool_call_id"],
            "tool_name": about["tool_name"],
            "result_value": result,
            "is_error": is_error,
            "tool_has_been_called": is_called,
            "tool_latency_secs": round(latency_s, 3),
        }
        self._turn(AGENT, None).tool_results.append(answer)

    def end(self, reason: str, error_code: int | None = None) -> None:
        """Ends the record; with an `error_code` the conversation has failed."""
        self.status = DONE if error_code is None else FAILED
        self.termination_reason, self.error_code = reason, error_code
        self.ended_after_s = self.elapsed_s

    def _turn(self, role: str, message: str | None) -> Turn:
        self.turns.append(Turn(role, message, int(self.elapsed_s)))
        return self.turns[-1]

    def _correct(self, original: str, corrected: str) -> None:
        for turn in reversed(self.turns):
            if turn.role == AGENT and turn.message == original:
                turn.interrupted, turn.original_message, turn.message = True, original, corrected
                return


class ConversationRecords:
    """The latest conversations of one server, the oldest first. They belong to its agents, as those to no account."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._records = {each: _read(about, sound) for each, about, sound in journal.entries()}

    def add(self, record: ConversationRecord) -> None:
        self._records[record.conversation_id] = record
        self._drop_old_sound()
        self.keep(record)
        while len(self._records) > MAX_RECORDS:
            self.delete(next(iter(self._records)))

    def keep(self, record: ConversationRecord) -> None:
        """Writes down how far it is, unless it was deleted."""
        if self._journal.lasts and record.conversation_id in self._records:
            self._journal.put(record.conversation_id, _written(record))

    def keep_sound(self, record: ConversationRecord) -> None:
        """Writes down what it sounded like; encodes for some milliseconds a minute."""
        if self._journal.lasts and record.sound is not None and record.has_audio:
            sound = record.sound.mp3()
            if record.conversation_id in self._records:
                self._journal.put(record.conversation_id, _written(record), sound)

    def _drop_old_sound(self) -> None:
        """Forgets the sound of the oldest conversations where all together would fill the memory."""
        with_sound = [record for record in self._records.values() if record.sound is not None]
        total = sum(record.sound.size_bytes for record in with_sound if record.sound)
        for record in with_sound:
            if total <= MAX_SOUND_BYTES or record.sound is None:
                return
            total -= record.sound.size_bytes
            record.sound = None

    def all(self) -> list[ConversationRecord]:
        return list(self._records.values())

    def find(self, conversation_id: str) -> ConversationRecord:
        """Gives the conversation with the id. Raises Problem (404) without one."""
        record = self._records.get(conversation_id)
        if record is None:
            message = f"There is no conversation with the id '{conversation_id}'."
            raise Problem(404, "conversation_not_found", message, status="document_not_found")
        return record

    def delete(self, conversation_id: str) -> None:
        """Deletes a conversation. Raises what `find` raises."""
        del self._records[self.find(conversation_id).conversation_id]
        self._journal.delete(conversation_id)


def _written(record: ConversationRecord) -> Record:
    agent = {name: getattr(record.agent, name) for name in _OF_AGENT}
    plain = {name: getattr(record, name) for name in (*_PLAIN, "feedback")}
    turns = [asdict(turn) for turn in record.turns]
    return {
        **plain,
        "variables": dict(record.variables),
        "agent": agent,
        "turns": turns,
        "seconds": record.elapsed_s,
        "has_user": record.sound is not None and record.sound.has_user,
        "has_agent": record.sound is not None and record.sound.has_agent,
    }


def _read(about: Record, sound: bytes) -> ConversationRecord:
    record = ConversationRecord(
        **{name: about[name] for name in _PLAIN},
        agent=Agent(**about["agent"]),
        variables=about["variables"],
        feedback=about.get("feedback"),
        turns=[Turn(**turn) for turn in about["turns"]],
        ended_after_s=about["seconds"],
        sound=KeptSound(sound, has_user=about["has_user"], has_agent=about["has_agent"]) if sound else None,
    )
    if record.status == IN_PROGRESS:  # the server was killed
        record.status, record.termination_reason, record.error_code = FAILED, "The connection was lost.", 1011
    return record
