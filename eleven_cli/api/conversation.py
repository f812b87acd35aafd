"""Conversation: iterate over what an agent does; speak to it from any thread."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from eleven_cli.api import events
from eleven_cli.api.events import AgentSaid, Audio, Event, Failed, Interrupted, Ping, QueueStatus, Started, UserSaid
from eleven_cli.api.failures import of_words
from eleven_cli.api.socket import ABNORMAL, NORMAL, Close, Socket
from eleven_cli.errors import AuthError, ElevenError, LimitError, NetworkError

START_TIMEOUT_S = 15.0
PING_GAP_S = 30.0
TICK_S = 0.05
QUEUE_TIMED_OUT = 4300
REFUSED = 3000
USER_ENDED = "User ended conversation"


class Conversation:
    """One conversation over an open socket. Leaving the `with` hangs up.

    Iterating gives every event, and None about every 50 ms while there is none. Pings are answered at once; audio
    that an interruption has made void is left out. The iteration ends when the conversation has; then `end` says how.

    started   its first event, None before it came
    failed    the error that the agent spoke of, None without one
    """

    def __init__(
        self, socket: Socket, initiation: dict[str, Any], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._socket, self._initiation, self._clock = socket, initiation, clock
        self._void_up_to = -1
        self._newest_audio = -1
        self._hushed = False
        self._last_ping: float | None = None
        self.started: Started | None = None
        self.failed: Failed | None = None

    def __enter__(self) -> "Conversation":
        self._opened_at = self._clock()
        self._socket.send(self._initiation)
        return self

    def __exit__(self, *exc: object) -> None:
        self.hang_up()
        self._socket.__exit__(*exc)

    def __iter__(self) -> Iterator[Event | None]:
        for message in self._socket.messages(TICK_S):
            if message is None:
                self._check_that_it_lives()
                yield None
                continue
            event = events.decode(message)
            self._take_note(event)
            if not (isinstance(event, Audio) and self._is_void(event)):
                yield event

    # to the agent, from any thread

    def hear(self, data: bytes) -> None:
        """The user's voice, in the format that `started` names."""
        self._socket.send(events.user_audio(data))

    def say(self, text: str) -> None:
        """A turn of the user's by text."""
        self._socket.send(events.user_message(text))

    def typing(self) -> None:
        """The user is about to say something: the agent waits a little."""
        self._socket.send(events.user_activity())

    def answer_tool(self, call_id: str, result: str, *, is_error: bool) -> None:
        self._socket.send(events.tool_result(call_id, result, is_error=is_error))

    def hush(self) -> None:
        """Leave out what is still to come of the turn that is being spoken."""
        self._hushed = True

    def hang_up(self) -> None:
        self._socket.close(NORMAL, USER_ENDED)

    @property
    def is_open(self) -> bool:
        return self._socket.closed is None

    @property
    def end(self) -> Close:
        """How it ended; that it was lost, while nobody says otherwise."""
        return self._socket.closed or Close(ABNORMAL)

    def _take_note(self, event: Event) -> None:
        match event:
            case Ping(event_id=event_id):
                self._last_ping = self._clock()
                self._socket.send(events.pong(event_id))
            case Started():
                self.started = event
            case AgentSaid() | UserSaid():
                self._hushed = False  # another turn
            case Interrupted(event_id=event_id):
                self._void_up_to = max(self._void_up_to, self._newest_audio if event_id is None else event_id)
            case Failed():
                self.failed = event
            case QueueStatus(status="timed_out"):
                self.failed = Failed(QUEUE_TIMED_OUT, "no line to the agent became free", "queue_timed_out")

    def _is_void(self, audio: Audio) -> bool:
        if self._hushed:
            return True
        if audio.event_id is None:
            return False
        self._newest_audio = max(self._newest_audio, audio.event_id)
        return audio.event_id <= self._void_up_to

    def _check_that_it_lives(self) -> None:
        now = self._clock()
        if self.started is None and now - self._opened_at > START_TIMEOUT_S:
            raise NetworkError(f"the agent did not begin within {START_TIMEOUT_S:.0f} s", code="timeout")
        if self._last_ping is not None and now - self._last_ping > PING_GAP_S:
            raise NetworkError(f"the connection is dead: no ping for {PING_GAP_S:.0f} s", code="timeout")


def failure_of(close: Close, failed: Failed | None) -> ElevenError | None:
    """The error that an end amounts to; None when nothing went wrong: the agent or we hung up, the time was up."""
    if close.by_us or close.code == NORMAL:
        return None
    words = frozenset(filter(None, (failed.error_type, failed.reason) if failed else ()))
    said = (failed.message if failed else "") or close.reason
    code = (failed.error_type if failed else "") or f"close_{close.code}"
    if close.code == ABNORMAL and failed is None:
        return NetworkError("the connection was lost")
    kind = _kind(close, words, said)
    return kind(f"the agent ended the conversation: {said or f'code {close.code}'}", code=code, hint=_hint(code, said))


def _kind(close: Close, words: frozenset[str], said: str) -> type[ElevenError]:
    lower = said.lower()
    if close.code == QUEUE_TIMED_OUT or any(word in lower for word in ("quota", "credits", "concurren")):
        return LimitError
    if kind := of_words(words):
        return kind
    if close.code in (REFUSED, 1008) and any(
        word in lower for word in ("auth", "signature", "api key", "not allowed to")
    ):
        return AuthError
    return ElevenError


def _hint(code: str, said: str) -> str:
    match code:
        case "override_error":
            return "allow this override in the agent's security settings, or leave the option out"
        case "missing_dynamic_variable" | "missing_dynamic_variable_transfer":
            return "give each variable a value: --var NAME=VALUE"
        case "transport_receive_timeout":
            return "the agent heard nothing for a minute; with --text, that is a line of text"
        case "queue_timed_out":
            return "try again later: all lines to the agent were taken"
    return "a private agent needs a key: eleven auth login" if "auth" in said.lower() else ""
