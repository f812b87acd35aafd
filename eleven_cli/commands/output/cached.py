"""Audio through the cache: what is there is free, and what has to be made is kept."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

from eleven_cli.api.tts.speech import Alignment, AudioChunk, SpeechResponse
from eleven_cli.cache.audio import AudioCache, CacheWriter
from eleven_cli.cache.entries import EntryReader


def cached_or_made(
    cache: AudioCache,
    key: str,
    make: Callable[[], SpeechResponse],
    facts: Mapping[str, object],
    *,
    when_reused: Callable[[], None],
    warn: Callable[[str], None],
    waiting: Callable[[], None],
    stopped: Callable[[], bool] = lambda: False,
) -> SpeechResponse:
    """The audio of that key, from the cache, or made and written into it as it arrives.

    facts        kept with the audio
    when_reused  is told that it costs nothing
    warn         is told when it cannot be kept
    waiting      is told when another process is making the same, which is waited for unless `stopped`
    """

    def reused(entry: EntryReader) -> SpeechResponse:
        when_reused()
        return SpeechResponse(_chunks_of(entry), entry.close, credits=0)

    if (entry := cache.get(key)) is not None:
        return reused(entry)
    with ExitStack() as opened:
        opened.callback(cache.claim(key, waiting=waiting, stopped=stopped).release)
        if (entry := cache.get(key)) is not None:  # another has made it meanwhile
            return reused(entry)
        response = opened.enter_context(make())
        writer = opened.enter_context(cache.writer(key, facts))
        close = opened.pop_all().close
    return response.with_chunks(_written(response, writer, warn), close)


def _written(response: SpeechResponse, writer: CacheWriter, warn: Callable[[str], None]) -> Iterator[AudioChunk]:
    """The same chunks, written into the cache, which keeps them when all have come."""
    for chunk in response:
        writer.write(chunk.data)
        if chunk.alignment is not None:
            writer.write_metadata(chunk.alignment)
        yield chunk
    writer.finish({"credits": response.credits})
    if not writer.kept:
        warn(f"{writer.trouble}")


def _chunks_of(entry: EntryReader) -> Iterator[AudioChunk]:
    yield from map(AudioChunk, entry.chunks())
    for alignment in entry.metadata():
        yield AudioChunk(b"", Alignment(*map(tuple, alignment)))
