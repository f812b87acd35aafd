"""VoidAudio: which of the agent's audio is not to be heard any more. Pure: times are handed in."""

from eleven_cli.api.agents.events import AgentComplete, AgentSaid, Audio, Event, Interrupted, UserSaid

TURN_GAP_S = 1.0  # audio comes faster than it is played, so that a pause in it parts two turns
GAP_BEFORE_TEXT_S = 4.0  # unless the text of the turn has not come yet


class VoidAudio:
    """What an interruption has made void, and the rest of a turn that the user did not want to hear.

    A text comes once a turn, around its first audio: before or after. So the first text after `hush` begins another
    turn only if the one that was silenced had its own already.
    """

    def __init__(self) -> None:
        self._up_to = -1
        self._newest = -1
        self._hushed = self._text_known = self._asked = False
        self._last_sign: float | None = None

    def hush(self) -> None:
        """Leave out what is still to come of the turn that is being spoken."""
        self._hushed = True

    def asked(self) -> None:
        """The user wrote something, and the agent will answer."""
        self._asked = True

    def take_note(self, event: Event, now: float) -> None:
        match event:
            case Interrupted(event_id=event_id):
                self._up_to = max(self._up_to, self._newest if event_id is None else event_id)
                self._next_turn()
            case UserSaid() | AgentComplete():
                self._next_turn()
            case AgentSaid():
                if self._text_known or (self._asked and (event.event_id or 0) > self._newest):
                    self._next_turn()
                self._text_known, self._last_sign = True, now

    def covers(self, audio: Audio, now: float) -> bool:
        """Whether this is not to be heard. To be asked once for each, in order."""
        if self._last_sign is not None and now - self._last_sign > self._longest_gap_s:
            self._next_turn()
        self._last_sign = now
        hushed = self._hushed
        if audio.is_final:
            self._next_turn()
        if audio.event_id is None:
            return hushed
        self._newest = max(self._newest, audio.event_id)
        return hushed or audio.event_id <= self._up_to

    @property
    def _longest_gap_s(self) -> float:
        return TURN_GAP_S if self._text_known else GAP_BEFORE_TEXT_S

    def _next_turn(self) -> None:
        self._hushed = self._text_known = self._asked = False
