"""Asking the service to speak one text, unless the cache has its audio."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from eleven_cli.api.client import Client
from eleven_cli.api.tts.audio_chunk import Alignment, Sound
from eleven_cli.api.tts.speech import ALONE, Audio, Manner, Neighbours, speak
from eleven_cli.audio.formats import Format, named

if TYPE_CHECKING:
    from eleven_cli.cache.audio import AudioCache, Collecting, Entry
    from eleven_cli.cache.claims import Claim
    from eleven_cli.commands.tts.bill import Bill


class Answer(Protocol):
    """Sound as it arrives, and what the service said of it: api.speech.Audio, or audio from the cache."""

    @property
    def credits(self) -> int | None: ...

    @property
    def request_id(self) -> str: ...

    @property
    def at_once(self) -> int | None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def __iter__(self) -> Iterator[Sound]: ...


class Asking(NamedTuple):
    """client   for the service
    server   its name in the cache: the sandbox is one, whatever its port
    manner   how to speak
    bill     what is asked for is put on it as soon as the service has accepted
    timed    whether the sounds must say when each character is spoken
    cache    where audio is kept, None for nowhere
    tell     is told when it cannot be kept
    waiting  is told when another process is making the same, which is waited for
    stopped  whether that is not to be waited for any more
    """

    client: Client
    server: str
    manner: Manner
    bill: "Bill"
    timed: bool = False
    cache: "AudioCache | None" = None
    tell: Callable[[str], None] = lambda line: None
    waiting: Callable[[], None] = lambda: None
    stopped: Callable[[], bool] = lambda: False

    def ask(self, text: str, beside: Neighbours = ALONE, known_by: Mapping[str, object] | None = None) -> Answer:
        """The sound of a text; returns as soon as the service has accepted. Raises LimitError for what costs too much.

        known_by   what the cache should know of the neighbours, where that is not what the service is told
        """
        if self.cache is None:
            return self._asked(text, beside)
        name = self._key(text, beside, known_by)
        if (entry := self.cache.get(name)) is not None:
            return self._kept(entry, text)
        claim = self.cache.claim(name, waiting=self.waiting, stopped=self.stopped)
        try:
            if (entry := self.cache.get(name)) is not None:  # another has made it meanwhile
                claim.release()
                return self._kept(entry, text)
            collecting = self.cache.collecting(name, {"characters": len(text)})
            return Keeping(self._asked(text, beside), collecting, claim, self.tell)
        except BaseException:
            claim.release()
            raise

    def is_kept(self, text: str, beside: Neighbours = ALONE, known_by: Mapping[str, object] | None = None) -> bool:
        """Whether the cache has it."""
        entry = None if self.cache is None else self.cache.get(self._key(text, beside, known_by))
        if entry is not None:
            entry.close()
        return entry is not None

    def _key(self, text: str, beside: Neighbours, known_by: Mapping[str, object] | None) -> str:
        from eleven_cli.cache.audio import key

        return key({**self.facts(text), **(beside.body if known_by is None else known_by)})

    def facts(self, text: str) -> Mapping[str, object]:
        """All that changes the audio."""
        return {"server": self.server, **self.manner._asdict(), "text": text, "timed": self.timed or None}

    def _asked(self, text: str, beside: Neighbours) -> Audio:
        seconds_of = measure(named(self.manner.output_format)) if self.timed else None
        with self.bill.asking(len(text)) as accepted:
            audio = speak(self.client, self.manner, text, beside, seconds_of=seconds_of)
            accepted(audio)
        return audio

    def _kept(self, entry: "Entry", text: str) -> "Kept":
        self.bill.reuse(len(text))
        return Kept(entry)


class Kept:
    """Audio from the cache: free, and no request."""

    credits: int | None = 0
    at_once: int | None = None

    def __init__(self, entry: "Entry") -> None:
        self._entry = entry
        self.request_id = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._entry.close()

    def __iter__(self) -> Iterator[Sound]:
        yield from map(Sound, self._entry.chunks())
        for alignment in self._entry.beside():
            yield Sound(b"", Alignment(*map(tuple, alignment)))


class Keeping:
    """Audio of the service, which is kept when all of it has come."""

    def __init__(self, audio: Audio, collecting: "Collecting", claim: "Claim", tell: Callable[[str], None]) -> None:
        self._audio, self._collecting, self._claim, self._tell = audio, collecting, claim, tell
        self.credits, self.request_id, self.at_once = audio.credits, audio.request_id, audio.at_once

    def __enter__(self) -> Self:
        self._collecting.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._audio.__exit__(*exc)
        self._collecting.__exit__(*exc)
        self._claim.release()

    def __iter__(self) -> Iterator[Sound]:
        for sound in self._audio:
            self._collecting.write(sound.data)
            if sound.alignment is not None:
                self._collecting.write_beside(sound.alignment)
            yield sound
        self._collecting.finish({"credits": self.credits})
        if not self._collecting.kept:
            self._tell(f"not kept: {self._collecting.trouble}")


def measure(fmt: Format) -> Callable[[bytes], float]:
    """How many seconds each further piece of one stream sounds."""
    from eleven_cli.audio.codecs.duration import Ruler

    ruler = Ruler(fmt)

    def seconds_of(data: bytes) -> float:
        before_s = ruler.seconds
        ruler.feed(data)
        return ruler.seconds - before_s

    return seconds_of
