"""Writes a conversation down: as text or JSON lines on stdout, and as JSON lines in a file."""

import json as json_format
import time
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

from eleven_cli.api.agents.events import AgentCorrected, AgentPart, AgentSaid, Event, UserSaid
from eleven_cli.api.agents.messages import as_json
from eleven_cli.errors import ElevenError
from eleven_cli.files.sinks import file_sink, is_failure
from eleven_cli.terminal import Terminal
from eleven_cli.terminal.text import harmless_json


class Transcript:
    """Writes each event as soon as it arrives.

    as_json      writes every event to stdout as a JSON line, instead of the text
    file         gets every event as a JSON line, too; created at the end, if there was an event
    show_typed   prints the user's typed lines, too; on a terminal they are visible already
    """

    def __init__(
        self,
        terminal: Terminal,
        *,
        as_json: bool,
        file: str | None,
        show_typed: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal, self._as_json = terminal, as_json
        self._sink = file_sink(file, is_text=True, option="--transcript", example="call.jsonl") if file else None
        self._has_events = False
        self._show_typed, self._clock = show_typed, clock
        self._part: str | None = None
        self._shown_in_parts = ""
        self._unanswered: deque[str] = deque()  # typed lines that may come back as transcripts

    def __enter__(self) -> "Transcript":
        self._started = self._clock()
        if self._sink is not None:
            self._sink.__enter__()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        try:
            with suppress(ElevenError) if kind else nullcontext():  # of two errors the first tells more
                self._end_the_line()
            if self._sink is not None and self._has_events and not is_failure(error):
                self._sink.finish()
        except ElevenError as failed:
            self._close_file(failed)
            raise
        self._close_file(error)

    def add(self, event: Event) -> None:
        """Writes an event of the conversation."""
        self._log(as_json(event))
        if not self._as_json:
            self._show(event)

    def typed(self, text: str) -> None:
        """Writes a line that the user typed."""
        self._unanswered.append(text)
        self._log({"type": "user_message", "text": text})
        if self._show_typed and not self._as_json:
            self._line(f"User: {text}")

    def _close_file(self, error: BaseException | None) -> None:
        if self._sink is not None:
            self._sink.__exit__(type(error), error, None)

    def _log(self, members: dict[str, Any]) -> None:
        members = {"time": round(self._clock() - self._started, 3), **members}
        if self._as_json:
            self._terminal.json_line(members)
        if self._sink is not None:
            self._has_events = True
            line = harmless_json(json_format.dumps(members, ensure_ascii=False))
            self._sink.write(line.encode("utf-8", "backslashreplace") + b"\n")

    def _show(self, event: Event) -> None:
        match event:
            case AgentPart(part="start"):
                self._end_the_line()
                self._part = ""
            case AgentPart(part="delta", text=text):
                self._terminal.part(text if self._part else f"Agent: {text}")
                self._part = (self._part or "") + text
            case AgentPart(part="stop"):
                self._end_the_line()
            case AgentSaid(agent_response=text):
                self._show_whole(text)
            case AgentCorrected(original_agent_response=original, corrected_agent_response=corrected):
                self._line(f"Agent: {original} -> {corrected}")
            case UserSaid(user_transcript=text) if text and not self._answers_typed(text):
                self._line(f"User: {text}")

    def _show_whole(self, text: str) -> None:
        """Prints a turn, unless its parts have been printed."""
        self._end_the_line()
        if text.strip() != self._shown_in_parts.strip():
            self._line(f"Agent: {text}")
        self._shown_in_parts = ""
        if self._unanswered:
            self._unanswered.popleft()

    def _answers_typed(self, text: str) -> bool:
        """Tells whether a transcript only repeats a typed line, which no other transcript does then."""
        if text not in self._unanswered:
            return False
        self._unanswered[self._unanswered.index(text)] = ""
        return True

    def _line(self, text: str) -> None:
        self._end_the_line()
        self._shown_in_parts = ""
        self._terminal.print(text)

    def _end_the_line(self) -> None:
        """Ends the line of a turn that came in parts."""
        if self._part:
            self._terminal.part("\n")
        if self._part is not None:
            self._shown_in_parts, self._part = self._part, None
