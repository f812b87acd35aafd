"""Decodes what the service sends to PCM while it arrives, for a player that takes PCM only."""

import importlib.util
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from eleven_cli.audio.buffer import ByteBuffer
from eleven_cli.audio.codecs.mp3 import FrameParser, Part, is_info_frame
from eleven_cli.audio.formats import Format
from eleven_cli.audio.pcm import to_s16
from eleven_cli.audio.sinks import Sink
from eleven_cli.errors import AudioError
from eleven_cli.pump import Pump

BUFFER_BYTES = 8 << 20
FRAMES = 576  # an MP3 frame has so many samples, or twice as many
CHUNK_BYTES = 65536


def mp3_decoder_installed() -> bool:
    """Whether miniaudio is installed; does not import it."""
    return importlib.util.find_spec("miniaudio") is not None


class DecodingSink:
    """Takes `fmt` (mp3, ulaw or alaw), and writes PCM of the same rate and channels to another sink."""

    def __init__(self, sink: Sink, fmt: Format) -> None:
        self._sink = sink
        if fmt.codec == "mp3":
            self._decoder: Mp3Decoder | _CompandedDecoder = Mp3Decoder(sink.write, fmt.rate, fmt.channels)
        else:
            self._decoder = _CompandedDecoder(sink.write, fmt.codec)

    def __enter__(self) -> "DecodingSink":
        self._sink.__enter__()
        return self

    def write(self, data: bytes) -> None:
        self._decoder.write(data)

    def finish(self) -> None:
        self._decoder.finish()
        self._sink.finish()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._decoder.stop()
        self._sink.__exit__(kind, error, trace)


class Mp3Decoder:
    """Decodes MP3 to `out`, on a thread of its own because the library pulls its input."""

    def __init__(self, out: Callable[[bytes], None], rate: int, channels: int = 1) -> None:
        self._buffer = ByteBuffer(BUFFER_BYTES)
        self._pump = Pump(_decoded(self._buffer, rate, channels), out, done=self._buffer.abandon)
        self._started = False

    def write(self, data: bytes) -> None:
        if not self._started:
            self._started = True
            self._pump.start()
        if not self._buffer.write(data):
            self._pump.join_or_raise()

    def finish(self) -> None:
        self._buffer.end()
        if self._started:
            self._pump.join_or_raise()

    def stop(self) -> None:
        self._buffer.abandon()


class _CompandedDecoder:
    """Decodes µ-law or A-law to `out`."""

    def __init__(self, out: Callable[[bytes], None], codec: str) -> None:
        self._out, self._codec = out, codec

    def write(self, data: bytes) -> None:
        self._out(to_s16(data, self._codec))

    def finish(self) -> None:
        pass

    def stop(self) -> None:
        pass


class _FrameReader:
    """Gives the library one MP3 frame at a time, because it holds back what it gets beyond one; and no info frames,
    because those of joined streams describe the first stream only."""

    def __init__(self, buffer: ByteBuffer) -> None:
        self._buffer, self._parser = buffer, FrameParser()
        self._frames: deque[bytes] = deque()
        self._beginning: bytes | None = b""

    def read(self, size: int) -> bytes:
        """Give at most `size` bytes, none beyond the end of a frame, waiting for them; b"" at the end."""
        while not self._frames and (data := self._buffer.take_some(CHUNK_BYTES)):
            self._put(self._parser.feed(data))
        if not self._frames:
            self._put(self._parser.feed(b"", last=True))
        frame = self._frames.popleft() if self._frames else b""
        if frame[size:]:
            self._frames.appendleft(frame[size:])
        if self._beginning is not None:
            self._beginning = frame[:size] if not self._beginning and frame[size:] else None
        return frame[:size]

    def rewind(self) -> bool:
        """Go back to the beginning, unless more than a part of the first frame was read, where the library looks for a
        tag."""
        if self._beginning:
            self._frames[0] = self._beginning + self._frames[0]
            self._beginning = b""
        return self._beginning is not None

    def _put(self, parts: list[Part]) -> None:
        self._frames.extend(part for part, header in parts if header and not is_info_frame(part, header))


def _decoded(buffer: ByteBuffer, rate: int, channels: int) -> Iterator[bytes]:
    import miniaudio

    frames = _FrameReader(buffer)

    class Mp3Source(miniaudio.StreamableSource):  # type: ignore[misc]
        def read(self, num_bytes: int) -> bytes:
            return frames.read(num_bytes)

        def seek(self, offset: int, origin: miniaudio.SeekOrigin) -> bool:
            return origin is miniaudio.SeekOrigin.START and offset == 0 and frames.rewind()

    try:
        decoded = miniaudio.stream_any(
            Mp3Source(),
            source_format=miniaudio.FileFormat.MP3,
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=channels,
            sample_rate=rate,
            frames_to_read=FRAMES,
        )
        for samples in decoded:
            yield samples.tobytes()
    except miniaudio.MiniaudioError as failed:
        raise AudioError(f"the audio cannot be decoded: {failed}") from failed
