"""Audio through the cache: what it has is free, and what is made is kept in it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from eleven_cli.api.tts import Alignment, AudioChunk
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.cache.audio import AudioCache, CacheWriter, key
from eleven_cli.cache.entries import EntryReader
from eleven_cli.context import Context
from eleven_cli.errors import ExitStack


def audio_key(context: Context, facts: Mapping[str, object]) -> str:
    """The key of the audio that these facts make on the server of this run; the sandbox is one, whatever its port."""
    config = context.config
    return key({"server": "sandbox" if config.sandbox else config.base_url.value, **facts})


def is_cached(context: Context, facts: Mapping[str, object]) -> bool:
    """Whether the cache has it."""
    entry = AudioCache().get(audio_key(context, facts))
    if entry is not None:
        entry.close()
    return entry is not None


def cached_or_made(
    context: Context,
    facts: Mapping[str, object],
    make: Callable[[], SpeechResponse],
    *,
    characters: int,
    stopped: Callable[[], bool] = lambda: False,
) -> SpeechResponse:
    """The audio that these facts make: from the cache, or made and written into it as it arrives.

    When another process is making the same, it is waited for unless `stopped`. Warns when it cannot be kept.
    """
    cache, name, terminal = AudioCache(), audio_key(context, facts), context.terminal
    if (entry := cache.get(name)) is not None:
        return _reused(entry)
    waiting = partial(terminal.note, "another process is making the same audio; waiting for it")
    with ExitStack() as opened:
        opened.callback(cache.claim(name, waiting=waiting, stopped=stopped).release)
        if (entry := cache.get(name)) is not None:  # another has made it meanwhile
            return _reused(entry)
        response = opened.enter_context(make())
        writer = opened.enter_context(cache.writer(name, {"characters": characters}))
        close = opened.pop_all().close
    return response.with_chunks(_written(response, writer, terminal.warn), close)


def _reused(entry: EntryReader) -> SpeechResponse:
    return SpeechResponse(_chunks_of(entry), entry.close, credits=0, is_reused=True)


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
