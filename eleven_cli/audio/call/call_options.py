"""CallAudioOptions: where the audio of a call comes from and goes to, checked before the call."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import BinaryIO

from eleven_cli.audio.call import echo
from eleven_cli.audio.call.wav_input import opened
from eleven_cli.audio.codecs.wav import read_header
from eleven_cli.audio.devices.listing import devices, find
from eleven_cli.audio.devices.portaudio import installed, not_installed, prefer_low_latency
from eleven_cli.audio.resample import resampler_installed
from eleven_cli.errors import UsageError
from eleven_cli.files.descriptors import is_stdout
from eleven_cli.files.identity import Place, refuse_overlap
from eleven_cli.files.sinks import check_place, refuse_folder
from eleven_cli.packages import install

USUAL_RATE = 16_000  # what most agents hear; the real rate is known only after connecting
WAV_SUFFIXES = (".wav", ".wave")
EXAMPLES = {"--output": "answer.wav", "--record": "call.wav"}
NO_DEVICE_HINT = "eleven talk --text needs no sound device"


@dataclass(frozen=True)
class CallAudioOptions:
    """The options of a call's sound.

    mic, speaker  a device by index or part of its name; None is the default one
    echo          one of echo.KINDS
    input         a WAV to speak instead of the microphone; "-" is `stdin`
    output        a WAV for the agent's voice instead of the speakers
    record        a WAV for both sides
    stdin         the stream behind `input="-"`
    """

    mic: str | None = None
    speaker: str | None = None
    echo: str = "auto"
    input: str | None = None
    output: str | None = None
    record: str | None = None
    stdin: BinaryIO | None = None

    @property
    def echo_kind(self) -> str:
        """One of aec, gate and off: there is no echo where one of the two devices is missing."""
        kind = echo.chosen_kind(self.echo)
        return "off" if self.input or self.output else kind


def check(options: CallAudioOptions) -> None:
    """Check before the call that the devices exist and that the files can be read and written.

    Raises UsageError and AudioError. Starts to load the echo canceller meanwhile.
    """
    _check_contradictions(options)
    if options.echo_kind == "aec":
        threading.Thread(target=_preload, daemon=True).start()
    if options.input not in (None, "-"):
        _check_input(str(options.input))
    if options.output:
        check_place(options.output, option="--output")
    if options.record:
        check_place(options.record, option="--record")
    _check_devices(options)


def _check_contradictions(options: CallAudioOptions) -> None:
    if options.input and options.mic:
        raise UsageError("give either --input or --mic, not both", hint="the file is spoken instead of the microphone")
    if options.output and options.speaker:
        raise UsageError("give either --output or --speaker, not both", hint="--record plays and keeps it")
    for option, file in (("--output", options.output), ("--record", options.record)):
        if file and is_stdout(file):
            raise UsageError("standard output is for the transcript", hint=f"name a file: {option} FILE.wav")
    if options.input == "-" and options.stdin is None:
        raise UsageError("--input - needs audio on standard input", hint="eleven tts hello | eleven talk --input -")
    refuse_overlap([("the recording", _source(options))], {"--output": options.output, "--record": options.record})
    _check_suffix("--output", options.output)
    _check_suffix("--record", options.record)


def _source(options: CallAudioOptions) -> Place:
    with suppress(OSError, AttributeError):  # a stream without a number
        return options.stdin.fileno() if options.input == "-" and options.stdin else options.input
    return None


def _check_suffix(option: str, file: str | None) -> None:
    """Refuse a folder, and a name that promises anything but WAV."""
    refuse_folder(file, option=option, example=EXAMPLES[option])
    suffix = Path(file or "").suffix
    if suffix and suffix.lower() not in WAV_SUFFIXES:
        name = quote(str(Path(file or "").with_suffix(".wav")))
        raise UsageError(f"{option} writes WAV, not {suffix[1:].upper()}: {file}", hint=f"{option} {name}")


def _check_input(path: str) -> None:
    with opened(path) as file:
        if not Path(path).is_file():  # a pipe would lose what is read now
            return
        header = read_header(file, path)
    if header.rate != USUAL_RATE and not resampler_installed():
        converted = f"ffmpeg -i {quote(path)} -ar {USUAL_RATE} {quote(Path(path).stem)}-16k.wav"
        raise UsageError(
            f"resampling {path} from {header.rate} to {USUAL_RATE} Hz needs soxr",
            hint=f"{install('soxr', 'numpy')}, or: {converted}",
        )


def _check_devices(options: CallAudioOptions) -> None:
    if options.input and options.output:
        return
    if not installed():
        raise not_installed(NO_DEVICE_HINT)
    prefer_low_latency()
    there = devices()
    if not options.input:
        find("microphone", options.mic, there, hint=NO_DEVICE_HINT)
    if not options.output:
        find("speaker", options.speaker, there, hint=NO_DEVICE_HINT)


def _preload() -> None:
    with suppress(Exception):  # the part that needs it reports the reason
        echo.preload()
