"""The text to speak while it is still being written: sentence by sentence, as it arrives at stdin."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from eleven_cli.api.tts.session import KEEPALIVE_S
from eleven_cli.commands.input.text import EXAMPLE, is_silent
from eleven_cli.errors import UsageError
from eleven_cli.terminal.stdin_reader import StdinReader
from eleven_cli.text.incoming import Incoming
from eleven_cli.text.sentences import Sentences
from eleven_cli.text.spoken.form import SpokenForm

LOOKS_COMPLETE_S = 0.1  # sentences that seem to be complete are not waited for longer than this
_MARKUP = re.compile(r"</?(?:break|phoneme)\b[^<>]*>", re.IGNORECASE)  # live text keeps no SSML


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
    form: SpokenForm | None = None,
    warn: Callable[[str], None] = lambda note: None,
) -> Iterator[Sentence | None]:
    """What can be spoken as soon as it can; None every few seconds while there is nothing, whatever comes.

    `clean` takes the marks from each sentence; `markdown` tells whether these are Markdown's. `form` makes of the text
    what is said. `warn` gets what is worth knowing of how a document was read.

    Raises UsageError for what is not text: at once as long as nothing has been given, so that nothing is paid for, else
    when all before it has been.
    """
    given_at = clock()
    incoming = Incoming("stdin", markdown=markdown)
    said = _Utterances(clean, form or SpokenForm(), apart=markdown)
    for sentence in _sentences_and_silence(arriving, said, incoming, warn):
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


def _sentences_and_silence(
    arriving: StdinReader, said: "_Utterances", incoming: Incoming, warn: Callable[[str], None]
) -> Iterator[Sentence | None]:
    """The sentences, with a None for everything that came, too."""
    found, waiting = Sentences(), False
    while True:
        data = arriving.get(found.patience_s if waiting else KEEPALIVE_S)
        if data is None:
            if not waiting:
                yield from said.end("")
                yield None
                continue
            yield from said.sentences(found.feed(incoming.pause()))
            complete = found.patience_s <= LOOKS_COMPLETE_S
            yield from said.cut_off(found.rest(), complete=complete)
            waiting = False
            continue
        text = incoming.feed(data)
        if incoming.trouble and not said.has_begun:
            raise incoming.trouble
        yield from said.sentences(found.feed(text))
        if not data or incoming.trouble:
            break
        waiting = True
        yield None
    last = found.feed(incoming.end())
    for note in incoming.notes:
        warn(note)
    if incoming.is_document:
        said.clean = str
    yield from said.sentences(last)
    yield from said.end(found.rest())
    if incoming.trouble:
        raise incoming.trouble


class _Utterances:
    """What is said of each sentence.

    clean       takes marks from it
    apart       whether the blank after a sentence may have been one of these, so that it goes on with none
    has_begun   whether anything was given
    """

    has_begun = False

    def __init__(self, clean: Callable[[str], str], form: SpokenForm, *, apart: bool) -> None:
        self.clean, self._form, self._apart = clean, form, apart

    def sentences(self, texts: Iterable[str]) -> Iterator[Sentence]:
        for text in texts:
            said = self._form.feed(self.clean(text))
            yield from self._sentence(said + self._form.rest() if self._apart else said, complete=True)

    def cut_off(self, text: str, *, complete: bool) -> Iterator[Sentence]:
        """A pause came after it. The beginning of a tag or of a word waits for the rest."""
        yield from self._sentence(self._form.feed(self.clean(text)) + self._form.pause(), complete=complete)

    def end(self, text: str) -> Iterator[Sentence]:
        """Nothing comes after it, or not for long."""
        yield from self._sentence(self._form.feed(self.clean(text)) + self._form.rest(), complete=True)

    def _sentence(self, text: str, *, complete: bool) -> Iterator[Sentence]:
        text = _MARKUP.sub("", text)
        if not is_silent(text):
            self.has_begun = True
            yield Sentence(text, complete)
