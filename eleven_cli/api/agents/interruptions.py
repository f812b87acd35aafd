"""Which of the agent's audio is not to be played any more. Pure: the caller passes the time."""

from eleven_cli.api.agents.events import AgentComplete, AgentSaid, Audio, Event, Interrupted, UserSaid

TURN_GAP_S = 1.0  # audio comes faster than it is played, so that a pause in it parts two turns
GAP_BEFORE_TEXT_S = 4.0  # unless the text of the turn has not come yet


class InterruptionFilter:
    """Drops audio that an interruption has invalidated, and the rest of a turn that the user has cut short.

    Each turn has one text, shortly before or after its first audio. So the first text after `drop_turn` begins another
    turn only if the dropped turn had its text already.
    """

    def __init__(self) -> None:
        self._up_to = -1
        self._newest = -1
        self._drops_turn = self._text_known = self._user_wrote = False
        self._last_sign: float | None = None

    def drop_turn(self) -> None:
        """Drops the rest of the current turn."""
        self._drops_turn = True

    def user_wrote(self) -> None:
        """Notes that the user wrote something, which the agent will answer."""
        self._user_wrote = True

    def observe(self, event: Event, now: float) -> None:
        match event:
            case Interrupted(event_id=event_id):
                self._up_to = max(self._up_to, self._newest if event_id is None else event_id)
                self._next_turn()
            case UserSaid() | AgentComplete():
                self._next_turn()
            case AgentSaid():
                if self._text_known or (self._user_wrote and (event.event_id or 0) > self._newest):
                    self._next_turn()
                self._text_known, self._last_sign = True, now

    def should_drop(self, audio: Audio, now: float) -> bool:
        """Tells whether this audio is not to be played. Call it once for each, in order."""
        if self._last_sign is not None and now - self._last_sign > self._longest_gap_s:
            self._next_turn()
        self._last_sign = now
        drops_turn = self._drops_turn
        if audio.is_final:
            self._next_turn()
        if audio.event_id is None:
            return drops_turn
        self._newest = max(self._newest, audio.event_id)
        return drops_turn or audio.event_id <= self._up_to

    @property
    def _longest_gap_s(self) -> float:
        return TURN_GAP_S if self._text_known else GAP_BEFORE_TEXT_S

    def _next_turn(self) -> None:
        self._drops_turn = self._text_known = self._user_wrote = False
