"""Text that is still being written, as sentences."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from eleven_cli.api.tts.stream import KEEPALIVE_S
from eleven_cli.commands.input.text import is_silent
from eleven_cli.terminal.arriving import Arriving
from eleven_cli.text.incoming import Incoming
from eleven_cli.text.sentences import Sentences

_MARKUP = re.compile(r"</?(?:break|phoneme)\b[^<>]*>", re.IGNORECASE)  # nobody obeys it in text that comes bit by bit
LOOKS_WHOLE_S = 0.1  # sentences that seem to be complete are not waited for longer than this


class Utterance(NamedTuple):
    """Something to say. whole: a complete sentence, not a part that a pause has cut off."""

    text: str
    whole: bool


def utterances(
    arriving: Arriving,
    clean: Callable[[str], str],
    clock: Callable[[], float] = time.monotonic,
    *,
    markdown: bool = False,
    tell: Callable[[str], None] = lambda note: None,
) -> Iterator[Utterance | None]:
    """What to say as soon as it can be said; None every few seconds while there is nothing, whatever comes.

    `clean` takes the marks from each sentence; `markdown` tells whether these are Markdown's. `tell` gets what is worth
    knowing of how a document was read.

    Raises UsageError for what is no text, when all before it has been given.
    """
    given_at = clock()
    incoming = Incoming("stdin", markdown=markdown)
    for utterance in _said_or_silent(arriving, clean, incoming, tell):
        if utterance is not None or clock() - given_at >= KEEPALIVE_S:
            given_at = clock()
            yield utterance


def _said_or_silent(
    arriving: Arriving, clean: Callable[[str], str], incoming: Incoming, tell: Callable[[str], None]
) -> Iterator[Utterance | None]:
    """The same, with a None for everything that came, too."""
    sentences, waiting = Sentences(), False
    while True:
        data = arriving.get(sentences.patience_s if waiting else KEEPALIVE_S)
        if data is None:
            yield from _said(sentences.feed(incoming.pause()) if waiting else [], clean, whole=True)
            whole, text = sentences.patience_s <= LOOKS_WHOLE_S, sentences.rest() if waiting else ""
            yield from _said([text], clean, whole=whole) if waiting else [None]
            waiting = False
            continue
        yield from _said(sentences.feed(incoming.feed(data)), clean, whole=True)
        if not data or incoming.trouble:
            break
        waiting = True
        yield None
    last = sentences.feed(incoming.end())
    for note in incoming.notes:
        tell(note)
    yield from _said([*last, sentences.rest()], str if incoming.is_document else clean, whole=True)
    if incoming.trouble:
        raise incoming.trouble


def _said(texts: Iterable[str], clean: Callable[[str], str], *, whole: bool) -> Iterator[Utterance]:
    for text in map(clean, texts):
        text = _MARKUP.sub("", text)
        if not is_silent(text):
            yield Utterance(text, whole)
