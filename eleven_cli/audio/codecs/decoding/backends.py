"""Decoders of media files: PyAV, and the program ffmpeg. Each iterates over pieces of 16-bit mono samples."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any, BinaryIO, Protocol

from eleven_cli.audio.codecs.sniff import (
    AAC,
    AIFF,
    AMR,
    ASF,
    AU,
    AVI,
    CAF,
    FLAC,
    FLV,
    M4A,
    MATROSKA,
    MOV,
    MP3,
    MP4,
    MPEG,
    OGG,
    TS,
    WAV,
    WEBM,
    FileType,
)
from eleven_cli.audio.codecs.wav import RATES
from eleven_cli.audio.formats import SAMPLE_BYTES
from eleven_cli.processes import environment_for_children
from eleven_cli.pump import Pump

DEMUXERS = {
    WAV: "wav", MP3: "mp3", FLAC: "flac", OGG: "ogg", AAC: "aac", M4A: "mov", MP4: "mov", MOV: "mov",
    WEBM: "matroska", MATROSKA: "matroska", AIFF: "aiff", AMR: "amr", AVI: "avi", ASF: "asf", FLV: "flv",
    MPEG: "mpeg", TS: "mpegts", CAF: "caf", AU: "au",
}  # fmt: skip
PROBE_BYTES = 4096  # of a pipe; the libraries' own wait for 5 MB, or 5 s
PIECE_BYTES = 65536


class ByteSource(Protocol):
    """Bytes as they arrive. whole_file: the file, if it can be read from its start; None for a pipe."""

    @property
    def whole_file(self) -> BinaryIO | None: ...

    def read1(self, size: int) -> bytes:
        """Give at most `size` bytes as they arrive; b"" at the end."""


class AvBackend:
    """Decodes with PyAV. why: the reason if there are no samples."""

    def __init__(self, source: ByteSource, kind: FileType, rate: int) -> None:
        self._source, self._demuxer, self._rate = source, DEMUXERS[kind], rate
        self.has_file = source.whole_file is not None
        self.why = ""

    def __iter__(self) -> Iterator[bytes]:
        import av

        file = self._source.whole_file
        reader = _PipeReader(self._source.read1) if file is None else _FileReader(file)
        probing = {} if self.has_file else {"probesize": str(PROBE_BYTES), "analyzeduration": "0"}
        try:
            container = av.open(reader, format=self._demuxer, options=probing, **_lenient())
            for piece in self._resampled(self._frames(container)) if container.streams.audio else ():
                if isinstance(reader.failed, KeyboardInterrupt | SystemExit):
                    break  # the rest is not wanted
                yield piece
        except av.FFmpegError as failed:
            self.why = str(failed.strerror or failed).lower()
        if reader.failed is not None:
            raise reader.failed

    def _frames(self, container: Any) -> Iterator[Any]:
        """Decode the frames, skipping damaged packets as players do."""
        import av

        packets = container.demux(container.streams.audio[0])
        while True:
            try:
                yield from next(packets).decode()
            except (StopIteration, av.EOFError):
                return
            except av.InvalidDataError:
                continue
            except av.FFmpegError as failed:
                self.why = str(failed.strerror or failed).lower()
                return

    def _resampled(self, frames: Iterator[Any]) -> Iterator[bytes]:
        import av

        resampler, shape = None, None
        for frame in frames:
            if frame.sample_rate not in RATES:  # the filter for it, or the sound, would take all memory
                self.why = f"{frame.sample_rate} Hz, which cannot be"
                continue
            now = (frame.sample_rate, frame.layout.name, frame.format.name)
            if resampler is None or shape != now:  # it may change where one recording follows another
                yield from _flushed(resampler)
                resampler, shape = av.AudioResampler(format="s16", layout="mono", rate=self._rate), now
            frame.pts = None
            yield from map(_bytes_of, resampler.resample(frame))
        yield from _flushed(resampler)

    def close(self) -> None:
        pass  # a reader may still use it, and the caller owns the source


def _lenient() -> dict[str, Any]:
    """Lets titles and names be in any encoding; from its 19th version PyAV does so by itself."""
    import av

    return {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}


def _flushed(resampler: Any) -> Iterator[bytes]:
    return iter(()) if resampler is None else map(_bytes_of, resampler.resample(None))


def _bytes_of(frame: Any) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES]


class _PipeReader:
    """The file that PyAV reads a pipe through: it gives no more than has arrived.

    failed   the exception that ended reading, also of Ctrl+C: PyAV would print it, and read on
    """

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self.failed: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            return b"" if self.failed else self._read(size)
        except BaseException as failed:
            self.failed = failed
            return b""


class _FileReader(_PipeReader):
    """The file that PyAV reads a whole file through."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        super().__init__(file.read)
        self.seek, self.tell = file.seek, file.tell


class FfmpegBackend:
    """Decodes with the program ffmpeg, which reads a whole file itself."""

    def __init__(self, source: ByteSource, kind: FileType, rate: int) -> None:
        self._source, self._demuxer, self._rate = source, DEMUXERS[kind], rate
        self.has_file = source.whole_file is not None
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None

    @property
    def why(self) -> str:
        """The last message of ffmpeg."""
        if self._said is None:
            return ""
        self._said.seek(0)
        lines = self._said.read(10_000).decode("utf-8", "replace").strip().splitlines()
        return lines[-1].rpartition(": ")[2].lower() if lines else ""

    def __iter__(self) -> Iterator[bytes]:
        file = self._source.whole_file
        if file is not None:
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = process = subprocess.Popen(
            self._arguments(),
            stdin=file if file is not None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,  # Ctrl+C must not reach it
            env=environment_for_children(),
        )
        assert process.stdout is not None
        feeding = None if file is not None else self._feeding(process)
        while piece := process.stdout.read1(PIECE_BYTES):  # type: ignore[attr-defined]
            yield piece
        process.wait()
        if feeding is not None:
            feeding.join_or_raise()

    def _arguments(self) -> list[str]:
        probing = [] if self.has_file else ["-probesize", str(PROBE_BYTES), "-analyzeduration", "0"]
        source = "file:/dev/stdin" if self.has_file else "pipe:0"
        return [
            *("ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-threads", "1"),
            *(*probing, "-f", self._demuxer, "-i", source),
            *("-map", "0:a:0", "-ac", "1", "-ar", str(self._rate), "-flush_packets", "1", "-f", "s16le", "pipe:1"),
        ]

    def _feeding(self, process: "subprocess.Popen[bytes]") -> Pump:
        assert process.stdin is not None
        stdin = process.stdin

        def feed(piece: bytes) -> None:
            with suppress(BrokenPipeError):  # ffmpeg ended early, and reports why
                stdin.write(piece)
                stdin.flush()

        def done() -> None:
            with suppress(OSError):
                stdin.close()

        pump = Pump(iter(lambda: self._source.read1(PIECE_BYTES), b""), feed, done=done)
        pump.start()
        return pump

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
