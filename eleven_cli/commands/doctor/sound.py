"""Microphones, speakers and players."""

from typing import TYPE_CHECKING, Any

from eleven_cli.commands.doctor.diagnosis import Diagnosis, error_of
from eleven_cli.errors import AudioError

if TYPE_CHECKING:
    from eleven_cli.audio.devices.listing import Device

WITHOUT = "eleven talk --text and eleven tts -o FILE need none"


def sound_devices() -> "list[Device]":
    """All of them. Raises AudioError where PyAudio is missing or broken. It may take long."""
    from eleven_cli.audio.devices.listing import devices

    return devices()


def sound(answer: "list[Device] | Exception") -> Diagnosis:
    """Without sound the program can work: with files, pipes and text."""
    from eleven_cli.audio.devices.players import programs_here

    found = Diagnosis()
    here = answer if isinstance(answer, list) else []
    about: dict[str, Any] = {}
    for kind in ("microphone", "speaker"):
        able = [device for device in here if device.is_a(kind)]
        found.facts.append((f"{kind}s", _listed(kind, able)))
        about[f"{kind}s"] = [{"name": device.name, "default": device.is_default(kind)} for device in able]
    programs = programs_here()
    found.facts.append(("players", ", ".join(programs) or "none"))
    found.value["sound"] = {**about, "players": programs}
    _add_faults(answer, here, programs, found)
    return found


def _add_faults(
    answer: "list[Device] | Exception", here: "list[Device]", programs: list[str], found: Diagnosis
) -> None:
    from eleven_cli.audio.devices.players import ON_THE_PATH

    if isinstance(answer, TimeoutError):
        answer = AudioError("the sound system does not answer", hint="restart the sound server")
    if isinstance(answer, Exception):
        error = error_of(answer, "the sound devices")
        found.warn(f"no microphone and no speaker: {error.message}", hint=error.hint or WITHOUT)
    elif not here:
        found.warn("no sound device found", hint=WITHOUT)
    elif lacking := [kind for kind in ("microphone", "speaker") if not any(device.is_a(kind) for device in here)]:
        found.warn(f"no {lacking[0]} found", hint=WITHOUT)
    can_play = any(device.is_a("speaker") for device in here)
    if not can_play and not programs:
        said = f"nothing plays sound: there is no speaker and no player ({', '.join(ON_THE_PATH)})"
        found.warn(said, hint="install ffmpeg or mpv, or write files: -o FILE")


def _listed(kind: str, able: "list[Device]") -> str:
    return (
        ", ".join(f"{device.name} (the default)" if device.is_default(kind) else device.name for device in able)
        or "none"
    )
