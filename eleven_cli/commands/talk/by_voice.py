"""A conversation by voice: microphone in, speakers out, or files in their place."""

import time
from collections.abc import Callable

from eleven_cli.api.agents.events import Audio, Event, Interrupted, Started
from eleven_cli.audio.call.call_audio import SPOKEN_CODECS, CallAudio, CallAudioOptions
from eleven_cli.audio.devices.microphone import ONLY_ZEROS, ZEROS_TOLERATED_S
from eleven_cli.audio.formats import Format, named
from eleven_cli.commands.output.progress import level_bar, minutes
from eleven_cli.commands.talk.keyboard import Keyboard
from eleven_cli.commands.talk.session import CallSession
from eleven_cli.commands.talk.turns import EchoDetector, Turns
from eleven_cli.errors import ElevenError, ExitStack, UsageError
from eleven_cli.pump import Pump

LEVEL_CELLS = 5
TICK_S = 0.05
TYPING_EVERY_S = 1.0
LAST_FRAMES_S = 0.1  # for what is on its way when we hang up
HEARS_ITSELF = "the agent hears itself: use headphones, or --echo aec, or turn the speakers down"


class VoiceCall:
    """One conversation by voice; its audio is opened when the agent has named its formats."""

    def __init__(self, session: CallSession, setup: CallAudioOptions) -> None:
        self._session, self._setup = session, setup
        self._started_at = session.clock()
        self._echo = EchoDetector()
        self._turns: Turns | None = None
        self._sound: CallAudio | None = None
        self._pump: Pump | None = None
        self._input_over = False
        self._told_of_typing_at: float | None = None

    def run(self) -> None:
        """Converses until either side hangs up. If the agent did, its last words are played to their end."""
        with (
            ExitStack() as opened,
            Keyboard(self._session.terminal, self._keys(), self._typed, self._typing) as keyboard,
        ):
            self._session.approvals.can_ask = keyboard.available
            for event in self._session.events():
                if isinstance(event, Started) and self._sound is None:
                    self._open(event, opened)
                if event is not None:
                    self._do(event)
                self._look_after()
                keyboard.look(self._status())
            if self._sound is not None and not self._session.conversation.end.by_us:
                self._hear_out(self._sound, keyboard)
            if failure := self._session.conversation.failure:
                raise failure  # a recording is to know that it is incomplete

    def _keys(self) -> dict[str, Callable[[], None]]:
        approvals = self._session.approvals
        return {
            "m": self._mute,
            "i": self._interrupt,
            "q": lambda: self._session.hang_up("you hung up"),
            "y": lambda: approvals.decide(is_approved=True),
            "n": lambda: approvals.decide(is_approved=False),
        }

    def _open(self, started: Started, opened: ExitStack) -> None:
        hears, speaks = _format(started.user_input_audio_format), _format(started.agent_output_audio_format)
        self._turns = Turns(self._session.clock())
        self._sound = opened.enter_context(CallAudio(self._setup, hears, speaks))
        self._sound.hold_input(True)  # until the greeting is over
        self._pump = Pump(self._sound.frames(), self._session.conversation.send_audio, done=lambda: None)
        self._pump.start()
        opened.callback(self._pump.join, LAST_FRAMES_S)
        opened.callback(self._sound.close)
        what = {None: "speak", "-": "standard input will be spoken"}.get(
            self._setup.input, f"{self._setup.input} will be spoken"
        )
        self._session.terminal.note(f"connected: {what} (Ctrl+C hangs up)")

    def _hear_out(self, sound: CallAudio, keyboard: Keyboard) -> None:
        """Plays what is left, unless the user or --max-duration ends it."""
        while sound.agent_audible and self._pump is not None and self._pump.is_alive():
            if self._session.has_had_enough():
                return
            keyboard.look(self._status())
            time.sleep(TICK_S)
        sound.finish()

    def _do(self, event: Event) -> None:
        if self._turns is not None:
            self._turns.observe(event, self._session.clock())
        match event:
            case Audio(data=data) if self._sound is not None:
                self._sound.play(data)
            case Interrupted() if self._sound is not None:
                self._sound.interrupt()
        if self._echo.is_echo(event):
            self._session.warn_once(HEARS_ITSELF)

    def _look_after(self) -> None:
        """Checks the audio input between events."""
        if self._sound is None or self._pump is None:
            return
        if not self._pump.is_alive() and self._session.conversation.is_open:
            self._pump.join_or_raise()
        if self._sound.zeros_s >= ZEROS_TOLERATED_S:
            self._session.warn_once(ONLY_ZEROS)
        if self._setup.input:
            self._see_to_the_input(self._sound)

    def _see_to_the_input(self, sound: CallAudio) -> None:
        """Starts the file after the greeting; hangs up when the agent's answer to it has been played."""
        assert self._turns is not None
        now = self._session.clock()
        busy = sound.agent_audible or self._session.tools.open_calls > 0
        if not sound.input_done:
            if self._turns.may_speak(now, busy=busy):
                sound.hold_input(False)
            return
        if not self._input_over:
            self._input_over = True
            self._turns.spoke(now)
        if self._turns.has_answered(now, busy=busy):
            self._session.hang_up("the input was answered")
        elif self._turns.may_speak(now, busy=busy):
            raise ElevenError("the agent did not answer the input", code="no_answer")

    def _mute(self) -> None:
        if self._sound is not None:
            self._sound.muted = not self._sound.muted

    def _interrupt(self) -> None:
        self._session.conversation.interrupt()
        if self._sound is not None:
            self._sound.interrupt()

    def _typed(self, text: str) -> None:
        if not self._session.conversation.is_open:
            self._session.terminal.note("the agent has hung up: this was not sent")
            return
        self._interrupt()
        self._session.send_text(text)

    def _typing(self) -> None:
        """Tells the agent, at most once a second, that the user is typing."""
        now = self._session.clock()
        if self._told_of_typing_at is None or now - self._told_of_typing_at >= TYPING_EVERY_S:
            self._told_of_typing_at = now
            self._session.conversation.typing()

    def _status(self) -> str:
        clock = minutes(self._session.clock() - self._started_at)
        if self._sound is None:
            return f"{clock} · connecting"
        if question := self._session.approvals.question:
            return f"{clock} · {question}"
        you = "muted" if self._sound.muted else f"you {level_bar(self._sound.input_level_db, LEVEL_CELLS)}"
        return f"{clock} · {you} · agent {level_bar(self._sound.output_level_db, LEVEL_CELLS)}"


def _format(word: str) -> Format:
    try:
        fmt = named(word)
    except UsageError:
        fmt = None
    if fmt is None or fmt.codec not in SPOKEN_CODECS:
        raise ElevenError(f"the agent speaks an unsupported audio format: {word}", code="unknown_format")
    return fmt
