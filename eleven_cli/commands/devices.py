"""`eleven devices`"""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.errors import AudioError, UsageError
from eleven_cli.terminal import Progress, Terminal

if TYPE_CHECKING:
    from eleven_cli.audio.devices.listing import Device

EXAMPLES = """eleven devices
eleven devices --test --mic headset"""
COLUMNS = ("index", "name", "inputs", "outputs", "rate", "default")
TEST_RATE = 16_000
TONE_HERTZ, TONE_S = 440, 0.7
LISTENING_S = 2.0
SHOWN_EVERY = 5  # frames
NONE_HINT = "eleven talk --text and eleven tts -o FILE need none"
ZEROS_HINT = (
    "allow this terminal to use the microphone in the system's privacy settings, switch it on, "
    "or try another: eleven devices --test --mic NAME"
)

Test = Annotated[bool, typer.Option("--test", help="Play a tone, then show the microphone's level.")]
MicName = Annotated[str | None, typer.Option("--mic", metavar="NAME", help="Test this one: index, or part of a name.")]
SpeakerName = Annotated[
    str | None, typer.Option("--speaker", metavar="NAME", help="Test this one: index, or part of a name.")
]


class Listened(NamedTuple):
    """What two seconds of a microphone were like."""

    peak_db: float
    only_zeros: bool


def devices(
    ctx: typer.Context, json: JsonFlag = False, test: Test = False, mic: MicName = None, speaker: SpeakerName = None
) -> None:
    """List the microphones and speakers, or try them.

    The columns: index, name, inputs and outputs (channels), rate (Hz), default.
    """
    from eleven_cli.audio.devices.listing import devices as sound_devices
    from eleven_cli.audio.devices.portaudio import prefer_low_latency

    terminal: Terminal = ctx.obj.terminal
    if not test and (mic or speaker):
        raise UsageError("--mic and --speaker need --test", hint="eleven devices --test --mic NAME")
    prefer_low_latency()
    found = sound_devices()
    if not found:
        raise AudioError("no sound device found", hint=NONE_HINT)
    if test:
        _test(terminal, found, mic, speaker, as_json=json)
    elif json:
        terminal.json(found)
    else:
        terminal.rows(COLUMNS, map(_row, found), again=ctx.obj.words)


def _row(device: "Device") -> tuple[str, ...]:
    defaults = (("input", device.default_input), ("output", device.default_output))
    return (
        str(device.index),
        device.name,
        str(device.inputs),
        str(device.outputs),
        str(device.rate),
        " ".join(word for word, is_default in defaults if is_default),
    )


def _test(terminal: Terminal, found: "list[Device]", mic: str | None, speaker: str | None, *, as_json: bool) -> None:
    from eleven_cli.audio.devices.listing import find

    mouth = find("speaker", speaker, found, hint=NONE_HINT)
    terminal.note(f"playing a tone on {mouth.name} …")
    _play_tone(mouth)
    ear = find("microphone", mic, found, hint=NONE_HINT)
    terminal.note(f"listening to {ear.name}: say something …")
    with terminal.progress() as progress:
        listened = _listen(ear, progress)
    if as_json:
        figures = {"peak_db": round(listened.peak_db, 1), "only_zeros": listened.only_zeros}
        terminal.json({"speaker": mouth, "microphone": ear, **figures})
    else:
        terminal.print(f"speaker: {mouth.name} (a tone was played)")
        terminal.print(f"microphone: {ear.name} (loudest {listened.peak_db:.0f} dBFS)")
    if listened.only_zeros:
        raise AudioError(f"the microphone delivers only zeros: {ear.name}", hint=ZEROS_HINT)


def _play_tone(device: "Device") -> None:
    from eleven_cli.audio.devices.speaker import Speaker
    from eleven_cli.audio.pcm import tone

    with Speaker(TEST_RATE, str(device.index), hint=NONE_HINT) as speaker:
        speaker.write(tone(TONE_HERTZ, TONE_S, TEST_RATE))
        speaker.finish()


def _listen(device: "Device", progress: Progress) -> Listened:
    from eleven_cli.audio.devices.microphone import Microphone
    from eleven_cli.audio.pcm import FRAME_MS, SILENCE_DB, is_silent, level_db
    from eleven_cli.commands.output.progress import level_bar

    peak_db, only_zeros = SILENCE_DB, True
    with Microphone(TEST_RATE, str(device.index), hint=NONE_HINT) as microphone:
        for number, frame in enumerate(microphone):
            level = level_db(frame)
            peak_db, only_zeros = max(peak_db, level), only_zeros and is_silent(frame)
            if number % SHOWN_EVERY == 0:
                progress.update(f"{level_bar(level)} {level:.0f} dBFS")
            if number * FRAME_MS >= LISTENING_S * 1000:
                break
    return Listened(peak_db, only_zeros)
