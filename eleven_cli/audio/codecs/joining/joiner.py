"""Joins separately generated pieces of audio to one stream without a click or a gap. Pure."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Protocol

from eleven_cli.audio.formats import Format


class CodecJoiner(Protocol):
    """Joins pieces of one codec."""

    @property
    def piece_start_s(self) -> float: ...

    def feed(self, data: bytes) -> bytes: ...

    def end_piece(self) -> bytes: ...

    def finish(self) -> bytes: ...


class Joiner:
    """Joins pieces of one format to one stream.

    A single piece stays as it is, byte for byte. A piece of another format passes unchanged.

    An MP3 that was written to a file begins with an info frame that states its length, which would be wrong for all
    pieces together, and it is passed on before the next piece is known. So it is dropped unless `single()` says that
    there is one piece only; it is called at most once, when the first piece has such a frame.
    """

    def __init__(self, fmt: Format, single: Callable[[], bool] = lambda: False) -> None:
        self._joiner = _codec_joiner(fmt, single)

    @property
    def piece_start_s(self) -> float:
        """The position of the current piece's first audible sample in the decoded stream, in seconds.

        The current piece is the one that was last fed, also after its end. The position is exact once some of the piece
        was passed on or it has ended, and before that an estimate to 20 ms.
        """
        return self._joiner.piece_start_s

    def feed(self, data: bytes) -> bytes:
        """Take more of the current piece; give what can be passed on now."""
        return self._joiner.feed(data)

    def end_piece(self) -> bytes:
        """End the piece; give what can be passed on now. A piece of no bytes is none."""
        return self._joiner.end_piece()

    def finish(self) -> bytes:
        """End the stream; give what was held back."""
        return self._joiner.finish()


def _codec_joiner(fmt: Format, single: Callable[[], bool]) -> CodecJoiner:
    """Loads what this codec needs: all of them take milliseconds."""
    if fmt.codec == "mp3":
        from eleven_cli.audio.codecs.joining.mp3 import Mp3Joiner

        return Mp3Joiner(fmt, single)
    if fmt.codec == "opus":
        from eleven_cli.audio.codecs.joining.ogg import OggJoiner

        return OggJoiner()
    return _SampleJoiner(fmt)


class _SampleJoiner:
    """Joins bare samples. Half a sample at the end of a piece is dropped, so that it does not shift the next one.

    Nothing is faded: pieces cut out of one sound then join exactly, and pieces of speech begin and end in silence.
    """

    def __init__(self, fmt: Format) -> None:
        self._bytes_per_second = fmt.bytes_per_second
        self._frame_bytes = fmt.frame_bytes
        self._half = b""
        self._is_new = False
        self._bytes = 0
        self.piece_start_s = 0.0

    def feed(self, data: bytes) -> bytes:
        if self._is_new and data:
            self._half, self._is_new = b"", False
            self.piece_start_s = self._bytes / self._bytes_per_second
        if self._half:
            data = self._half + data
        whole = len(data) - len(data) % self._frame_bytes
        self._half = data[whole:]
        self._bytes += whole
        return data[:whole]

    def end_piece(self) -> bytes:
        self._is_new = True
        return b""

    def finish(self) -> bytes:
        half, self._half = self._half, b""
        return half


def joined(pieces: Iterable[Iterable[bytes]], fmt: Format) -> Iterator[bytes]:
    """Join pieces, each in chunks, to one stream.

    Where the first piece has an info frame, the second is requested before the first has ended (see `Joiner`). When the
    pieces end in an exception, all that came before it is passed on first.
    """
    rest, ahead = iter(pieces), list[Iterable[bytes]]()

    def single() -> bool:
        ahead.extend(islice(rest, 1))
        return not ahead

    joiner = Joiner(fmt, single)
    try:
        for piece in chain(islice(rest, 1), _taken(ahead), rest):
            for data in piece:
                yield from _some(joiner.feed(data))
            yield from _some(joiner.end_piece())
    except (Exception, KeyboardInterrupt, SystemExit):  # what was held back for the join has arrived, and is paid for
        yield from _some(joiner.end_piece() + joiner.finish())
        raise
    yield from _some(joiner.finish())


def _taken(ahead: list[Iterable[bytes]]) -> Iterator[Iterable[bytes]]:
    yield from ahead


def _some(data: bytes) -> Iterator[bytes]:
    if data:
        yield data
