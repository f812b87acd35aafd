"""Speaking a text that is still being written: over the speech socket, or sentence by sentence."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain

from eleven_cli.api.tts.audio_chunk import AudioChunk
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.api.tts.stream import Narration
from eleven_cli.commands.tts.arriving_text import Utterance
from eleven_cli.commands.tts.bill import Bill
from eleven_cli.errors import ElevenError, LimitError, NetworkError
from eleven_cli.pump import Pump

BUSY = 429
AT_ONCE = 2  # what the smallest plan allows


def live(
    opening: ExitStack,
    narrate: Callable[[], Narration] | None,
    ask: Callable[[str], SpeechResponse],
    utterances: Iterable[Utterance | None],
    bill: Bill,
    *,
    give_back: Callable[[Utterance], None],
) -> Iterator[AudioChunk]:
    """The sound of utterances, as soon as it can be: over a socket where there is one, else by requests.

    Returns when the socket is open. Where it is refused, too, a request is what says why: returns when the first one
    was accepted; an utterance that it was refused for is given back.
    """
    if narrate is not None:
        try:
            return _by_socket(opening.enter_context(narrate()), utterances)
        except ElevenError as refused:
            if refused.status is None or refused.status >= BUSY:
                raise  # otherwise it may be that there is no such socket: handshakes are refused without a reason
    requests = _Requests(ask, bill, give_back)
    requests.start(utterances)
    return requests.sounds()


def _by_socket(narration: Narration, utterances: Iterable[Utterance | None]) -> Iterator[AudioChunk]:
    def say(utterance: Utterance | None) -> None:
        if utterance is None:
            narration.keep_alive()
        else:
            narration.say(utterance.text, whole=utterance.whole)

    pump = Pump(utterances, say, done=narration.end)
    pump.start()

    def sounds() -> Iterator[AudioChunk]:
        yield from narration
        pump.join_or_raise()

    return sounds()


class _Requests:
    """One request for each utterance; the next one is asked for while one is heard, and no more."""

    def __init__(
        self, ask: Callable[[str], SpeechResponse], bill: Bill, give_back: Callable[[Utterance], None]
    ) -> None:
        self._ask, self._bill, self._give_back = ask, bill, give_back
        self._answers: queue.SimpleQueue[tuple[str, SpeechResponse] | None] = queue.SimpleQueue()
        self._places = threading.Semaphore(AT_ONCE)
        self._heard: list[str] = []

    def start(self, utterances: Iterable[Utterance | None]) -> None:
        """Begin, and wait for the first to be accepted. Raises what it was refused with."""
        self._pump = Pump(utterances, self._request, done=lambda: self._answers.put(None))
        self._pump.start()
        self._first = self._answers.get()
        if self._first is None:
            self._pump.join_or_raise()

    def sounds(self) -> Iterator[AudioChunk]:
        rest = iter(self._answers.get, None)
        for piece, (text, answer) in enumerate(chain([self._first], rest) if self._first else ()):
            self._heard.append(text)
            with answer, self._saying_what_was_heard():
                for sound in answer:
                    yield AudioChunk(sound.data, sound.alignment, piece)
            self._places.release()
        with self._saying_what_was_heard():
            self._pump.join_or_raise()

    def _request(self, utterance: Utterance | None) -> None:
        if utterance is None:
            return
        self._places.acquire()
        try:
            answer = self._answer(utterance.text)
        except ElevenError:
            self._give_back(utterance)
            raise
        self._answers.put((utterance.text, answer))

    def _answer(self, text: str) -> SpeechResponse:
        try:
            return self._ask(text)
        except LimitError as refused:
            if refused.status != BUSY or not self._bill.requests:
                raise
        for _ in range(AT_ONCE - 1):  # the plan allows less: when the others have been heard, there is room
            self._places.acquire()
        try:
            return self._ask(text)
        finally:
            self._places.release(AT_ONCE - 1)

    @contextmanager
    def _saying_what_was_heard(self) -> Iterator[None]:
        try:
            yield
        except NetworkError as lost:
            if heard := "".join(self._heard).strip():
                lost.add_note(f"spoken until then: {heard!r}")
            raise
