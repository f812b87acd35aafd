"""Echo control, so that the agent does not hear itself: WebRTC's canceller, a gate, or nothing.

Each gets what was played, and removes its echo from the frames of the microphone.
"""

import importlib
import importlib.util
import random
from array import array
from typing import Any, Protocol

from eleven_cli.audio.call.gate import Gate
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.audio.pcm import Reframer, is_silent
from eleven_cli.audio.resample import Resampler
from eleven_cli.errors import PackageMissing, UsageError

KINDS = ("auto", "aec", "gate", "off")
OTHERWISE = ", or use --echo gate"
CANCELLER_RATE = 24_000  # for the rates that have no whole number of samples in 10 ms
PARTS_PER_SECOND = 100


class EchoControl(Protocol):
    def played(self, pcm: bytes) -> None:
        """Take what was played since the last call."""

    def clean(self, frame: bytes) -> bytes:
        """Give a frame of the microphone without the echo, of the same length."""


class Off:
    """Changes nothing, for headphones."""

    def played(self, pcm: bytes) -> None:
        pass

    def clean(self, frame: bytes) -> bytes:
        return frame


class Canceller:
    """WebRTC's audio processing from the `livekit` wheel: echo out, noise down, rumble out.

    rate         of the microphone's frames, in Hz: what `canceller_rate` says
    played_rate  of what was played
    delay_s      from `played` to the echo in `clean`, roughly
    """

    def __init__(self, rate: int, played_rate: int, delay_s: float) -> None:
        from eleven_cli.packages import imported

        self._rtc = imported("livekit.rtc", "the echo canceller", otherwise=OTHERWISE)
        self._module = self._rtc.AudioProcessingModule(
            echo_cancellation=True, noise_suppression=True, high_pass_filter=True
        )
        self._module.set_stream_delay_ms(round(delay_s * 1000))
        self._rate, self._reverse_rate = rate, canceller_rate(played_rate)
        self._resampler = Resampler(played_rate, self._reverse_rate)
        self._reframer = Reframer(self._reverse_rate // PARTS_PER_SECOND * SAMPLE_BYTES)
        self._hiss = _hiss(rate // PARTS_PER_SECOND)

    def played(self, pcm: bytes) -> None:
        for part in self._reframer.feed(self._resampler.feed(pcm)):
            self._module.process_reverse_stream(self._frame(part, self._reverse_rate))

    def clean(self, frame: bytes) -> bytes:
        size = self._rate // PARTS_PER_SECOND * SAMPLE_BYTES
        pieces = (frame[at : at + size] for at in range(0, len(frame), size))
        parts = [self._frame(self._hiss if is_silent(piece) else piece, self._rate) for piece in pieces]
        for part in parts:
            self._module.process_stream(part)
        return b"".join(bytes(part.data) for part in parts)

    def _frame(self, part: bytes, rate: int) -> Any:
        return self._rtc.AudioFrame(bytearray(part), rate, 1, len(part) // SAMPLE_BYTES)


def _hiss(samples: int) -> bytes:
    """Give the softest noise there is: after digital silence the noise suppressor lowers the beginning of a voice by
    10 dB."""
    chance = random.Random(0)
    return array("h", (chance.randint(-1, 1) for _ in range(samples))).tobytes()


def canceller_installed() -> bool:
    """Whether livekit is installed; does not import it."""
    return importlib.util.find_spec("livekit") is not None


def canceller_rate(rate: int) -> int:
    """Give the rate at which audio of `rate` Hz is processed."""
    return CANCELLER_RATE if rate % PARTS_PER_SECOND else rate


def chosen_kind(kind: str) -> str:
    """Resolve `--echo kind`. Raises UsageError for an unknown kind, PackageMissing for aec without livekit."""
    if kind not in KINDS:
        raise UsageError(f"unknown echo control: {kind}", hint=f"--echo {'|'.join(KINDS)}")
    if kind == "aec" and not canceller_installed():
        raise _without_canceller()
    return ("aec" if canceller_installed() else "gate") if kind == "auto" else kind


def _without_canceller() -> PackageMissing:
    from eleven_cli.packages import install

    said = "the echo canceller needs livekit, which is not installed"
    return PackageMissing(said, hint=install("livekit") + OTHERWISE)


def preload() -> None:
    """Load the canceller's library, which takes half a second, while the program waits for something else."""
    importlib.import_module("livekit.rtc").AudioProcessingModule(echo_cancellation=True)
    importlib.import_module("numpy")


def echo_control(kind: str, *, rate: int, played_rate: int, delay_s: float) -> EchoControl:
    """Open one of KINDS; Canceller describes the parameters."""
    match chosen_kind(kind):
        case "aec":
            return Canceller(rate, played_rate, delay_s)
        case "gate":
            return Gate()
    return Off()
