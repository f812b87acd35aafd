"""A conversation by text: lines in, lines out."""

from collections import deque

from eleven_cli.api.agents.events import Audio
from eleven_cli.commands.talk.session import CallSession
from eleven_cli.commands.talk.turns import Turns
from eleven_cli.terminal import Terminal
from eleven_cli.text.escapes import without_escapes

SPEAKS = "this agent answers by voice, which is not heard with --text: allow text_only in its security settings"
QUESTION = "you> "
DECISIONS = {"y": True, "yes": True, "n": False, "no": False}


class TextTalk:
    """Sends the lines of stdin: typed ones immediately, those of a pipe each after the agent's turn.

    A conversation ends when the agent hangs up, or when stdin has ended and the agent has finished. Lines that were
    read but not sent by then are kept for the next conversation.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._at_once = terminal.stdin_is_terminal
        self._lines = terminal.lines(QUESTION)
        self._waiting: deque[str] = deque()
        self._turns: Turns | None = None

    def __call__(self, session: CallSession) -> None:
        self._turns = None
        session.approvals.can_ask = self._at_once
        with self._lines:
            for event in session.events():
                now = session.clock()
                self._waiting.extend(line for line in map(_words_of, self._lines.poll()) if line.strip())
                if isinstance(event, Audio):
                    session.warn_once(SPEAKS)
                if session.conversation.started is not None:
                    self._turns = self._turns or Turns(now)
                    if event is not None:
                        self._turns.observe(event, now)
                    self._go_on(session, self._turns, now)

    def _go_on(self, session: CallSession, turns: Turns, now: float) -> None:
        free = turns.may_speak(now, busy=session.tools.open_calls > 0)
        if self._waiting and (self._at_once or free):
            self._take(session, turns, self._waiting.popleft(), now)
        elif not self._waiting and self._lines.ended and free:
            session.hang_up("the input has ended")

    def _take(self, session: CallSession, turns: Turns, line: str, now: float) -> None:
        """Sends a line to the agent, or takes it as the answer to a question about a tool."""
        decision = DECISIONS.get(line.strip().lower()) if session.approvals.question else None
        if decision is not None:
            session.approvals.decide(is_approved=decision)
        else:
            session.send_text(line)
            turns.spoke(now)


def _words_of(line: str) -> str:
    """Removes control characters and escape sequences, such as those of arrow keys and colours."""
    return "".join(char for char in without_escapes(line) if char >= " " or char == "\t")
