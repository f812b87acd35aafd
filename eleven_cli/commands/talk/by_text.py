"""A conversation by text: lines in, lines out."""

from collections import deque

from eleven_cli.commands.talk.session import Session
from eleven_cli.commands.talk.turns import Turns


def converse_by_text(session: Session) -> None:
    """Send the lines of stdin: typed ones at once, those of a pipe each when the agent has finished its turn.

    Ends when the agent hangs up, or when stdin has ended and the agent is done.
    """
    at_once = session.terminal.stdin_is_terminal
    waiting: deque[str] = deque()
    turns: Turns | None = None
    with session.terminal.lines() as lines:
        for event in session.events():
            now = session.clock()
            waiting.extend(line for line in lines.poll() if line.strip())
            if session.conversation.started is None:
                continue
            turns = turns or Turns(now)
            if event is not None:
                turns.take_note(event, now)
            free = turns.may_speak(now, busy=session.tools.open_calls > 0)
            if waiting and (at_once or free):
                session.say(waiting.popleft())
                turns.spoke(now)
            elif not waiting and lines.ended and free:
                session.hang_up("the input has ended")
