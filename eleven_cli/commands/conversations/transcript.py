"""What was said in a conversation, as lines, subtitles or JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

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
    together = _together(said)
    for at, (start_s, turns) in enumerate(together):
        end_s = together[at + 1][0] if at + 1 < len(together) else max(log.duration_s or 0.0, start_s + LAST_TURN_S)
        texts = [f"{SIDES.get(each.role, each.role)}: {_one_line(each.text)}".translate(ESCAPED_TAGS) for each in turns]
        step_s = (end_s - start_s) / sum(map(len, texts))
        for text in texts:
            letters = (TimedText(each, start_s + n * step_s, start_s + (n + 1) * step_s) for n, each in enumerate(text))
            shown += cues(letters)
            start_s += len(text) * step_s
    # a turn's last subtitle is made long enough to be read, of which the next turn knows nothing
    shown = [replace(one, end_s=min(one.end_s, later.start_s)) for one, later in pairwise(shown)] + shown[-1:]
    for piece in srt(shown) if is_srt else vtt(shown):
        yield from piece.removesuffix("\n").split("\n")


def _together(said: Sequence[SpokenTurn]) -> list[tuple[float, list[SpokenTurn]]]:
    """The turns by when they began. The service tells whole seconds, in which a chat has several turns: these share the
    time until the next one."""
    found: list[tuple[float, list[SpokenTurn]]] = []
    for turn in said:
        if found and (turn.at_s or 0.0) <= found[-1][0]:
            found[-1][1].append(turn)
        else:
            found.append((turn.at_s or 0.0, [turn]))
    return found
