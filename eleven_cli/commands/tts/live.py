"""Speaking a text that is still being written: over the speech socket, or sentence by sentence."""

import queue
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

from eleven_cli.api.narration import Narration
from eleven_cli.api.sound import Sound
from eleven_cli.audio.pump import Pump
from eleven_cli.commands.tts.arriving_text import Utterance
from eleven_cli.commands.tts.asking import Answer
from eleven_cli.commands.tts.bill import Bill
from eleven_cli.errors import ElevenError

BUSY = 429


def live(
    opening: ExitStack,
    narrate: Callable[[], Narration] | None,
    ask: Callable[[str], Answer],
    utterances: Iterable[Utterance | None],
    bill: Bill,
) -> Iterator[Sound]:
    """The sound of utterances, as soon as it can be: over a socket where there is one, else by requests.

    Returns when the socket is open. Where it is refused, too, a request is what says why.
    """
    if narrate is not None:
        try:
            return _by_socket(opening.enter_context(narrate()), utterances, bill)
        except ElevenError as refused:
            if refused.status is None or refused.status >= BUSY:
                raise  # otherwise it may be that there is no such socket: handshakes are refused without a reason
    return _by_requests(ask, utterances, bill)


def _by_socket(narration: Narration, utterances: Iterable[Utterance | None], bill: Bill) -> Iterator[Sound]:
    def say(utterance: Utterance | None) -> None:
        if utterance is None:
            narration.keep_alive()
        else:
            bill.said(len(utterance.text))
            narration.say(utterance.text, whole=utterance.whole)

    pump = Pump(utterances, say, done=narration.end)
    pump.start()

    def sounds() -> Iterator[Sound]:
        yield from narration
        pump.join_or_raise()

    return sounds()


def _by_requests(ask: Callable[[str], Answer], utterances: Iterable[Utterance | None], bill: Bill) -> Iterator[Sound]:
    """One request each; the next one is asked for while one is heard."""
    answers: queue.Queue[Answer | None] = queue.Queue(1)

    def request(utterance: Utterance | None) -> None:
        if utterance is not None:
            answer = ask(utterance.text)
            bill.add(len(utterance.text), answer)
            answers.put(answer)

    pump = Pump(utterances, request, done=lambda: answers.put(None))
    pump.start()

    def sounds() -> Iterator[Sound]:
        for piece, answer in enumerate(iter(answers.get, None)):
            with answer:
                for sound in answer:
                    yield Sound(sound.data, sound.alignment, piece)
        pump.join_or_raise()

    return sounds()
