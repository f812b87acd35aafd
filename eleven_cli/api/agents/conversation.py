"""A conversation with an agent: iterate over its events; send from any thread."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from eleven_cli import __version__
from eleven_cli.api.agents import messages
from eleven_cli.api.agents.addresses import public_url, signed_url
from eleven_cli.api.agents.events import Audio, ErrorEvent, Event, Ping, QueueStatus, Started
from eleven_cli.api.agents.interruptions import InterruptionFilter
from eleven_cli.api.client import Client
from eleven_cli.api.error_mapping import error_class_for
from eleven_cli.api.sockets.socket import ABNORMAL, NORMAL, AwakeClock, Close, Socket
from eleven_cli.errors import AuthError, ElevenError, LimitError, NetworkError, NotFound

START_TIMEOUT_S = 15.0
PING_GAP_S = 30.0
TICK_S = 0.05
QUEUE_TIMED_OUT = 4300
CONTRACT_BROKEN = 1008
REFUSALS = (3000, CONTRACT_BROKEN)
NOT_THERE = ("no agent", "not exist", "not found", "unknown agent")
OVERRIDE_REFUSED = "override_error"
NO_AGENT_HINT = "see your agents on the website; they belong to the region of the key"
NO_KEY_HINT = "a private agent needs a key: eleven auth login"
USER_ENDED = "User ended conversation"


class Conversation:
    """One conversation with an agent: a private one where the client has a key, else a public one. Entering the `with`
    calls it, leaving the `with` hangs up.

    Iterating gives every event, and None about every 50 ms while there is none. Pings are answered immediately; audio
    that an interruption has invalidated is dropped. The iteration ends when the conversation has; then `end` says how,
    and `failure` whether it was a failure. Raises NetworkError for a connection that is dead.

    override   `conversation_config_override` as the API nests it, such as {"agent": {"language": "it"}}
    variables  the agent's dynamic variables
    started    its first event, None before it came
    failed     the error that the server reported, None without one
    """

    def __init__(
        self,
        client: Client,
        agent_id: str,
        *,
        override: Mapping[str, Any] = {},
        variables: Mapping[str, str] = {},
        user_id: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._client, self._agent_id, self._clock = client, agent_id, clock or AwakeClock()
        self._initiation = messages.initiation(
            override=dict(override), variables=dict(variables), user_id=user_id, version=__version__
        )
        self._connected: Socket | None = None
        self._interruptions = InterruptionFilter()
        self._last_ping: float | None = None
        self.started: Started | None = None
        self.failed: ErrorEvent | None = None

    def __enter__(self) -> Self:
        """Raises what the service or the agent refuses with, and NetworkError where it cannot be reached."""
        self._connected = self._called()
        self._waiting_since = self._clock()
        self._socket.send(self._initiation)
        return self

    def __exit__(self, *exc: object) -> None:
        self.hang_up()
        self._socket.__exit__(*exc)

    def _called(self) -> Socket:
        client = self._client
        try:
            if client.has_key:
                return client.socket(signed_url(client, self._agent_id))
            return client.socket(public_url(client.base_url, self._agent_id))
        except AuthError as refused:
            refused.hint = refused.hint if client.has_key else NO_KEY_HINT
            raise
        except NotFound as unknown:
            unknown.hint = unknown.hint or NO_AGENT_HINT
            raise

    @property
    def _socket(self) -> Socket:
        if self._connected is None:
            raise RuntimeError("a Conversation is begun by its `with`")
        return self._connected

    def __iter__(self) -> Iterator[Event | None]:
        for message in self._socket.messages(TICK_S):
            if message is None:
                self._check_that_it_lives()
                yield None
                continue
            event = messages.decode(message)
            self._observe(event)
            if not (isinstance(event, Audio) and self._interruptions.should_drop(event, self._clock())):
                yield event

    # to the agent, from any thread

    def send_audio(self, data: bytes) -> None:
        """Sends the user's voice, in the format that `started` names."""
        self._socket.send(messages.user_audio(data))

    def send_text(self, text: str) -> None:
        """Sends a turn of the user as text."""
        self._interruptions.user_wrote()
        self._socket.send(messages.user_message(text))

    def typing(self) -> None:
        """Tells the agent that the user is typing, so that it waits a little."""
        self._socket.send(messages.user_activity())

    def answer_tool(self, call_id: str, result: str, *, is_error: bool = False) -> None:
        """Sends the result of a client tool, after ToolCalled."""
        self._socket.send(messages.tool_result(call_id, result, is_error=is_error))

    def answer_approval(self, call_id: str, *, is_approved: bool) -> None:
        """Allows or refuses a tool of an MCP server, after McpToolCalled(state="awaiting_approval")."""
        self._socket.send(messages.mcp_approval(call_id, is_approved=is_approved))

    def interrupt(self) -> None:
        """Drops the rest of the turn that is being spoken."""
        self._interruptions.drop_turn()

    def hang_up(self) -> None:
        """Ends the conversation, and with it the iteration."""
        self._socket.close(NORMAL, USER_ENDED)

    @property
    def is_called(self) -> bool:
        """Whether there was a connection to the agent."""
        return self._connected is not None

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self._connected is not None and self._connected.closed is None

    @property
    def conversation_id(self) -> str | None:
        """The service's name for it; None where it did not begin."""
        return None if self.started is None else self.started.conversation_id

    @property
    def end(self) -> Close:
        """How it ended; a lost connection unless a close was received or sent."""
        return (self._connected and self._connected.closed) or Close(ABNORMAL)

    @property
    def failure(self) -> ElevenError | None:
        """What went wrong in a conversation that has ended; None when nothing did."""
        if self._connected is None:
            return None
        failure = failure_of(self.end, self.failed)
        if failure is None and self.started is None and not self.end.by_us:
            return ElevenError("the agent hung up before the conversation began", code="not_started")
        return failure

    def _observe(self, event: Event) -> None:
        self._interruptions.observe(event, self._clock())
        match event:
            case Ping(event_id=event_id):
                self._last_ping = self._waiting_since = self._clock()
                self._socket.send(messages.pong(event_id))
            case Started():
                self.started = self.started or event
            case ErrorEvent():
                self.failed = event
            case QueueStatus(status="timed_out"):
                self.failed = ErrorEvent(QUEUE_TIMED_OUT, "no line to the agent became free", "queue_timed_out")
            case QueueStatus():
                self._waiting_since = self._clock()

    def _check_that_it_lives(self) -> None:
        now = self._clock()
        if self.started is None and now - self._waiting_since > START_TIMEOUT_S:
            raise NetworkError(f"the agent did not start within {START_TIMEOUT_S:.0f} s", code="timeout")
        if self._last_ping is not None and now - self._last_ping > PING_GAP_S:
            raise NetworkError(f"the connection is dead: no ping for {PING_GAP_S:.0f} s", code="timeout")


