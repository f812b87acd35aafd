"""Records the microphone to a temporary file until Ctrl+C or silence."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, cast

from eleven_cli.audio.codecs.wav import complete_header, wav_header
from eleven_cli.audio.devices.microphone import ONLY_ZEROS, ZEROS_TOLERATED_S, Microphone
from eleven_cli.audio.endpointing import QUIET_S, Endpointer
from eleven_cli.audio.pcm import FRAME_MS, SILENCE_DB
from eleven_cli.commands.input.audio import audio_input, checked
from eleven_cli.commands.input.audio_upload import AudioUpload
from eleven_cli.commands.input.source import Source
from eleven_cli.commands.output.progress import level_bar
from eleven_cli.errors import AudioError, UsageError
from eleven_cli.signals.graceful_stop import GracefulStop
from eleven_cli.terminal import Progress, Terminal

RATE = 48_000
DEFAULT = "default"
NAME = "the recording"
SHOWN_EVERY = 5  # frames


@contextmanager
def audio_or_recording(
    terminal: Terminal,
    file: str | None,
    mic: str | None,
    input_format: str | None,
    *,
    most_bytes: int,
    output: str | None,
    example: str,
) -> Iterator[AudioUpload]:
    """Open the audio of FILE or stdin, or record with `--mic`. Raises UsageError if both are given."""
    if mic is None:
        opening: AbstractContextManager[AudioUpload] = audio_input(
            terminal,
            file,
            input_format=input_format,
            most_bytes=most_bytes,
            in_pieces=True,
            output=output,
            example=example,
        )
    elif file is not None or input_format is not None:
        other = "a file" if file is not None else "--input-format"
        raise UsageError(f"give either --mic or {other}, not both")
    elif mic.startswith("-") or not mic.strip():
        raise UsageError("--mic needs a name", hint="--mic default, or one of: eleven devices")
    else:
        opening = record_microphone(terminal, mic, hint="record to a file with another program, and give that file")
    with opening as audio:
        yield audio


@contextmanager
def record_microphone(terminal: Terminal, microphone: str, *, hint: str, rate: int = RATE) -> Iterator[AudioUpload]:
    """Record the microphone of that name or number ("default": the system's).

    Ctrl+C, or 2 s of silence after speech, ends it. Raises AudioError without a device.
    """
    device = None if microphone.lower() == DEFAULT else microphone
    with tempfile.TemporaryFile(prefix="eleven-") as file:
        _record(terminal, cast(BinaryIO, file), device, rate, hint)
        yield checked(Source(cast(BinaryIO, file), NAME), None, hint)


def _record(terminal: Terminal, file: BinaryIO, device: str | None, rate: int, hint: str) -> None:
    """Record a WAV to the file, and leave it at its beginning."""
    file.write(wav_header(rate))
    with (
        Microphone(rate, device, hint=hint) as microphone,
        terminal.progress() as progress,
        GracefulStop(only_part=True) as stop,
    ):
        terminal.note(f"recording: speak now; Ctrl+C or {QUIET_S:.0f} s of silence after speech ends it")
        meter, warned = _Level(progress), False
        for frame in Endpointer().speech(microphone, meter.show):
            file.write(frame)
            if not warned and microphone.zeros_s >= ZEROS_TOLERATED_S:
                warned = True
                terminal.warn(ONLY_ZEROS)
            if stop.is_set():
                break
    if meter.loudest_db <= SILENCE_DB:
        hint = "allow this program to use the microphone (privacy settings), and check that it is not muted"
        raise AudioError("the microphone delivered nothing but silence", hint=hint)
    complete_header(file, rate)
    file.seek(0)


class _Level:
    """Shows the duration and the level of a recording."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._frames = progress, 0
        self.loudest_db = SILENCE_DB

    def show(self, level_db: float) -> None:
        self._frames += 1
        self.loudest_db = max(self.loudest_db, level_db)
        if self._frames % SHOWN_EVERY == 1:
            seconds = self._frames * FRAME_MS / 1000
            self._progress.update(f"recording {seconds:.0f} s · {level_bar(level_db)} · Ctrl+C sends it")
