"""Speech of a text that is still being written: its sentences over the speech socket, or by one request each."""

import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import NamedTuple

from eleven_cli.api.tts.reconnecting_stream import ReconnectingSpeechStream
from eleven_cli.api.tts.speech import AudioChunk, SpeechResponse
from eleven_cli.api.tts.stream import KEEPALIVE_S
from eleven_cli.commands.input.text import EXAMPLE, is_silent
from eleven_cli.commands.tts.report import Usage
from eleven_cli.errors import ElevenError, LimitError, NetworkError, UsageError
from eleven_cli.pump import Pump
from eleven_cli.terminal.stdin_reader import StdinReader
from eleven_cli.text.incoming import Incoming
from eleven_cli.text.sentences import Sentences

BUSY = 429
CONCURRENCY_LIMIT = 2  # of the smallest plan
LOOKS_COMPLETE_S = 0.1  # sentences that seem to be complete are not waited for longer than this
_MARKUP = re.compile(r"</?(?:break|phoneme)\b[^<>]*>", re.IGNORECASE)  # nobody obeys it in text that comes bit by bit


class Sentence(NamedTuple):
    """A text to speak. complete: a whole sentence, not a part that a pause has cut off."""

    text: str
    complete: bool


def sentences(
    arriving: StdinReader,
    clean: Callable[[str], str],
    clock: Callable[[], float] = time.monotonic,
    *,
    markdown: bool = False,
    warn: Callable[[str], None] = lambda note: None,
) -> Iterator[Sentence | None]:
    """What can be spoken as soon as it can; None every few seconds while there is nothing, whatever comes.

    `clean` takes the marks from each sentence; `markdown` tells whether these are Markdown's. `warn` gets what is worth
    knowing of how a document was read.

    Raises UsageError for what is no text, when all before it has been given.
    """
    given_at = clock()
    incoming = Incoming("stdin", markdown=markdown)
    for sentence in _sentences_and_silence(arriving, clean, incoming, warn):
        if sentence is not None or clock() - given_at >= KEEPALIVE_S:
            given_at = clock()
            yield sentence


class SentenceFeed(Iterator[Sentence | None]):
    """Sentences of which one can be given back: when one voice is refused, another speaks it.

    when_begun   is told of the first
    """

    def __init__(self, given: Iterable[Sentence | None], when_begun: Callable[[], None]) -> None:
        self._given, self._when_begun = iter(given), when_begun
        self._is_begun = False

    def __next__(self) -> Sentence | None:
        """Raises UsageError when there was none."""
        try:
            sentence = next(self._given)
        except StopIteration:
            if not self._is_begun:
                raise UsageError("the text is empty", hint=EXAMPLE) from None
            raise
        if sentence is not None and not self._is_begun:
            self._when_begun()
            self._is_begun = True
        return sentence

    def give_back(self, sentence: Sentence) -> None:
        """It will be the next one again."""
        self._given = chain([sentence], self._given)


def speak_live(
    opened: ExitStack,
    open_stream: Callable[[], ReconnectingSpeechStream],
    synthesize: Callable[[str], SpeechResponse],
    feed: SentenceFeed,
    usage: Usage,
) -> Iterator[AudioChunk]:
    """The speech of sentences, as soon as it can be: over the model's socket, or by requests where it is refused.

    Returns when the socket is open. Where it is refused, a request is what says why: returns when the first one was
    accepted; a sentence that it was refused for is given back to the feed.
    """
    try:
        stream = opened.enter_context(open_stream())
    except ElevenError as refused:
        if refused.status is None or refused.status >= BUSY:
            raise  # otherwise it may be that there is no such socket: handshakes are refused without a reason
        return _by_requests(synthesize, feed, usage)
    return _OverSocket(stream, feed, usage).chunks(synthesize)


def _by_requests(synthesize: Callable[[str], SpeechResponse], feed: SentenceFeed, usage: Usage) -> Iterator[AudioChunk]:
    requests = _Requests(synthesize, feed, usage)
    requests.start()
    return requests.chunks()


