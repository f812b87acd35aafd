"""Assembly: the chunks of several responses as one stream of audio, and when in it each character is heard."""

from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from eleven_cli.api.tts.audio_chunk import Alignment, AudioChunk
from eleven_cli.audio.formats import Format

if TYPE_CHECKING:
    from eleven_cli.audio.codecs.joining import Joiner
    from eleven_cli.text.subtitles import TimedText


class Assembly:
    """One stream of audio in `fmt`, as the service sends it: iterate `audio(chunks)`, then ask for `timings()`.

    pieces   of how many it is made; None where nobody knows
    """

    def __init__(self, fmt: Format, *, pieces: int | None) -> None:
        self._fmt, self._single = fmt, pieces == 1
        self._starts_s: list[float] = []
        self._characters: list[str] = []
        self._pieces, self._from_s, self._to_s = array("L"), array("d"), array("d")

    def audio(self, chunks: Iterable[AudioChunk]) -> Iterator[bytes]:
        """The audio as it comes, the pieces joined without a gap."""
        from eleven_cli.audio.codecs.joining import Joiner

        joiner, piece = Joiner(self._fmt, single=lambda: self._single), None
        try:
            for chunk in chunks:
                if piece not in (None, chunk.piece):
                    yield from filter(None, [self._end_piece(joiner)])
                piece = chunk.piece
                if chunk.alignment is not None:
                    self._add(chunk.alignment)
                yield from filter(None, [joiner.feed(chunk.data)])
        except (
            Exception,
            KeyboardInterrupt,
            SystemExit,
        ):  # what was held back for the sake of the join has arrived, and is paid for
            yield from filter(None, [joiner.end_piece(), joiner.finish()])
            raise
        yield from filter(None, [self._end_piece(joiner), joiner.finish()])

    def timings(self) -> "Iterator[TimedText]":
        """Every character that was timed, in seconds from the beginning of the audio."""
        from eleven_cli.text.subtitles import TimedText

        for character, piece, from_s, to_s in zip(
            self._characters, self._pieces, self._from_s, self._to_s, strict=True
        ):
            start_s = self._starts_s[piece]
            yield TimedText(character, start_s + from_s, start_s + to_s)

    def _end_piece(self, joiner: "Joiner") -> bytes:
        rest = joiner.end_piece()
        self._starts_s.append(joiner.piece_start_s)  # which is exact by now
        return rest

    def _add(self, alignment: Alignment) -> None:
        self._characters.extend(alignment.characters)
        self._pieces.extend([len(self._starts_s)] * len(alignment.characters))
        self._from_s.extend(alignment.starts_s)
        self._to_s.extend(alignment.ends_s)
