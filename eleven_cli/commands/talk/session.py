"""What conversations by voice and by text have in common."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from eleven_cli.api.agents.conversation import Conversation
from eleven_cli.api.agents.events import (
    AgentPart,
    AgentSaid,
    Audio,
    ErrorEvent,
    Event,
    Ping,
    QueueStatus,
    UnreadableEvent,
)
from eleven_cli.api.agents.tool_events import McpToolCalled, ToolCalled
from eleven_cli.commands.talk.approvals import Approvals
from eleven_cli.commands.talk.tools import Tools
from eleven_cli.commands.talk.transcript import Transcript
from eleven_cli.terminal import Terminal


@dataclass
class CallSession:
    """One conversation with its transcript, tools and approvals.

    deadline       when to hang up, by `clock`; None for never
    why            why we hung up, in words; "" while we have not
    interrupted    whether Ctrl+C was pressed
    anything_said  whether either side has said something
    latencies_ms   of the connection, as the service measured them; answers_ms from a line to the first word after it
    approvals      of tools that the agent may use only with the user's approval
    """

    terminal: Terminal
    conversation: Conversation
    transcript: Transcript
    tools: Tools
    show_latency: bool
    deadline: float | None = None
    clock: Callable[[], float] = time.monotonic
    why: str = ""
    interrupted: bool = False
    anything_said: bool = False
    latencies_ms: list[float] = field(default_factory=list)
    answers_ms: list[float] = field(default_factory=list)
    _wrote_at: float | None = None
    _said_once: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.approvals = Approvals(
            self.terminal, lambda call, approved: self.conversation.answer_approval(call, is_approved=approved)
        )

    def events(self) -> Iterator[Event | None]:
        """Gives every event after the common handling of it; None about every 50 ms while there is none."""
        for event in self.conversation:
            if event is not None:
                self._do(event)
            yield event
            self.has_had_enough()

    def max_duration(self, seconds: float | None) -> None:
        """Sets the deadline to so many seconds from now."""
        self.deadline = None if seconds is None else self.clock() + seconds

    def has_had_enough(self) -> bool:
        """Tells whether this side has ended the call; hangs up at the deadline.

        Raises OutputClosed if the reader of stdout has gone.
        """
        self.terminal.refuse_lost_stdout()
        if self.deadline is not None and self.clock() >= self.deadline:
            self.hang_up("the --max-duration was reached")
        return bool(self.why)

    def hang_up(self, why: str) -> None:
        self.why = self.why or why
        self.conversation.hang_up()

    def send_text(self, text: str) -> None:
        self.anything_said = True
        self.transcript.typed(text)
        self._wrote_at = self.clock()
        self.conversation.send_text(text)

    def warn_once(self, warning: str) -> None:
        if warning not in self._said_once:
            self._said_once.add(warning)
            self.terminal.warn(warning)

    def _measure_answer(self) -> None:
        if self._wrote_at is not None:
            self.answers_ms.append((self.clock() - self._wrote_at) * 1000)
            self._wrote_at = None

    def _note_once(self, note: str) -> None:
        if note not in self._said_once:
            self._said_once.add(note)
            self.terminal.note(note)

    def _do(self, event: Event) -> None:
        self.transcript.add(event)
        match event:
            case ToolCalled():
                self.tools.run(event)
            case Ping(ping_ms=float(ping_ms)):
                self.latencies_ms.append(ping_ms)
                self.terminal.trace(f"latency: {ping_ms:.0f} ms")
            case AgentSaid() | AgentPart() | Audio():
                self.anything_said = True
                self._measure_answer()
            case McpToolCalled():
                self.approvals.observe(event)
            case QueueStatus(status="waiting"):
                self._note_once("waiting for a line to the agent")
            case ErrorEvent(message=message) if message:
                self.terminal.trace(f"the agent reports: {message}")
            case UnreadableEvent(text=text):
                self.terminal.trace(f"not understood: {text}")
