"""What was said in a conversation, as lines, subtitles or JSON."""

from collections.abc import Iterator
from itertools import islice

from eleven_cli.api.agents.records import ConversationLog, SpokenTurn
from eleven_cli.commands.output.text import TextOutput
from eleven_cli.commands.output.text_format import SUBTITLES, TextFormat
from eleven_cli.errors import NotFound
from eleven_cli.text.subtitles import ESCAPED_TAGS, Cue, TimedText, cues, srt, vtt

LAST_TURN_S = 4.0  # of a subtitle after which nothing is known
SIDES = {"user": "User", "agent": "Agent"}


def write_transcript(log: ConversationLog, written: TextOutput, format: TextFormat) -> None:
    """The conversation in this format. Raises NotFound for a file of nothing, and for subtitles where the service tells
    no times."""
    if format == "json":
        written.json(log.answer)
        return
    if not log.turns and (written.file is not None or format in SUBTITLES):
        raise NotFound(nothing_said(log), code="no_turns")
    if format in SUBTITLES:
        written.lines(_subtitles(log, is_srt=format == "srt"))
    else:
        written.lines(map(_line, log.turns))


def nothing_said(log: ConversationLog) -> str:
    """That there is nothing to show, and why that may be."""
    return "nothing was said in this conversation" + ("" if log.status in ("", "done") else f" ({log.status})")


def _line(turn: SpokenTurn) -> str:
    if turn.tool:
        return (
            f"Tool: {turn.tool} {'answered' if turn.role == 'tool' else 'called with'} {_one_line(turn.text)}".rstrip()
        )
    said = f"{_one_line(turn.original)} -> {_one_line(turn.text)}" if turn.original else _one_line(turn.text)
    return f"{SIDES.get(turn.role, turn.role)}: {said}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _subtitles(log: ConversationLog, *, is_srt: bool) -> Iterator[str]:
    """What was said, each turn until the next one begins."""
    said = [turn for turn in log.turns if turn.text and not turn.tool and turn.at_s is not None]
    if not said:
        raise NotFound("the service tells no times of this conversation", code="no_timings")
    shown: list[Cue] = []
    for at, turn in enumerate(said):
        start_s = turn.at_s or 0.0
        later = (other.at_s for other in islice(said, at + 1, None) if other.at_s is not None and other.at_s > start_s)
        end_s = next(later, max(log.duration_s or 0.0, start_s + LAST_TURN_S))
        text = f"{SIDES.get(turn.role, turn.role)}: {_one_line(turn.text)}".translate(ESCAPED_TAGS)
        step_s = (end_s - start_s) / len(text)
        letters = (TimedText(letter, start_s + n * step_s, start_s + (n + 1) * step_s) for n, letter in enumerate(text))
        shown += cues(letters)
    for piece in srt(shown) if is_srt else vtt(shown):
        yield from piece.removesuffix("\n").split("\n")
