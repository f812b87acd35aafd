"""Whose turn it is in a conversation. Pure: the caller passes the time."""

import difflib
import re

from eleven_cli.api.agents.events import AgentComplete, AgentPart, AgentSaid, Audio, Event, UserSaid
from eleven_cli.api.agents.tool_events import ToolAnswered, ToolCalled

GREETING_S = 1.5
QUIET_S = 0.5
ANSWER_S = 60.0
ALIKE = 0.8
WORDS_THAT_COUNT = 4


class Turns:
    """Tells when the agent has finished, so that the next line may be sent.

    An agent that says nothing for 1.5 s has no first message. Its turn is over when its text has come and half a second
    has passed without another event, or when it says so; not while a part is open or a tool is running.
    """

    def __init__(self, now: float) -> None:
        self._since = now
        self._last_sign = now
        self._patience_s = GREETING_S
        self._answered = self._complete = self._in_a_part = False

    def observe(self, event: Event, now: float) -> None:
        """Takes an event of the conversation into account."""
        match event:
            case AgentPart(part=part):
                self._in_a_part = part != "stop"
                self._answered = self._answered or part == "stop"
            case AgentSaid():
                self._answered = True
            case AgentComplete():
                self._complete = True
            case Audio() | ToolCalled() | ToolAnswered():
                self._complete = False
            case _:
                return
        self._patience_s = ANSWER_S
        self._last_sign = now

    def spoke(self, now: float) -> None:
        """Gives the turn to the agent, as the user has said something."""
        self._since = self._last_sign = now
        self._patience_s = ANSWER_S
        self._answered = self._complete = self._in_a_part = False

    def has_answered(self, now: float, *, busy: bool = False) -> bool:
        """Tells whether the agent has spoken and finished; `busy` while it is audible or a tool runs."""
        if busy or self._in_a_part or not self._answered:
            return False
        return self._complete or now - self._last_sign >= QUIET_S

    def may_speak(self, now: float, *, busy: bool = False) -> bool:
        """Tells whether the user may speak: the agent has finished, or is not expected to begin any more."""
        waited_in_vain = not busy and now - self._last_sign >= self._patience_s
        return self.has_answered(now, busy=busy) or waited_in_vain


class EchoDetector:
    """Detects that the agent hears itself: a user transcript that repeats the agent's last turn."""

    def __init__(self) -> None:
        self._sentences: list[list[str]] = []

    def is_echo(self, event: Event) -> bool:
        """Takes an event into account; gives True for a transcript that repeats the agent's last turn."""
        match event:
            case AgentSaid(agent_response=text):
                self._sentences = [_words(sentence) for sentence in re.split(r"[.!?\n]+", text)]
            case UserSaid(user_transcript=text):
                heard = _words(text)
                return len(heard) >= WORDS_THAT_COUNT and any(_alike(heard, said) for said in self._sentences)
        return False


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _alike(heard: list[str], said: list[str]) -> bool:
    return (
        len(said) >= WORDS_THAT_COUNT and difflib.SequenceMatcher(None, "".join(heard), "".join(said)).ratio() >= ALIKE
    )
