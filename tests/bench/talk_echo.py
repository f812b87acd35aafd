"""Whether the agent hears itself in a room with loudspeakers, and still hears the user."""

import statistics
import tempfile
import time
from collections.abc import Sequence

from table import Row
from talk_call import Agent, Stage
from talk_room import Room

from eleven_cli.audio.pcm import level_db
from tests.support.soundcard import RATE
from tests.support.spoken_audio import AGENT, USER, at_level, spoken

AGENT_TEXT = (
    "The quick brown fox jumps over the lazy dog near the river bank. Please tell me what you would like to do today, "
    "and I will be happy to help. There are many things to see in this city, and it is not going to rain. "
    "If you want to know more about one of them, say its name, and I will tell you what I know about it."
)
USER_TEXT = "Stop, stop, wait a moment, that is not what I meant at all."
AGENT_DB, ECHO_DB, NEAR_DB = -22, -6, 6  # of full scale, against what was played, against the echo
DELAY_MS = 60
ADAPTED_S, NEAR_S = 2.0, 8.0
SLACK_S = 0.2
LEFT_DB, LOST_DB = 30, -6


def echo(stage: Stage) -> list[Row]:
    """Decibels: how much less of the echo is sent, and what becomes of a voice. The gate is eleven's alone."""
    rows = []
    for kind, programs in (("aec", tuple(stage.programs)), ("gate", ("eleven",))):
        heard = {program: [_call(stage, program, kind) for _ in range(stage.echo_runs)] for program in programs}
        less, change = ({program: _median(pairs, side) for program, pairs in heard.items()} for side in (0, 1))
        rows.append(Row(f"echo, {kind}: less of it by", "dB", less, limit=LEFT_DB, at_least=True))
        rows.append(Row(f"echo, {kind}: a voice over it changed by", "dB", change, limit=LOST_DB, at_least=True))
    return rows


def _median(pairs: Sequence[tuple[float, float]], side: int) -> float:
    return statistics.median(pair[side] for pair in pairs)


def _call(stage: Stage, program: str, kind: str) -> tuple[float, float]:
    """How much less of the echo was sent, once it had been heard for a while, and how a voice over it was changed."""
    said = at_level(spoken(AGENT_TEXT, AGENT, RATE), AGENT_DB)
    alone = said[_bytes(ADAPTED_S) : _bytes(NEAR_S)]
    voice = at_level(spoken(USER_TEXT, USER, RATE), level_db(alone) + ECHO_DB + NEAR_DB)
    options = ("--echo", kind) if program == "eleven" else ()
    with Room(stage.card, ECHO_DB, DELAY_MS) as room, stage.conversation(program, *options, **room.environ):
        time.sleep(1)
        spoken_at = _speak(stage.agent, said)
        time.sleep(NEAR_S)
        interrupted_at = room.speak(voice)
        time.sleep(len(voice) / _bytes(1) + SLACK_S)
        left_db = _sent_db(stage.agent, spoken_at + ADAPTED_S, spoken_at + NEAR_S)
        passed_db = _sent_db(stage.agent, interrupted_at + SLACK_S, interrupted_at + SLACK_S + len(voice) / _bytes(1))
    return level_db(alone) + ECHO_DB - left_db, passed_db - level_db(voice)


def _speak(agent: Agent, pcm: bytes) -> float:
    with tempfile.NamedTemporaryFile() as file:
        file.write(pcm)
        file.flush()
        return agent.tell("speech", file.name)


def _sent_db(agent: Agent, since: float, until: float) -> float:
    """The level of what the agent was sent between two moments."""
    with tempfile.NamedTemporaryFile() as file:
        agent.tell("heard", file.name, since, until)
        pcm = file.read()
    if len(pcm) < _bytes(until - since) * 0.9:
        raise SystemExit(f"only {len(pcm) / _bytes(1):.1f} s were sent in {until - since:.1f}: that is no silence")
    return level_db(pcm)


def _bytes(seconds: float) -> int:
    return round(seconds * RATE) * 2
