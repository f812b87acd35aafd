"""CallAudio: both directions of a call on one clock."""

from collections.abc import Iterator
from typing import Any, Protocol, Self

from eleven_cli.audio.call.call_options import NO_DEVICE_HINT, CallAudioOptions, check
from eleven_cli.audio.call.echo import canceller_rate, echo_control, preload
from eleven_cli.audio.call.recorder import Recorder
from eleven_cli.audio.call.wav_input import WavInput
from eleven_cli.audio.call.wav_output import WavOutput
from eleven_cli.audio.devices.microphone import Microphone
from eleven_cli.audio.devices.portaudio import prefer_low_latency
from eleven_cli.audio.devices.speaker import Speaker
from eleven_cli.audio.formats import Format
from eleven_cli.audio.pcm import SILENCE_DB, Reframer, bytes_of, frame_bytes, from_ulaw, level_db, to_ulaw
from eleven_cli.audio.resample import Resampler
from eleven_cli.audio.sinks import Sink
from eleven_cli.errors import ExitStack, UsageError

__all__ = ["SPOKEN_CODECS", "CallAudio", "CallAudioOptions", "check"]

SPOKEN_CODECS = ("pcm", "ulaw")
HOUR_BYTES = bytes_of(3600, 48_000)  # audio arrives faster than it is played, and writing must not wait


class AudioInput(Protocol):
    """Where the agent hears the user: Microphone or WavInput."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...

    @property
    def latency_s(self) -> float: ...


class AudioOutput(Sink, Protocol):
    """Where the agent's voice goes: Speaker or WavOutput."""

    def start(self) -> None: ...

    def clear(self) -> None: ...

    def played(self) -> bytes: ...

    @property
    def device_rate(self) -> int: ...

    @property
    def latency_s(self) -> float: ...

    @property
    def pending_s(self) -> float: ...


class CallAudio:
    """Both directions of a call: `frames()` is what the agent hears, `play()` what it says.

    `hears` and `speaks` are pcm or ulaw of any rate. Leaving it without `finish()` silences it immediately. Raises
    AudioError for devices (also in `frames`, `play` and `finish`, when one is gone), UsageError for files and formats.

    muted            whether the agent hears silence
    input_level_db   of the last frame, as the microphone gave it; `output_level_db` of what was played meanwhile
    zeros_s          how long a real microphone has given nothing but digital zeros from its start; 0 once it has not
    """

    def __init__(self, options: CallAudioOptions, hears: Format, speaks: Format) -> None:
        for fmt in (hears, speaks):
            if fmt.codec not in SPOKEN_CODECS:
                raise UsageError(f"the agent uses an unsupported audio format: {fmt}")
        self._options, self._hears, self._speaks = options, hears, speaks
        self._rate = hears.rate if options.echo_kind != "aec" else canceller_rate(hears.rate)
        self._open = ExitStack()
        self.muted = False
        self.input_level_db = self.output_level_db = SILENCE_DB

    def __enter__(self) -> Self:
        prefer_low_latency()
        if self._options.echo_kind == "aec":
            preload()
        with ExitStack() as opening:
            self._input = opening.enter_context(self._source())
            self._output = opening.enter_context(self._outlet())
            self._output.start()
            self._recorder = opening.enter_context(self._recording()) if self._options.record else None
            self._echo = echo_control(
                self._options.echo_kind,
                rate=self._rate,
                played_rate=self._output.device_rate,
                delay_s=self._output.latency_s + self._input.latency_s,
            )
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()
        self._open.__exit__(*exc)

    def frames(self) -> Iterator[bytes]:
        """Iterate over 20 ms frames for the agent, in `hears`, in real time, until `close()`."""
        resampler, reframer = Resampler(self._rate, self._hears.rate), Reframer(frame_bytes(self._hears.rate))
        self._output.played()  # of the time before
        for frame in self._input:
            for piece in reframer.feed(resampler.feed(self._heard(frame))):
                yield to_ulaw(piece) if self._hears.codec == "ulaw" else piece

    def play(self, data: bytes) -> None:
        """Play the agent's voice, in `speaks`, without waiting."""
        self._output.write(from_ulaw(data) if self._speaks.codec == "ulaw" else data)

    def interrupt(self) -> None:
        """Drop what was not played yet."""
        self._output.clear()

    def finish(self) -> None:
        """Wait until everything has been played. Nothing can be played afterwards."""
        self._output.finish()

    def close(self) -> None:
        """End `frames()`, from any thread."""
        self._input.close()

    @property
    def pending_s(self) -> float:
        """Seconds of audio that are not played yet."""
        return self._output.pending_s

    @property
    def agent_audible(self) -> bool:
        return self.pending_s > 0

    @property
    def zeros_s(self) -> float:
        return self._input.zeros_s if isinstance(self._input, Microphone) else 0.0

    @property
    def input_done(self) -> bool:
        """Whether the file of `--input` has been spoken to its end."""
        return isinstance(self._input, WavInput) and self._input.exhausted.is_set()

    def hold_input(self, held: bool) -> None:
        """Pause or resume the file of `--input`; without one do nothing."""
        if isinstance(self._input, WavInput):
            self._input.held = held

    def _heard(self, frame: bytes) -> bytes:
        """Remove the echo of what was played meanwhile from a frame of the microphone."""
        played = self._output.played()
        self.input_level_db, self.output_level_db = level_db(frame), level_db(played)
        self._echo.played(played)
        clean = self._echo.clean(frame)  # also while muted: a canceller must not unlearn
        clean = bytes(len(clean)) if self.muted else clean
        if self._recorder:
            self._recorder.add(clean, played)
        return clean

    def _source(self) -> AudioInput:
        if not self._options.input:
            return Microphone(self._rate, self._options.mic, hint=NO_DEVICE_HINT)
        stream = self._options.stdin if self._options.input == "-" else None
        return WavInput(stream or self._options.input, self._rate)

    def _recording(self) -> Recorder:
        return Recorder(str(self._options.record), user_rate=self._rate, agent_rate=self._output.device_rate)

    def _outlet(self) -> AudioOutput:
        if self._options.output:
            return WavOutput(self._options.output, self._speaks.rate)
        return Speaker(self._speaks.rate, self._options.speaker, buffer_bytes=HOUR_BYTES, hint=NO_DEVICE_HINT)