class _OverSocket:
    """The sentences over an open socket. A service may refuse the model only when it has seen the first of them: then
    requests speak these, and all that follow."""

    def __init__(self, stream: ReconnectingSpeechStream, feed: SentenceFeed, usage: Usage) -> None:
        self._stream, self._usage = stream, usage
        self._changing = threading.Lock()
        self._following: queue.SimpleQueue[Sentence | None] | None = None
        self._is_over = False
        self._pump = Pump(feed, self._send, done=self._end)
        self._pump.start()

    def chunks(self, synthesize: Callable[[str], SpeechResponse]) -> Iterator[AudioChunk]:
        is_heard = False
        try:
            for chunk in self._stream:
                is_heard = True
                yield chunk
        except ElevenError as refused:
            if is_heard or type(refused) is not ElevenError or not _names_the_model(refused):
                raise
            yield from _by_requests(synthesize, self._feed_again(), self._usage)
        self._pump.join_or_raise()

    def _feed_again(self) -> SentenceFeed:
        """What was sent in vain, then what comes."""
        with self._changing:
            sentences, self._following = self._stream.sentences, queue.SimpleQueue()
            if self._is_over:
                self._following.put(None)
        self._usage.take_back(self._stream.sent_characters)
        return SentenceFeed(chain(map(Sentence._make, sentences), iter(self._following.get, None)), lambda: None)

    def _send(self, sentence: Sentence | None) -> None:
        with self._changing:
            if self._following is not None:
                if sentence is not None:
                    self._following.put(sentence)
            elif sentence is None:
                self._stream.keep_alive()
            else:
                self._stream.send_text(sentence.text, complete=sentence.complete)

    def _end(self) -> None:
        with self._changing:
            self._is_over = True
            if self._following is None:
                self._stream.end()
            else:
                self._following.put(None)


def _names_the_model(refused: ElevenError) -> bool:
    return "model" in f"{refused.code} {refused.message}".lower()


class _Requests:
    """One request for each sentence; the next one is requested while one is heard, and no more."""

    def __init__(self, synthesize: Callable[[str], SpeechResponse], feed: SentenceFeed, usage: Usage) -> None:
        self._synthesize, self._feed, self._usage = synthesize, feed, usage
        self._responses: queue.SimpleQueue[tuple[str, SpeechResponse] | None] = queue.SimpleQueue()
        self._slots = threading.Semaphore(CONCURRENCY_LIMIT)
        self._heard: list[str] = []

    def start(self) -> None:
        """Begin, and wait for the first to be accepted. Raises what it was refused with."""
        self._pump = Pump(self._feed, self._request, done=lambda: self._responses.put(None))
        self._pump.start()
        self._first = self._responses.get()
        if self._first is None:
            self._pump.join_or_raise()

    def chunks(self) -> Iterator[AudioChunk]:
        rest = iter(self._responses.get, None)
        for piece, (text, response) in enumerate(chain([self._first], rest) if self._first else ()):
            self._heard.append(text)
            with response, self._noting_what_was_heard():
                for chunk in response:
                    yield AudioChunk(chunk.data, chunk.alignment, piece)
            self._slots.release()
        with self._noting_what_was_heard():
            self._pump.join_or_raise()

    def _request(self, sentence: Sentence | None) -> None:
        if sentence is None:
            return
        self._slots.acquire()
        try:
            response = self._response(sentence.text)
        except ElevenError:
            self._feed.give_back(sentence)
            raise
        self._responses.put((sentence.text, response))

    def _response(self, text: str) -> SpeechResponse:
        try:
            return self._synthesize(text)
        except LimitError as refused:
            if refused.status != BUSY or not self._usage.requests:
                raise
        for _ in range(CONCURRENCY_LIMIT - 1):  # the plan allows less: when the others have been heard, there is room
            self._slots.acquire()
        try:
            return self._synthesize(text)
        finally:
            self._slots.release(CONCURRENCY_LIMIT - 1)

    @contextmanager
    def _noting_what_was_heard(self) -> Iterator[None]:
        try:
            yield
        except NetworkError as lost:
            if heard := "".join(self._heard).strip():
                lost.add_note(f"spoken until then: {heard!r}")
            raise


def _sentences_and_silence(
    arriving: StdinReader, clean: Callable[[str], str], incoming: Incoming, warn: Callable[[str], None]
) -> Iterator[Sentence | None]:
    """The sentences, with a None for everything that came, too."""
    found, waiting = Sentences(), False
    while True:
        data = arriving.get(found.patience_s if waiting else KEEPALIVE_S)
        if data is None:
            yield from _spoken(found.feed(incoming.pause()) if waiting else [], clean, complete=True)
            complete, text = found.patience_s <= LOOKS_COMPLETE_S, found.rest() if waiting else ""
            yield from _spoken([text], clean, complete=complete) if waiting else [None]
            waiting = False
            continue
        yield from _spoken(found.feed(incoming.feed(data)), clean, complete=True)
        if not data or incoming.trouble:
            break
        waiting = True
        yield None
    last = found.feed(incoming.end())
    for note in incoming.notes:
        warn(note)
    yield from _spoken([*last, found.rest()], str if incoming.is_document else clean, complete=True)
    if incoming.trouble:
        raise incoming.trouble


def _spoken(texts: Iterable[str], clean: Callable[[str], str], *, complete: bool) -> Iterator[Sentence]:
    for text in map(clean, texts):
        text = _MARKUP.sub("", text)
        if not is_silent(text):
            yield Sentence(text, complete)
