"""Speech of a text that is still being written: its sentences over the speech socket, or by one request each."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

from eleven_cli.api.tts import AudioChunk
from eleven_cli.api.tts.speech import SpeechResponse, speaks_only_in_dialogues
from eleven_cli.api.tts.stream import SpeechStream
from eleven_cli.commands.input.arriving import Sentence, SentenceFeed, sentences
from eleven_cli.commands.tts.plan import SpeechPlan
from eleven_cli.commands.tts.synthesizer import Synthesizer
from eleven_cli.errors import ElevenError, ExitStack, LimitError, NetworkError
from eleven_cli.pump import Pump
from eleven_cli.terminal import Terminal
from eleven_cli.text.spoken.form import SpokenForm

BUSY = 429
CONCURRENCY_LIMIT = 2  # of the smallest plan


def live_sentences(
    terminal: Terminal, plan: SpeechPlan, when_begun: Callable[[], None]
) -> tuple[SentenceFeed, SpokenForm | None]:
    """What stdin gives, from now on, and how it is spoken, if not as written. `when_begun` is told of the first."""

    def warn(note: str) -> None:
        terminal.warn(f"stdin: {note}")

    is_markdown, form = bool(plan.options.markdown), None
    clean: Callable[[str], str] = str
    if is_markdown:
        from eleven_cli.text.markdown.stream import Cleaner

        clean = Cleaner().feed
    if plan.rules is not None:
        form = plan.rules.form()
        form = form if plan.options.subtitles is None else form.remember()
    given = sentences(terminal.arriving(), clean, markdown=is_markdown, form=form, warn=warn)
    return SentenceFeed(given, when_begun), form


def speak_live(synthesizer: Synthesizer, feed: SentenceFeed, opened: ExitStack) -> Iterator[AudioChunk]:
    """The speech of sentences, as soon as it can be: over the model's socket, or by requests where it is refused, and
    with effects, which no socket takes.

    Returns when the socket is open. Where it is refused, a request is what says why: returns when the first one was
    accepted; a sentence that it was refused for is given back to the feed.
    """
    if synthesizer.request.audio_effects is not None:
        return _by_requests(synthesizer, feed)
    try:
        stream = opened.enter_context(_open_stream(synthesizer))
    except ElevenError as refused:
        if refused.status is None or refused.status >= BUSY:
            raise  # otherwise it may be that there is no such socket: handshakes are refused without a reason
        return _by_requests(synthesizer, feed)
    return _OverSocket(stream, feed, synthesizer).chunks()


def _open_stream(synthesizer: Synthesizer) -> SpeechStream:
    warn = synthesizer.context.terminal.warn
    return SpeechStream(synthesizer.client, synthesizer.request, allow=synthesizer.usage.send, on_notice=warn)


def _by_requests(synthesizer: Synthesizer, feed: SentenceFeed) -> Iterator[AudioChunk]:
    requests = _Requests(synthesizer, feed)
    requests.start()
    return requests.chunks()


class _OverSocket:
    """The sentences over an open socket. A service may refuse the model only when it has seen the first of them: then
    requests speak these, and all that follow."""

    def __init__(self, stream: SpeechStream, feed: SentenceFeed, synthesizer: Synthesizer) -> None:
        self._stream, self._synthesizer = stream, synthesizer
        self._changing = threading.Lock()
        self._following: queue.SimpleQueue[Sentence | None] | None = None
        self._is_over = False
        self._pump = Pump(feed, self._send, done=self._end)
        self._pump.start()

    def chunks(self) -> Iterator[AudioChunk]:
        is_heard = False
        try:
            for chunk in self._stream:
                is_heard = True
                yield chunk
        except ElevenError as refused:
            if is_heard or type(refused) is not ElevenError or not _names_the_model(refused):
                raise
            yield from _by_requests(self._synthesizer, self._feed_again())
        self._pump.join_or_raise()

    def _feed_again(self) -> SentenceFeed:
        """The sentences that were sent but not spoken, then the new ones."""
        with self._changing:
            sentences, self._following = self._stream.sentences, queue.SimpleQueue()
            if self._is_over:
                self._following.put(None)
        self._synthesizer.usage.take_back(self._stream.sent_characters)
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

    def __init__(self, synthesizer: Synthesizer, feed: SentenceFeed) -> None:
        self._synthesizer, self._feed = synthesizer, feed
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
            return self._speech(text)
        except LimitError as refused:
            if refused.status != BUSY or not self._synthesizer.usage.requests:
                raise
        for _ in range(CONCURRENCY_LIMIT - 1):  # the plan allows less: when the others have been heard, there is room
            self._slots.acquire()
        try:
            return self._speech(text)
        finally:
            self._slots.release(CONCURRENCY_LIMIT - 1)

    def _speech(self, text: str) -> SpeechResponse:
        """In dialogues from the first sentence on with which the model was refused."""
        try:
            return self._synthesizer.synthesize(text)
        except ElevenError as refused:
            request = self._synthesizer.request
            if not speaks_only_in_dialogues(request, refused):
                raise
        self._synthesizer = self._synthesizer._replace(request=request._replace(in_dialogue=True))
        return self._synthesizer.synthesize(text)

    @contextmanager
    def _noting_what_was_heard(self) -> Iterator[None]:
        try:
            yield
        except NetworkError as lost:
            if heard := "".join(self._heard).strip():
                lost.add_note(f"spoken until then: {heard!r}")
            raise