def failure_of(close: Close, failed: ErrorEvent | None) -> ElevenError | None:
    """The error that an end amounts to; None when nothing went wrong: the agent or we hung up, the time was up."""
    if close.by_us or close.code == NORMAL:
        return None
    words = frozenset(filter(None, (failed.error_type, failed.reason) if failed else ()))
    said = _message(close, failed)
    code = (failed.error_type if failed else "") or f"close_{close.code}"
    if close.code == ABNORMAL and failed is None:
        return NetworkError("the connection was lost" + (f": {said}" if said else ""))
    kind = _kind(close, words, said)
    hint = NO_AGENT_HINT if kind is NotFound else _hint(code, said)
    return kind(f"the agent ended the conversation: {end_in_words(close, failed)}", code=code, hint=hint)


def end_in_words(close: Close, failed: ErrorEvent | None) -> str:
    """Describes an end: the server's message, its error type and the close code."""
    message = _message(close, failed)
    marks = [failed.error_type] if failed and failed.error_type else []
    marks += [str(close.code)] if close.code != ABNORMAL else []
    if not message:
        return ", ".join(marks) if len(marks) > 1 else f"code {close.code}"
    return f"{message.rstrip('.')} ({', '.join(marks)})" if marks else message


def refuses_override(close: Close, failed: ErrorEvent | None) -> bool:
    """Tells whether it ended because the agent does not allow an override of the initiation."""
    if failed and failed.error_type:
        return failed.error_type == OVERRIDE_REFUSED
    return close.code == CONTRACT_BROKEN and "override" in _message(close, failed).lower()


def _message(close: Close, failed: ErrorEvent | None) -> str:
    return (failed.message if failed else "") or close.reason


def _kind(close: Close, words: frozenset[str], said: str) -> type[ElevenError]:
    lower = said.lower()
    if close.code == QUEUE_TIMED_OUT or any(word in lower for word in ("quota", "credits", "concurren")):
        return LimitError
    if kind := error_class_for(words):
        return kind
    if close.code in REFUSALS and "agent" in lower and any(word in lower for word in NOT_THERE):
        return NotFound
    if close.code in REFUSALS and any(word in lower for word in ("auth", "signature", "api key", "not allowed to")):
        return AuthError
    return ElevenError


def _hint(code: str, said: str) -> str:
    match code:
        case "override_error":
            return "allow this override in the agent's security settings, or omit the option"
        case "missing_dynamic_variable" | "missing_dynamic_variable_transfer":
            return "give each variable a value: --var NAME=VALUE"
        case "transport_receive_timeout":
            return "the agent heard nothing for a minute; with --text it waits for a line of text"
        case "queue_timed_out":
            return "try again later: the agent has as many conversations as it can"
    return NO_KEY_HINT if "auth" in said.lower() else ""
