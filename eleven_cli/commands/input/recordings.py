"""Opens and checks the recordings for a voice, before anything is sent."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eleven_cli.audio.codecs.decoding.media import MediaDecoder, can_decode
from eleven_cli.audio.codecs.wav import WavHeader
from eleven_cli.audio.pcm import FULL_SCALE, bytes_of, peak, to_s16
from eleven_cli.commands.input.audio import checked
from eleven_cli.commands.input.audio_upload import AudioUpload
from eleven_cli.commands.input.source import NO_LIMIT, Source, source_of
from eleven_cli.errors import ExitStack, UsageError
from eleven_cli.files.identity import identity
from eleven_cli.terminal import Terminal

RATE = 16_000
SLICE_S = 0.5
LEAST_S = 1.0  # of all recordings together
SILENT_PEAK = FULL_SCALE // 1000  # -60 dBFS: the noise of a microphone that was off
LOUD = b"\xff\x7f"


@contextmanager
def recordings(
    terminal: Terminal, files: Sequence[str], *, most_bytes: int, example: str
) -> Iterator[list[AudioUpload]]:
    """Open the recordings; `-` is stdin.

    Raises UsageError for one that is missing, unreadable, empty, too large, no known audio, cut off, silent or given
    twice, and for all of them where they are too short together.
    """
    _refuse_twice(files)
    with ExitStack() as opened:
        seconds, uploads = 0.0, []
        for file in files:
            source = _seekable(source_of(terminal, file, example=example), most_bytes, opened)
            uploads.append(checked(source, None, example, takes_raw=False))
            seconds += _heard_s(source, uploads[-1])
        if seconds < LEAST_S:
            said = f"{seconds:.1f} s of sound are too short to make a voice of"
            raise UsageError(said, hint="record a minute or two of clear speech")
        yield uploads


def _refuse_twice(files: Sequence[str]) -> None:
    first: dict[object, str] = {}
    for file in files:
        key = identity(file) or file
        if key in first:
            raise UsageError(
                f"{file} is given twice" if first[key] == file else f"{first[key]} and {file} are one file"
            )
        first[key] = file


def _seekable(source: Source, most_bytes: int, opened: ExitStack) -> Source:
    """The source with all that a pipe will give: it is listened to before it is sent."""
    opened.callback(source.close)
    source.refuse_more_than(most_bytes)
    if source.file:
        return source
    whole = opened.enter_context(tempfile.TemporaryFile(prefix="eleven-"))  # noqa: SIM115
    for chunk in source.chunks():
        whole.write(chunk)
    whole.seek(0)
    return Source(whole, source.name)


def _heard_s(source: Source, upload: AudioUpload) -> float:
    """How long it sounds, LEAST_S for longer. Raises UsageError for silence."""
    seconds, is_silent = 0.0, True
    for pcm, length_s in _slices(source, upload):
        seconds += length_s
        is_silent = is_silent and peak(pcm) <= SILENT_PEAK
        if seconds >= LEAST_S and not is_silent:
            return LEAST_S
    if seconds and is_silent:
        raise UsageError(f"{upload.name} is silent", hint="check the microphone: eleven devices")
    return seconds


def _slices(source: Source, upload: AudioUpload) -> Iterator[tuple[bytes, float]]:
    """Its samples, and how long they sound; of a kind that cannot be decoded here, a loud one in place of all."""
    if header := upload.header:
        yield from _wav_slices(source, header)
    elif can_decode():
        with MediaDecoder(source, upload.kind, RATE, upload.name) as media:
            while pcm := media.read(bytes_of(SLICE_S, RATE)):
                yield pcm, len(pcm) / bytes_of(1, RATE)
    else:
        yield LOUD, LEAST_S


def _wav_slices(source: Source, header: WavHeader) -> Iterator[tuple[bytes, float]]:
    frame_bytes = header.frame_bytes
    left = header.data_bytes if header.data_bytes is not None else NO_LIMIT
    while data := source.read(min(int(header.rate * SLICE_S) * frame_bytes, left)):
        left -= len(data)
        whole = data[: len(data) // frame_bytes * frame_bytes]
        yield to_s16(whole, header.sample), len(whole) / frame_bytes / header.rate
