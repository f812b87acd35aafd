"""CallSetup: where the sound of a call comes from and goes to, and whether that can be."""

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from eleven_cli.audio import echo
from eleven_cli.audio.devices import devices, find
from eleven_cli.audio.files import FileSink, file_sink
from eleven_cli.audio.portaudio import installed, prefer_low_latency
from eleven_cli.audio.wav_input import opened
from eleven_cli.audio.wavfile import read_shape
from eleven_cli.errors import AudioError, UsageError

NO_DEVICE_HINT = "eleven talk --text needs no sound device"


@dataclass(frozen=True)
class CallSetup:
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


def check(setup: CallSetup) -> None:
    """Before dialling: whether the devices are there, and the files can be read and written.

    Raises UsageError and AudioError. Begins to load the echo canceller meanwhile.
    """
    _check_contradictions(setup)
    if setup.echo_kind == "aec":
        threading.Thread(target=_preload, daemon=True).start()
    if setup.input not in (None, "-"):
        _check_input(str(setup.input))
    if setup.output:
        _check_output(setup.output)
    if setup.record:
        _check_record(setup.record)
    _check_devices(setup)


def _check_contradictions(setup: CallSetup) -> None:
    if setup.input and setup.mic:
        raise UsageError("--input and --mic at once", hint="the file is spoken instead of the microphone")
    if setup.output and setup.speaker:
        raise UsageError("--output and --speaker at once", hint="--record keeps the agent's voice and plays it too")
    if setup.output and setup.record and Path(setup.output).resolve() == Path(setup.record).resolve():
        raise UsageError("--output and --record name the same file")
    if setup.output == "-":
        raise UsageError("standard output is for the transcript", hint="--output FILE.wav for the agent's voice")
    if setup.input == "-" and setup.stdin is None:
        raise UsageError("nothing to read for --input -", hint="eleven tts hello | eleven talk --input -")


def _check_input(path: str) -> None:
    with opened(path) as file:
        if Path(path).is_file():  # a pipe would lose what is read now
            read_shape(file, path)


def _check_output(path: str) -> None:
    sink = file_sink(path)
    if isinstance(sink, FileSink):  # a pipe would take what is opened and closed now for the end
        with sink:
            pass


def _check_record(path: str) -> None:
    if Path(path).exists():
        raise UsageError(f"{path} exists", hint="name another file, or remove it first")
    if not os.access(Path(path).resolve().parent, os.W_OK):
        raise UsageError(f"cannot write {path}", hint="is there such a folder, and may you write to it?")


def _check_devices(setup: CallSetup) -> None:
    if setup.input and setup.output:
        return
    if not installed():
        raise AudioError("PyAudio is not installed", hint=f"pip install 'eleven-cli[audio]'; {NO_DEVICE_HINT}")
    prefer_low_latency()
    there = devices()
    if not setup.input:
        find("microphone", setup.mic, there, hint=NO_DEVICE_HINT)
    if not setup.output:
        find("speaker", setup.speaker, there, hint=NO_DEVICE_HINT)


def _preload() -> None:
    with suppress(Exception):  # whoever needs it will see why
        echo.preload()
