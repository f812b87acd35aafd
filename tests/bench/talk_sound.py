"""How fast sound goes through a call, and whether all of it arrives."""

import random
import time
from array import array

from table import Row, middle_and_worst
from talk_call import Stage
from waves import audible, is_quiet, square

from tests.support.soundcard import RATE, Recording

VOICE_S = 3.0
EVENTS = 12
QUIET_S = 0.3
FIRST_SOUND_MS = 60
SILENCE_MS = 50
MICROPHONE_MS = 80
GUARD_S = 15


def playback(stage: Stage) -> list[Row]:
    """From the server's sending of the agent's voice to the speaker, and of an interruption to silence there."""
    begun: dict[str, list[float]] = {name: [] for name in stage.programs}
    silenced: dict[int, dict[str, list[float]]] = {1: {}, EVENTS: {}}
    for _ in range(stage.calls):
        for program in stage.programs:
            for events, results in silenced.items():
                delays = _interrupted(stage, program, events)
                begun[program] += [first for first, _ in delays]
                results.setdefault(program, []).extend(last for _, last in delays)
    return [
        *middle_and_worst("agent's voice → first sound", "ms", begun, FIRST_SOUND_MS),
        *middle_and_worst(f"interruption → silence, {VOICE_S:g} s in one event", "ms", silenced[1], SILENCE_MS),
        *middle_and_worst(f"interruption → silence, in {EVENTS} events", "ms", silenced[EVENTS], SILENCE_MS),
    ]


def microphone(stage: Stage) -> list[Row]:
    """From a sound at the microphone to the server's having it."""
    delays: dict[str, list[float]] = {name: [] for name in stage.programs}
    for _ in range(stage.calls):
        for program in stage.programs:
            with stage.card.recording(), stage.conversation(program):
                time.sleep(1)
                delays[program] += [_spoken_ms(stage) for _ in range(stage.turns)]
    return middle_and_worst("microphone → first sound at the agent", "ms", delays, MICROPHONE_MS)


def farewell(stage: Stage) -> list[Row]:
    """How much is heard of the last words, when the agent hangs up right behind them."""
    rows = []
    for events, name in ((1, "one event"), (EVENTS, f"{EVENTS} events")):
        shares: dict[str, list[float]] = {program: [] for program in stage.programs}
        for _ in range(stage.runs):
            for program, results in shares.items():
                results.append(_farewell_percent(stage, program, events))
        rows += middle_and_worst(f"farewell heard, {name}", "%", shares, 100, at_least=True)
    return rows


def _interrupted(stage: Stage, program: str, events: int) -> list[tuple[float, float]]:
    """For each turn of a call: the delays in ms of the first sound, and of the silence."""
    with stage.card.recording() as recording, stage.conversation(program):
        time.sleep(0.5)
        return [_turn(stage, recording, turn, events) for turn in range(1, stage.turns + 1)]


def _turn(stage: Stage, recording: Recording, turn: int, events: int) -> tuple[float, float]:
    since = len(recording.samples)
    spoken_at = stage.agent.tell("voice", VOICE_S, events, turn)
    time.sleep(random.uniform(0.4, 0.6))
    interrupted_at = stage.agent.tell("interruption", turn)
    heard = audible(_until_quiet(recording, since), since)
    first, last = recording.heard_at(heard[0]), recording.heard_at(heard[-1])
    return (first - spoken_at) * 1000, (last - interrupted_at) * 1000


def _until_quiet(recording: Recording, since: int) -> "array[int]":
    """All samples, once there was sound after `since` and silence behind it."""
    end = time.monotonic() + GUARD_S
    time.sleep(QUIET_S)
    while is_quiet((samples := recording.samples)[since:]) or not is_quiet(samples[-int(QUIET_S * RATE) :]):
        if time.monotonic() > end:
            raise SystemExit("nothing was heard, or no end of it")
        time.sleep(0.05)
    return samples


def _spoken_ms(stage: Stage) -> float:
    time.sleep(random.uniform(0.5, 0.75))  # anywhere in a block of 250 ms
    spoken_at = stage.card.microphone.say(square(0.1))
    return (stage.agent.tell("sound", spoken_at) - spoken_at) * 1000


def _farewell_percent(stage: Stage, program: str, events: int) -> float:
    with stage.card.recording() as recording, stage.conversation(program) as call:
        stage.agent.tell("farewell", VOICE_S, events)
        call.gone()
        time.sleep(QUIET_S)
        return 100 * len(audible(recording.samples)) / (VOICE_S * RATE)
